"""Simple: CloudFront → Elastic Beanstalk → RDS PostgreSQL, files in S3."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar

from pydantic import Field

from provisioning.beanstalk_zones import zone_of
from provisioning.blueprints.blueprint import Blueprint, Options, Phase
from provisioning.blueprints.options import (
    AlarmOptions,
    BackupOptions,
    CopyOptions,
    FirewallOptions,
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
from provisioning.blueprints.parts.data import DataOptions, cache, data_outputs, database, files, parameters
from provisioning.blueprints.parts.delivery import FilesOptions, file_delivery, files_outputs, front
from provisioning.blueprints.parts.domain import alias, certificate, zone, zone_outputs
from provisioning.blueprints.parts.firewall import CLOUDFRONT_FIREWALL, firewall_of_cloudfront
from provisioning.blueprints.parts.insight import insight
from provisioning.blueprints.parts.network import network
from provisioning.blueprints.parts.observability import alarms
from provisioning.blueprints.parts.pipeline import pipeline_outputs, pipeline_to_beanstalk
from provisioning.blueprints.parts.security import data_groups, members, open_to_the_internet
from provisioning.blueprints.parts.tracing import trace_outputs, tracing
from provisioning.blueprints.refusal import Conflict
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


class FrontFirewallOptions(FirewallOptions):
    """WAF before CloudFront."""

    firewall: bool = Field(
        False,
        title="Web application firewall",
        description="WAF with AWS's rules before CloudFront. Who finds the address of the servers goes around it.",
    )


class SimpleOptions(
    InsightOptions,
    PipelineOptions,
    SampledTracingOptions,
    AlarmOptions,
    StorageThresholdOptions,
    FilesOptions,
    FrontFirewallOptions,
    FrontOptions,
    CopyOptions,
    BackupOptions,
    DataOptions,
    UpkeepOptions,
    MachineOptions,
):
    """What may be chosen for the simple architecture; the defaults are those of production."""

    def conflicts(self) -> Iterator[Conflict]:
        """A domain or a firewall without a place."""
        yield from super().conflicts()
        if self.domain and not self.front and not self.load_balancer:
            yield Conflict(
                "domain",
                ("front", "load_balancer"),
                reason="AWS gives certificates to CloudFront and load balancers, not to servers: choose one of them.",
            )
        if self.firewall and not self.front:
            yield Conflict("firewall", ("front",), reason="WAF stands before CloudFront here: choose that.")

    @property
    def balancer_has_the_domain(self) -> bool:
        """Whether the load balancer of Elastic Beanstalk answers for the domain; else CloudFront does."""
        return bool(self.domain) and not self.front


PHASES = (
    # One server without a load balancer: with one (24 USD with its addresses) it were not within 20 to 50 USD.
    Phase(
        name="mvp",
        title="Simple, for a first version",
        summary="One server of Elastic Beanstalk behind CloudFront, PostgreSQL in one zone, files in S3, alarms.",
        defaults={
            "load_balancer": False,
            "file_delivery": False,
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
    counted: ClassVar[Mapping[str, str]] = {"average_tasks": "servers"}
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
            *zone(options),
            *_delivery(spec, options),
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
            **zone_outputs(options),
            "beanstalk_application": "${application.name}",
            "beanstalk_environment": "${web.name}",
            "versions_bucket": "${versions.name}",
            **trace_outputs(traced=options.tracing),
            **data_outputs(spec, options),
            **backup_outputs(options),
            **copy_outputs(options.copied_to),
            **pipeline_outputs(options),
        }


def _delivery(spec: Spec, options: SimpleOptions) -> tuple[Resource, ...]:
    """CloudFront before the application, or before the files alone; where it does not answer for the domain, the load
    balancer does."""
    if options.front:
        web_acl = CLOUDFRONT_FIREWALL if options.firewall else ""
        return (*firewall_of_cloudfront(options), *front(options, ref("web", "cname"), web_acl=web_acl))
    if not options.domain:
        return file_delivery(options)
    return (
        *certificate(options),
        alias(options, ref("web", "cname"), zone_of(spec.region)),
        *file_delivery(options),
    )


def _addresses(options: SimpleOptions) -> dict[str, str]:
    """Where people and scripts find it."""
    if not options.front:
        url = f"https://{options.domain}" if options.domain else "http://${web.cname}"
        return {"url": url, **files_outputs(options)}
    url = f"https://{options.domain or '${front.domain_name}'}"
    return {"url": url, **({"files_url": f"{url}/files/"} if options.file_delivery else {})}


def _servers(options: SimpleOptions) -> Servers:
    return Servers(
        instance_type=options.instance_type,
        balanced=options.load_balancer,
        fewest=options.min_servers,
        most=options.max_servers,
        policy=options.deployment_policy,
        deployed_elsewhere=bool(options.repository),
        certificate="certificate" if options.balancer_has_the_domain else "",
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
