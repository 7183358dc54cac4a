"""An ECS task definition: which image runs with how much, as revisions of one family."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal

from pydantic import Field, model_validator

from provisioning.aws import Aws
from provisioning.cloudwatch_agent import configuration
from provisioning.errors import AwsError, NameTaken
from provisioning.kind import Handle, Kind, Observed, Props, register
from provisioning.lookup import tags_of
from provisioning.names import Naming
from provisioning.references import JsonObject, JsonValue
from provisioning.template_parts import REF, Form, Part, Place, capitalised, renamed

if TYPE_CHECKING:
    from mypy_boto3_ecs.type_defs import (
        ContainerDefinitionOutputTypeDef,
        ContainerDefinitionTypeDef,
        DescribeTaskDefinitionResponseTypeDef,
        HealthCheckTypeDef,
        LogConfigurationTypeDef,
        RegisterTaskDefinitionRequestTypeDef,
        TaskDefinitionTypeDef,
    )

GIB = 1024
_AGENT = "cloudwatch-agent"
_AGENT_SETTINGS = configuration(listens_at="127.0.0.1", traces=True)
# CPU units -> MiB that Fargate allows with them:
# https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-cpu-memory-error.html
FARGATE_MEMORY: dict[int, tuple[int, ...]] = {
    256: (GIB // 2, GIB, 2 * GIB),
    512: tuple(range(1 * GIB, 4 * GIB + 1, GIB)),
    1024: tuple(range(2 * GIB, 8 * GIB + 1, GIB)),
    2048: tuple(range(4 * GIB, 16 * GIB + 1, GIB)),
    4096: tuple(range(8 * GIB, 30 * GIB + 1, GIB)),
    8192: tuple(range(16 * GIB, 60 * GIB + 1, 4 * GIB)),
    16384: tuple(range(32 * GIB, 120 * GIB + 1, 8 * GIB)),
}


class TaskDefinitionProps(Props):
    """`cpu` in units of 1/1024 vCPU and `memory` in MiB, one of Fargate's pairs. `secrets`: variable -> ARN of what
    ECS puts into it, never a value. `health_check_path`: asked inside the container with wget or curl, whichever the
    image has; empty leaves health to the load balancer. `command` empty runs the image's own. `image_kept`: image and
    command of the newest revision stay, since somebody else deploys; those named here are only of the first. `traces`:
    beside it runs the CloudWatch agent, which takes its traces at 127.0.0.1; should it end, the application goes on."""

    cpu: int
    memory: int
    image: str = Field(min_length=1)
    port: int = Field(ge=1, le=65535)
    container_name: str = Field(default="app", min_length=1)
    command: tuple[str, ...] = ()
    environment: dict[str, str] = {}
    secrets: dict[str, str] = {}
    task_role_arn: str = ""
    execution_role_arn: str = ""
    log_group: str = ""
    health_check_path: str = ""
    architecture: Literal["X86_64", "ARM64"] = "X86_64"
    image_kept: bool = False
    traces: bool = False

    @model_validator(mode="after")
    def _fargate_runs_it(self) -> TaskDefinitionProps:
        if self.cpu not in FARGATE_MEMORY:
            raise ValueError(f"cpu: Fargate has {', '.join(map(str, FARGATE_MEMORY))} units, not {self.cpu}")
        allowed = FARGATE_MEMORY[self.cpu]
        if self.memory not in allowed:
            raise ValueError(
                f"memory: with {self.cpu} CPU units Fargate has {allowed[0]} to {allowed[-1]} MiB in steps"
                f" ({', '.join(map(str, allowed[:3]))}, …), not {self.memory}"
            )
        return self

    @model_validator(mode="after")
    def _names_are_used_once(self) -> TaskDefinitionProps:
        twice = sorted(self.environment.keys() & self.secrets.keys())
        if twice:
            raise ValueError(f"secrets: {', '.join(twice)} is set in environment too; ECS refuses that")
        if self.secrets and not self.execution_role_arn:
            raise ValueError("execution_role_arn: ECS needs a role to read the secrets with")
        return self


@register
class TaskDefinition(Kind[TaskDefinitionProps]):
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html

    Revisions cannot be changed: an update registers the next one, so the id (the ARN with the revision) moves. What
    is read is the newest active revision. No token: a revision registered twice is harmless. Attributes: id, arn,
    family, container_name.
    """

    name = "ecs.task_definition"
    title = "ECS task definition"
    naming = Naming(limit=255)
    revised = True
    permissions = (
        "ecs:RegisterTaskDefinition",
        "ecs:TagResource",
        "ecs:DescribeTaskDefinition",
        "ecs:ListTaskDefinitions",
        "ecs:DeregisterTaskDefinition",
        "ecs:DeleteTaskDefinitions",
    )
    passes_roles_to = ("ecs-tasks.amazonaws.com",)
    props = TaskDefinitionProps

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        answer = _described(aws, handle.name)
        if answer is None or answer["taskDefinition"]["status"] != "ACTIVE":
            return None
        definition = answer["taskDefinition"]
        return Observed(
            id=definition["taskDefinitionArn"],
            props=_told(definition),
            attributes=_attributes(definition),
            # A revision that a pipeline registered carries none.
            tags=tags_of(answer, "tags") if handle.id is None else handle.tags,
        )

    def create(self, aws: Aws, handle: Handle, props: TaskDefinitionProps) -> Observed:
        answer = aws.ecs.register_task_definition(**_request(handle, props, aws.region))
        definition = answer["taskDefinition"]
        # The first revision shows that nobody had the family; what comes after one of others is taken back.
        if definition["revision"] > 1 and not _follows_ours(aws, handle, definition["revision"]):
            aws.ecs.deregister_task_definition(taskDefinition=definition["taskDefinitionArn"])
            raise NameTaken(f"Could not make the task definition: {handle.name} exists and is not ours.")
        return Observed(id=definition["taskDefinitionArn"], attributes=_attributes(definition))

    def update(self, aws: Aws, handle: Handle, props: TaskDefinitionProps, observed: Observed) -> Observed:
        newest = _described(aws, handle.name) if props.image_kept else None
        if newest is not None:
            props = _with_image_of(newest["taskDefinition"], props)
        definition = aws.ecs.register_task_definition(**_request(handle, props, aws.region))["taskDefinition"]
        return Observed(id=definition["taskDefinitionArn"], attributes=_attributes(definition))

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        active = aws.listed(
            aws.ecs.list_task_definitions, "taskDefinitionArns", familyPrefix=handle.name, status="ACTIVE"
        )
        for arn in active:
            aws.ecs.deregister_task_definition(taskDefinition=arn)
        inactive = aws.listed(
            aws.ecs.list_task_definitions, "taskDefinitionArns", familyPrefix=handle.name, status="INACTIVE"
        )
        all_revisions = sorted({*active, *inactive})
        for start in range(0, len(all_revisions), 10):  # DeleteTaskDefinitions takes ten
            aws.ecs.delete_task_definitions(taskDefinitions=all_revisions[start : start + 10])
        return True

    def differences(self, wanted: JsonObject, observed: Observed) -> dict[str, tuple[JsonValue, JsonValue]]:
        """As everywhere, but what somebody else deployed is none."""
        found_ones = super().differences(wanted, observed)
        deployed = {"image", "command"} if wanted.get("image_kept") else frozenset()
        return {name: pair for name, pair in found_ones.items() if name not in deployed}

    def cloudformation(self, place: Place, props: TaskDefinitionProps) -> Form:
        request = {**_request(place, props, place.region)}
        properties = renamed(request, capitalised, free=frozenset({"options"}))
        return Form(
            parts=(Part(type="AWS::ECS::TaskDefinition", properties=properties),),
            attributes={
                "id": REF,
                "arn": REF,
                "family": place.name,
                "container_name": props.container_name,
            },
        )


