"""A target group: the addresses that a load balancer sends requests to, and how it asks whether they are well."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import Field, model_validator

from provisioning.aws import Aws, found
from provisioning.kind import Handle, Kind, Observed, Props, register
from provisioning.lookup import tags_of
from provisioning.names import Naming
from provisioning.references import JsonObject
from provisioning.template_parts import REF, Form, Part, Place, Told

if TYPE_CHECKING:
    from mypy_boto3_elbv2.type_defs import CreateTargetGroupInputTypeDef

_DELAY = "deregistration_delay.timeout_seconds"
_NEW_DELAY = 300  # what AWS gives a new target group
_HEALTH = ("health_path", "health_codes", "health_interval", "healthy_threshold", "unhealthy_threshold")


class TargetGroupProps(Props):
    """HTTP to IP addresses, as Fargate needs, or to instances, as an Auto Scaling group does. `health_interval` and
    `deregistration_delay` in seconds, thresholds in answers in a row; `health_codes` such as "200" or "200-399"."""

    vpc_id: str
    port: int = Field(ge=1, le=65535)
    target_type: Literal["ip", "instance"] = "ip"
    health_path: str = Field(default="/", max_length=1024, pattern="^/")
    health_codes: str = Field(default="200", pattern=r"^[2-4]\d\d([,-][2-4]\d\d)*$")
    health_interval: int = Field(default=15, ge=5, le=300)
    healthy_threshold: int = Field(default=2, ge=2, le=10)
    unhealthy_threshold: int = Field(default=3, ge=2, le=10)
    deregistration_delay: int = Field(default=30, ge=0, le=3600)

    @property
    def health_timeout(self) -> int:
        """Seconds that an answer may take: AWS wants less than the interval."""
        return min(5, self.health_interval - 1)

    @model_validator(mode="after")
    def _leaves_room_for_an_answer(self) -> Self:
        if self.health_timeout < 2:
            raise ValueError("health_interval: an answer may take 2 seconds at least")
        return self


@register
class TargetGroup(Kind[TargetGroupProps]):
    """https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html

    The deregistration delay is a second call. All target groups come from one list.
    Attributes: id (the ARN), arn, name, full_name ("targetgroup/<name>/<id>", as in metric dimensions).
    """

    name = "elbv2.target_group"
    title = "Target group"
    naming = Naming(limit=32)
    replace_on = frozenset({"vpc_id", "port", "target_type"})
    permissions = (
        "elasticloadbalancing:CreateTargetGroup",
        "elasticloadbalancing:AddTags",
        "elasticloadbalancing:DescribeTargetGroups",
        "elasticloadbalancing:DescribeTargetGroupAttributes",
        "elasticloadbalancing:DescribeTags",
        "elasticloadbalancing:ModifyTargetGroup",
        "elasticloadbalancing:ModifyTargetGroupAttributes",
        "elasticloadbalancing:DeleteTargetGroup",
    )
    props = TargetGroupProps

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        group = _find(aws, handle)
        if group is None:
            return None
        arn = group["TargetGroupArn"]
        return Observed(
            id=arn, props=_told(aws, group), attributes=_attributes(group), tags=_tags(aws, handle, arn)
        )

    def create(self, aws: Aws, handle: Handle, props: TargetGroupProps) -> Observed:
        answer = aws.elbv2.create_target_group(**_request(handle, props))
        group: Any = answer["TargetGroups"][0]
        if props.deregistration_delay != _NEW_DELAY:
            _set_delay(aws, group["TargetGroupArn"], props.deregistration_delay)
        return Observed(id=group["TargetGroupArn"], attributes=_attributes(group))

    def update(self, aws: Aws, handle: Handle, props: TargetGroupProps, observed: Observed) -> Observed:
        changed = self.differences(props.dump(), observed)
        if changed.keys() & set(_HEALTH):
            aws.elbv2.modify_target_group(
                TargetGroupArn=observed.id,
                HealthCheckPath=props.health_path,
                HealthCheckIntervalSeconds=props.health_interval,
                HealthCheckTimeoutSeconds=props.health_timeout,
                HealthyThresholdCount=props.healthy_threshold,
                UnhealthyThresholdCount=props.unhealthy_threshold,
                Matcher={"HttpCode": props.health_codes},
            )
        if "deregistration_delay" in changed:
            _set_delay(aws, observed.id, props.deregistration_delay)
        return observed

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        arn = handle.id or (group["TargetGroupArn"] if (group := _find(aws, handle)) else "")
        if arn:
            found(aws.elbv2.delete_target_group, TargetGroupArn=arn)
        return True

    def cloudformation(self, place: Place, props: TargetGroupProps) -> Form:
        delay = {"Key": _DELAY, "Value": str(props.deregistration_delay)}
        properties = {**_request(place, props), "TargetGroupAttributes": [delay]}
        return Form(
            parts=(Part(type="AWS::ElasticLoadBalancingV2::TargetGroup", properties=properties),),
            attributes={
                "id": REF,
                "arn": REF,
                "name": Told("TargetGroupName"),
                "full_name": Told("TargetGroupFullName"),
            },
        )


def _find(aws: Aws, handle: Handle) -> dict[str, Any] | None:
    groups = aws.listed(aws.elbv2.describe_target_groups, "TargetGroups")
    return next((one for one in groups if _is_meant(one, handle)), None)


def _is_meant(group: dict[str, Any], handle: Handle) -> bool:
    if handle.id is not None:
        return bool(group["TargetGroupArn"] == handle.id)
    return bool(group["TargetGroupName"] == handle.name)


def _told(aws: Aws, group: dict[str, Any]) -> JsonObject:
    answer = aws.elbv2.describe_target_group_attributes(TargetGroupArn=group["TargetGroupArn"])
    attributes = {one["Key"]: one["Value"] for one in answer["Attributes"]}
    return {
        "vpc_id": group["VpcId"],
        "port": group["Port"],
        "target_type": group["TargetType"],
        "health_path": group["HealthCheckPath"],
        "health_codes": group["Matcher"]["HttpCode"],
        "health_interval": group["HealthCheckIntervalSeconds"],
        "healthy_threshold": group["HealthyThresholdCount"],
        "unhealthy_threshold": group["UnhealthyThresholdCount"],
        "deregistration_delay": int(attributes[_DELAY]),
    }


def _tags(aws: Aws, handle: Handle, arn: str) -> dict[str, str]:
    """One more call, made only while no id on record says that the group is ours."""
    if handle.id is not None:
        return dict(handle.tags)
    answer = aws.elbv2.describe_tags(ResourceArns=[arn])
    return tags_of(answer["TagDescriptions"][0])


def _attributes(group: dict[str, Any]) -> dict[str, str]:
    arn = group["TargetGroupArn"]
    return {
        "id": arn,
        "arn": arn,
        "name": group["TargetGroupName"],
        "full_name": arn.rpartition(":")[2],
    }


def _set_delay(aws: Aws, arn: str, seconds: int) -> None:
    aws.elbv2.modify_target_group_attributes(
        TargetGroupArn=arn, Attributes=[{"Key": _DELAY, "Value": str(seconds)}]
    )


def _request(handle: Handle, props: TargetGroupProps) -> CreateTargetGroupInputTypeDef:
    return {
        "Name": handle.name,
        "Protocol": "HTTP",
        "ProtocolVersion": "HTTP1",
        "Port": props.port,
        "VpcId": props.vpc_id,
        "TargetType": props.target_type,
        "HealthCheckEnabled": True,
        "HealthCheckProtocol": "HTTP",
        "HealthCheckPort": "traffic-port",
        "HealthCheckPath": props.health_path,
        "HealthCheckIntervalSeconds": props.health_interval,
        "HealthCheckTimeoutSeconds": props.health_timeout,
        "HealthyThresholdCount": props.healthy_threshold,
        "UnhealthyThresholdCount": props.unhealthy_threshold,
        "Matcher": {"HttpCode": props.health_codes},
        "Tags": handle.tag_list,
    }
