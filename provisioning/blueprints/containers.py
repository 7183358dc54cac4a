"""Containers: Route 53 → ALB → ECS Fargate → RDS PostgreSQL and ElastiCache, files in S3."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from provisioning.blueprints.blueprint import Blueprint, Options, Phase
from provisioning.blueprints.options import (
    AlarmOptions,
    ApiSignInOptions,
    BackupOptions,
    CopyOptions,
    FirewallOptions,
    InsightOptions,
    MemoryThresholdOptions,
    PipelineOptions,
    SampledTracingOptions,
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
from provisioning.blueprints.parts.edge import load_balancer, traffic_listener
from provisioning.blueprints.parts.firewall import firewall_of_balancer
from provisioning.blueprints.parts.function_alarms import of_worker
from provisioning.blueprints.parts.gateway import (
    LINK_GROUP,
    ApiOptions,
    api_url,
    gateway_to_tasks,
    link_group,
)
from provisioning.blueprints.parts.image import PLACEHOLDER_IMAGE
from provisioning.blueprints.parts.insight import insight
from provisioning.blueprints.parts.network import network
from provisioning.blueprints.parts.observability import alarms, of_service
from provisioning.blueprints.parts.pipeline import pipeline_outputs, pipeline_to_tasks
from provisioning.blueprints.parts.security import behind, data_groups, open_to_the_internet
from provisioning.blueprints.parts.service import Size, Surroundings, service
from provisioning.blueprints.parts.sign_in import (
    asking,
    open_path,
    outputs_of_api,
    outputs_of_balancer,
    people_of_api,
    people_of_balancer,
)
from provisioning.blueprints.parts.tracing import trace_outputs, tracing
from provisioning.blueprints.parts.worker import (
    WorkerOptions,
    worker_beside,
    worker_groups,
    worker_outputs,
    worker_parameters,
)
from provisioning.blueprints.refusal import Conflict
from provisioning.choices import Follows, Unit
from provisioning.kinds.ecs_task_definition import FARGATE_MEMORY
from provisioning.resource import Resource
from provisioning.spec import Spec


class TaskOptions(Options):
    """Tasks of Fargate."""

    task_cpu: Annotated[Literal[256, 512, 1024, 2048, 4096], Unit(words="vCPU", size=1024)] = Field(
        256, title="CPU of a task", description="1 vCPU is 1024 in the API."
    )
    task_memory: Annotated[
        int, Follows(option="task_cpu", values=FARGATE_MEMORY), Unit(words="GiB", size=1024)
    ] = Field(
        512, title="Memory of a task", description="Fargate has fixed sizes for each CPU; in the API in MiB."
    )
    min_tasks: Annotated[int, Unit(words="tasks")] = Field(
        2, ge=1, le=50, title="Fewest tasks", description="Always running; the price's floor."
    )
    max_tasks: Annotated[int, Unit(words="tasks")] = Field(
        10, ge=1, le=100, title="Most tasks", description="Under load; the price's ceiling."
    )

    def conflicts(self) -> Iterator[Conflict]:
        """A range that is empty."""
        yield from super().conflicts()
        if self.max_tasks < self.min_tasks:
            yield Conflict("max_tasks", ("min_tasks",), reason="cannot be fewer than the fewest.")


class EntranceOptions(Options):
    """Where requests come in, and where tasks go out."""

    load_balancer: bool = Field(
        True,
        title="Load balancer",
        description="Without it an HTTP API takes the requests: cheap for few of them, dear for many.",
    )
    nat: bool = Field(
        False,
        title="NAT gateway",
        description="Tasks move to private subnets and reach the internet through it.",
    )


class ContainersOptions(
    InsightOptions,
    PipelineOptions,
    SampledTracingOptions,
    AlarmOptions,
    MemoryThresholdOptions,
    ApiOptions,
    FilesOptions,
    ApiSignInOptions,
    FirewallOptions,
    EntranceOptions,
    CopyOptions,
    BackupOptions,
    DataOptions,
    WorkerOptions,
    TaskOptions,
):
    """What may be chosen for containers; the defaults are those of production."""

    def conflicts(self) -> Iterator[Conflict]:
        """What a load balancer or an HTTP API does not have."""
        yield from super().conflicts()
        if self.sign_in and self.load_balancer and not self.domain:
            yield without_https()
        if self.firewall and not self.load_balancer:
            yield Conflict(
                "firewall",
                ("load_balancer",),
                reason="AWS has no WAF before an HTTP API: choose the load balancer.",
            )


PHASES = (
    Phase(
        name="mvp",
        title="Containers for a first version",
        summary="One Fargate task behind an HTTP API, PostgreSQL in one zone, files in S3, alarms.",
        defaults={
            "min_tasks": 1,
            "max_tasks": 2,
            "database_class": "db.t4g.micro",
            "database_storage": 20,
            "multi_az": False,
            "backup_days": 1,
            "cache_node": "none",
            "load_balancer": False,
            "file_delivery": False,
        },
    ),
    Phase(
        name="production",
        title="Containers in production",
        summary="ECS Fargate behind a load balancer, PostgreSQL in two zones, Redis, files by CloudFront, alarms.",
        defaults={},
    ),
    Phase(
        name="scaling",
        title="Containers that grow",
        summary="More and larger tasks, a worker with a queue, a larger database with a replica, CloudFront, WAF.",
        defaults={
            "task_cpu": 512,
            "task_memory": 1024,
            "max_tasks": 20,
            "database_class": "db.t3.medium",
            "database_storage": 100,
            "read_replicas": 1,
            "cache_node": "cache.t3.small",
            "firewall": True,
            "worker": True,
            "dashboard": True,
            "tracing": True,
        },
    ),
)


class Containers(Blueprint[ContainersOptions]):
    """About fifty resources; its critical path is the database and then the service."""

    architecture = "containers"
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
        "jobs",
        "job_ms",
        "trace_percent",
        "emails",
        "build_minutes",
    )
    choices = ContainersOptions

    def build(self, spec: Spec, options: ContainersOptions) -> tuple[Resource, ...]:
        watched = alarms(
            (
                *of_service(options, balanced=options.load_balancer),
                *(of_worker(options.worker_timeout) if options.worker else ()),
            ),
            options,
            options,
            email=options.alarm_email or spec.alarm_email,
            budgeted=bool(options.monthly_budget),
        )
        return (
            *network(spec, nat=options.nat),
            *_groups(spec, options),
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
            *parameters(spec, cached=options.cached, more=worker_parameters(options)),
            *service(
                spec,
                _size(options),
                _surroundings(options),
                private=options.nat,
                listener=traffic_listener(options.domain) if options.load_balancer else "",
            ),
            *worker_beside("task-group", spec, options, nat=options.nat, traced=options.tracing),
            *tracing(spec, options),
            *watched,
            *insight(options, watched),
            *pipeline_to_tasks(spec, options, placeholder=PLACEHOLDER_IMAGE),
        )

    def tell(self, spec: Spec, options: ContainersOptions) -> dict[str, str]:
        return {
            **_addresses(options),
            **(outputs_of_balancer(options) if options.load_balancer else outputs_of_api(options)),
            "repository": "${repository.uri}",
            "cluster": "${cluster.name}",
            "service": "${service-blue.name}",
            **worker_outputs(options),
            **trace_outputs(traced=options.tracing),
            **data_outputs(spec, options),
            **backup_outputs(options),
            **copy_outputs(options.copied_to),
            **pipeline_outputs(options),
        }


def _entrance(spec: Spec, options: ContainersOptions) -> tuple[Resource, ...]:
    if not options.load_balancer:
        return (*people_of_api(options), *gateway_to_tasks(spec, options, open_path=open_path(spec, options)))
    return (
        *people_of_balancer(options, options.domain),
        *load_balancer(spec, options, sign_in=asking(options)),
        *(firewall_of_balancer() if options.firewall else ()),
    )


def _addresses(options: ContainersOptions) -> dict[str, str]:
    """Where people and scripts find it."""
    files = {**files_outputs(options), **zone_outputs(options)}
    if not options.load_balancer:
        return {"url": api_url(options), **files}
    url = f"https://{options.domain}" if options.domain else "http://${load-balancer.dns_name}"
    return {"url": url, "load_balancer": "${load-balancer.dns_name}", **files}


def _surroundings(options: ContainersOptions) -> Surroundings:
    return Surroundings(
        cached=options.cached,
        queued=options.worker,
        traced=options.tracing,
        deployed_elsewhere=bool(options.repository),
    )


def _size(options: ContainersOptions) -> Size:
    return Size(
        cpu=options.task_cpu,
        memory=options.task_memory,
        fewest=options.min_tasks,
        most=options.max_tasks,
    )


def _groups(spec: Spec, options: ContainersOptions) -> tuple[Resource, ...]:
    """Internet → load balancer, or HTTP API → VPC link; then tasks and their worker → database and cache."""
    if options.load_balancer:
        source, description = "load-balancer-group", "Tasks: from the load balancer"
        door = open_to_the_internet(
            source, "Load balancer security group", "Load balancer: from the internet"
        )
    else:
        source, description = LINK_GROUP, "Tasks: from the VPC link"
        door = link_group()
    return (
        door,
        behind(source, "task-group", "Task security group", description, port=spec.port),
        *data_groups("task-group", "tasks", cache=options.cached, also=worker_groups(options)),
    )
