"""Simple: CloudFront → Elastic Beanstalk → RDS PostgreSQL, files in S3."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from provisioning.blueprints.blueprint import Blueprint, Options, Phase
from provisioning.blueprints.options import (
    AlarmOptions,
    BackupOptions,
    CacheOptions,
    CopyOptions,
    DatabaseOptions,
    DeliveryOptions,
    InsightOptions,
    MachineOptions,
    PipelineOptions,
    SampledTracingOptions,
    StorageThresholdOptions,
)
from provisioning.blueprints.parts.backups import (
    backup_outputs,
    copy_outputs,
    database_copies,
    file_copies,
    scheduled_backups,
)
from provisioning.blueprints.parts.beanstalk import DeploymentPolicy, Servers, beanstalk, beanstalk_alarms
from provisioning.blueprints.parts.data import cache, data_outputs, database, files, parameters
from provisioning.blueprints.parts.delivery import file_delivery, front
from provisioning.blueprints.parts.insight import insight
from provisioning.blueprints.parts.network import network
from provisioning.blueprints.parts.observability import alarms
from provisioning.blueprints.parts.pipeline import pipeline_outputs, pipeline_to_beanstalk
from provisioning.blueprints.parts.security import data_groups, members, open_to_the_internet
from provisioning.blueprints.parts.tracing import trace_outputs, tracing
from provisioning.choices import Named
from provisioning.references import ref
from provisioning.resource import Resource
from provisioning.spec import Spec

_POLICIES = Named(
    words={
        "AllAtOnce": "All at once",
        "Rolling": "In batches",
        "RollingWithAdditionalBatch": "In batches, with one batch more",
        "Immutable": "On new servers",
    }
)


class UpkeepOptions(Options):
    """How servers get what is new."""

    deployment_policy: Annotated[DeploymentPolicy, _POLICIES] = Field(
        "RollingWithAdditionalBatch",
        title="Deployments",
        description="Behind a load balancer. Without one there is one server, away for a moment.",
    )
    managed_updates: bool = Field(
        True,
        title="Managed updates",
        description="Elastic Beanstalk renews the platform on Sundays at 03:00 UTC.",
    )


class FrontOptions(Options):
    """What stands before the application."""

    front: bool = Field(
        True,
        title="CloudFront before the application",
        description="HTTPS, and an address that stays when the servers are made anew. Files then are below /files/.",
    )


class SimpleOptions(
    InsightOptions,
    PipelineOptions,
    SampledTracingOptions,
    AlarmOptions,
    StorageThresholdOptions,
    DeliveryOptions,
    FrontOptions,
    CopyOptions,
    BackupOptions,
    CacheOptions,
    DatabaseOptions,
    UpkeepOptions,
    MachineOptions,
):
    """What may be chosen for the simple architecture; the defaults are those of production."""


PHASES = (
    # One server without a load balancer: with one (24 USD with its addresses) it were not within 20 to 50 USD.
    Phase(
        name="mvp",
        title="Simple, for a first version",
        summary="One server of Elastic Beanstalk behind CloudFront, PostgreSQL in one zone, files in S3, alarms.",
        defaults={
            "load_balancer": False,
            "min_servers": 1,
            "max_servers": 1,
            "database_class": "db.t4g.micro",
            "database_storage": 20,
            "multi_az": False,
            "backup_days": 1,
            "cache_node": "none",
        },
    ),
    # The database in two zones is half of it; a cache of cache.t3.micro (12 USD) still keeps it within 80 to 150 USD.
    Phase(
        name="production",
        title="Simple, in production",
        summary="Two servers behind CloudFront and a load balancer, PostgreSQL in two zones, files in S3, alarms.",
        defaults={"cache_node": "none"},
    ),
    Phase(
        name="scaling",
        title="Simple, that grows",
        summary="More and larger servers, a larger database in two zones, Redis, files by CloudFront, a dashboard.",
        defaults={
            "instance_type": "t3.small",
            "max_servers": 10,
            "database_class": "db.t3.medium",
            "database_storage": 100,
            "cache_node": "cache.t3.small",
            "file_delivery": True,
            "dashboard": True,
            "tracing": True,
        },
    ),
)


class Simple(Blueprint[SimpleOptions]):
    """About forty resources; its critical path is the database, beside which Elastic Beanstalk makes its servers."""

    architecture = "simple"
    phases = PHASES
    figures = (
        "average_tasks",
        "requests",
        "lcu",
        "storage_gb",
        "db_storage_gb",
        "backup_gb",
        "copied_gb",
        "s3_get",
        "s3_put",
        "cdn_gb",
        "log_gb",
        "emails",
        "build_minutes",
    )
    choices = SimpleOptions

    def build(self, spec: Spec, options: SimpleOptions) -> tuple[Resource, ...]:
        watched = alarms(
            beanstalk_alarms(options, balanced=options.load_balancer),
            options,
            options,
            email=options.alarm_email or spec.alarm_email,
            budgeted=bool(options.monthly_budget),
        )
        return (
            *network(spec, nat=False),
            *_groups(balanced=options.load_balancer, cached=options.cached),
            *database(options),
            *cache(options),
            *files(),
            *_delivery(options),
            *scheduled_backups(options, database="RDS"),
            *database_copies(options.copied_to),
            *file_copies(options.copied_to, prefix=options.copy_prefix),
            *parameters(spec, cached=options.cached),
            *beanstalk(spec, _servers(options)),
            *tracing(spec, options),
            *watched,
            *insight(options, watched),
            *pipeline_to_beanstalk(spec, options),
        )

    def tell(self, spec: Spec, options: SimpleOptions) -> dict[str, str]:
        return {
            **_addresses(options),
            "beanstalk_application": "${application.name}",
            "beanstalk_environment": "${web.name}",
            "versions_bucket": "${versions.name}",
            **trace_outputs(traced=options.tracing),
            **data_outputs(spec, options),
            **backup_outputs(options),
            **copy_outputs(options.copied_to),
            **pipeline_outputs(options),
        }


def _delivery(options: SimpleOptions) -> tuple[Resource, ...]:
    """CloudFront before the application, or before the files alone."""
    if options.front:
        return front(ref("web", "cname"), files=options.file_delivery)
    return file_delivery() if options.file_delivery else ()


def _addresses(options: SimpleOptions) -> dict[str, str]:
    """Where people and scripts find it."""
    if not options.front:
        files = {"files_url": "https://${files-delivery.domain_name}"} if options.file_delivery else {}
        return {"url": "http://${web.cname}", **files}
    files = {"files_url": "https://${front.domain_name}/files/"} if options.file_delivery else {}
    return {"url": "https://${front.domain_name}", **files}


def _servers(options: SimpleOptions) -> Servers:
    return Servers(
        instance_type=options.instance_type,
        balanced=options.load_balancer,
        fewest=options.min_servers,
        most=options.max_servers,
        policy=options.deployment_policy,
        deployed_elsewhere=bool(options.repository),
        updates_at="Sun:03:00" if options.managed_updates else "",
        traced=options.tracing,
    )


def _groups(*, balanced: bool, cached: bool) -> tuple[Resource, ...]:
    """Internet → load balancer → servers, which Elastic Beanstalk opens by a group of its own; then servers → data."""
    door = open_to_the_internet(
        "load-balancer-group", "Load balancer security group", "Load balancer: from the internet"
    )
    return (
        *((door,) if balanced else ()),
        members("server-group", "Server security group", "Servers: who may reach the data"),
        *data_groups("server-group", "servers", cache=cached),
    )