def _described(aws: Aws, name: str) -> DescribeTaskDefinitionResponseTypeDef | None:
    """A revision ("shop:3"), or the newest of a family ("shop")."""
    try:
        return aws.ecs.describe_task_definition(taskDefinition=name, include=["TAGS"])
    except AwsError as error:
        # "Unable to describe task definition": ECS has no code of its own for what is not there.
        if error.aws_code == "ClientException":
            return None
        raise


def _with_image_of(definition: TaskDefinitionTypeDef, props: TaskDefinitionProps) -> TaskDefinitionProps:
    container = _application(definition)
    kept = {"image": container["image"], "command": tuple(container.get("command") or ())}
    return props.model_copy(update=kept)


def _follows_ours(aws: Aws, handle: Handle, revision: int) -> bool:
    before = _described(aws, f"{handle.name}:{revision - 1}")
    return before is None or handle.owns(tags_of(before, "tags"))


def _attributes(definition: TaskDefinitionTypeDef) -> dict[str, str]:
    return {
        "id": definition["taskDefinitionArn"],
        "arn": definition["taskDefinitionArn"],
        "family": definition["family"],
        "container_name": _application(definition)["name"],
    }


def _request(handle: Handle, props: TaskDefinitionProps, region: str) -> RegisterTaskDefinitionRequestTypeDef:
    request: RegisterTaskDefinitionRequestTypeDef = {
        "family": handle.name,
        "cpu": str(props.cpu),
        "memory": str(props.memory),
        "networkMode": "awsvpc",
        "requiresCompatibilities": ["FARGATE"],
        "runtimePlatform": {"cpuArchitecture": props.architecture, "operatingSystemFamily": "LINUX"},
        "containerDefinitions": [
            _container(props, region),
            *([_agent(props, region)] if props.traces else []),
        ],
        "tags": [{"key": key, "value": value} for key, value in handle.tags.items()],
    }
    if props.task_role_arn:
        request["taskRoleArn"] = props.task_role_arn
    if props.execution_role_arn:
        request["executionRoleArn"] = props.execution_role_arn
    return request


