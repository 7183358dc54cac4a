"""Scaling policies of Auto Scaling groups: kept with the alarms that AWS makes for them; nothing moves by itself."""

import uuid
from dataclasses import dataclass, field
from typing import Any

from moto.cloudwatch.models import cloudwatch_backends

from provisioning.simulator import ec2_autoscaling_groups
from provisioning.simulator.ec2_autoscaling_rules import paged
from provisioning.simulator.operations import Call, Refusal, operation
from provisioning.simulator.world import Moment

_METRICS = {
    "ASGAverageCPUUtilization": "CPUUtilization",
    "ASGAverageNetworkIn": "NetworkIn",
    "ASGAverageNetworkOut": "NetworkOut",
}


@dataclass(kw_only=True)
class Policies:
    """The policies of an account and region, by group and name, as AWS shows them."""

    known: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)


def _alarm(call: Call, policy: dict[str, Any], high: bool) -> dict[str, str]:
    group, tracking = policy["AutoScalingGroupName"], policy["TargetTrackingConfiguration"]
    metric = tracking["PredefinedMetricSpecification"]["PredefinedMetricType"]
    made = cloudwatch_backends[call.account][call.region].put_metric_alarm(
        name=f"TargetTracking-{group}-Alarm{'High' if high else 'Low'}-{uuid.uuid4()}",
        namespace="AWS/EC2",
        metric_name=_METRICS[metric],
        metric_data_queries=[],
        comparison_operator="GreaterThanThreshold" if high else "LessThanThreshold",
        evaluation_periods=3 if high else 15,
        period=60,
        threshold=tracking["TargetValue"] * (1 if high else 0.9),
        statistic="Average",
        description=f"DO NOT EDIT OR DELETE. For TargetTrackingScaling policy {policy['PolicyARN']}.",
        dimensions=[{"Name": "AutoScalingGroupName", "Value": group}],
        alarm_actions=[policy["PolicyARN"]],
    )
    return {"AlarmName": made.name, "AlarmARN": made.alarm_arn}


def _drop_alarms(moment: Moment, policy: dict[str, Any]) -> None:
    names = [one["AlarmName"] for one in policy.get("Alarms", [])]
    cloudwatch_backends[moment.account][moment.region].delete_alarms(names)


def _checked(call: Call) -> dict[str, Any]:
    if call.text("PolicyType") != "TargetTrackingScaling":
        raise NotImplementedError("scaling policies other than target tracking")
    tracking: dict[str, Any] = dict(call.params.get("TargetTrackingConfiguration") or {})
    metric = (tracking.get("PredefinedMetricSpecification") or {}).get("PredefinedMetricType")
    if metric not in _METRICS:
        raise NotImplementedError(f"target tracking of {metric or 'a customized metric'}")
    if call.params.get("Cooldown") is not None:
        raise Refusal("ValidationError", "Cooldown is not supported for policy type TargetTrackingScaling")
    return {"DisableScaleIn": False, **tracking, "TargetValue": float(tracking["TargetValue"])}


@operation("autoscaling", "PutScalingPolicy")
def put_scaling_policy(call: Call) -> object:
    """One that is there is changed: it keeps its ARN, and gets other alarms."""
    group, name = call.text("AutoScalingGroupName"), call.text("PolicyName")
    if ec2_autoscaling_groups.find(call, group) is None:
        raise Refusal("ValidationError", f"Group {group} not found")
    known = call.notes(Policies).known
    before = known.get((group, name))
    policy: dict[str, Any] = {
        "AutoScalingGroupName": group,
        "PolicyName": name,
        "PolicyARN": before["PolicyARN"]
        if before
        else f"arn:aws:autoscaling:{call.region}:{call.account}:scalingPolicy:{uuid.uuid4()}"
        f":autoScalingGroupName/{group}:policyName/{name}",
        "PolicyType": "TargetTrackingScaling",
        "TargetTrackingConfiguration": _checked(call),
        "StepAdjustments": [],
        "Enabled": call.params.get("Enabled") is not False,
    }
    warmup = call.params.get("EstimatedInstanceWarmup")
    if warmup is not None:
        policy["EstimatedInstanceWarmup"] = int(warmup)
    if before:
        _drop_alarms(call, before)
    policy["Alarms"] = [_alarm(call, policy, high) for high in (True, False)]
    known[group, name] = policy
    return {"PolicyARN": policy["PolicyARN"], "Alarms": policy["Alarms"]}


@operation("autoscaling", "DescribePolicies")
def describe_policies(call: Call) -> object:
    """By group, name and type, a page at a time."""
    group, names = call.text("AutoScalingGroupName"), call.items("PolicyNames")
    types = call.items("PolicyTypes")
    found = [
        policy
        for (of, name), policy in call.notes(Policies).known.items()
        if (not group or of == group)
        and (not names or name in names or policy["PolicyARN"] in names)
        and (not types or policy["PolicyType"] in types)
    ]
    return paged(call, "ScalingPolicies", found)


@operation("autoscaling", "DeletePolicy")
def delete_policy(call: Call) -> object:
    """Its alarms go with it."""
    group, name, known = (
        call.text("AutoScalingGroupName"),
        call.text("PolicyName"),
        call.notes(Policies).known,
    )
    for (of, called), policy in list(known.items()):
        if name in {called, policy["PolicyARN"]} and group in {"", of}:
            _drop_alarms(call, policy)
            del known[of, called]
            return {}
    raise Refusal("ValidationError", "Policy not found.")


def forget(moment: Moment, group: str) -> None:
    """The policies of a group go with it, and their alarms."""
    known = moment.notes(Policies).known
    for (of, name), policy in list(known.items()):
        if of == group:
            _drop_alarms(moment, policy)
            del known[of, name]
