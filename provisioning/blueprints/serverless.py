"""Serverless: HTTP API → Lambda → Aurora PostgreSQL Serverless, files in S3, jobs in SQS."""

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
    PipelineOptions,
    ThresholdOptions,
    TracingOptions,
)
from provisioning.blueprints.parts.aurora import Capacity, aurora, proxy
from provisioning.blueprints.parts.backups import (
    backup_outputs,
    copy_outputs,
    file_copies,
    scheduled_backups,
)
from provisioning.blueprints.parts.data import database_url, files, parameters
from provisioning.blueprints.parts.delivery import FilesOptions, file_delivery, files_outputs
from provisioning.blueprints.parts.domain import certificate, zone, zone_outputs
from provisioning.blueprints.parts.endpoints import endpoints
from provisioning.blueprints.parts.firewall import CLOUDFRONT_FIREWALL, firewall_of_cloudfront
from provisioning.blueprints.parts.function_alarms import of_aurora, of_functions
from provisioning.blueprints.parts.functions import WEB, WORKER, Size, web_function, worker_function
from provisioning.blueprints.parts.gateway import ApiOptions, api_url, gateway_to_function
from provisioning.blueprints.parts.insight import insight
from provisioning.blueprints.parts.network import network
from provisioning.blueprints.parts.observability import who_is_told
from provisioning.blueprints.parts.pipeline import pipeline_outputs, pipeline_to_functions
from provisioning.blueprints.parts.security import POSTGRES_PORT, behind, data_groups, members
from provisioning.blueprints.parts.sign_in import open_path, outputs_of_api, people_of_api
from provisioning.blueprints.parts.tracing import trace_group, trace_outputs
from provisioning.blueprints.parts.worker import WorkerOptions, worker_outputs, worker_parameters
from provisioning.blueprints.postgres_versions import AURORA_REFUSES, POSTGRES_VERSIONS
from provisioning.blueprints.refusal import Conflict
from provisioning.choices import Unit
from provisioning.references import ref
from provisioning.resource import Resource
from provisioning.spec import Spec


class FunctionOptions(Options):
    """The functions, and how they reach what is outside their network."""

    function_memory: Annotated[Literal[256, 512, 1024, 1536, 2048, 3072], Unit(words="MB")] = Field(
        512, title="Memory of a function", description="Lambda gives CPU in proportion."
    )
    function_timeout: Annotated[int, Unit(words="s")] = Field(
        29, ge=1, le=29, title="Longest answer", description="The HTTP API waits no longer than 30 seconds."
    )
    nat: bool = Field(
        False,
        title="NAT gateway",
        description="Functions reach the internet through it; else the database and what they need of AWS.",
    )
    endpoint_zones: Literal[1, 2] = Field(
        2,
        title="Zones with endpoints",
        description="Without NAT, functions reach secrets, parameters and queues by endpoints in so many zones.",
    )


class AuroraOptions(Options):
    """Aurora PostgreSQL."""

    postgres_version: Annotated[Literal["14", "15", "16", "17"], POSTGRES_VERSIONS, AURORA_REFUSES] = Field(
        "17",
        title="PostgreSQL version",
        description="A later one can be chosen later, an earlier one cannot. AWS renews it within the version.",
    )

    min_acu: Annotated[Literal["0", "0.5", "1", "2", "4"], Unit(words="ACU")] = Field(
        "0.5",
        title="Least database capacity",
        description="2 GiB of memory each. 0 lets it pause; the next request then waits about 15 seconds.",
    )
    max_acu: Annotated[Literal[1, 2, 4, 8, 16, 32, 64], Unit(words="ACU")] = Field(
        4, title="Most database capacity", description="Of each instance, under load; the price's ceiling."
    )
    readers: Annotated[int, Unit(words="instances")] = Field(
        0,
        ge=0,
        le=5,
        title="Database readers",
        description="They answer queries, and one takes over within a minute if the writer fails.",
    )
    proxy: bool = Field(
        False,
        title="RDS Proxy",
        description="Many functions share few connections. Paid for 8 ACU at least, all month.",
    )
    backup_days: Annotated[int, Unit(words="days")] = Field(
        7, ge=1, le=35, title="Keep backups", description="Any second of them can be restored."
    )

    def conflicts(self) -> Iterator[Conflict]:
        """A range that is empty, and what would never let the database rest."""
        yield from super().conflicts()
        if float(self.min_acu) > self.max_acu:
            yield Conflict("max_acu", ("min_acu",), reason="the most capacity cannot be less than the least.")
        if self.proxy and self.min_acu == "0":
            yield Conflict(
                "proxy", ("min_acu",), reason="it stays connected, so that a database with 0 never pauses."
            )


