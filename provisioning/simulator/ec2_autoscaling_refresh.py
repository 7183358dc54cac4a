"""Instance refreshes: a group's instances are replaced one batch after the other, by those of another template."""

import math
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from provisioning.simulator import ec2_autoscaling_groups, ec2_launch_templates
from provisioning.simulator.ec2_autoscaling_groups import Group, Member, Template, clock
from provisioning.simulator.ec2_autoscaling_rules import group_of, paged, template_of
from provisioning.simulator.operations import Call, Refusal, operation
from provisioning.simulator.world import Moment, event

_RUNNING = frozenset({"Pending", "InProgress"})


@dataclass(kw_only=True)
class Refresh:
    """One instance refresh of a group."""

    id: str
    group: str
    started: datetime
    preferences: dict[str, Any]
    #: As asked for; None replaces the instances by others of the same template.
    template: Template | None
    old: set[str]
    status: str = "Pending"
    reason: str = ""
    percent: int = 0
    ended: datetime | None = None
    #: Those that it started.
    fresh: set[str] = field(default_factory=set)


@dataclass(kw_only=True)
class Refreshes:
    """The refreshes of an account and region, by group, the newest first."""

    of_group: dict[str, list[Refresh]] = field(default_factory=dict)


def _of(moment: Moment, name: str) -> list[Refresh]:
    return moment.notes(Refreshes).of_group.setdefault(name, [])


def _check_rollback(call: Call, group: Group, template: Template | None) -> None:
    if not (call.params.get("Preferences") or {}).get("AutoRollback"):
        return
    found = ec2_launch_templates.template_of(call, group.template.id)
    image = str(ec2_launch_templates.version_of(found, group.template.version).data.get("ImageId", ""))
    named = {group.template.version, template.version if template else ""} & {"", "$Latest", "$Default"}
    if template is None or named or image.startswith("resolve:ssm:"):
        raise Refusal(
            "ValidationError",
            "AutoRollback requires a desired configuration whose launch template has a version number and an AMI ID.",
        )
    raise NotImplementedError("autoscaling refreshes that roll back")


@operation("autoscaling", "StartInstanceRefresh")
def start_instance_refresh(call: Call) -> object:
    """One at a time."""
    group, preferences = group_of(call), dict(call.params.get("Preferences") or {})
    if any(one.status in _RUNNING for one in _of(call, group.name)):
        raise Refusal(
            "InstanceRefreshInProgress",
            "An Instance Refresh is already in progress and blocks the execution of this Instance Refresh.",
        )
    low, high = _bounds(preferences)
    if high - low > 100:
        raise Refusal(
            "ValidationError",
            "The difference between MaxHealthyPercentage and MinHealthyPercentage "
            "cannot be greater than 100.",
        )
    asked = (call.params.get("DesiredConfiguration") or {}).get("LaunchTemplate")
    template = template_of(call, asked) if asked else None
    _check_rollback(call, group, template)
    return {"InstanceRefreshId": begin(call, group, template, preferences).id}


def begin(moment: Moment, group: Group, template: Template | None, preferences: dict[str, Any]) -> Refresh:
    """Start to replace the instances of a group."""
    wanted = ec2_autoscaling_groups.resolved(moment, template or group.template)
    refresh = Refresh(
        id=str(uuid.uuid4()),
        group=group.name,
        started=clock(moment),
        preferences=preferences,
        template=template,
        old={
            member.id
            for member in group.alive
            if member.template != wanted or not preferences.get("SkipMatching")
        },
    )
    _of(moment, group.name).insert(0, refresh)
    moment.after("autoscaling.refresh", "autoscaling.refresh", group.name, refresh.id)
    return refresh


def status_of(moment: Moment, group: str) -> str:
    """How far the newest refresh of a group is; empty where there is none."""
    return next((one.status for one in _of(moment, group)), "")


def _bounds(preferences: dict[str, Any]) -> tuple[int, int]:
    low = preferences.get("MinHealthyPercentage")
    return 90 if low is None else int(low), int(preferences.get("MaxHealthyPercentage") or 100)


