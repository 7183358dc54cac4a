"""EC2 Auto Scaling: groups as the simulator keeps them (`ec2_autoscaling_groups`), checked as AWS checks them."""

import uuid
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from moto.ec2.models import ec2_backends

from provisioning.simulator import (
    ec2_autoscaling_groups,
    ec2_autoscaling_members,
    ec2_autoscaling_policies,
    ec2_autoscaling_refresh,
)
from provisioning.simulator.ec2_autoscaling_groups import Group, Groups
from provisioning.simulator.ec2_autoscaling_members import told_member
from provisioning.simulator.ec2_autoscaling_rules import (
    check_sizes,
    check_targets,
    group_of,
    invalid,
    number,
    paged,
    subnets_of,
    template_of,
)
from provisioning.simulator.operations import Call, Refusal, operation

__all__ = ["ec2_autoscaling_members"]

_ALL_PROCESSES = frozenset(
    "Launch Terminate AddToLoadBalancer AlarmNotification AZRebalance HealthCheck InstanceRefresh ReplaceUnhealthy "
    "ScheduledActions".split()
)


@operation("autoscaling", "CreateAutoScalingGroup")
def create_auto_scaling_group(call: Call) -> object:
    """Instances are started in their own time; the name must be free, also of a group that goes."""
    name, groups = call.text("AutoScalingGroupName"), call.notes(Groups).by_name
    if name in groups:
        raise Refusal(
            "AlreadyExists",
            f"AutoScalingGroup by this name already exists - A group with the name {name} already exists",
        )
    if not call.params.get("LaunchTemplate"):
        raise NotImplementedError("autoscaling groups without a launch template")
    low, high = number(call, "MinSize", 0), number(call, "MaxSize", 0)
    desired = number(call, "DesiredCapacity", low)
    check_sizes(low, desired, high)
    subnets = subnets_of(call)
    if not subnets:
        raise invalid("At least one Availability Zone or VPC Subnet is required.")
    check_targets(call, call.items("TargetGroupARNs"))
    template = template_of(call, call.params["LaunchTemplate"])
    group = Group(
        name=name,
        arn=f"arn:aws:autoscaling:{call.region}:{call.account}:autoScalingGroup:{uuid.uuid4()}"
        f":autoScalingGroupName/{name}",
        created=ec2_autoscaling_groups.clock(call),
        template=template,
        minimum=low,
        maximum=high,
        desired=desired,
        subnets=subnets,
        targets=call.items("TargetGroupARNs"),
        tags=[_tag(name, tag) for tag in call.items("Tags")],
    )
    _settings(call, group)
    ec2_autoscaling_groups.try_out(call, group)
    groups[name] = group
    ec2_autoscaling_groups.settle(call, group)
    return {}


def _tag(name: str, tag: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "ResourceId": name,
        "ResourceType": "auto-scaling-group",
        "Key": tag["Key"],
        "Value": tag.get("Value", ""),
        "PropagateAtLaunch": bool(tag.get("PropagateAtLaunch")),
    }


def _settings(call: Call, group: Group) -> None:
    group.health_check = call.text("HealthCheckType") or group.health_check
    group.grace = number(call, "HealthCheckGracePeriod", group.grace)
    group.cooldown = number(call, "DefaultCooldown", group.cooldown)
    warmup = number(call, "DefaultInstanceWarmup", -1 if group.warmup is None else group.warmup)
    group.warmup = None if warmup < 0 else warmup
    group.termination = tuple(call.items("TerminationPolicies")) or group.termination


@operation("autoscaling", "UpdateAutoScalingGroup")
def update_auto_scaling_group(call: Call) -> object:
    """Bounds pull the desired capacity along; instances that run keep what they were started with."""
    group = group_of(call)
    _refuse_if_deleting(group)
    low, high = number(call, "MinSize", group.minimum), number(call, "MaxSize", group.maximum)
    moved = min(max(group.desired, low), high)
    desired = number(call, "DesiredCapacity", moved)
    check_sizes(low, desired, high)
    subnets = subnets_of(call)
    template = call.params.get("LaunchTemplate")
    if template:
        ec2_autoscaling_groups.try_out(call, replace(group, template=template_of(call, template)))
        group.template = template_of(call, template)
    group.minimum, group.maximum, group.desired = low, high, desired
    group.subnets = subnets or group.subnets
    _settings(call, group)
    ec2_autoscaling_groups.settle(call, group)
    return {}


def _refuse_if_deleting(group: Group) -> None:
    if group.deleting:
        raise Refusal(
            "ScalingActivityInProgress",
            f"You cannot update an AutoScalingGroup that is pending delete: {group.name}",
        )


@operation("autoscaling", "SetDesiredCapacity")
def set_desired_capacity(call: Call) -> object:
    """Within the bounds only."""
    group = group_of(call)
    _refuse_if_deleting(group)
    desired = number(call, "DesiredCapacity", group.desired)
    if not group.minimum <= desired <= group.maximum:
        word, bound = ("above", group.maximum) if desired > group.maximum else ("below", group.minimum)
        raise invalid(
            f"New SetDesiredCapacity value {desired} is {word} bound {bound} for the AutoScalingGroup."
        )
    group.desired = desired
    ec2_autoscaling_groups.settle(call, group)
    return {}


