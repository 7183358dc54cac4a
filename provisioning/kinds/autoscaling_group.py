"""An EC2 Auto Scaling group: as many servers of the application as are wanted, replaced when they fail."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from provisioning import server_groups
from provisioning.instance_types import InstanceType
from provisioning.kind import Expected, Handle, Kind, Observed, Props, Status, register
from provisioning.lookup import tags_of
from provisioning.names import Naming
from provisioning.pricing import HOURS_A_MONTH, Band, CostLine, Usage
from provisioning.properties import Unordered, without_reordered
from provisioning.template_parts import REF, Form, Part, Place, Told, given

if TYPE_CHECKING:
    from mypy_boto3_autoscaling.type_defs import LaunchTemplateSpecificationTypeDef, TagTypeDef

    from provisioning.aws import Aws
    from provisioning.references import JsonObject, JsonValue

_TEMPLATE = frozenset({"launch_template_id", "launch_template_version"})


class ServerCapacity(BaseModel):
    """What the price is computed from; AWS is told by the launch template."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    instance_type: InstanceType
    volume_gb: int = Field(ge=0, le=16_384)
    public_ip: bool = False


class AutoScalingGroupProps(Props):
    """`launch_template_version`: a number. `desired` counts at creation only: scaling owns it later. `grace_period` and
    `warmup` in seconds: how long a new server may fail its checks, and until it counts as a full one. With a target
    group its checks decide whether a server is replaced. `capacity` is for the price alone."""

    launch_template_id: str
    launch_template_version: str = Field(min_length=1)
    subnet_ids: Annotated[Unordered, Field(min_length=1, max_length=16)]
    target_group_arns: Annotated[Unordered, Field(max_length=10)] = ()
    minimum: int = Field(default=1, ge=0, le=500)
    maximum: int = Field(default=1, ge=0, le=500)
    desired: int = Field(default=1, ge=0, le=500)
    grace_period: int = Field(default=180, ge=0, le=7200)
    warmup: int = Field(default=60, ge=0, le=3600)
    capacity: ServerCapacity | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if not self.minimum <= self.desired <= self.maximum:
            raise ValueError(
                f"desired: {self.desired} servers are not between {self.minimum} and {self.maximum}"
            )
        return self


