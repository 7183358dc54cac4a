"""The drawing of functions: an API, what answers behind it, a queue and its worker, a database that may rest."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from environments.drawings import Drawing, Node, Zone
from environments.drawings.shared import (
    BACKUPS,
    COPIES,
    COPYING,
    FILES,
    FILES_DELIVERY,
    PIPELINE,
    SECRETS,
    SIGN_IN,
    TRACES,
)

SERVERLESS = Drawing(
    title=_("Serverless: an HTTP API before Lambda functions, Aurora PostgreSQL, files in S3"),
    width=864,
    height=316,
    zones=(
        Zone(label=_("VPC, two availability zones"), x=390, y=14, width=460, height=206),
        Zone(label=_("private subnets"), x=404, y=40, width=432, height=166),
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
        Node(key="api", name=_("Entrance"), detail="HTTP API", icon="globe", x=214, y=70),
        Node(key="function", name=_("Function"), detail="Lambda", icon="function", x=418, y=70),
        Node(key="jobs", name=_("Queue"), detail="SQS", icon="inbox", x=214, y=142, optional=True),
        Node(key="worker", name=_("Worker"), detail="Lambda", icon="function", x=418, y=142, optional=True),
        Node(key="database", name="PostgreSQL", detail="Aurora", icon="database", x=663, y=70),
        Node(
            key="database-reader-1",
            name=_("Reader"),
            detail="Aurora",
            icon="database",
            x=663,
            y=142,
            optional=True,
        ),
        SIGN_IN,
        FILES_DELIVERY,
        FILES,
        SECRETS,
        BACKUPS,
        COPIES,
        PIPELINE,
        TRACES,
    ),
    edges=(
        COPYING,
        ("users", "api"),
        ("pipeline", "function"),
        ("domain-record", "api"),
        ("api", "function"),
        ("jobs", "worker"),
        ("function", "database"),
        ("worker", "database"),
        ("function", "database-reader-1"),
        ("files-delivery", "files"),
        ("function", "files"),
        ("function", "parameter-secret-key"),
    ),
)
