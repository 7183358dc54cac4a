"""An EC2 instance of its own: one server of the application, without a group that would replace it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, cast
from uuid import UUID, uuid5

from pydantic import Field

from provisioning.aws import found
from provisioning.errors import AwsError
from provisioning.instance_types import InstanceType, is_offered
from provisioning.kind import TAG_STACK, Expected, Handle, Kind, Observed, Props, Status, register
from provisioning.lookup import tag_specifications, tags_of
from provisioning.preflight import Finding
from provisioning.pricing import HOURS_A_MONTH, CostLine
from provisioning.properties import Unordered, without_reordered
from provisioning.template_parts import REF, Form, Part, Place, Told

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mypy_boto3_ec2.type_defs import InstanceNetworkInterfaceSpecificationTypeDef

    from provisioning.aws import Aws
    from provisioning.pricing import Usage
    from provisioning.references import JsonObject, JsonValue


class InstanceProps(Props):
    """`launch_template_version`: a number. Where the instance stands is said here, not by the template, since a
    request that names a subnet has to say all of its first interface. `elastic_ip`: one follows, takes the place of the
    public address that the server needs for its start, and is billed itself. `instance_type` and `volume_gb` are those
    of the template, for the price alone."""

    launch_template_id: str
    launch_template_version: str = Field(min_length=1)
    subnet_id: str
    security_group_ids: Annotated[Unordered, Field(min_length=1, max_length=5)]
    public_ip: bool = False
    elastic_ip: bool = False
    instance_type: InstanceType | None = None
    volume_gb: int = Field(default=0, ge=0, le=16_384)


@register
class Instance(Kind[InstanceProps]):
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RunInstances.html (client token)

    Another version of its template replaces it, since that is what starts another application: the disk goes with it.
    A token stays with an instance that is gone (IdempotentInstanceTerminated): the next one follows from it. Ready is
    running; whether the application answers is for alarms to say. One that somebody stopped counts as it is. All of an
    environment's come from one list. Attributes: id, private_ip, public_ip and public_dns where it has them.
    """

    name = "ec2.instance"
    title = "Server"
    expected = Expected(create=30, update=5, delete=60)
    replace_on = frozenset({"launch_template_id", "launch_template_version", "subnet_id", "public_ip"})
    holds = frozenset({"launch_template_id", "subnet_id", "security_group_ids"})
    billed = True
    outage: ClassVar[Mapping[str, str]] = dict.fromkeys(
        replace_on, "The server is replaced: the application is away until the new one has started."
    )
    permissions = (
        "ec2:RunInstances",
        "ec2:CreateTags",
        "ec2:DescribeInstances",
        "ec2:DescribeInstanceTypeOfferings",
        "ec2:ModifyInstanceAttribute",
        "ec2:TerminateInstances",
        "ssm:GetParameters",
    )
    passes_roles_to = ("ec2.amazonaws.com",)
    checked = True
    props = InstanceProps

    def preflight(self, aws: Aws, handle: Handle, props: InstanceProps, count: int) -> Finding | None:
        return is_offered(aws, props.instance_type) if props.instance_type else None

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        instance = _find(aws, handle)
        return None if instance is None else _observed(instance)

    def create(self, aws: Aws, handle: Handle, props: InstanceProps) -> Observed:
        token = handle.token
        while True:
            try:
                return _observed(_run(aws, handle, props, token))
            except AwsError as error:
                if error.aws_code != "IdempotentInstanceTerminated":
                    raise
                token = str(uuid5(UUID(token), "next"))

    def update(self, aws: Aws, handle: Handle, props: InstanceProps, observed: Observed) -> Observed:
        if "security_group_ids" in self.differences(props.dump(), observed):
            aws.ec2.modify_instance_attribute(InstanceId=observed.id, Groups=list(props.security_group_ids))
        return observed

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        instance = {"InstanceId": handle.id} if handle.id else _find(aws, handle)
        if instance is None:
            return True
        answer = found(aws.ec2.terminate_instances, InstanceIds=[instance["InstanceId"]])
        return answer is None or answer["TerminatingInstances"][0]["CurrentState"]["Name"] == "terminated"

    def differences(self, wanted: JsonObject, observed: Observed) -> dict[str, tuple[JsonValue, JsonValue]]:
        return without_reordered(super().differences(wanted, observed))

    def cost(self, props: InstanceProps, usage: Usage, region: str) -> Iterator[CostLine]:
        if props.instance_type is None:
            return
        yield CostLine.fixed(
            f"EC2/{props.instance_type}",
            HOURS_A_MONTH,
            "Server",
            f"{props.instance_type} x {HOURS_A_MONTH} h",
        )
        yield CostLine.fixed("EBS/gp3", Decimal(props.volume_gb), "Disk", f"{props.volume_gb} GB of gp3")
        if props.public_ip and not props.elastic_ip:
            yield CostLine.fixed(
                "VPC/public_ipv4", HOURS_A_MONTH, "Public IPv4 address", f"1 address x {HOURS_A_MONTH} h"
            )

    def cloudformation(self, place: Place, props: InstanceProps) -> Form:
        interface = {**_interface(props), "DeviceIndex": "0", "GroupSet": list(props.security_group_ids)}
        del interface["Groups"]
        properties = {
            "LaunchTemplate": {
                "LaunchTemplateId": props.launch_template_id,
                "Version": props.launch_template_version,
            },
            "NetworkInterfaces": [interface],
            "Tags": place.named_tags,
        }
        return Form(
            parts=(Part(type="AWS::EC2::Instance", properties=properties),),
            attributes={
                "id": REF,
                "private_ip": Told("PrivateIp"),
                "public_ip": Told("PublicIp"),
                "public_dns": Told("PublicDnsName"),
            },
        )


