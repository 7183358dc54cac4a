"""Which load an EC2 Auto Scaling group keeps its servers at."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import Field

from provisioning.errors import NotYet
from provisioning.kind import Handle, Kind, Observed, Props, register
from provisioning.names import Naming
from provisioning.template_parts import REF, Form, Part, Place, Told

if TYPE_CHECKING:
    from mypy_boto3_autoscaling.literals import MetricTypeType
    from mypy_boto3_autoscaling.type_defs import TargetTrackingConfigurationTypeDef

    from provisioning.aws import Aws
    from provisioning.references import JsonObject

_METRIC: MetricTypeType = "ASGAverageCPUUtilization"


class AutoScalingPolicyProps(Props):
    """`cpu`: the average of all servers in per cent that is aimed at."""

    group_name: str
    cpu: float = Field(default=70, gt=0, le=100)


@register
class AutoScalingPolicy(Kind[AutoScalingPolicyProps]):
    """https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_PutScalingPolicy.html

    Writes over what has the name; takes no tags. The two alarms that AWS makes for it are AWS's to change and delete.
    All policies come from one list. Attributes: id (the ARN), arn, name.
    """

    name = "autoscaling.policy"
    title = "Scaling policy of servers"
    naming = Naming(limit=255)
    replace_on = frozenset({"group_name"})
    goes_with = frozenset({"group_name"})
    permissions = (
        "autoscaling:PutScalingPolicy",
        "autoscaling:DescribePolicies",
        "autoscaling:DeletePolicy",
        "cloudwatch:PutMetricAlarm",
        "cloudwatch:DescribeAlarms",
        "cloudwatch:DeleteAlarms",
    )
    props = AutoScalingPolicyProps

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        policies = aws.listed(aws.ec2_autoscaling.describe_policies, "ScalingPolicies")
        policy = next((one for one in policies if _is_meant(one, handle)), None)
        return None if policy is None else _observed(handle, policy["PolicyARN"], _told(policy))

    def create(self, aws: Aws, handle: Handle, props: AutoScalingPolicyProps) -> Observed:
        answer = aws.ec2_autoscaling.put_scaling_policy(
            AutoScalingGroupName=props.group_name,
            PolicyName=handle.name,
            PolicyType="TargetTrackingScaling",
            TargetTrackingConfiguration=_tracking(props),
        )
        return _observed(handle, answer["PolicyARN"], {})

    def update(self, aws: Aws, handle: Handle, props: AutoScalingPolicyProps, observed: Observed) -> Observed:
        return self.create(aws, handle, props)

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        identifier = handle.id
        if identifier is None:
            now = self.read(aws, handle)
            if now is None:
                return True
            identifier = now.id
        try:
            aws.ec2_autoscaling.delete_policy(PolicyName=identifier)
        except NotYet as error:
            # "Policy not found": AWS has no code of its own for what is not there.
            if error.aws_code != "ValidationError":
                raise
        return True

    def cloudformation(self, place: Place, props: AutoScalingPolicyProps) -> Form:
        """CloudFormation names it."""
        properties = {
            "AutoScalingGroupName": props.group_name,
            "PolicyType": "TargetTrackingScaling",
            "TargetTrackingConfiguration": _tracking(props),
        }
        return Form(
            parts=(Part(type="AWS::AutoScaling::ScalingPolicy", properties=properties),),
            attributes={"id": REF, "arn": REF, "name": Told("PolicyName")},
        )


def _is_meant(policy: Any, handle: Handle) -> bool:
    if handle.id is not None:
        return bool(policy["PolicyARN"] == handle.id)
    return bool(policy["PolicyName"] == handle.name)


def _observed(handle: Handle, arn: str, props: JsonObject) -> Observed:
    return Observed(
        id=arn, props=props, attributes={"id": arn, "arn": arn, "name": handle.name}, tags=handle.tags
    )


def _told(policy: Any) -> JsonObject:
    """A policy that tracks something else tells no load that could be wanted."""
    tracking = policy.get("TargetTrackingConfiguration", {})
    metric = tracking.get("PredefinedMetricSpecification", {}).get("PredefinedMetricType")
    cpu = tracking.get("TargetValue", 0.0) if metric == _METRIC else 0.0
    return {"group_name": policy["AutoScalingGroupName"], "cpu": cpu}


def _tracking(props: AutoScalingPolicyProps) -> TargetTrackingConfigurationTypeDef:
    return {
        "PredefinedMetricSpecification": {"PredefinedMetricType": _METRIC},
        "TargetValue": props.cpu,
        "DisableScaleIn": False,
    }