@event("autoscaling.refresh")
def advance(moment: Moment, name: str, identifier: str) -> None:
    """A refresh looks how far it is: replaces what it may, and ends when all is new, or one new one is not well."""
    group = ec2_autoscaling_groups.find(moment, name)
    refresh = next((one for one in _of(moment, name) if one.id == identifier), None)
    if group is None or refresh is None or refresh.status not in _RUNNING:
        return
    refresh.status, group.wanted = "InProgress", refresh.template or group.template
    fresh = [member for member in group.alive if member.id not in refresh.old]
    lost = refresh.fresh - {member.id for member in fresh}
    if lost:
        _end(moment, group, refresh, "Failed", f"Instance {sorted(lost)[0]} did not become healthy.")
        return
    well = [member for member in fresh if _is_ready(moment, group, refresh, member)]
    old = [member for member in group.alive if member.id in refresh.old]
    refresh.percent = min(100, len(well) * 100 // group.desired) if group.desired else 100
    if not old and len(well) >= group.desired:
        group.template = refresh.template or group.template
        _end(moment, group, refresh, "Successful", "")
        return
    _replace(moment, group, refresh, well, old)
    moment.after("autoscaling.refresh", "autoscaling.refresh", name, identifier)


def _is_ready(moment: Moment, group: Group, refresh: Refresh, member: Member) -> bool:
    warmup = refresh.preferences.get("InstanceWarmup")
    seconds = float((group.warmup or group.grace) if warmup is None else warmup)
    warm = moment.now - member.since >= moment.durations.scaled(seconds)
    return warm and ec2_autoscaling_groups.is_well(moment, group, member)


def _replace(moment: Moment, group: Group, refresh: Refresh, well: list[Member], old: list[Member]) -> None:
    low, high = _bounds(refresh.preferences)
    serving = [member for member in old if member.state == "InService"]
    spare = len(well) + len(serving) - math.ceil(group.desired * low / 100)
    for member in serving[: max(0, spare)]:
        cause = "an instance was taken out of service in response to an instance refresh."
        ec2_autoscaling_groups.stop(moment, group, member, cause)
    missing = group.desired - len([one for one in group.alive if one.id not in refresh.old])
    # One more than desired where both bounds are 100: else nothing could ever be replaced.
    room = max(math.ceil(group.desired * high / 100), group.desired + (low == high)) - len(group.alive)
    for _ in range(min(missing, room)):
        started = ec2_autoscaling_groups.start(moment, group)
        if started is None:
            _end(moment, group, refresh, "Failed", group.activities[0]["StatusMessage"])
            return
        refresh.fresh.add(started.id)


def _end(moment: Moment, group: Group, refresh: Refresh, status: str, reason: str) -> None:
    refresh.status, refresh.reason, refresh.ended = status, reason, clock(moment)
    group.wanted = None
    ec2_autoscaling_groups.settle(moment, group)


def abandon(moment: Moment, group: Group) -> None:
    """The group goes, and its refresh with it."""
    for refresh in _of(moment, group.name):
        if refresh.status in _RUNNING:
            _end(moment, group, refresh, "Cancelled", "The Auto Scaling group is being deleted.")


@operation("autoscaling", "CancelInstanceRefresh")
def cancel_instance_refresh(call: Call) -> object:
    """What was replaced stays replaced."""
    group = group_of(call)
    for refresh in _of(call, group.name):
        if refresh.status in _RUNNING:
            _end(call, group, refresh, "Cancelled", "Cancelled by user.")
            return {"InstanceRefreshId": refresh.id}
    raise Refusal(
        "ActiveInstanceRefreshNotFound",
        f"No in progress or pending Instance Refresh found for Auto Scaling group {group.name}",
    )


def _told(moment: Moment, refresh: Refresh) -> dict[str, Any]:
    group = ec2_autoscaling_groups.find(moment, refresh.group)
    left = len([one for one in group.alive if one.id in refresh.old]) if group else 0
    told: dict[str, Any] = {
        "InstanceRefreshId": refresh.id,
        "AutoScalingGroupName": refresh.group,
        "Status": refresh.status,
        "StartTime": refresh.started,
        "PercentageComplete": refresh.percent,
        "InstancesToUpdate": left,
        "Preferences": refresh.preferences,
        "Strategy": "Rolling",
    }
    if refresh.template is not None:
        told["DesiredConfiguration"] = {"LaunchTemplate": refresh.template.told()}
    told |= {"StatusReason": refresh.reason} if refresh.reason else {}
    return told | ({"EndTime": refresh.ended} if refresh.ended else {})


@operation("autoscaling", "DescribeInstanceRefreshes")
def describe_instance_refreshes(call: Call) -> object:
    """The newest first."""
    group, asked = group_of(call), call.items("InstanceRefreshIds")
    found = [_told(call, one) for one in _of(call, group.name) if not asked or one.id in asked]
    return paged(call, "InstanceRefreshes", found)
