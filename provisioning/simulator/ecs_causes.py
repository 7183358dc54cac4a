"""Why a Fargate task cannot start or stay healthy: its image, its roles, its log "
"group, its way to the internet."""

from typing import Any

from moto.ec2.models import ec2_backends
from moto.ecr.models import ecr_backends
from moto.iam.models import iam_backends
from moto.logs.models import logs_backends

from provisioning.simulator.ecs_tasks import Task
from provisioning.simulator.world import Moment


def never_healthy(definition: Any) -> bool:
    """Whether an image is meant to fail its health checks: its tag contains `broken`."""
    return any("broken" in _tag(container["image"]) for container in definition.container_definitions)


def _tag(image: str) -> str:
    name = image.partition("@")[0].rsplit("/", 1)[-1]
    return name.partition(":")[2].lower()


def cannot_start(moment: Moment, task: Task, definition: Any) -> str:
    """AWS's `stoppedReason` of a task that cannot even start; empty for one that can."""
    return (
        _missing_role(moment, definition)
        or _no_way_out(moment, task)
        or _missing_repository(moment, definition)
        or _missing_log_group(moment, definition)
    )


def _missing_role(moment: Moment, definition: Any) -> str:
    roles = {role.arn for role in iam_backends[moment.account]["aws"].roles.values()}
    for attribute in ("execution_role_arn", "task_role_arn"):
        arn = getattr(definition, attribute, None)
        if arn and arn.startswith("arn:") and arn not in roles:
            return (
                f"ECS was unable to assume the role '{arn}' that was provided for this task. "
                "Please verify that the role being passed has the proper trust relationship and "
                "permissions."
            )
    return ""


def _missing_repository(moment: Moment, definition: Any) -> str:
    registry = f"{moment.account}.dkr.ecr.{moment.region}.amazonaws.com/"
    repositories = ecr_backends[moment.account][moment.region].repositories
    for container in definition.container_definitions:
        image = container["image"]
        if image.startswith(registry):
            name = image.removeprefix(registry).partition("@")[0].partition(":")[0]
            if name not in repositories:
                return (
                    "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed "
                    f"to resolve ref {image}: {image}: not found"
                )
    return ""


def _missing_log_group(moment: Moment, definition: Any) -> str:
    for container in definition.container_definitions:
        logging = container.get("logConfiguration") or {}
        options = logging.get("options") or {}
        group, region = options.get("awslogs-group"), options.get("awslogs-region", moment.region)
        if logging.get("logDriver") != "awslogs" or options.get("awslogs-create-group") == "true":
            continue
        if group not in logs_backends[moment.account][region].groups:
            return (
                "ResourceInitializationError: failed to validate logger args: create stream has "
                "been retried 1 times: failed to create Cloudwatch log stream: "
                "ResourceNotFoundException: The specified log group does not exist. : exit status "
                f"1 ({group})"
            )
    return ""


def _no_way_out(moment: Moment, task: Task) -> str:
    """A task must reach the registry: by a public address and an internet gateway, a "
    "NAT gateway, or endpoints."""
    ec2 = ec2_backends[moment.account][moment.region]
    eni: Any = ec2.enis.get(task.interface_id)
    if eni is None:
        return ""
    route = _default_route(ec2, eni.subnet)
    by_gateway = bool(route and route.gateway and eni.public_ip)
    by_nat = bool(route and route.nat_gateway)
    services = {
        endpoint.service_name.rsplit(".", 1)[-1]
        for endpoint in ec2.vpc_end_points.values()
        if endpoint.vpc_id == eni.subnet.vpc_id
    }
    if by_gateway or by_nat or {"api", "dkr"} <= services:
        return ""
    return (
        "ResourceInitializationError: unable to pull secrets or registry auth: The task "
        "cannot pull registry auth from Amazon ECR: There is a connection issue between "
        "the task and Amazon ECR. Check your task network configuration."
    )


def _default_route(ec2: Any, subnet: Any) -> Any:
    tables = [table for table in ec2.route_tables.values() if table.vpc_id == subnet.vpc_id]
    own = [table for table in tables if subnet.id in table._associations.values()]
    main = [table for table in tables if table.main_association_id]
    for table in own or main:
        for route in table._routes.values():
            if route.destination_cidr_block == "0.0.0.0/0":
                return route
    return None
