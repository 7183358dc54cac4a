"""Target groups and the health of their targets: `initial`, `healthy` or `unhealthy`, `draining`, gone."""

import copy
from typing import Any

from moto.ec2.models import ec2_backends
from moto.elbv2.models import ELBv2Backend, elbv2_backends

from provisioning.simulator import elbv2_rules
from provisioning.simulator.operations import Call, Refusal, operation, result_of
from provisioning.simulator.world import Moment, event

# Reason codes and texts of DescribeTargetHealth (API reference, "TargetHealth").
_REASONS = {
    "initial": ("Elb.RegistrationInProgress", "Target registration is in progress"),
    "unhealthy": ("Target.FailedHealthChecks", "Health checks failed"),
    "draining": ("Target.DeregistrationInProgress", "Target deregistration is in progress"),
    "unused": (
        "Target.NotInUse",
        "Target group is not configured to receive traffic from the load balancer",
    ),
}


def _backend_of(moment: Moment) -> ELBv2Backend:
    return elbv2_backends[moment.account][moment.region]


def _states(group: Any) -> dict[str, str]:
    if not hasattr(group, "states"):
        group.states = {}
    states: dict[str, str] = group.states
    return states


def register(moment: Moment, arn: str, target: str, port: int) -> None:
    """Put a target in, `initial`; someone tells later how it does (`set_health`)."""
    group = _backend_of(moment).target_groups.get(arn)
    if group is not None:
        group.targets[target] = {"Id": target, "Port": port}
        _states(group)[target] = "initial"


def set_health(moment: Moment, arn: str, target: str, state: str) -> None:
    """Say how a registered target does."""
    group = _backend_of(moment).target_groups.get(arn)
    if group is not None and target in group.targets and _states(group).get(target) != "draining":
        _states(group)[target] = state


def deregister(moment: Moment, arn: str, target: str) -> None:
    """Let a target drain for as long as its group says, then forget it."""
    group = _backend_of(moment).target_groups.get(arn)
    if group is None or target not in group.targets:
        return
    _states(group)[target] = "draining"
    delay = float(str(group.attributes.get("deregistration_delay.timeout_seconds", 300)))
    moment.later(moment.durations.scaled(delay), "elbv2.drained", arn, target)


@event("elbv2.drained")
def drained(moment: Moment, arn: str, target: str) -> None:
    """A target is out of its group."""
    group = _backend_of(moment).target_groups.get(arn)
    if group is not None and _states(group).get(target) == "draining":
        group.targets.pop(target, None)
        del _states(group)[target]


@event("elbv2.healthy")
def healthy(moment: Moment, arn: str, target: str) -> None:
    """A target that was registered by hand passes its checks."""
    set_health(moment, arn, target, "healthy")


def _asked_for(call: Call) -> dict[str, Any]:
    return copy.deepcopy({name: value for name, value in call.params.items() if name != "Tags"})


@operation("elbv2", "CreateTargetGroup")
def create_target_group(call: Call) -> object:
    """The same settings give the same group; other settings under a taken name are refused."""
    name = call.text("Name")
    elbv2_rules.check_name(name, "target group")
    asked_for = _asked_for(call)
    for group in _backend_of(call).target_groups.values():
        if group.name != name:
            continue
        if getattr(group, "asked_for", None) == asked_for:
            return {"TargetGroups": [group]}
        raise Refusal(
            "DuplicateTargetGroupName",
            f"A target group with the same name '{name}' exists, but with different settings",
        )
    vpc = call.text("VpcId")
    if vpc and vpc not in ec2_backends[call.account][call.region].vpcs:
        raise elbv2_rules.invalid(f"The VPC ID '{vpc}' is not found")
    answer = call.forward()
    made: Any = result_of(answer)["TargetGroups"][0]
    made.asked_for = asked_for
    return answer


def _group_of(call: Call) -> Any:
    group = _backend_of(call).target_groups.get(call.text("TargetGroupArn"))
    if group is None:
        raise Refusal("TargetGroupNotFound", f"Target groups '[{call.text('TargetGroupArn')}]' not found")
    return group


@operation("elbv2", "RegisterTargets")
def register_targets(call: Call) -> object:
    """Targets are `initial` until their checks pass."""
    group = _group_of(call)
    answer = call.forward()
    for target in call.items("Targets"):
        _states(group)[target["Id"]] = "initial"
        call.after("elbv2.health", "elbv2.healthy", group.arn, target["Id"])
    return answer


@operation("elbv2", "DeregisterTargets")
def deregister_targets(call: Call) -> object:
    """Targets drain."""
    group = _group_of(call)
    for target in call.items("Targets"):
        deregister(call, group.arn, target["Id"])
    return {}


def _described(group: Any, target: dict[str, Any]) -> dict[str, Any]:
    state = _states(group).get(target["Id"], "healthy")
    if not group.load_balancer_arns and state != "draining":
        state = "unused"
    health = {"State": state}
    if state in _REASONS:
        health["Reason"], health["Description"] = _REASONS[state]
    return {
        "Target": {"Id": target["Id"], "Port": target["Port"]},
        "HealthCheckPort": str(target["Port"]),
        "TargetHealth": health,
    }


@operation("elbv2", "DescribeTargetHealth")
def describe_target_health(call: Call) -> object:
    """How the targets do; those asked for that are not in the group are `unused`."""
    group = _group_of(call)
    asked = [target["Id"] for target in call.items("Targets")]
    known = [
        _described(group, target) for name, target in group.targets.items() if not asked or name in asked
    ]
    unknown = [
        {
            "Target": {"Id": name, "Port": group.port},
            "TargetHealth": {
                "State": "unused",
                "Reason": "Target.NotRegistered",
                "Description": "Target is not registered to the target group",
            },
        }
        for name in asked
        if name not in group.targets
    ]
    return {"TargetHealthDescriptions": [*known, *unknown]}
