"""The drawing of servers: one with its address, or a group behind a load balancer."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from environments.drawings import Drawing, Node
from environments.drawings.shared import (
    BACKUPS,
    CACHE,
    COPIES,
    COPYING,
    DATABASE,
    FILES,
    FILES_DELIVERY,
    IMAGES,
    NETWORK_BY_NAT,
    SECRETS,
    SIGN_IN,
    TRACES,
)

SERVER = Drawing(
    title=_("Servers: EC2 with an address of its own or behind a load balancer, PostgreSQL, files in S3"),
    width=864,
    height=316,
    zones=NETWORK_BY_NAT,
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
        SIGN_IN,
        DATABASE,
        CACHE,
        FILES_DELIVERY,
        FILES,
        IMAGES,
        SECRETS,
        BACKUPS,
        COPIES,
        TRACES,
    ),
    edges=(
        COPYING,
        ("users", "load-balancer"),
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
