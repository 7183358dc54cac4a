"""Which load Application Auto Scaling keeps an ECS service at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from provisioning.aws import Aws, found
from provisioning.kind import Handle, Kind, Observed, Props, register
from provisioning.names import Naming
from provisioning.references import JsonObject
from provisioning.template_parts import Form, Part, Place, Told

if TYPE_CHECKING:
    from mypy_boto3_application_autoscaling.literals import ScalableDimensionType, ServiceNamespaceType
    from mypy_boto3_application_autoscaling.type_defs import (
        TargetTrackingScalingPolicyConfigurationUnionTypeDef,
    )

_NAMESPACE: ServiceNamespaceType = "ecs"
_DIMENSION: ScalableDimensionType = "ecs:service:DesiredCount"


class ScalingPolicyProps(Props):
    """`resource_id`: the id of a scalable target. `target_value` in per cent; cooldowns in seconds."""

    resource_id: str
    metric: Literal["ECSServiceAverageCPUUtilization", "ECSServiceAverageMemoryUtilization"] = (
        "ECSServiceAverageCPUUtilization"
    )
    target_value: float = Field(default=70, gt=0, le=100)
    scale_out_cooldown: int = Field(default=300, ge=0)
    scale_in_cooldown: int = Field(default=300, ge=0)


@register
class ScalingPolicy(Kind[ScalingPolicyProps]):
    """https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PutScalingPolicy.html (writes over what has
    the name; takes no tags). The two alarms that AWS makes for it are AWS's to change and delete. All policies come
    from one list. Attributes: id (the ARN), arn, name."""

    name = "autoscaling.scaling_policy"
    title = "Scaling policy"
    naming = Naming(limit=256)
    replace_on = frozenset({"resource_id"})
    goes_with = frozenset({"resource_id"})
    permissions = (
        "application-autoscaling:PutScalingPolicy",
        "application-autoscaling:DescribeScalingPolicies",
        "application-autoscaling:DeleteScalingPolicy",
        "cloudwatch:PutMetricAlarm",
        "cloudwatch:DescribeAlarms",
        "cloudwatch:DeleteAlarms",
    )
    props = ScalingPolicyProps

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        policy = _find(aws, handle)
        if policy is None:
            return None
        return _observed(handle, policy["PolicyARN"], _told(policy))

    def create(self, aws: Aws, handle: Handle, props: ScalingPolicyProps) -> Observed:
        answer = aws.autoscaling.put_scaling_policy(
            PolicyName=handle.name,
            ServiceNamespace=_NAMESPACE,
            ResourceId=props.resource_id,
            ScalableDimension=_DIMENSION,
            PolicyType="TargetTrackingScaling",
            TargetTrackingScalingPolicyConfiguration=_tracking(props),
        )
        return _observed(handle, answer["PolicyARN"], {})

    def update(self, aws: Aws, handle: Handle, props: ScalingPolicyProps, observed: Observed) -> Observed:
        return self.create(aws, handle, props)

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        policy = _find(aws, handle)
        if policy is not None:
            found(
                aws.autoscaling.delete_scaling_policy,
                PolicyName=handle.name,
                ServiceNamespace=_NAMESPACE,
                ResourceId=policy["ResourceId"],
                ScalableDimension=_DIMENSION,
            )
        return True

    def cloudformation(self, place: Place, props: ScalingPolicyProps) -> Form:
        properties = {
            "PolicyName": place.name,
            "ServiceNamespace": _NAMESPACE,
            "ResourceId": props.resource_id,
            "ScalableDimension": _DIMENSION,
            "PolicyType": "TargetTrackingScaling",
            "TargetTrackingScalingPolicyConfiguration": _tracking(props),
        }
        return Form(
            parts=(Part(type="AWS::ApplicationAutoScaling::ScalingPolicy", properties=properties),),
            attributes={"id": Told("Arn"), "arn": Told("Arn"), "name": place.name},
        )


def _find(aws: Aws, handle: Handle) -> dict[str, Any] | None:
    policies = aws.listed(
        aws.autoscaling.describe_scaling_policies, "ScalingPolicies", ServiceNamespace=_NAMESPACE
    )
    return next((one for one in policies if one["PolicyName"] == handle.name), None)


def _observed(handle: Handle, arn: str, props: JsonObject) -> Observed:
    return Observed(
        id=arn, props=props, attributes={"id": arn, "arn": arn, "name": handle.name}, tags=handle.tags
    )


def _told(policy: dict[str, Any]) -> JsonObject:
    tracking = policy["TargetTrackingScalingPolicyConfiguration"]
    return {
        "resource_id": policy["ResourceId"],
        "metric": tracking["PredefinedMetricSpecification"]["PredefinedMetricType"],
        "target_value": tracking["TargetValue"],
        "scale_out_cooldown": tracking["ScaleOutCooldown"],
        "scale_in_cooldown": tracking["ScaleInCooldown"],
    }


def _tracking(props: ScalingPolicyProps) -> TargetTrackingScalingPolicyConfigurationUnionTypeDef:
    return {
        "TargetValue": props.target_value,
        "PredefinedMetricSpecification": {"PredefinedMetricType": props.metric},
        "ScaleOutCooldown": props.scale_out_cooldown,
        "ScaleInCooldown": props.scale_in_cooldown,
    }