@register
class AutoScalingGroup(Kind[AutoScalingGroupProps]):
    """https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_CreateAutoScalingGroup.html (no token: found by its
    name).

    Another version of the template alone changes no server that runs, so it comes with an instance refresh: new ones
    start before old ones go, and the group's own template changes when all are new. No other change replaces a
    server. A refresh that fails leaves the group with the template it had: the change is `undone`. (AWS rolls back by
    itself only where the template names an AMI, ours names the newest.) Deleting it ends its servers; it is gone when
    they are, for AWS forgets the group before. FAILED is a group that could never start one. Attributes: id (the
    name), name, arn.
    """

    name = "autoscaling.group"
    title = "Servers"
    naming = Naming(limit=255)
    expected = Expected(create=180, update=300, delete=90)
    patience = 5400  # AWS gives a server an hour to become healthy before it calls a refresh failed
    holds = frozenset({"launch_template_id", "subnet_ids"})
    billed = True
    outage: ClassVar[Mapping[str, str]] = dict.fromkeys(
        _TEMPLATE, "None: servers are replaced, new ones answer before old ones go."
    )
    permissions = (
        "autoscaling:CreateAutoScalingGroup",
        "autoscaling:CreateOrUpdateTags",
        "autoscaling:DescribeAutoScalingGroups",
        "autoscaling:DescribeInstanceRefreshes",
        "autoscaling:DescribeScalingActivities",
        "autoscaling:UpdateAutoScalingGroup",
        "autoscaling:StartInstanceRefresh",
        "autoscaling:AttachLoadBalancerTargetGroups",
        "autoscaling:DetachLoadBalancerTargetGroups",
        "autoscaling:DeleteAutoScalingGroup",
        "elasticloadbalancing:DescribeTargetHealth",
        "ec2:DescribeInstances",
        "ec2:RunInstances",
        "ec2:CreateTags",
        "ssm:GetParameters",
    )
    passes_roles_to = ("ec2.amazonaws.com",)
    linked_roles = ("autoscaling.amazonaws.com",)
    props = AutoScalingGroupProps

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        group = _find(aws, handle)
        if group is None:
            return _leftover(aws, handle)
        if group.get("Status"):
            return _going(handle, str(group["Status"]).lower(), tags_of(group))
        refresh = server_groups.newest_refresh(aws, group)
        status, reason = server_groups.status(aws, group, refresh)
        undone = server_groups.undone(group, refresh)
        return Observed(
            id=group["AutoScalingGroupName"],
            status=status,
            props=_told(group),
            attributes=_attributes(group),
            tags=tags_of(group),
            reason=" ".join(filter(None, (undone, reason))),
            undone=bool(undone),
        )

    def create(self, aws: Aws, handle: Handle, props: AutoScalingGroupProps) -> Observed:
        aws.ec2_autoscaling.create_auto_scaling_group(
            AutoScalingGroupName=handle.name,
            LaunchTemplate=_template(props),
            DesiredCapacity=props.desired,
            TargetGroupARNs=list(props.target_group_arns),
            Tags=_tags(handle),
            **_settings(props),
        )
        return Observed(
            id=handle.name, status=Status.PENDING, attributes={"id": handle.name, "name": handle.name}
        )

    def update(self, aws: Aws, handle: Handle, props: AutoScalingGroupProps, observed: Observed) -> Observed:
        changed = self.differences(props.dump(), observed).keys()
        _move(aws, observed, props)
        # Where no server ever started there is none to replace.
        at_once: dict[str, Any] = (
            {"LaunchTemplate": _template(props)} if observed.status is Status.FAILED else {}
        )
        if changed - _TEMPLATE or at_once:
            aws.ec2_autoscaling.update_auto_scaling_group(
                AutoScalingGroupName=observed.id, **_settings(props), **at_once
            )
        if changed & _TEMPLATE and not at_once:
            aws.ec2_autoscaling.start_instance_refresh(
                AutoScalingGroupName=observed.id,
                Strategy="Rolling",
                DesiredConfiguration={"LaunchTemplate": _template(props)},
                Preferences={
                    "MinHealthyPercentage": 100,
                    "MaxHealthyPercentage": 200,
                    "SkipMatching": True,
                    "AutoRollback": False,
                },
            )
        return Observed(id=observed.id, status=Status.PENDING, attributes=observed.attributes)

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        name = handle.id or handle.name
        answer = server_groups.known(
            aws.ec2_autoscaling.delete_auto_scaling_group, AutoScalingGroupName=name, ForceDelete=True
        )
        return answer is None and not server_groups.servers_left(aws, name)

    def differences(self, wanted: JsonObject, observed: Observed) -> dict[str, tuple[JsonValue, JsonValue]]:
        return without_reordered(super().differences(wanted, observed))

    def cost(self, props: AutoScalingGroupProps, usage: Usage, region: str) -> Iterator[CostLine]:
        """Hours of servers from minimum to maximum, their disks, and an IPv4 address for each public one."""
        capacity = props.capacity
        if capacity is None:
            return
        least, most = Decimal(props.minimum), Decimal(props.maximum)
        average = min(max(usage.average_tasks, least), most)
        servers = f"{props.minimum} to {props.maximum} servers, {average:g} on average"
        hours = _band(least, average, most, HOURS_A_MONTH)
        yield CostLine.range(
            f"EC2/{capacity.instance_type}",
            hours,
            "Servers",
            f"{servers}, {capacity.instance_type}, {HOURS_A_MONTH:g} h",
        )
        yield CostLine.range(
            "EBS/gp3",
            _band(least, average, most, Decimal(capacity.volume_gb)),
            "Disks of servers",
            f"{servers}, {capacity.volume_gb} GB each",
        )
        if capacity.public_ip:
            yield CostLine.range(
                "VPC/public_ipv4", hours, "Public IPv4 of servers", f"{servers}, one address each"
            )

    def cloudformation(self, place: Place, props: AutoScalingGroupProps) -> Form:
        names = ("Key", "Value", "PropagateAtLaunch")
        properties = {
            "AutoScalingGroupName": place.name,
            "LaunchTemplate": _template(props),
            **_settings(props),
            "MinSize": str(props.minimum),
            "MaxSize": str(props.maximum),
            "DesiredCapacity": str(props.desired),
            "VPCZoneIdentifier": list(props.subnet_ids),
            "TargetGroupARNs": list(props.target_group_arns),
            "Tags": [{name: tag.get(name) for name in names} for tag in _tags(place)],
        }
        # Another version of the template replaces servers, one after the other.
        in_service = min(props.minimum, max(props.maximum - 1, 0))
        rolling = {"MinInstancesInService": in_service, "MaxBatchSize": 1, "PauseTime": f"PT{props.warmup}S"}
        return Form(
            parts=(
                Part(
                    type="AWS::AutoScaling::AutoScalingGroup",
                    properties=given(properties),
                    changed={"AutoScalingRollingUpdate": rolling},
                ),
            ),
            attributes={"id": REF, "name": REF, "arn": Told("AutoScalingGroupARN")},
        )


