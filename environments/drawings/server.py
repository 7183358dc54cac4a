"""The drawing of servers: one with its address, or a group behind a load balancer."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from environments.drawings import Drawing, Node, Zone

SERVER = Drawing(
    title=_("Servers: EC2 with an address of its own or behind a load balancer, PostgreSQL, files in S3"),
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
            unless="server",
        ),
        Node(
            key="address",
            name=_("Fixed address"),
            detail="Elastic IP",
            icon="globe",
            x=214,
            y=70,
            where="server",
        ),
        Node(key="server", name=_("Server"), detail="EC2", icon="server", x=418, y=70, where="server"),
        Node(
            key="load-balancer",
            name=_("Balancer"),
            detail="ALB",
            icon="balancer",
            x=214,
            y=70,
            unless="server",
        ),
        Node(
            key="servers",
            name=_("Servers"),
            detail="EC2 Auto Scaling",
            icon="server",
            x=418,
            y=70,
            unless="server",
        ),
        Node(
            key="nat-gateway",
            name=_("NAT gateway"),
            detail=_("to the internet"),
            icon="network",
            x=214,
            y=142,
            optional=True,
            unless="server",
        ),
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
        ("load-balancer", "servers"),
        ("address", "server"),
        ("servers", "nat-gateway"),
        *(
            edge
            for servers in ("server", "servers")
            for edge in (
                (servers, "database"),
                (servers, "cache"),
                ("repository", servers),
                (servers, "files"),
                (servers, "parameter-secret-key"),
            )
        ),
        ("files-delivery", "files"),
    ),
)
