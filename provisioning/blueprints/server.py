"""Server: EC2, a single server or an Auto Scaling group behind an ALB → RDS PostgreSQL, files in S3."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, ClassVar

from pydantic import Field

from provisioning.blueprints.blueprint import Blueprint, Options, Phase
from provisioning.blueprints.options import (
    AlarmOptions,
    BackupOptions,
    CopyOptions,
    FirewallOptions,
    InsightOptions,
    MachineOptions,
    MemoryThresholdOptions,
    SampledTracingOptions,
    SignInOptions,
    without_https,
)
from provisioning.blueprints.parts.backups import (
    backup_outputs,
    copy_outputs,
    database_copies,
    file_copies,
    scheduled_backups,
)
from provisioning.blueprints.parts.data import DataOptions, cache, data_outputs, database, files, parameters
from provisioning.blueprints.parts.delivery import FilesOptions, file_delivery, files_outputs
from provisioning.blueprints.parts.domain import certificate, zone, zone_outputs
from provisioning.blueprints.parts.edge import balancer_of_servers, traffic_listener
from provisioning.blueprints.parts.firewall import firewall_of_balancer
from provisioning.blueprints.parts.insight import insight
from provisioning.blueprints.parts.network import network
from provisioning.blueprints.parts.observability import alarms
from provisioning.blueprints.parts.security import behind, data_groups, open_to_the_internet
from provisioning.blueprints.parts.servers import WEB_PORT, Fleet, server_alarms, servers
from provisioning.blueprints.parts.sign_in import asking, outputs_of_balancer, people_of_balancer
from provisioning.blueprints.parts.tracing import trace_outputs, tracing
from provisioning.blueprints.refusal import Conflict
from provisioning.choices import Unit
from provisioning.resource import Resource
from provisioning.spec import Spec


class KeepingOptions(Options):
    """What servers keep: their disks, and with a group the load that each has."""

    volume_gb: Annotated[int, Unit(words="GiB")] = Field(
        16, ge=8, le=1024, title="Disk of a server", description="What is on it goes with the server."
    )
    cpu_target: Annotated[int, Unit(words="%")] = Field(
        70, ge=20, le=90, title="CPU to keep", description="Servers come above it and go below it."
    )


class WayOutOptions(Options):
    """Where servers stand, and how they reach what is outside."""

    nat: bool = Field(
        False,
        title="NAT gateway",
        description="Servers move to private subnets and reach the internet through it.",
    )


class ServerOptions(
    InsightOptions,
    SampledTracingOptions,
    AlarmOptions,
    MemoryThresholdOptions,
    FilesOptions,
    SignInOptions,
    FirewallOptions,
    WayOutOptions,
    CopyOptions,
    BackupOptions,
    DataOptions,
    KeepingOptions,
    MachineOptions,
):
    """What may be chosen for servers; the defaults are those of production.

    No pipeline: what servers run is written in their launch template, which is the plan's (docs/pipeline.md).
    """

    def conflicts(self) -> Iterator[Conflict]:
        """What a single server with an address of its own cannot have."""
        yield from super().conflicts()
        if self.sign_in and not self.domain:
            yield without_https()
        if self.load_balancer:
            return
        if self.domain:
            yield Conflict(
                "domain",
                ("load_balancer",),
                reason="AWS gives certificates to load balancers, not to servers: choose the load balancer.",
            )
        if self.nat:
            yield Conflict(
                "nat",
                ("load_balancer",),
                reason="a server that people reach by its address cannot be private.",
            )
        if self.firewall:
            yield Conflict("firewall", ("load_balancer",), reason="WAF stands before the load balancer.")


PHASES = (
    # The sizes of the free tier; 20 to 50 USD without it. A load balancer (24 USD with its addresses) or a NAT gateway
    # (37 USD) breaks that.
    Phase(
        name="mvp",
        title="A server for a first version",
        summary="One small EC2 server with a fixed address, PostgreSQL in one zone, files in S3, alarms.",
        defaults={
            "min_servers": 1,
            "max_servers": 1,
            "database_class": "db.t4g.micro",
            "database_storage": 20,
            "multi_az": False,
            "backup_days": 1,
            "cache_node": "none",
            "load_balancer": False,
            "file_delivery": False,
        },
    ),
    # The database in two zones is half of 80 to 150 USD; a cache of cache.t3.micro (12 USD) fits in, a NAT gateway
    # (37 USD) hardly.
    Phase(
        name="production",
        title="Servers in production",
        summary="Two EC2 servers behind a load balancer, PostgreSQL in two zones, files in S3, alarms.",
        defaults={"max_servers": 2, "cache_node": "none"},
    ),
    # Three servers on average, and 500 GB by CloudFront, keep it within 200 to 500 USD.
    Phase(
        name="scaling",
        title="Servers that grow",
        summary="More servers with the load, a larger database in two zones, Redis, files by CloudFront, a dashboard.",
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


class Server(Blueprint[ServerOptions]):
    """About forty-five resources; its critical path is the database, beside which the servers start."""

    architecture = "server"
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
        "nat_gb",
        "active_users",
        "log_gb",
        "image_gb",
        "emails",
    )
    counted: ClassVar[Mapping[str, str]] = {"average_tasks": "servers"}
    choices = ServerOptions

    def build(self, spec: Spec, options: ServerOptions) -> tuple[Resource, ...]:
        fleet = _fleet(options)
        watched = alarms(
            server_alarms(fleet, options),
            options,
            options,
            email=options.alarm_email or spec.alarm_email,
            budgeted=bool(options.monthly_budget),
        )
        return (
            *network(spec, nat=options.nat),
            *_groups(spec, balanced=options.load_balancer, cached=options.cached),
            *zone(options),
            *certificate(options),
            *_entrance(spec, options),
            *database(options),
            *cache(options),
            *files(),
            *file_delivery(options),
            *scheduled_backups(options, database="RDS"),
            *database_copies(options.copied_to),
            *file_copies(options.copied_to, prefix=options.copy_prefix),
            *parameters(spec, cached=options.cached),
            *servers(spec, fleet),
            *tracing(spec, options),
            *watched,
            *insight(options, watched),
        )

    def tell(self, spec: Spec, options: ServerOptions) -> dict[str, str]:
        return {
            **_addresses(options),
            **outputs_of_balancer(options),
            "repository": "${repository.uri}",
            **trace_outputs(traced=options.tracing),
            **data_outputs(spec, options),
            **backup_outputs(options),
            **copy_outputs(options.copied_to),
        }


def _entrance(spec: Spec, options: ServerOptions) -> tuple[Resource, ...]:
    if not options.load_balancer:
        return ()
    return (
        *people_of_balancer(options, options.domain),
        *balancer_of_servers(spec, options, sign_in=asking(options)),
        *(firewall_of_balancer() if options.firewall else ()),
    )


def _addresses(options: ServerOptions) -> dict[str, str]:
    """Where people and scripts find it."""
    files = {**files_outputs(options), **zone_outputs(options)}
    if not options.load_balancer:
        return {"url": "http://${address.public_ip}", "server": "${server.id}", **files}
    url = f"https://{options.domain}" if options.domain else "http://${load-balancer.dns_name}"
    return {
        "url": url,
        "load_balancer": "${load-balancer.dns_name}",
        "autoscaling_group": "${servers.name}",
        **files,
    }


def _fleet(options: ServerOptions) -> Fleet:
    return Fleet(
        instance_type=options.instance_type,
        volume_gb=options.volume_gb,
        listener=traffic_listener(options.domain) if options.load_balancer else "",
        private=options.nat,
        cached=options.cached,
        fewest=options.min_servers,
        most=options.max_servers,
        cpu_target=options.cpu_target,
        traced=options.tracing,
    )


def _groups(spec: Spec, *, balanced: bool, cached: bool) -> tuple[Resource, ...]:
    """Internet → load balancer → servers, or straight to the one server; then servers → database and cache."""
    # AWS cannot change a description: with one for both, the same group serves a server and, later, many.
    description = "Servers of the application"
    groups: tuple[Resource, ...]
    if balanced:
        source = "load-balancer-group"
        groups = (
            open_to_the_internet(source, "Load balancer security group", "Load balancer: from the internet"),
            behind(source, "server-group", "Server security group", description, port=spec.port),
        )
    else:
        groups = (
            open_to_the_internet("server-group", "Server security group", description, ports=(WEB_PORT,)),
        )
    return (*groups, *data_groups("server-group", "servers", cache=cached))
