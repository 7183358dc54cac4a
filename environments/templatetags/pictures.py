"""The architectures as drawings: which boxes stand where, what connects them. Positions are SVG units."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from environments.templatetags.statuses import Look, look_of

NODE_WIDTH = 138
NODE_HEIGHT = 54

Words = str | Promise


@dataclass(frozen=True, kw_only=True)
class Node:
    """A box: what it is called, what AWS calls it, its icon, and its upper left corner."""

    key: str
    name: Words
    detail: Words
    icon: str
    x: int
    y: int


@dataclass(frozen=True, kw_only=True)
class Zone:
    """A dashed frame around boxes, with its label."""

    label: Words
    x: int
    y: int
    width: int
    height: int


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
    """A box with its state (None: none is told) and the place of each of its texts."""

    node: Node
    look: Look | None
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
    """A drawing with states, ready for the template; `edges` are SVG paths."""

    drawing: Drawing
    nodes: tuple[DrawnNode, ...]
    edges: tuple[str, ...]


def drawn(name: str, states: Mapping[str, str]) -> Picture:
    """The picture of an architecture with the state of each node. Raises KeyError for an unknown architecture."""
    drawing = DRAWINGS[name]
    places = {node.key: node for node in drawing.nodes}
    return Picture(
        drawing=drawing,
        nodes=tuple(
            DrawnNode(node=node, look=look_of("resource", states[node.key]) if node.key in states else None)
            for node in drawing.nodes
        ),
        edges=tuple(_path(places[start], places[end]) for start, end in drawing.edges),
    )


def _path(start: Node, end: Node) -> str:
    """A connection like scaffold tubes: straight pieces, from the right edge to the left, or top to bottom."""
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
        Zone(label=_("public subnets"), x=200, y=40, width=370, height=166),
        Zone(label=_("private subnets"), x=628, y=40, width=208, height=166),
    ),
    nodes=(
        Node(key="dns", name="Route 53", detail=_("optional"), icon="globe", x=14, y=95),
        Node(key="balancer", name=_("Balancer"), detail=_("ALB, blue/green"), icon="balancer", x=214, y=95),
        Node(key="service", name=_("Service"), detail="ECS Fargate", icon="container", x=418, y=95),
        Node(key="database", name="PostgreSQL", detail="RDS", icon="database", x=663, y=70),
        Node(key="cache", name="Redis", detail="ElastiCache", icon="bolt", x=663, y=142),
        Node(key="bucket", name=_("Files"), detail="S3", icon="bucket", x=418, y=246),
        Node(key="registry", name=_("Images"), detail="ECR", icon="box", x=214, y=246),
        Node(key="secrets", name=_("Secrets"), detail="Secrets Manager", icon="key", x=663, y=246),
    ),
    edges=(
        ("dns", "balancer"),
        ("balancer", "service"),
        ("service", "database"),
        ("service", "cache"),
        ("registry", "service"),
        ("service", "bucket"),
        ("service", "secrets"),
    ),
)

DRAWINGS: dict[str, Drawing] = {"containers": _CONTAINERS}
"""Architecture → its drawing. A further architecture is one more entry."""
