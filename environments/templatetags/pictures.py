"""The architectures as drawings: which boxes stand where, what connects them. Positions are SVG units."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from environments.drawings import Drawing, Node, Words, Zone
from environments.drawings.server import SERVER
from environments.drawings.serverless import SERVERLESS
from environments.templatetags.statuses import Look, look_of

NODE_WIDTH = 138
NODE_HEIGHT = 54


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


_CONTAINERS = Drawing(
    title=_("Containers: tasks on Fargate behind a load balancer or an HTTP API, PostgreSQL, files in S3"),
    width=864,
    height=316,
    zones=(
        Zone(label=_("VPC, two availability zones"), x=186, y=14, width=664, height=206),
        Zone(label=_("public subnets"), x=200, y=40, width=370, height=166, unless="nat-gateway"),
        Zone(label=_("private subnets"), x=628, y=40, width=208, height=166, unless="nat-gateway"),
        Zone(label=_("public subnets"), x=200, y=40, width=166, height=166, where="nat-gateway"),
        Zone(label=_("private subnets"), x=404, y=40, width=432, height=166, where="nat-gateway"),
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
            unless="api",
        ),
        Node(
            key="load-balancer",
            name=_("Balancer"),
            detail=_("ALB, blue/green"),
            icon="balancer",
            x=214,
            y=70,
            unless="api",
        ),
        Node(key="api", name="HTTP API", detail="API Gateway", icon="globe", x=14, y=70, where="api"),
        Node(
            key="link",
            name=_("VPC link"),
            detail="API Gateway",
            icon="link",
            x=214,
            y=70,
            where="api",
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
        Node(key="cache", name="Redis", detail="ElastiCache", icon="bolt", x=663, y=142, optional=True),
        Node(
            key="files-delivery",
            name="CloudFront",
            detail=_("for the files"),
            icon="globe",
            x=14,
            y=246,
            optional=True,
        ),
        Node(key="files", name=_("Files"), detail="S3", icon="bucket", x=214, y=246),
        Node(key="repository", name=_("Images"), detail="ECR", icon="box", x=418, y=246),
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
        ("api", "link"),
        ("link", "service-blue"),
        ("service-blue", "nat-gateway"),
        ("service-blue", "database"),
        ("service-blue", "cache"),
        ("repository", "service-blue"),
        ("files-delivery", "files"),
        ("service-blue", "files"),
        ("service-blue", "parameter-secret-key"),
    ),
)

_SIMPLE = Drawing(
    title=_("Simple: servers of Elastic Beanstalk, PostgreSQL, files in S3"),
    width=864,
    height=316,
    zones=(
        Zone(label=_("VPC, two availability zones"), x=186, y=14, width=664, height=206),
        Zone(label=_("public subnets"), x=200, y=40, width=370, height=166),
        Zone(label=_("private subnets"), x=628, y=40, width=208, height=166),
    ),
    nodes=(
        Node(
            key="front",
            name="CloudFront",
            detail="HTTPS",
            icon="globe",
            x=14,
            y=70,
            optional=True,
        ),
        # Elastic Beanstalk makes the balancer; its group is what stands for it among the resources.
        Node(
            key="load-balancer-group",
            name=_("Balancer"),
            detail="ALB",
            icon="balancer",
            x=214,
            y=70,
            where="load-balancer-group",
        ),
        Node(key="web", name=_("Servers"), detail="Elastic Beanstalk", icon="server", x=418, y=70),
        Node(key="database", name="PostgreSQL", detail="RDS", icon="database", x=663, y=70),
        Node(key="cache", name="Redis", detail="ElastiCache", icon="bolt", x=663, y=142, optional=True),
        Node(
            key="files-access",
            name="CloudFront",
            detail=_("for the files"),
            icon="globe",
            x=14,
            y=246,
            optional=True,
        ),
        Node(key="files", name=_("Files"), detail="S3", icon="bucket", x=214, y=246),
        Node(key="versions", name=_("Versions"), detail="S3", icon="box", x=418, y=246),
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
        ("front", "web"),  # hidden by the balancer where there is one
        ("front", "load-balancer-group"),
        ("load-balancer-group", "web"),
        ("web", "database"),
        ("web", "cache"),
        ("versions", "web"),
        ("files-access", "files"),
        ("web", "files"),
        ("web", "parameter-secret-key"),
    ),
)

DRAWINGS: dict[str, Drawing] = {
    "simple": _SIMPLE,
    "containers": _CONTAINERS,
    "serverless": SERVERLESS,
    "server": SERVER,
}
"""Architecture → its drawing. A further architecture is one more entry."""
