"""Application Auto Scaling of ECS services: bounds are checked and kept, and go with their policies."""

from typing import Any

from moto.applicationautoscaling.models import applicationautoscaling_backends

from provisioning.simulator import ecs, ecs_deployments
from provisioning.simulator.operations import Call, Refusal, operation


def _backend_of(call: Call) -> Any:
    return applicationautoscaling_backends[call.account][call.region]


def _service(call: Call) -> Any:
    _, _, rest = call.text("ResourceId").partition("/")
    cluster, _, name = rest.partition("/")
    return ecs_deployments.service_of(call, cluster, name)


@operation("application-autoscaling", "RegisterScalableTarget")
def register_scalable_target(call: Call) -> object:
    """Needs a service that is there; a count outside the bounds is scaled into them."""
    low, high = call.params.get("MinCapacity"), call.params.get("MaxCapacity")
    if low is not None and high is not None and low > high:
        raise Refusal("ValidationException", "Maximum capacity cannot be less than minimum capacity")
    service = _service(call) if call.text("ServiceNamespace") == "ecs" else None
    if call.text("ServiceNamespace") == "ecs" and (service is None or service.status != "ACTIVE"):
        raise Refusal("ValidationException", f"ECS service doesn't exist: {call.text('ResourceId')}")
    answer = call.forward()
    target: Any = _backend_of(call).targets[call.text("ScalableDimension")][call.text("ResourceId")]
    target.tags = {**getattr(target, "tags", {}), **(call.params.get("Tags") or {})}
    if service is not None:
        _into_bounds(call, service, low, high)
    return answer


@operation("application-autoscaling", "ListTagsForResource")
def list_tags_for_resource(call: Call) -> object:
    """The tags that a scalable target was registered with."""
    arn = call.text("ResourceARN")
    for targets in _backend_of(call).targets.values():
        for target in targets.values():
            if target.arn == arn:
                return {"Tags": getattr(target, "tags", {})}
    raise Refusal("ResourceNotFoundException", f"The resource {arn} was not found.")


@operation("application-autoscaling", "PutScalingPolicy")
def put_scaling_policy(call: Call) -> object:
    """A policy that is there is changed: it keeps its ARN and its alarms."""
    asked = ("ResourceId", "ScalableDimension", "PolicyName", "PolicyType")
    wanted = tuple(call.text(name) for name in asked)
    for policy in _backend_of(call).policies.values():
        there = (policy.resource_id, policy.scalable_dimension, policy.policy_name, policy.policy_type)
        if there == wanted and there[-1] == "TargetTrackingScaling":
            body = call.params["TargetTrackingScalingPolicyConfiguration"]
            policy.target_tracking_scaling_policy_configuration = policy._policy_body = body
            alarms = [{"AlarmName": one.name, "AlarmARN": one.alarm_arn} for one in policy.alarms]
            return {"PolicyARN": policy.policy_arn, "Alarms": alarms}
    return call.forward()


def _into_bounds(call: Call, service: Any, low: int | None, high: int | None) -> None:
    wanted = max(service.desired_count, low or 0)
    wanted = wanted if high is None else min(wanted, high)
    if wanted != service.desired_count:
        service.desired_count = wanted
        ecs.scale(call, service)


@operation("application-autoscaling", "DeregisterScalableTarget")
def deregister_scalable_target(call: Call) -> object:
    """Its policies go, and their alarms."""
    backend = _backend_of(call)
    namespace, resource = call.text("ServiceNamespace"), call.text("ResourceId")
    dimension = call.text("ScalableDimension")
    if resource not in backend.targets.get(dimension, {}):
        raise Refusal(
            "ObjectNotFoundException",
            f"No scalable target found for service namespace: {namespace}, resource ID: {resource}, scalable "
            f"dimension: {dimension}",
        )
    for policy in [item for item in backend.policies.values() if item.resource_id == resource]:
        backend.delete_scaling_policy(policy.policy_name, namespace, resource, policy.scalable_dimension)
    return call.forward()


@operation("application-autoscaling", "DeleteScalingPolicy")
def delete_scaling_policy(call: Call) -> object:
    """One that is not there is an ObjectNotFoundException."""
    backend = _backend_of(call)
    wanted = (call.text("ResourceId"), call.text("PolicyName"))
    if wanted not in [(item.resource_id, item.policy_name) for item in backend.policies.values()]:
        raise Refusal(
            "ObjectNotFoundException",
            f"No scaling policy found for service namespace: {call.text('ServiceNamespace')}, resource ID: "
            f"{call.text('ResourceId')}, scalable dimension: {call.text('ScalableDimension')}, policy name: "
            f"{call.text('PolicyName')}",
        )
    return call.forward()


@operation("application-autoscaling", "DescribeScalingActivities")
def describe_scaling_activities(call: Call) -> object:
    """None: load does not move here, so nothing scales by itself."""
    return {"ScalingActivities": []}
