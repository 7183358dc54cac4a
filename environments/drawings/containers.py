"""The drawing of tasks on Fargate, behind a load balancer or an HTTP API."""

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
)

CONTAINERS = Drawing(
    title=_("Containers: tasks on Fargate behind a load balancer or an HTTP API, PostgreSQL, files in S3"),
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
        SIGN_IN,
        DATABASE,
        CACHE,
        FILES_DELIVERY,
        FILES,
        IMAGES,
        SECRETS,
        BACKUPS,
        COPIES,
    ),
    edges=(
        COPYING,
        ("users", "load-balancer"),
        ("users", "api"),
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