_STATUS = {
    "pending": Status.PENDING,
    "running": Status.READY,
    "stopping": Status.PENDING,
    "stopped": Status.READY,
    "shutting-down": Status.DELETING,
}
_FIRST = tuple(_STATUS)


def _run(aws: Aws, handle: Handle, props: InstanceProps, token: str) -> Mapping[str, Any]:
    answer = aws.ec2.run_instances(
        LaunchTemplate={
            "LaunchTemplateId": props.launch_template_id,
            "Version": props.launch_template_version,
        },
        MinCount=1,
        MaxCount=1,
        ClientToken=token,
        NetworkInterfaces=[cast("InstanceNetworkInterfaceSpecificationTypeDef", _interface(props))],
        TagSpecifications=tag_specifications(handle, "instance"),
    )
    instance: Mapping[str, Any] = answer["Instances"][0]
    return instance


def _find(aws: Aws, handle: Handle) -> Mapping[str, Any] | None:
    """Out of the one list of the environment. Terminated ones, which AWS shows for an hour, do not count."""
    filters = [{"Name": f"tag:{TAG_STACK}", "Values": [handle.stack]}]
    reservations = aws.listed(aws.ec2.describe_instances, "Reservations", Filters=filters)
    mine = [
        instance
        for reservation in reservations
        for instance in reservation["Instances"]
        if instance["State"]["Name"] in _STATUS
        and (instance["InstanceId"] == handle.id if handle.id else handle.owns(tags_of(instance)))
    ]
    return min(mine, key=lambda one: (_FIRST.index(one["State"]["Name"]), one["InstanceId"]), default=None)


def _owner_of_address(instance: Mapping[str, Any]) -> str:
    """ "amazon" for an address given at the start, the account for an Elastic IP, empty for none."""
    interfaces: list[Mapping[str, Any]] = instance.get("NetworkInterfaces") or []
    return next((one["Association"]["IpOwnerId"] for one in interfaces if one.get("Association")), "")


def _observed(instance: Mapping[str, Any]) -> Observed:
    tags, state = tags_of(instance), instance["State"]["Name"]
    told: JsonObject = {"security_group_ids": sorted(one["GroupId"] for one in instance["SecurityGroups"])}
    # AWS writes the template on what was started with it.
    template = {
        "launch_template_id": "aws:ec2launchtemplate:id",
        "launch_template_version": "aws:ec2launchtemplate:version",
    }
    told |= {name: tags[tag] for name, tag in template.items() if tag in tags}
    if "SubnetId" in instance:
        told["subnet_id"] = instance["SubnetId"]
    owner = _owner_of_address(instance)
    if state == "running" and owner in {"", "amazon"}:
        told["public_ip"] = owner == "amazon"
    attributes = {
        "id": instance["InstanceId"],
        "private_ip": instance.get("PrivateIpAddress", ""),
        "public_ip": instance.get("PublicIpAddress", ""),
        "public_dns": instance.get("PublicDnsName", ""),
    }
    return Observed(
        id=instance["InstanceId"],
        status=_STATUS[state],
        props=told,
        attributes={name: value for name, value in attributes.items() if value},
        tags=tags,
        reason=state,
    )


def _interface(props: InstanceProps) -> dict[str, Any]:
    return {
        "DeviceIndex": 0,
        "SubnetId": props.subnet_id,
        "Groups": list(props.security_group_ids),
        "AssociatePublicIpAddress": props.public_ip,
        "DeleteOnTermination": True,
    }