class FilesFirewallOptions(FirewallOptions):
    """What AWS has no place for before an HTTP API."""

    firewall: bool = Field(
        False,
        title="Web application firewall of the files",
        description="WAF before CloudFront. AWS has none before an HTTP API, which limits how often it is called.",
    )


class ServerlessOptions(
    InsightOptions,
    PipelineOptions,
    TracingOptions,
    AlarmOptions,
    ThresholdOptions,
    ApiOptions,
    FilesOptions,
    FilesFirewallOptions,
    CopyOptions,
    BackupOptions,
    ApiSignInOptions,
    AuroraOptions,
    WorkerOptions,
    FunctionOptions,
):
    """What may be chosen for serverless; the defaults are those of production."""

    def conflicts(self) -> Iterator[Conflict]:
        """Copies that nobody would make, and a firewall without a place."""
        yield from super().conflicts()
        if self.firewall and not self.file_delivery:
            yield Conflict(
                "firewall",
                ("file_delivery",),
                reason="AWS has no WAF before an HTTP API, only before CloudFront: choose that for the files.",
            )
        if self.copied_to and not self.scheduled:
            yield Conflict(
                "copy_region",
                ("scheduled_backups",),
                reason="Aurora copies no backups by itself. AWS Backup does: choose scheduled backups.",
            )


# With these defaults the expected price of each phase is in its range. NAT in place of the endpoints breaks that of
# mvp and production, CloudFront (12 USD) that of production, the proxy (88 USD) all three.
PHASES = (
    Phase(
        name="mvp",
        title="Serverless for a first version",
        summary="One function behind an HTTP API, Aurora PostgreSQL that pauses when nobody asks, files in S3, alarms.",
        defaults={
            "min_acu": "0",
            "max_acu": 2,
            "backup_days": 1,
            "endpoint_zones": 1,
            "file_delivery": False,
        },
    ),
    Phase(
        name="production",
        title="Serverless in production",
        summary="A function behind an HTTP API, Aurora PostgreSQL that is always awake, files in S3, alarms.",
        defaults={"file_delivery": False},
    ),
    Phase(
        name="scaling",
        title="Serverless that grows",
        summary="A worker with a queue, a larger Aurora PostgreSQL with a reader, CloudFront, a dashboard.",
        defaults={
            "worker": True,
            "max_acu": 16,
            "readers": 1,
            "dashboard": True,
            "tracing": True,
        },
    ),
)


