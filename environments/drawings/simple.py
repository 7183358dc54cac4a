"""The drawing of Elastic Beanstalk, behind CloudFront or not."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from environments.drawings import Drawing, Node, Zone
from environments.drawings.shared import (
    BACKUPS,
    CACHE,
    COPIES,
    COPYING,
    DATABASE,
    FILES,
    PIPELINE,
    SECRETS,
    TRACES,
    VPC,
)

SIMPLE = Drawing(
    title=_("Simple: servers of Elastic Beanstalk, PostgreSQL, files in S3"),
    width=864,
    height=316,
    zones=(
        VPC,
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
        Node(
            key="domain-record",
            name="Route 53",
            detail=_("for a domain"),
            icon="globe",
            x=14,
            y=142,
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
        DATABASE,
        CACHE,
        Node(
            key="files-access",
            name="CloudFront",
            detail=_("for the files"),
            icon="globe",
            x=14,
            y=246,
            optional=True,
        ),
        FILES,
        Node(key="versions", name=_("Versions"), detail="S3", icon="box", x=418, y=246),
        SECRETS,
        BACKUPS,
        COPIES,
        PIPELINE,
        TRACES,
    ),
    edges=(
        COPYING,
        ("domain-record", "front"),
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
