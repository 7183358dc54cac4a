"""Service: the application's tasks on Fargate, what they may do, and how many of them there are."""

from __future__ import annotations

from dataclasses import dataclass

from provisioning.blueprints.parts.data import REDIS_URL
from provisioning.blueprints.parts.image import command_of, image_of
from provisioning.blueprints.parts.network import PRIVATE_SUBNETS, PUBLIC_SUBNETS
from provisioning.blueprints.parts.permissions import (
    pulling_images,
    reading_parameters,
    sending_jobs,
    use_of_data,
    writing_logs,
)
from provisioning.blueprints.parts.tracing import sending_traces, tracing_variables
from provisioning.kinds.autoscaling_scalable_target import ScalableTargetProps
from provisioning.kinds.autoscaling_scaling_policy import ScalingPolicyProps
from provisioning.kinds.ecr_repository import RepositoryProps
from provisioning.kinds.ecs_cluster import ClusterProps
from provisioning.kinds.ecs_service import Capacity, ServiceProps
from provisioning.kinds.ecs_task_definition import TaskDefinitionProps
from provisioning.kinds.iam_role import RoleProps
from provisioning.kinds.iam_role_policy import RolePolicyProps, Statement
from provisioning.kinds.logs_log_group import LogGroupProps
from provisioning.references import ref
from provisioning.resource import Resource
from provisioning.spec import Spec


@dataclass(frozen=True, kw_only=True)
class Size:
    """How large the service is: CPU units and MiB of a task, and between how many tasks it scales."""

    cpu: int
    memory: int
    fewest: int
    most: int


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What tasks find: a cache; a queue for jobs; an agent beside them that takes their traces (`traced`);
    somebody else who deploys, so that what runs is no concern of a plan once something runs (`deployed_elsewhere`)."""

    cached: bool
    queued: bool
    traced: bool
    deployed_elsewhere: bool


def service(
    spec: Spec, size: Size, around: Surroundings, *, private: bool, listener: str
) -> tuple[Resource, ...]:
    """The blue service; green is made by the first blue/green deployment. `listener`: the key of the one that forwards
    to it; without a load balancer there is none, and it tells Cloud Map where its tasks are."""
    return (
        Resource(key="repository", title="Image repository", props=RepositoryProps()),
        Resource(key="cluster", props=ClusterProps()),
        Resource(
            key="log-group",
            title="Task log group",
            name=f"/andamio/{spec.slug}-{spec.stack}",
            props=LogGroupProps(retention_days=30),
        ),
        *_roles(spec, around),
        Resource(key="task", title="Task definition", props=_task(spec, size, around)),
        Resource(
            key="service-blue",
            title="Blue ECS service",
            props=_service(
                spec, size, private=private, balanced=bool(listener), kept=around.deployed_elsewhere
            ),
            after=(
                # ECS refuses a target group that no listener forwards to
                *((listener,) if listener else ()),
                # AWS keeps the gateway while a task has a public address.
                *(("private-routes",) if private else ("public-routes", "internet-gateway")),
                "execution-policy",
                "task-policy",
            ),
        ),
        *_scaling(size),
    )


def _service(spec: Spec, size: Size, *, private: bool, balanced: bool, kept: bool) -> ServiceProps:
    return ServiceProps(
        cluster_name=ref("cluster", "name"),
        task_definition_arn=ref("task", "arn"),
        desired_count=size.fewest,
        subnet_ids=PRIVATE_SUBNETS if private else PUBLIC_SUBNETS,
        security_group_ids=(ref("task-group"),),
        public_ip=not private,
        target_group_arn=ref("blue", "arn") if balanced else "",
        registry_arn="" if balanced else ref("task-names", "arn"),
        container_port=spec.port,
        revisions_kept=kept,
        capacity=Capacity(cpu=size.cpu, memory=size.memory, minimum=size.fewest, maximum=size.most),
    )


def _task(spec: Spec, size: Size, around: Surroundings) -> TaskDefinitionProps:
    return TaskDefinitionProps(
        cpu=size.cpu,
        memory=size.memory,
        image=image_of(spec),
        command=command_of(spec),
        port=spec.port,
        environment={
            "AWS_REGION": spec.region,
            "PARAMETERS": f"/{spec.application}/{spec.environment}/",
            "DATABASE_HOST": ref("database", "address"),
            **({"REDIS_URL": REDIS_URL} if around.cached else {}),
            "BUCKET": ref("files", "name"),
            **({"QUEUE_URL": ref("jobs", "url")} if around.queued else {}),
            **(tracing_variables(spec, "127.0.0.1") if around.traced else {}),
        },
        secrets={
            "DATABASE_PASSWORD": "${database.secret_arn}:password::",
            "SECRET_KEY": ref("parameter-secret-key", "arn"),
        },
        task_role_arn=ref("task-role", "arn"),
        execution_role_arn=ref("execution-role", "arn"),
        log_group=ref("log-group", "name"),
        image_kept=around.deployed_elsewhere,
        traces=around.traced,
    )


def _roles(spec: Spec, around: Surroundings) -> tuple[Resource, ...]:
    """Least privilege: each role may touch this environment's own things and nothing else."""
    return (
        Resource(key="task-role", title="Task role", props=RoleProps(description="The application")),
        Resource(
            key="execution-role",
            title="Task execution role",
            props=RoleProps(description="Starts the tasks"),
        ),
        Resource(
            key="task-policy",
            title="Task role policy: what the application may do",
            props=RolePolicyProps(
                role_name=ref("task-role", "name"), statements=_application_may(spec, around)
            ),
        ),
        Resource(
            key="execution-policy",
            title="Task execution role policy: what starting a task takes",
            props=RolePolicyProps(role_name=ref("execution-role", "name"), statements=_starting_takes()),
        ),
    )


def _application_may(spec: Spec, around: Surroundings) -> tuple[Statement, ...]:
    """The agent has no role of its own: containers of a task share one."""
    sending = (sending_traces(),) if around.traced else ()
    asking = (sending_jobs(),) if around.queued else ()
    return (*use_of_data(), reading_parameters(spec), writing_logs(), *asking, *sending)


def _starting_takes() -> tuple[Statement, ...]:
    return (
        *pulling_images(),
        writing_logs(),
        Statement(actions=("secretsmanager:GetSecretValue",), resources=(ref("database", "secret_arn"),)),
        Statement(actions=("ssm:GetParameters",), resources=(ref("parameter-secret-key", "arn"),)),
    )


def _scaling(size: Size) -> tuple[Resource, ...]:
    cluster, name = ref("cluster", "name"), ref("service-blue", "name")
    percent = 70
    return (
        Resource(
            key="scaling",
            title="Scalable target: fewest and most tasks",
            props=ScalableTargetProps(
                cluster_name=cluster, service_name=name, min_capacity=size.fewest, max_capacity=size.most
            ),
        ),
        Resource(
            key="scaling-cpu",
            title=f"Scaling policy: CPU at {percent} %",
            props=ScalingPolicyProps(resource_id=ref("scaling"), target_value=percent),
        ),
    )
