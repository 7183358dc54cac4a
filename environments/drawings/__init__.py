"""What a drawing of an architecture consists of. Positions are SVG units."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise

Words = str | Promise


@dataclass(frozen=True, kw_only=True)
class Node:
    """A box: what it is called, what AWS calls it, its icon, and its upper left corner.

    `key` is that of the resource that it stands for; what is `optional` is made only where it was chosen. Of what
    takes each other's place only one is drawn: `where` and `unless` name a resource that has to be wanted, or must
    not be.
    """

    key: str
    name: Words
    detail: Words
    icon: str
    x: int
    y: int
    optional: bool = False
    where: str = ""
    unless: str = ""


@dataclass(frozen=True, kw_only=True)
class Zone:
    """A dashed frame around boxes, with its label; `where` and `unless` as for boxes."""

    label: Words
    x: int
    y: int
    width: int
    height: int
    where: str = ""
    unless: str = ""


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """One architecture: boxes, the frames around them, and arrows between boxes by key."""

    title: Words
    width: int
    height: int
    nodes: tuple[Node, ...]
    edges: tuple[tuple[str, str], ...]
    zones: tuple[Zone, ...] = ()
