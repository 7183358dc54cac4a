"""What Elastic Beanstalk says of an environment at rest: how its last change went, how it does, what it consists of."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from provisioning import beanstalk_options
from provisioning.aws import found
from provisioning.errors import AwsError
from provisioning.kind import Status

if TYPE_CHECKING:
    from provisioning.aws import Aws
    from provisioning.references import JsonObject

_STACK = re.compile(r"64bit Amazon Linux 2023 v([\d.]+) running Python ([\d.]+)")
# Beginnings of AWS's events: the newest of them says how the last change went.
_NEVER_STOOD = ("Create environment operation is complete, but with errors", "Failed to launch environment")
_TAKEN_BACK = ("Failed to deploy application", "Failed to deploy configuration")
_GOOD_OR_OPEN = (
    "Successfully launched environment",
    "Environment update completed successfully",
    "Environment update is starting",
    "createEnvironment is starting",
)
_HEALTH = {"Green": "Green", "Yellow": "Green", "Red": "Red"}


def newest_stack(aws: Aws) -> str:
    """The newest Python on Amazon Linux 2023: by the version of the language, then by that of the platform."""
    stacks = aws.elasticbeanstalk.list_available_solution_stacks()["SolutionStacks"]
    known = [match for match in map(_STACK.fullmatch, stacks) if match]
    if not known:
        raise AwsError(
            service="elasticbeanstalk",
            operation="list_available_solution_stacks",
            aws_code="NoSuchPlatform",
            aws_message="There is no Python on Amazon Linux 2023 in this region.",
        )
    return max(known, key=lambda match: (_numbers(match[2]), _numbers(match[1])))[0]


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split("."))


def verdict(aws: Aws, identifier: str) -> tuple[str, str]:
    """Why it was never launched well, and why its last change was taken back; each empty where it was not so."""
    events = aws.elasticbeanstalk.describe_events(EnvironmentId=identifier, MaxRecords=50)["Events"]
    for event in events:  # the newest first
        message = event["Message"]
        if message.startswith(_NEVER_STOOD):
            return _errors(events), ""
        if message.startswith(_TAKEN_BACK):
            return "", _errors(events)
        if message.startswith(_GOOD_OR_OPEN):
            break
    return "", ""


def _errors(events: list[Any]) -> str:
    """The newest errors, the oldest of them first, as causes come before what they cause."""
    messages: list[str] = []
    for event in events:
        if event["Severity"] in {"ERROR", "FATAL"}:
            messages.insert(0, event["Message"])
        elif event["Message"].startswith(_GOOD_OR_OPEN):
            break
    return " ".join(messages[-3:])


def status(aws: Aws, environment: Mapping[str, Any], never_stood: str) -> tuple[Status, str]:
    """Whether it is ready, and how it does in words."""
    health = environment["Health"]
    if health == "Green":
        return Status.READY, ""
    words = f"health {environment.get('HealthStatus', health).lower()}"
    causes = " ".join(_causes(aws, environment))
    reason = f"{words}: {causes}" if causes else words
    if never_stood:
        return Status.FAILED, reason
    known = health in _HEALTH or environment.get("HealthStatus") == "Suspended"
    return (Status.READY if known else Status.PENDING), reason


def _causes(aws: Aws, environment: Mapping[str, Any]) -> list[str]:
    if "HealthStatus" not in environment:  # only enhanced health has causes
        return []
    answer = found(
        aws.elasticbeanstalk.describe_environment_health,
        EnvironmentId=environment["EnvironmentId"],
        AttributeNames=["Causes"],
    )
    return list(answer.get("Causes", [])) if answer else []


def told(aws: Aws, environment: Mapping[str, Any]) -> JsonObject:
    """All properties. Of health that is not known nothing is told."""
    answer = aws.elasticbeanstalk.describe_configuration_settings(
        ApplicationName=environment["ApplicationName"], EnvironmentName=environment["EnvironmentName"]
    )
    sets = answer["ConfigurationSettings"]
    deployed = next((one for one in sets if one.get("DeploymentStatus") == "deployed"), sets[0])
    stack = environment.get("SolutionStackName", "")
    props: JsonObject = {
        **beanstalk_options.told(beanstalk_options.read(deployed["OptionSettings"])),
        "application_name": environment["ApplicationName"],
        "version_label": environment.get("VersionLabel", ""),
        "platform": "python" if _STACK.fullmatch(stack) else stack,
    }
    if environment["Health"] in _HEALTH:
        props["health"] = _HEALTH[environment["Health"]]
    return props


def parts(aws: Aws, identifier: str) -> dict[str, str]:
    """What it consists of, as attributes that others may refer to."""
    answer = aws.elasticbeanstalk.describe_environment_resources(EnvironmentId=identifier)
    resources = answer["EnvironmentResources"]
    balancer = next((one["Name"] for one in resources.get("LoadBalancers", [])), "")
    group = next((one["Name"] for one in resources.get("AutoScalingGroups", [])), "")
    named = {
        "load_balancer_arn": balancer,
        "load_balancer_full_name": balancer.partition(":loadbalancer/")[2],
        "autoscaling_group": group,
    }
    return {name: value for name, value in named.items() if value}
