"""What ECS refuses: names, Fargate sizes, roles, load balancers that do not fit."""

import re
from typing import Any

from moto.ec2.models import ec2_backends
from moto.elbv2.models import elbv2_backends

from provisioning.simulator.ecs_tasks import backend_of
from provisioning.simulator.operations import Call, Refusal

# Memory in MiB that Fargate offers for each number of CPU units (developer guide, "Task CPU and memory").
_MEMORY: dict[int, tuple[int, ...]] = {
    256: (512, 1024, 2048),
    512: tuple(range(1024, 4097, 1024)),
    1024: tuple(range(2048, 8193, 1024)),
    2048: tuple(range(4096, 16385, 1024)),
    4096: tuple(range(8192, 30721, 1024)),
    8192: tuple(range(16384, 61441, 4096)),
    16384: tuple(range(32768, 122881, 8192)),
}
_NAME = re.compile(r"^[A-Za-z0-9_-]{1,255}$")


def invalid(message: str) -> Refusal:
    """ECS's error of a parameter that is wrong."""
    return Refusal("InvalidParameterException", message)


def client_error(message: str) -> Refusal:
    """ECS's error of a request that cannot be done."""
    return Refusal("ClientException", message)


def check_name(name: str, what: str) -> None:
    """Up to 255 letters, digits, underscores and hyphens."""
    if not _NAME.match(name):
        raise invalid(f"{what} name must match {_NAME.pattern[1:-1]}: {name[:60]}")


def _units(text: str, unit: str) -> int:
    """`1 vCPU` is 1024, `2 GB` is 2048, `512` is 512."""
    number, _, suffix = text.strip().partition(" ")
    try:
        value = float(number)
    except ValueError:
        raise client_error(f"Invalid '{unit}' setting for task: {text}") from None
    return int(value * 1024) if suffix.lower() in ("vcpu", "gb") else int(value)


def check_fargate(call: Call) -> None:
    """Refuse sizes and settings that Fargate does not have."""
    if "FARGATE" not in call.items("requiresCompatibilities"):
        return
    if call.text("networkMode") != "awsvpc":
        raise client_error("Fargate only supports network mode 'awsvpc'.")
    if not call.text("cpu") or not call.text("memory"):
        raise client_error("Fargate requires that 'cpu' and 'memory' be defined at the task level.")
    cpu, memory = _units(call.text("cpu"), "cpu"), _units(call.text("memory"), "memory")
    if memory not in _MEMORY.get(cpu, ()):
        raise client_error(f"No Fargate configuration exists for given values: {cpu} CPU, {memory} memory.")
    for container in call.items("containerDefinitions"):
        _check_container(call, container, memory)


def _check_container(call: Call, container: dict[str, Any], memory: int) -> None:
    if (container.get("memory") or 0) > memory:
        raise client_error(
            f"Invalid setting for container '{container['name']}'. The memory of a container "
            "cannot exceed that of the task."
        )
    if call.text("executionRoleArn"):
        return
    if container.get("secrets"):
        raise client_error(
            "When you are specifying container secrets, you must also specify a value for 'executionRoleArn'."
        )
    if ".dkr.ecr." in container.get("image", ""):
        raise client_error(
            "Fargate requires task definition to have execution role ARN to support ECR images."
        )
    if (container.get("logConfiguration") or {}).get("logDriver") == "awslogs":
        raise client_error(
            "Fargate requires task definition to have execution role ARN to support log driver awslogs."
        )


def check_definition(call: Call, name: str) -> Any:
    """The task definition of that name, if it can still be used."""
    definition = backend_of(call).describe_task_definition(name)
    if definition.status != "ACTIVE":
        raise client_error("TaskDefinition is inactive")
    return definition


def check_network(call: Call, definition: Any) -> None:
    """An awsvpc task needs subnets and groups that exist."""
    network = (call.params.get("networkConfiguration") or {}).get("awsvpcConfiguration")
    if network is None:
        if definition.network_mode == "awsvpc":
            raise invalid("Network Configuration must be provided when networkMode 'awsvpc' is specified.")
        return
    ec2 = ec2_backends[call.account][call.region]
    known = {key for subnets in ec2.subnets.values() for key in subnets}
    for subnet in network["subnets"]:
        if subnet not in known:
            raise invalid(
                f"Error retrieving subnet information for [{subnet}]: The subnet ID '{subnet}' "
                "does not exist (ErrorCode: InvalidSubnetID.NotFound)"
            )
    for group in network.get("securityGroups") or []:
        if ec2.get_security_group_from_id(group) is None:
            raise invalid(
                f"Error retrieving security group information for [{group}]: The security group "
                f"'{group}' does not exist (ErrorCode: InvalidGroup.NotFound)"
            )


def check_balancers(call: Call, definition: Any) -> None:
    """Target groups must exist, be reachable from a listener, take addresses, and fit a container's port."""
    groups = elbv2_backends[call.account][call.region].target_groups
    for item in call.items("loadBalancers"):
        arn = item.get("targetGroupArn", "")
        group = groups.get(arn)
        if group is None:
            raise invalid(f"Unable to retrieve details for target group {arn}: TargetGroupNotFound")
        if not group.load_balancer_arns:
            raise invalid(
                f"The target group with targetGroupArn {arn} does not have an associated load balancer."
            )
        if definition.network_mode == "awsvpc" and group.target_type != "ip":
            raise invalid(
                f"The provided target group {arn} has target type {group.target_type}, which is "
                "incompatible with the awsvpc network mode specified in the task definition."
            )
        _check_port(item, definition)
    grace = call.operation == "CreateService" and call.params.get("healthCheckGracePeriodSeconds")
    if grace and not call.items("loadBalancers"):
        raise invalid("Health check grace period is only valid for services configured to use load balancers")


def _check_port(item: dict[str, Any], definition: Any) -> None:
    name, port = item.get("containerName"), item.get("containerPort")
    container = next((one for one in definition.container_definitions if one["name"] == name), None)
    if container is None:
        raise invalid(f"The container {name} does not exist in the task definition.")
    if port not in [mapping.get("containerPort") for mapping in container["portMappings"]]:
        raise invalid(f"The container {name} did not have a container port {port} defined.")
