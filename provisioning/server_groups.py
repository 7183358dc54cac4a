"""What AWS says of an EC2 Auto Scaling group: how many of its servers serve, what became of its last change."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from provisioning.aws import found
from provisioning.errors import NotYet
from provisioning.kind import Status

if TYPE_CHECKING:
    from provisioning.aws import Aws

T = TypeVar("T")

_REPLACING = frozenset({"Pending", "InProgress", "Cancelling", "RollbackInProgress", "Baking"})
_TAKEN_BACK = frozenset({"Failed", "Cancelled", "RollbackFailed", "RollbackSuccessful"})
_HOPELESS = 3  # launches that failed one after the other, while nobody serves
_GOING = ("pending", "running", "stopping", "stopped", "shutting-down")


def known(call: Callable[..., T], **params: Any) -> T | None:
    """The answer, or None where there is no such group: AWS has no code of its own for that."""
    try:
        return call(**params)
    except NotYet as error:
        if error.aws_code != "ValidationError":
            raise
        return None


def servers_left(aws: Aws, name: str) -> bool:
    """Whether servers of the group are left, which may outlive it."""
    reservations = aws.listed(
        aws.ec2.describe_instances,
        "Reservations",
        Filters=[
            {"Name": "tag:aws:autoscaling:groupName", "Values": [name]},
            {"Name": "instance-state-name", "Values": list(_GOING)},
        ],
    )
    return bool(reservations)


def newest_refresh(aws: Aws, group: Mapping[str, Any]) -> Mapping[str, Any]:
    """The newest instance refresh; empty where there was none."""
    answer = known(
        aws.ec2_autoscaling.describe_instance_refreshes,
        AutoScalingGroupName=group["AutoScalingGroupName"],
        MaxRecords=1,
    )
    refreshes: list[Mapping[str, Any]] = list(answer["InstanceRefreshes"]) if answer else []
    return refreshes[0] if refreshes else {}


def undone(group: Mapping[str, Any], refresh: Mapping[str, Any]) -> str:
    """Why the newest change of the template came to nothing; empty when it did not."""
    asked = refresh.get("DesiredConfiguration", {}).get("LaunchTemplate", {}).get("Version")
    if refresh.get("Status") not in _TAKEN_BACK or asked == group.get("LaunchTemplate", {}).get("Version"):
        return ""
    return f"The instance refresh ended as {refresh['Status']}. {refresh.get('StatusReason', '')}".strip()


def status(aws: Aws, group: Mapping[str, Any], refresh: Mapping[str, Any]) -> tuple[Status, str]:
    """Where a group that is not being deleted is, and why."""
    if refresh.get("Status") in _REPLACING:
        return Status.PENDING, f"replacing servers, {refresh.get('PercentageComplete', 0)} % done"
    desired, members = group["DesiredCapacity"], group["Instances"]
    serving = [
        one for one in members if one["LifecycleState"] == "InService" and one["HealthStatus"] == "Healthy"
    ]
    counts = f"{len(serving)} of {desired} servers in service"
    if len(serving) == desired and not any(one["LifecycleState"].startswith("Pending") for one in members):
        return _checked(aws, group, serving)
    failures = _failures(aws, group)
    if not serving and len(failures) >= _HOPELESS:
        return Status.FAILED, failures[0]
    return Status.PENDING, ". ".join([counts, *failures[:1]])


def _checked(aws: Aws, group: Mapping[str, Any], serving: list[Any]) -> tuple[Status, str]:
    """Ready when the load balancer finds them well too; what is not asked for yet has nothing to pass."""
    names = {one["InstanceId"] for one in serving}
    for arn in group.get("TargetGroupARNs", []):
        answer = found(aws.elbv2.describe_target_health, TargetGroupArn=arn)
        states = {
            one["Target"]["Id"]: one["TargetHealth"]["State"]
            for one in (answer["TargetHealthDescriptions"] if answer else [])
        }
        well = [name for name in names if states.get(name) in {"healthy", "unused"}]
        if len(well) < len(names):
            return Status.PENDING, f"{len(well)} of {len(names)} servers pass the load balancer's checks"
    return Status.READY, ""


def _failures(aws: Aws, group: Mapping[str, Any]) -> list[str]:
    """AWS's words for the newest scaling activities, as long as they failed."""
    answer = known(
        aws.ec2_autoscaling.describe_scaling_activities,
        AutoScalingGroupName=group["AutoScalingGroupName"],
        MaxRecords=10,
    )
    failures: list[str] = []
    for activity in answer["Activities"] if answer else []:
        if activity["StatusCode"] != "Failed":
            break
        failures.append(activity.get("StatusMessage", "A server could not be started."))
    return failures
