"""The instances of Auto Scaling groups, as callers see and touch them, and the target groups that they are in."""

from typing import Any

from provisioning.simulator import ec2_autoscaling_groups, elbv2_targets
from provisioning.simulator.ec2_autoscaling_groups import Groups, Member
from provisioning.simulator.ec2_autoscaling_rules import check_targets, group_of, invalid, paged
from provisioning.simulator.operations import Call, operation


def told_member(member: Member) -> dict[str, Any]:
    """An instance of a group as AWS shows it."""
    return {
        "InstanceId": member.id,
        "InstanceType": member.type,
        "AvailabilityZone": member.zone,
        "LifecycleState": member.state,
        "HealthStatus": member.health,
        "LaunchTemplate": member.template.told(),
        "ProtectedFromScaleIn": False,
    }


@operation("autoscaling", "DescribeAutoScalingInstances")
def describe_auto_scaling_instances(call: Call) -> object:
    """The instances of all groups."""
    asked = call.items("InstanceIds")
    found = [
        told_member(member) | {"AutoScalingGroupName": group.name}
        for group in call.notes(Groups).by_name.values()
        for member in group.members.values()
        if not asked or member.id in asked
    ]
    return paged(call, "AutoScalingInstances", found)


@operation("autoscaling", "TerminateInstanceInAutoScalingGroup")
def terminate_instance(call: Call) -> object:
    """The instance ends; another follows unless the desired capacity goes down with it."""
    identifier = call.text("InstanceId")
    for group in call.notes(Groups).by_name.values():
        member = group.members.get(identifier)
        if member is not None and member.alive:
            if call.params.get("ShouldDecrementDesiredCapacity"):
                if group.desired <= group.minimum:
                    raise invalid(
                        f"Currently, desiredSize equals minSize ({group.minimum}). Terminating instance "
                        "without replacement will violate group's min size constraint."
                    )
                group.desired -= 1
            ec2_autoscaling_groups.stop(
                call, group, member, "an instance was taken out of service in response to a user request."
            )
            ec2_autoscaling_groups.settle(call, group)
            return {"Activity": group.activities[0]}
    raise invalid(f"Instance Id not found - No managed instance found for instance ID {identifier}")


@operation("autoscaling", "SetInstanceHealth")
def set_instance_health(call: Call) -> object:
    """An instance that somebody calls unhealthy is replaced."""
    identifier = call.text("InstanceId")
    for group in call.notes(Groups).by_name.values():
        member = group.members.get(identifier)
        if member is not None:
            member.health = call.text("HealthStatus")
            if member.health == "Unhealthy" and member.alive:
                ec2_autoscaling_groups.stop(
                    call,
                    group,
                    member,
                    "an instance was taken out of service in response to a user health-check.",
                )
                ec2_autoscaling_groups.settle(call, group)
            return {}
    raise invalid(f"Instance {identifier} is not part of Auto Scaling group.")


@operation("autoscaling", "AttachLoadBalancerTargetGroups")
def attach_target_groups(call: Call) -> object:
    """The group's instances are registered."""
    group, arns = group_of(call), call.items("TargetGroupARNs")
    check_targets(call, arns)
    new = [arn for arn in arns if arn not in group.targets]
    group.targets = [*group.targets, *new]
    for member in group.alive:
        ec2_autoscaling_groups.register(call, group, member, new)
    return {}


@operation("autoscaling", "DetachLoadBalancerTargetGroups")
def detach_target_groups(call: Call) -> object:
    """The group's instances drain."""
    group, arns = group_of(call), call.items("TargetGroupARNs")
    group.targets = [arn for arn in group.targets if arn not in arns]
    for arn in arns:
        for member in group.members.values():
            elbv2_targets.deregister(call, arn, member.id)
    return {}


@operation("autoscaling", "DescribeLoadBalancerTargetGroups")
def describe_target_groups(call: Call) -> object:
    """All are `InService`: what their targets do says Elastic Load Balancing."""
    found = [{"LoadBalancerTargetGroupARN": arn, "State": "InService"} for arn in group_of(call).targets]
    return paged(call, "LoadBalancerTargetGroups", found)
