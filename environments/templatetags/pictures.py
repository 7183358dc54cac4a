"""The architectures as drawings: which boxes stand where, what connects them. Positions are SVG units."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from environments.drawings import Drawing, Node, Words, Zone
from environments.drawings.containers import CONTAINERS
from environments.drawings.server import SERVER
from environments.drawings.serverless import SERVERLESS
from environments.drawings.simple import SIMPLE
from environments.templatetags.statuses import Look, look_of

NODE_WIDTH = 138
NODE_HEIGHT = 54
_BELOW = 16


@dataclass(frozen=True, kw_only=True)
class DrawnNode:
    """A box with its state (None: none is told), and the place of each of its texts.

    `dashed`: it is optional and not chosen, or nobody knows yet.
    """

    node: Node
    look: Look | None
    dashed: bool = False
    width: int = NODE_WIDTH
    height: int = NODE_HEIGHT

    @property
    def icon_x(self) -> int:
        """Left edge of the icon."""
        return self.node.x + 12

    @property
    def icon_y(self) -> int:
        """Upper edge of the icon."""
        return self.node.y + 19

    @property
    def text_x(self) -> int:
        """Left edge of both texts."""
        return self.node.x + 38

    @property
    def name_y(self) -> int:
        """Baseline of the name."""
        return self.node.y + 24

    @property
    def detail_y(self) -> int:
        """Baseline of the line below it."""
        return self.node.y + 40

    @property
    def state_x(self) -> int:
        """Left edge of the mark of its state, over the upper right corner."""
        return self.node.x + NODE_WIDTH - 15

    @property
    def ground_x(self) -> int:
        """Middle of the disc under that mark."""
        return self.state_x + 6

    @property
    def ground_y(self) -> int:
        """Middle of the disc under that mark."""
        return self.state_y + 6

    @property
    def state_y(self) -> int:
        """Upper edge of the mark of its state."""
        return self.node.y - 6


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A drawing with states, ready for the template.

    `legend` says what the dashes mean, where there are any.
    """

    drawing: Drawing
    height: int
    zones: tuple[Zone, ...]
    nodes: tuple[DrawnNode, ...]
    edges: tuple[DrawnEdge, ...]
    legend: Words = ""


@dataclass(frozen=True, kw_only=True)
class DrawnEdge:
    """An SVG path; dashed where one of its ends is."""

    path: str
    dashed: bool


def drawn(
    name: str, states: Mapping[str, str], wanted: Collection[str] | None = None, *, open_choice: bool = False
) -> Picture:
    """The picture of an architecture. Raises KeyError for an unknown one.

    `states`: key of a resource -> its state. `wanted`: keys of the resources that are chosen; None: nobody can tell.
    `open_choice`: they are only the defaults, and everything can still be chosen.
    """
    drawing, chosen = DRAWINGS[name], frozenset(wanted or ())
    nodes = {node.key: node for node in drawing.nodes if _belongs(node, chosen)}
    dashed = {key for key, node in nodes.items() if node.optional and key not in chosen}
    return Picture(
        drawing=drawing,
        height=max(drawing.height, *(node.y + NODE_HEIGHT + _BELOW for node in nodes.values())),
        zones=tuple(zone for zone in drawing.zones if _belongs(zone, chosen)),
        nodes=tuple(
            DrawnNode(
                node=node,
                look=look_of("resource", states[key]) if key in states else None,
                dashed=key in dashed,
            )
            for key, node in nodes.items()
        ),
        edges=tuple(
            DrawnEdge(path=_path(nodes[start], nodes[end]), dashed=bool({start, end} & dashed))
            for start, end in drawing.edges
            if start in nodes and end in nodes
        ),
        legend=_legend(dashed, open_choice or wanted is None),
    )


def _belongs(part: Node | Zone, chosen: Collection[str]) -> bool:
    return (not part.where or part.where in chosen) and (not part.unless or part.unless not in chosen)


def _legend(dashed: Collection[str], open_choice: bool) -> Words:
    if not dashed:
        return ""
    return _("optional: made only if you choose it") if open_choice else _("optional, not chosen here")


def _path(start: Node, end: Node) -> str:
    """A connection like scaffold tubes: straight pieces, from the right edge to the left, or top to bottom; back to
    the left it starts at the lower edge and ends at the right one, or from two rows on at the upper one."""
    if end.x + NODE_WIDTH < start.x:
        y1 = start.y + NODE_HEIGHT
        if end.y < start.y + 3 * NODE_HEIGHT:
            return f"M{start.x + 24} {y1}V{end.y + NODE_HEIGHT // 2}H{end.x + NODE_WIDTH + 7}"
        return f"M{start.x + 46} {y1}V{end.y - 14 - 7}H{end.x + NODE_WIDTH // 2}V{end.y - 7}"
    if end.x >= start.x + NODE_WIDTH:
        x1, y1 = start.x + NODE_WIDTH, start.y + NODE_HEIGHT // 2
        x2, y2 = end.x, end.y + NODE_HEIGHT // 2
        middle = x2 - 24
        return f"M{x1} {y1}H{middle}V{y2}H{x2 - 7}" if y1 != y2 else f"M{x1} {y1}H{x2 - 7}"
    x = start.x + NODE_WIDTH // 2
    down = end.y > start.y
    y1 = start.y + NODE_HEIGHT if down else start.y
    y2 = end.y - 7 if down else end.y + NODE_HEIGHT + 7
    return f"M{x} {y1}V{y2}"


DRAWINGS: dict[str, Drawing] = {
    "simple": SIMPLE,
    "containers": CONTAINERS,
    "serverless": SERVERLESS,
    "server": SERVER,
}
"""Architecture → its drawing. A further architecture is one more entry."""
