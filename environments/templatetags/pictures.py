"""The architectures as drawings: which boxes stand where, what connects them. Positions are SVG units."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from environments.templatetags.statuses import Look, look_of

NODE_WIDTH = 138
NODE_HEIGHT = 54

Words = str | Promise


@dataclass(frozen=True, kw_only=True)
class Node:
    """A box: what it is called, what AWS calls it, its icon, and its upper left corner.

    `key` is that of the resource that it stands for; what is `optional` is made only where it was chosen.
    """

    key: str
    name: Words
    detail: Words
    icon: str
    x: int
    y: int
    optional: bool = False


@dataclass(frozen=True, kw_only=True)
class Zone:
    """A dashed frame around boxes, with its label; `where`: whether the optional box `of` has been chosen."""

    label: Words
    x: int
    y: int
    width: int
    height: int
    of: str = ""
    where: bool = False


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """One architecture: boxes, the frames around them, and arrows between boxes by key."""

    title: Words
    width: int
    height: int
    nodes: tuple[Node, ...]
    edges: tuple[tuple[str, str], ...]
    zones: tuple[Zone, ...] = ()


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
    zones: tuple[Zone, ...]
    nodes: tuple[DrawnNode, ...]
    edges: tuple[DrawnEdge, ...]
    legend: Words = ""


@dataclass(frozen=True, kw_only=True)
class DrawnEdge:
    """An SVG path; dashed where one of its ends is."""

    path: str
    dashed: bool


def drawn(name: str, states: Mapping[str, str], wanted: Collection[str] | None = None) -> Picture:
    """The picture of an architecture. Raises KeyError for an unknown one.

    `states`: key of a resource -> its state. `wanted`: keys of the resources that were chosen; None: not known yet.
    """
    drawing = DRAWINGS[name]
    places = {node.key: node for node in drawing.nodes}
    left_out = {node.key for node in drawing.nodes if node.optional and node.key not in (wanted or ())}
    return Picture(
        drawing=drawing,
        zones=tuple(zone for zone in drawing.zones if not zone.of or zone.where is (zone.of not in left_out)),
        nodes=tuple(
            DrawnNode(
                node=node,
                look=look_of("resource", states[node.key]) if node.key in states else None,
                dashed=node.key in left_out,
            )
            for node in drawing.nodes
        ),
        edges=tuple(
            DrawnEdge(path=_path(places[start], places[end]), dashed=bool({start, end} & left_out))
            for start, end in drawing.edges
        ),
        legend=_legend(left_out, wanted),
    )


def _legend(left_out: Collection[str], wanted: Collection[str] | None) -> Words:
    if not left_out:
        return ""
    return _("optional: made only if you choose it") if wanted is None else _("optional, not chosen here")


def _path(start: Node, end: Node) -> str:
    """A connection like scaffold tubes: straight pieces, from the right edge to the left, or top to bottom; back to
    the left it starts at the lower edge."""
    if end.x + NODE_WIDTH < start.x:
        x, y = start.x + 24, end.y + NODE_HEIGHT // 2
        return f"M{x} {start.y + NODE_HEIGHT}V{y}H{end.x + NODE_WIDTH + 7}"
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


_CONTAINERS = Drawing(
    title=_("Containers: a domain if one is given, a load balancer, tasks on Fargate, PostgreSQL and Redis"),
    width=864,
    height=316,
    zones=(
        Zone(label=_("VPC, two availability zones"), x=186, y=14, width=664, height=206),
        Zone(label=_("public subnets"), x=200, y=40, width=370, height=166, of="nat-gateway"),
        Zone(label=_("private subnets"), x=628, y=40, width=208, height=166, of="nat-gateway"),
        Zone(label=_("public subnets"), x=200, y=40, width=166, height=166, of="nat-gateway", where=True),
        Zone(label=_("private subnets"), x=404, y=40, width=432, height=166, of="nat-gateway", where=True),
    ),
    nodes=(
        Node(
            key="domain-record",
            name="Route 53",
            detail=_("for a domain"),
            icon="globe",
            x=14,
            y=70,
            optional=True,
        ),
        Node(
            key="load-balancer", name=_("Balancer"), detail=_("ALB, blue/green"), icon="balancer", x=214, y=70
        ),
        Node(
            key="nat-gateway",
            name=_("NAT gateway"),
            detail=_("to the internet"),
            icon="network",
            x=214,
            y=142,
            optional=True,
        ),
        Node(key="service-blue", name=_("Service"), detail="ECS Fargate", icon="container", x=418, y=70),
        Node(key="database", name="PostgreSQL", detail="RDS", icon="database", x=663, y=70),
        Node(key="cache", name="Redis", detail="ElastiCache", icon="bolt", x=663, y=142),
        Node(key="files", name=_("Files"), detail="S3", icon="bucket", x=418, y=246),
        Node(key="repository", name=_("Images"), detail="ECR", icon="box", x=214, y=246),
        Node(
            key="parameter-secret-key",
            name=_("Secrets"),
            detail="Secrets Manager",
            icon="key",
            x=663,
            y=246,
        ),
    ),
    edges=(
        ("domain-record", "load-balancer"),
        ("load-balancer", "service-blue"),
        ("service-blue", "nat-gateway"),
        ("service-blue", "database"),
        ("service-blue", "cache"),
        ("repository", "service-blue"),
        ("service-blue", "files"),
        ("service-blue", "parameter-secret-key"),
    ),
)

DRAWINGS: dict[str, Drawing] = {"containers": _CONTAINERS}
"""Architecture → its drawing. A further architecture is one more entry."""