def _band(least: Decimal, average: Decimal, most: Decimal, each: Decimal) -> Band:
    return Band(floor=least * each, expected=average * each, ceiling=most * each)


def _find(aws: Aws, handle: Handle) -> Mapping[str, Any] | None:
    name = handle.id or handle.name
    groups = aws.listed(aws.ec2_autoscaling.describe_auto_scaling_groups, "AutoScalingGroups")
    return next((one for one in groups if one["AutoScalingGroupName"] == name), None)


def _leftover(aws: Aws, handle: Handle) -> Observed | None:
    """Servers that are still ending when the group is forgotten."""
    if handle.id is None or not server_groups.servers_left(aws, handle.id):
        return None
    return _going(handle, "its servers are ending", handle.tags)


def _going(handle: Handle, reason: str, tags: Mapping[str, str]) -> Observed:
    return Observed(id=handle.id or handle.name, status=Status.DELETING, tags=tags, reason=reason)


def _attributes(group: Mapping[str, Any]) -> dict[str, str]:
    name = group["AutoScalingGroupName"]
    return {"id": name, "name": name, "arn": group["AutoScalingGroupARN"]}


def _tags(handle: Handle) -> Sequence[TagTypeDef]:
    tags = {**handle.tags, "Name": handle.name}
    return [
        {
            "ResourceId": handle.name,
            "ResourceType": "auto-scaling-group",
            "Key": key,
            "Value": value,
            "PropagateAtLaunch": True,
        }
        for key, value in tags.items()
    ]


def _template(props: AutoScalingGroupProps) -> LaunchTemplateSpecificationTypeDef:
    return {"LaunchTemplateId": props.launch_template_id, "Version": props.launch_template_version}


def _settings(props: AutoScalingGroupProps) -> dict[str, Any]:
    return {
        "MinSize": props.minimum,
        "MaxSize": props.maximum,
        "VPCZoneIdentifier": ",".join(props.subnet_ids),
        "HealthCheckType": "ELB" if props.target_group_arns else "EC2",
        "HealthCheckGracePeriod": props.grace_period,
        "DefaultInstanceWarmup": props.warmup,
    }


def _move(aws: Aws, observed: Observed, props: AutoScalingGroupProps) -> None:
    """Into other target groups, before it leaves those it is in."""
    told = observed.props["target_group_arns"]
    now = {str(arn) for arn in told} if isinstance(told, list) else set()
    wanted = set(props.target_group_arns)
    if wanted - now:
        aws.ec2_autoscaling.attach_load_balancer_target_groups(
            AutoScalingGroupName=observed.id, TargetGroupARNs=sorted(wanted - now)
        )
    if now - wanted:
        aws.ec2_autoscaling.detach_load_balancer_target_groups(
            AutoScalingGroupName=observed.id, TargetGroupARNs=sorted(now - wanted)
        )


def _told(group: Mapping[str, Any]) -> JsonObject:
    """`desired` is left out: scaling changes it all the time."""
    template = group.get("LaunchTemplate", {})
    subnets: list[JsonValue] = sorted(filter(None, group.get("VPCZoneIdentifier", "").split(",")))
    return {
        "launch_template_id": template.get("LaunchTemplateId", ""),
        "launch_template_version": template.get("Version", "$Default"),
        "subnet_ids": subnets,
        "target_group_arns": sorted(group.get("TargetGroupARNs", [])),
        "minimum": group["MinSize"],
        "maximum": group["MaxSize"],
        "grace_period": group["HealthCheckGracePeriod"],
        "warmup": group.get("DefaultInstanceWarmup", 0),
    }