class Serverless(Blueprint[ServerlessOptions]):
    """About fifty resources; its critical path is the cluster and its writer, which the functions do not wait for."""

    architecture = "serverless"
    phases = PHASES
    figures = (
        "requests",
        "lambda_ms",
        "average_acu",
        "active_hours",
        "db_storage_gb",
        "backup_gb",
        "copied_gb",
        "db_io",
        "jobs",
        "job_ms",
        "storage_gb",
        "s3_get",
        "s3_put",
        "cdn_gb",
        "nat_gb",
        "active_users",
        "trace_percent",
        "log_gb",
        "emails",
        "build_minutes",
    )
    choices = ServerlessOptions

    def build(self, spec: Spec, options: ServerlessOptions) -> tuple[Resource, ...]:
        size, capacity, address = _size(options), _capacity(options), _address(options)
        watched = (
            *of_functions(
                options, timeout=size.timeout, worker_timeout=size.worker_timeout, queued=options.worker
            ),
            *of_aurora(capacity, options),
        )
        return (
            *network(spec, nat=options.nat),
            *_groups(proxied=options.proxy),
            *_ways_to_aws(options),
            *aurora(capacity, version=options.postgres_version, backup_days=options.backup_days),
            *(proxy(most=capacity.most * (1 + capacity.readers)) if options.proxy else ()),
            *files(),
            *zone(options),
            *certificate(options),
            *firewall_of_cloudfront(options),
            *file_delivery(options, web_acl=CLOUDFRONT_FIREWALL if options.firewall else ""),
            *scheduled_backups(options, database="Aurora", copied_to=options.copied_to),
            *file_copies(options.copied_to, prefix=options.copy_prefix),
            *parameters(spec, address=address, more=_further(options)),
            *web_function(spec, size, address=address, queued=options.worker, traced=options.tracing),
            *(worker_function(spec, size, address=address, traced=options.tracing) if options.worker else ()),
            *((trace_group(*_functions(options)),) if options.tracing else ()),
            *people_of_api(options),
            *gateway_to_function(spec, options, WEB, "live", open_path=open_path(spec, options)),
            *who_is_told(options.alarm_email or spec.alarm_email, budgeted=bool(options.monthly_budget)),
            *watched,
            *insight(options, watched),
            *pipeline_to_functions(spec, options, functions=(WEB, *((WORKER,) if options.worker else ()))),
        )

    def tell(self, spec: Spec, options: ServerlessOptions) -> dict[str, str]:
        return {
            "url": api_url(options),
            **files_outputs(options),
            **zone_outputs(options),
            **outputs_of_api(options),
            "function": "${function.name}",
            "alias": "${live.name}",
            **trace_outputs(traced=options.tracing),
            **worker_outputs(options),
            "database_address": _address(options),
            **_reader_output(options),
            "database_secret_arn": "${database.secret_arn}",
            "bucket": "${files.name}",
            "log_group": "${function-logs.name}",
            "parameters": f"/{spec.application}/{spec.environment}/",
            **backup_outputs(options),
            **copy_outputs(options.copied_to),
            **pipeline_outputs(options),
        }


def _ways_to_aws(options: ServerlessOptions) -> tuple[Resource, ...]:
    """How functions reach what they need of AWS besides S3, whose endpoint costs nothing: NAT, or an endpoint each."""
    if options.nat:
        return ()
    services = ("secretsmanager", "ssm", *(("sqs",) if options.worker else ()))
    return endpoints("function-group", "functions", services, zones=options.endpoint_zones)


def _groups(*, proxied: bool) -> tuple[Resource, ...]:
    """Functions → database, or functions → proxy → database; Lambda needs no way in to its functions."""
    functions = members("function-group", "Function security group", "Functions: nobody asks them here")
    if not proxied:
        return (functions, *data_groups("function-group", "functions", cache=False))
    return (
        functions,
        behind(
            "function-group",
            "proxy-group",
            "Proxy security group",
            "Proxy: from the functions",
            port=POSTGRES_PORT,
        ),
        *data_groups("proxy-group", "proxy", cache=False),
    )


def _address(options: ServerlessOptions) -> str:
    """What applications connect to as the database."""
    return ref("proxy", "address") if options.proxy else ref("database", "address")


def _reader_output(options: ServerlessOptions) -> dict[str, str]:
    """Behind a proxy the database lets nobody else in, and the proxy leads to the writer."""
    told = options.readers and not options.proxy
    return {"reader_address": ref("database", "reader_address")} if told else {}


def _further(options: ServerlessOptions) -> dict[str, str]:
    reader = {"database-reader-url": database_url(ref("database", "reader_address"))}
    # Behind a proxy the database lets nobody else in.
    return {
        **(reader if options.readers and not options.proxy else {}),
        **worker_parameters(options),
    }


def _functions(options: ServerlessOptions) -> tuple[str, ...]:
    """What they are called in traces: each its own name."""
    return (ref(WEB, "name"), *((ref(WORKER, "name"),) if options.worker else ()))


def _size(options: ServerlessOptions) -> Size:
    return Size(
        memory=options.function_memory,
        timeout=options.function_timeout,
        worker_timeout=options.worker_timeout,
    )


def _capacity(options: ServerlessOptions) -> Capacity:
    return Capacity(fewest=float(options.min_acu), most=float(options.max_acu), readers=options.readers)
