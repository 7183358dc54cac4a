"""Between how many tasks Application Auto Scaling may move an ECS service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from pydantic import Field, model_validator

from provisioning.aws import Aws, found
from provisioning.kind import Handle, Kind, Observed, Props, register
from provisioning.template_parts import Form, Part, Place

if TYPE_CHECKING:
    from mypy_boto3_application_autoscaling.literals import ScalableDimensionType, ServiceNamespaceType

_NAMESPACE: ServiceNamespaceType = "ecs"
_DIMENSION: ScalableDimensionType = "ecs:service:DesiredCount"


class ScalableTargetProps(Props):
    """A minimum above the tasks that run scales out at once, a maximum below them scales in."""

    cluster_name: str
    service_name: str
    min_capacity: int = Field(ge=0, le=5000)
    max_capacity: int = Field(ge=0, le=5000)

    @property
    def resource_id(self) -> str:
        """As Application Auto Scaling names the service."""
        return f"service/{self.cluster_name}/{self.service_name}"

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.min_capacity > self.max_capacity:
            raise ValueError(
                f"min_capacity: {self.min_capacity} tasks are more than the maximum of {self.max_capacity}"
            )
        return self


@register
class ScalableTarget(Kind[ScalableTargetProps]):
    """https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html

    Registering again changes what is there. Taking it away takes its policies and their alarms along. All of them come
    from one list. Attributes: id ("service/<cluster>/<service>", what a policy refers to).
    """

    name = "autoscaling.scalable_target"
    title = "Scalable target"
    replace_on = frozenset({"cluster_name", "service_name"})
    permissions = (
        "application-autoscaling:RegisterScalableTarget",
        "application-autoscaling:TagResource",
        "application-autoscaling:DescribeScalableTargets",
        "application-autoscaling:ListTagsForResource",
        "application-autoscaling:DeregisterScalableTarget",
        "ecs:DescribeServices",
        "ecs:UpdateService",
    )
    linked_roles = ("ecs.application-autoscaling.amazonaws.com",)
    props = ScalableTargetProps

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        target = _find(aws, handle)
        if target is None:
            return None
        resource_id = target["ResourceId"]
        _, cluster_name, service_name = resource_id.split("/")
        return Observed(
            id=resource_id,
            props={
                "cluster_name": cluster_name,
                "service_name": service_name,
                "min_capacity": target["MinCapacity"],
                "max_capacity": target["MaxCapacity"],
            },
            attributes={"id": resource_id},
            # Found by its tags, or by an id on record, which is ours.
            tags=handle.tags,
        )

    def create(self, aws: Aws, handle: Handle, props: ScalableTargetProps) -> Observed:
        aws.autoscaling.register_scalable_target(
            ServiceNamespace=_NAMESPACE,
            ResourceId=props.resource_id,
            ScalableDimension=_DIMENSION,
            MinCapacity=props.min_capacity,
            MaxCapacity=props.max_capacity,
            Tags=dict(handle.tags),
        )
        return Observed(id=props.resource_id, attributes={"id": props.resource_id})

    def update(self, aws: Aws, handle: Handle, props: ScalableTargetProps, observed: Observed) -> Observed:
        aws.autoscaling.register_scalable_target(
            ServiceNamespace=_NAMESPACE,
            ResourceId=observed.id,
            ScalableDimension=_DIMENSION,
            MinCapacity=props.min_capacity,
            MaxCapacity=props.max_capacity,
        )
        return observed

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        resource_id = handle.id or (target["ResourceId"] if (target := _find(aws, handle)) else "")
        if resource_id:
            found(
                aws.autoscaling.deregister_scalable_target,
                ServiceNamespace=_NAMESPACE,
                ResourceId=resource_id,
                ScalableDimension=_DIMENSION,
            )
        return True

    def cloudformation(self, place: Place, props: ScalableTargetProps) -> Form:
        """It is known by the service that it scales; what Ref tells of it has more than that."""
        properties = {
            "ServiceNamespace": _NAMESPACE,
            "ScalableDimension": _DIMENSION,
            "ResourceId": props.resource_id,
            "MinCapacity": props.min_capacity,
            "MaxCapacity": props.max_capacity,
            "Tags": place.tag_list,
        }
        return Form(
            parts=(Part(type="AWS::ApplicationAutoScaling::ScalableTarget", properties=properties),),
            attributes={"id": props.resource_id},
        )


def _find(aws: Aws, handle: Handle) -> dict[str, Any] | None:
    """By the id on record, else by tags among those whose cluster's name says that it is of this environment."""
    targets = aws.listed(
        aws.autoscaling.describe_scalable_targets, "ScalableTargets", ServiceNamespace=_NAMESPACE
    )
    return next((one for one in targets if _is_meant(aws, one, handle)), None)


def _is_meant(aws: Aws, target: dict[str, Any], handle: Handle) -> bool:
    if handle.id is not None:
        return bool(target["ResourceId"] == handle.id)
    if handle.stack not in target["ResourceId"]:
        return False
    answer = aws.autoscaling.list_tags_for_resource(ResourceARN=target["ScalableTargetARN"])
    return handle.owns(answer["Tags"])
