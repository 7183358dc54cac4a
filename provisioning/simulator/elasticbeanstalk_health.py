"""How environments do and what happened to them: health, events, what they consist of, tags."""

from datetime import UTC, datetime
from typing import Any

from provisioning.simulator import elasticbeanstalk_resources as resources
from provisioning.simulator.ec2_autoscaling_groups import Member
from provisioning.simulator.elasticbeanstalk_state import (
    SEVERITIES,
    Environment,
    clock,
    environment_of,
    of,
)
from provisioning.simulator.operations import Call, Refusal, operation

_COUNTS = ("NoData", "Unknown", "Pending", "Ok", "Info", "Warning", "Degraded", "Severe")


def _require_enhanced(environment: Environment, what: str) -> None:
    if not environment.enhanced:
        raise Refusal("InvalidRequestException", f"{what} is not supported.")


def _members(call: Call, environment: Environment) -> list[Member]:
    group = resources.group_of(call, environment)
    return list(group.alive) if group else []


def _status(member: Member) -> str:
    if member.state == "Pending":
        return "Pending"
    return "Severe" if member.broken else "Ok"


@operation("elasticbeanstalk", "DescribeEnvironmentHealth")
def describe_environment_health(call: Call) -> object:
    """What was asked for, of an environment with enhanced health."""
    environment = environment_of(call)
    _require_enhanced(environment, "DescribeEnvironmentHealth")
    statuses = [_status(member) for member in _members(call, environment)]
    everything: dict[str, Any] = {
        "HealthStatus": environment.health_status,
        "Status": environment.status,
        "Color": environment.health,
        "Causes": environment.causes,
        "ApplicationMetrics": {"RequestCount": 0},
        "InstancesHealth": {name: statuses.count(name) for name in _COUNTS},
        "RefreshedAt": clock(call),
    }
    asked = set(call.items("AttributeNames"))
    told = {name: value for name, value in everything.items() if name in asked or "All" in asked}
    return {"EnvironmentName": environment.name, **told}


@operation("elasticbeanstalk", "DescribeInstancesHealth")
def describe_instances_health(call: Call) -> object:
    """One by one, with the version that each runs."""
    environment = environment_of(call)
    _require_enhanced(environment, "DescribeInstancesHealth")
    found = []
    for member in _members(call, environment):
        status = _status(member)
        label = environment.strays.get(member.id, environment.version)
        found.append(
            {
                "InstanceId": member.id,
                "HealthStatus": status,
                "Color": {"Ok": "Green", "Severe": "Red"}.get(status, "Grey"),
                "Causes": ["ELB health is failing or not available."] if member.broken else [],
                "AvailabilityZone": member.zone,
                "InstanceType": member.type,
                "Deployment": {
                    "VersionLabel": label,
                    "DeploymentId": environment.deployment,
                    "Status": "Deployed",
                },
            }
        )
    return {"InstanceHealthList": found, "RefreshedAt": clock(call)}


@operation("elasticbeanstalk", "DescribeEnvironmentResources")
def describe_environment_resources(call: Call) -> object:
    """By the ids that other services know them by."""
    environment = environment_of(call)
    parts = environment.resources
    named = {
        "AutoScalingGroups": [{"Name": parts.group}] if parts.group else [],
        "Instances": [{"Id": member.id} for member in _members(call, environment)],
        "LaunchConfigurations": [],
        "LaunchTemplates": [{"Id": parts.template}] if parts.template else [],
        "LoadBalancers": [{"Name": parts.balancer}] if parts.balancer else [],
        "Triggers": [],
        "Queues": [],
    }
    return {"EnvironmentResources": {"EnvironmentName": environment.name, **named}}


def _moment(value: object) -> datetime | None:
    if value is None:
        return None
    found = (
        value if isinstance(value, datetime) else datetime.fromisoformat(str(value).replace("Z", "+00:00"))
    )
    return found if found.tzinfo else found.replace(tzinfo=UTC)


@operation("elasticbeanstalk", "DescribeEvents")
def describe_events(call: Call) -> object:
    """The newest first, from a severity upwards, a page at a time."""
    start, end = _moment(call.params.get("StartTime")), _moment(call.params.get("EndTime"))
    least = SEVERITIES.index(call.text("Severity") or "TRACE")
    wanted = {
        name: call.text(name)
        for name in ("ApplicationName", "EnvironmentName", "VersionLabel", "EnvironmentId")
        if call.text(name)
    }
    found = [
        {name: value for name, value in one.items() if name != "EnvironmentId"}
        for one in of(call).events
        if all(one.get(name) == value for name, value in wanted.items())
        and SEVERITIES.index(one["Severity"]) >= least
        and (start is None or one["EventDate"] >= start)
        and (end is None or one["EventDate"] < end)
    ]
    first, size = int(call.text("NextToken") or 0), int(call.params.get("MaxRecords") or 1000)
    page: dict[str, Any] = {"Events": found[first : first + size]}
    return page | ({"NextToken": str(first + size)} if first + size < len(found) else {})


def _tags_of(call: Call, arn: str) -> dict[str, str]:
    known = of(call)
    tags = {
        **{one.arn: one.tags for one in known.applications.values()},
        **{one.arn: one.tags for one in known.versions.values()},
        **{one.arn: one.tags for one in known.environments.values() if one.there},
    }
    if arn in tags:
        return tags[arn]
    raise Refusal("ResourceNotFoundException", f"Resource not found for ARN '{arn}'.")


@operation("elasticbeanstalk", "ListTagsForResource")
def list_tags_for_resource(call: Call) -> object:
    """Those of an application, a version or an environment."""
    arn = call.text("ResourceArn")
    tags = _tags_of(call, arn)
    return {"ResourceArn": arn, "ResourceTags": [{"Key": key, "Value": value} for key, value in tags.items()]}


@operation("elasticbeanstalk", "UpdateTagsForResource")
def update_tags_for_resource(call: Call) -> object:
    """What an environment consists of keeps the tags that it was made with."""
    tags = _tags_of(call, call.text("ResourceArn"))
    for tag in call.items("TagsToAdd"):
        tags[tag["Key"]] = tag.get("Value", "")
    for key in call.items("TagsToRemove"):
        tags.pop(key, None)
    return {}
