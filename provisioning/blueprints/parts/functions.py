"""Functions: what answers requests, what works through the queue, and what each of them may do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from provisioning.blueprints.parts.network import PRIVATE_SUBNETS
from provisioning.blueprints.parts.permissions import (
    reading_parameters,
    sending_jobs,
    use_of_data,
    writing_logs,
)
from provisioning.blueprints.parts.tracing import sending_traces
from provisioning.kinds.iam_role import RoleProps
from provisioning.kinds.iam_role_policy import RolePolicyProps, Statement
from provisioning.kinds.lambda_alias import AliasProps
from provisioning.kinds.lambda_event_source_mapping import EventSourceMappingProps
from provisioning.kinds.lambda_function import FunctionProps
from provisioning.kinds.logs_log_group import LogGroupProps
from provisioning.kinds.sqs_queue import QueueProps
from provisioning.references import ref
from provisioning.resource import Resource
from provisioning.spec import Spec

WEB = "function"
WORKER = "worker"
_DAYS = 24 * 3600
_TRACING: Mapping[bool, Literal["Active", "PassThrough"]] = {True: "Active", False: "PassThrough"}
# What Lambda itself takes to stand in a VPC; EC2 knows no resource for these, they are about interfaces to come.
_INTERFACES = (
    "ec2:CreateNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:DeleteNetworkInterface",
    "ec2:AssignPrivateIpAddresses",
    "ec2:UnassignPrivateIpAddresses",
)


@dataclass(frozen=True, kw_only=True)
class Size:
    """Memory in MB and longest run in seconds; of the worker too, where there is one."""

    memory: int
    timeout: int
    worker_timeout: int


def web_function(spec: Spec, size: Size, *, address: str, queued: bool, traced: bool) -> tuple[Resource, ...]:
    """What answers requests. Callers reach it by the alias "live", which deployments move. `address`: of the
    database."""
    more = (*((sending_jobs(),) if queued else ()), *((sending_traces(),) if traced else ()))
    return (
        *_with_role(spec, WEB, "The application", more),
        Resource(
            key=WEB,
            title="Function that answers requests",
            props=FunctionProps(
                role_arn=ref(f"{WEB}-role", "arn"),
                log_group=ref(f"{WEB}-logs", "name"),
                memory=size.memory,
                timeout=size.timeout,
                subnet_ids=PRIVATE_SUBNETS,
                security_group_ids=(ref("function-group"),),
                environment=_environment(spec, address, queued=queued),
                tracing=_TRACING[traced],
            ),
            after=(f"{WEB}-policy",),
        ),
        Resource(
            key="live",
            name="live",
            title="Alias live: the version that callers reach",
            props=AliasProps(function_name=ref(WEB, "name")),
        ),
    )


def worker_function(spec: Spec, size: Size, *, address: str, traced: bool) -> tuple[Resource, ...]:
    """A queue, the function that works through it, and where messages go that it could not do."""
    takes = Statement(
        actions=(
            "sqs:ReceiveMessage",
            "sqs:DeleteMessage",
            "sqs:GetQueueAttributes",
            "sqs:ChangeMessageVisibility",
            "sqs:SendMessage",
        ),
        resources=(ref("jobs", "arn"),),
    )
    return (
        *_queues(size.worker_timeout),
        *_with_role(
            spec,
            WORKER,
            "The application in the background",
            (takes, *((sending_traces(),) if traced else ())),
        ),
        Resource(
            key=WORKER,
            title="Function that works through the queue",
            props=FunctionProps(
                role_arn=ref(f"{WORKER}-role", "arn"),
                log_group=ref(f"{WORKER}-logs", "name"),
                handler="app.worker",
                memory=size.memory,
                timeout=size.worker_timeout,
                subnet_ids=PRIVATE_SUBNETS,
                security_group_ids=(ref("function-group"),),
                environment=_environment(spec, address, queued=True),
                calls="jobs",
                tracing=_TRACING[traced],
            ),
            after=(f"{WORKER}-policy",),
        ),
        Resource(
            key="jobs-reader",
            title="Queue reader: the worker takes jobs",
            props=EventSourceMappingProps(
                queue_arn=ref("jobs", "arn"),
                function_arn=ref(WORKER, "arn"),
                # Each run holds a connection to the database.
                most_at_once=10,
            ),
        ),
    )


def _queues(timeout: int) -> tuple[Resource, ...]:
    return (
        Resource(
            key="jobs-failed",
            title="Queue of jobs that failed",
            props=QueueProps(retention=14 * _DAYS, priced=False),
        ),
        Resource(
            key="jobs",
            title="Queue of jobs",
            # Six times as long as a run, as Lambda advises: a batch that is held back is then not seen twice.
            props=QueueProps(visibility_timeout=6 * timeout, dead_letter_arn=ref("jobs-failed", "arn")),
        ),
    )


def _environment(spec: Spec, address: str, *, queued: bool) -> dict[str, str]:
    """AWS_REGION is set by Lambda itself."""
    return {
        "PARAMETERS": f"/{spec.application}/{spec.environment}/",
        "DATABASE_HOST": address,
        "DATABASE_SECRET_ARN": ref("database", "secret_arn"),
        "BUCKET": ref("files", "name"),
        **({"QUEUE_URL": ref("jobs", "url")} if queued else {}),
    }


def _with_role(
    spec: Spec, key: str, description: str, statements: tuple[Statement, ...]
) -> tuple[Resource, ...]:
    """The log group of a function, and a role that may touch this environment's own things and nothing else."""
    return (
        Resource(
            key=f"{key}-logs",
            title=f"{'Function' if key == WEB else 'Worker'} log group",
            name=f"/andamio/{spec.slug}-{spec.stack}/{key}",
            props=LogGroupProps(retention_days=30, priced=key == WEB),
        ),
        Resource(
            key=f"{key}-role",
            title=f"{'Function' if key == WEB else 'Worker'} role",
            props=RoleProps(service="lambda.amazonaws.com", description=description),
        ),
        Resource(
            key=f"{key}-policy",
            title=f"{'Function' if key == WEB else 'Worker'} role policy: what the application may do",
            props=RolePolicyProps(
                role_name=ref(f"{key}-role", "name"),
                statements=(*_every_function_may(spec, key), *statements),
            ),
        ),
    )


def _every_function_may(spec: Spec, key: str) -> tuple[Statement, ...]:
    return (
        *use_of_data(),
        reading_parameters(spec),
        writing_logs(f"{key}-logs"),
        Statement(actions=_INTERFACES, resources=("*",)),
    )
