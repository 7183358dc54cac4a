"""What a form must know of an option that its type does not say: the unit it counts in, what its values follow
and what they are called."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from pydantic.fields import FieldInfo

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Unit:
    """What the numbers of an option count. `size`: how many of them are one unit (1024 MiB are one "GiB")."""

    words: str
    size: int = 1

    def said(self, value: int) -> str:
        """The value as people say it: "0.5 GiB"."""
        return f"{self.number(value)} {self.words}"

    def number(self, value: int) -> str:
        """The same without the unit."""
        return f"{value / self.size:g}"


@dataclass(frozen=True, kw_only=True)
class Follows:
    """The option can be what another one allows. `values`: value of the other -> values of this one, in order."""

    option: str
    values: Mapping[int, tuple[int, ...]]

    @property
    def partners(self) -> dict[int, list[int]]:
        """Each value that this one can have -> the values of the other with which it can."""
        every = sorted({value for values in self.values.values() for value in values})
        return {value: [other for other, values in self.values.items() if value in values] for value in every}


@dataclass(frozen=True, kw_only=True)
class Named:
    """What the values of an option are called, where AWS's own words say too little."""

    words: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Aside:
    """Few change this option: a form folds it away, with all others of the same title."""

    title: str


@dataclass(frozen=True, kw_only=True)
class AnotherRegion:
    """The option names a region besides that of the environment; "none" is none."""


@dataclass(frozen=True, kw_only=True)
class Refused:
    """Values that somebody may well ask for and that the option does not have: each with the reason."""

    words: Mapping[str, str]


def mark_of(info: FieldInfo, sort: type[T]) -> T | None:
    """What a field was marked with by `Annotated`, or None."""
    return next((mark for mark in info.metadata if isinstance(mark, sort)), None)