def _container(props: TaskDefinitionProps, region: str) -> ContainerDefinitionTypeDef:
    container: ContainerDefinitionTypeDef = {
        "name": props.container_name,
        "image": props.image,
        "essential": True,
        "portMappings": [{"containerPort": props.port, "hostPort": props.port, "protocol": "tcp"}],
        "environment": [{"name": name, "value": value} for name, value in props.environment.items()],
        "secrets": [{"name": name, "valueFrom": arn} for name, arn in props.secrets.items()],
    }
    if props.command:
        container["command"] = list(props.command)
    if props.log_group:
        container["logConfiguration"] = _logs(props.log_group, region, props.container_name)
    if props.health_check_path:
        container["healthCheck"] = _health_check(props)
    return container


def _agent(props: TaskDefinitionProps, region: str) -> ContainerDefinitionTypeDef:
    container: ContainerDefinitionTypeDef = {
        "name": _AGENT,
        "image": "public.ecr.aws/cloudwatch-agent/cloudwatch-agent:latest",
        "essential": False,
        "memoryReservation": 64,
        "environment": [{"name": "CW_CONFIG_CONTENT", "value": _AGENT_SETTINGS}],
    }
    if props.log_group:
        container["logConfiguration"] = _logs(props.log_group, region, _AGENT)
    return container


def _logs(group: str, region: str, stream: str) -> LogConfigurationTypeDef:
    return {
        "logDriver": "awslogs",
        "options": {"awslogs-group": group, "awslogs-region": region, "awslogs-stream-prefix": stream},
    }


def _health_check(props: TaskDefinitionProps) -> HealthCheckTypeDef:
    url = f"http://127.0.0.1:{props.port}{props.health_check_path}"
    ask = f"wget -q -O /dev/null '{url}' || curl -fsS -o /dev/null '{url}' || exit 1"
    return {
        "command": ["CMD-SHELL", ask],
        "interval": 15,
        "timeout": 5,
        "retries": 3,
        "startPeriod": 30,
    }


def _told(definition: TaskDefinitionTypeDef) -> JsonObject:
    container = _application(definition)
    return {
        "cpu": int(definition["cpu"]),
        "memory": int(definition["memory"]),
        "image": container["image"],
        "port": container["portMappings"][0]["containerPort"],
        "container_name": container["name"],
        "command": list(container.get("command") or []),
        "environment": {pair["name"]: pair["value"] for pair in container.get("environment") or []},
        "secrets": {pair["name"]: pair["valueFrom"] for pair in container.get("secrets") or []},
        "task_role_arn": definition.get("taskRoleArn") or "",
        "execution_role_arn": definition.get("executionRoleArn") or "",
        "log_group": _log_group(container),
        "health_check_path": _health_path(container),
        # A revision registered elsewhere without a platform runs on X86_64.
        "architecture": definition.get("runtimePlatform", {}).get("cpuArchitecture", "X86_64"),
        "traces": any(_takes_traces(one) for one in definition["containerDefinitions"]),
    }


def _application(definition: TaskDefinitionTypeDef) -> ContainerDefinitionOutputTypeDef:
    return next(one for one in definition["containerDefinitions"] if one["name"] != _AGENT)


def _takes_traces(container: ContainerDefinitionOutputTypeDef) -> bool:
    variables = {pair["name"]: pair["value"] for pair in container.get("environment") or []}
    return container["name"] == _AGENT and variables.get("CW_CONFIG_CONTENT") == _AGENT_SETTINGS


def _log_group(container: ContainerDefinitionOutputTypeDef) -> str:
    return container.get("logConfiguration", {}).get("options", {}).get("awslogs-group", "")


def _health_path(container: ContainerDefinitionOutputTypeDef) -> str:
    command = " ".join(container.get("healthCheck", {}).get("command") or [])
    path = re.search(r"'http://127\.0\.0\.1:\d+([^']*)'", command)
    return path[1] if path else command