@operation("autoscaling", "DeleteAutoScalingGroup")
def delete_auto_scaling_group(call: Call) -> object:
    """Refused while it has instances, unless by force: then it goes when they are gone."""
    group = group_of(call)
    force = bool(call.params.get("ForceDelete"))
    if group.members and not force:
        raise Refusal(
            "ResourceInUse",
            "You cannot delete an AutoScalingGroup while there are instances or pending Spot "
            "instance request(s) still in the group.",
        )
    ec2_autoscaling_refresh.abandon(call, group)
    group.deleting, group.minimum, group.desired = True, 0, 0
    ec2_autoscaling_policies.forget(call, group.name)
    ec2_autoscaling_groups.settle(call, group)
    return {}


def _told(call: Call, group: Group) -> dict[str, Any]:
    zones = {
        key: subnet.availability_zone
        for zone in ec2_backends[call.account][call.region].subnets.values()
        for key, subnet in zone.items()
    }
    told: dict[str, Any] = {
        "AutoScalingGroupName": group.name,
        "AutoScalingGroupARN": group.arn,
        "LaunchTemplate": group.template.told(),
        "MinSize": group.minimum,
        "MaxSize": group.maximum,
        "DesiredCapacity": group.desired,
        "DefaultCooldown": group.cooldown,
        "AvailabilityZones": sorted({zones[one] for one in group.subnets if one in zones}),
        "LoadBalancerNames": [],
        "TargetGroupARNs": group.targets,
        "HealthCheckType": group.health_check,
        "HealthCheckGracePeriod": group.grace,
        "Instances": [told_member(member) for member in group.members.values()],
        "CreatedTime": group.created,
        "SuspendedProcesses": [
            {"ProcessName": name, "SuspensionReason": "User suspended"} for name in sorted(group.suspended)
        ],
        "VPCZoneIdentifier": ",".join(group.subnets),
        "EnabledMetrics": [],
        "Tags": group.tags,
        "TerminationPolicies": list(group.termination),
        "NewInstancesProtectedFromScaleIn": False,
        "ServiceLinkedRoleARN": f"arn:aws:iam::{call.account}:role/aws-service-role/autoscaling.amazonaws.com/"
        "AWSServiceRoleForAutoScaling",
        "TrafficSources": [{"Identifier": arn, "Type": "elbv2"} for arn in group.targets],
    }
    if group.warmup is not None:
        told["DefaultInstanceWarmup"] = group.warmup
    return told | ({"Status": "Delete in progress"} if group.deleting else {})


def _fits(group: Group, filters: list[Any]) -> bool:
    tags = {tag["Key"]: tag["Value"] for tag in group.tags}
    for item in filters:
        name, values = item["Name"], set(item["Values"])
        here = {
            "tag-key": set(tags),
            "tag-value": set(tags.values()),
        }.get(name, {tags[name[4:]]} if name.startswith("tag:") and name[4:] in tags else set())
        if not here & values:
            return False
    return True


@operation("autoscaling", "DescribeAutoScalingGroups")
def describe_auto_scaling_groups(call: Call) -> object:
    """By name or by tag, a page at a time."""
    names = call.items("AutoScalingGroupNames")
    found = [
        _told(call, group)
        for group in call.notes(Groups).by_name.values()
        if (not names or group.name in names) and _fits(group, call.items("Filters"))
    ]
    return paged(call, "AutoScalingGroups", found)


@operation("autoscaling", "DescribeScalingActivities")
def describe_scaling_activities(call: Call) -> object:
    """What groups did and could not do, the newest first."""
    name = call.text("AutoScalingGroupName")
    groups = [group_of(call, name)] if name else list(call.notes(Groups).by_name.values())
    found = [activity for group in groups for activity in group.activities]
    found.sort(key=lambda one: one["StartTime"], reverse=True)
    return paged(call, "Activities", found, 100)


@operation("autoscaling", "CreateOrUpdateTags")
def create_or_update_tags(call: Call) -> object:
    """Instances that run keep the tags they were started with."""
    for tag in call.items("Tags"):
        group = group_of(call, str(tag.get("ResourceId") or ""))
        group.tags = [one for one in group.tags if one["Key"] != tag["Key"]] + [_tag(group.name, tag)]
    return {}


@operation("autoscaling", "DeleteTags")
def delete_tags(call: Call) -> object:
    """Those that are there."""
    for tag in call.items("Tags"):
        group = group_of(call, str(tag.get("ResourceId") or ""))
        group.tags = [one for one in group.tags if one["Key"] != tag["Key"]]
    return {}


@operation("autoscaling", "SuspendProcesses", "ResumeProcesses")
def suspend_or_resume(call: Call) -> object:
    """Named processes, or all of them."""
    group, named = group_of(call), set(call.items("ScalingProcesses")) or set(_ALL_PROCESSES)
    group.suspended = (
        group.suspended | named if call.operation == "SuspendProcesses" else group.suspended - named
    )
    ec2_autoscaling_groups.settle(call, group)
    return {}


@operation(
    "autoscaling",
    "AttachInstances",
    "DetachInstances",
    "EnterStandby",
    "ExitStandby",
    "SetInstanceProtection",
    "DescribeTags",
    "EnableMetricsCollection",
    "DisableMetricsCollection",
    "PutWarmPool",
    "RollbackInstanceRefresh",
    "CreateLaunchConfiguration",
    "PutScheduledUpdateGroupAction",
    "PutLifecycleHook",
)
def not_here(call: Call) -> object:
    """moto would do these to groups of its own, which nobody sees."""
    raise NotImplementedError(f"autoscaling {call.operation}")
