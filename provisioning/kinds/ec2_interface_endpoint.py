"""An interface endpoint: lets private subnets reach one service of AWS by its usual name, without the internet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal, cast

from pydantic import Field, StringConstraints

from provisioning.kind import Expected, Handle, Kind, Observed, Props, register
from provisioning.lookup import tag_specifications, tags_of
from provisioning.pricing import HOURS_A_MONTH, CostLine, Usage
from provisioning.properties import Unordered, without_reordered
from provisioning.template_parts import REF, Form, Part, Place
from provisioning.vpc_endpoints import delete_endpoint, find_endpoint, standing_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from provisioning.aws import Aws
    from provisioning.references import JsonObject, JsonValue


class InterfaceEndpointProps(Props):
    """`service`: as AWS has it after the region ("secretsmanager", "ecr.api"). Each subnet, one a zone at most, gets an
    address and costs by the hour. Who may reach it, the groups say (HTTPS, port 443).

    What has one allowed value is so always: it is a property so that a change made elsewhere is seen and undone.
    """

    vpc_id: str
    service: Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)*$")]
    subnet_ids: Annotated[Unordered, Field(min_length=1, max_length=6)]
    security_group_ids: Annotated[Unordered, Field(min_length=1, max_length=5)]
    private_dns: Literal[True] = True


@register
class InterfaceEndpoint(Kind[InterfaceEndpointProps]):
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpcEndpoint.html (client token, not filled in
    by boto3). With private DNS, which needs DNS names and support in the VPC, the service's usual name leads to it, and
    a VPC takes one endpoint of a service: it is replaced by going first."""

    name = "ec2.interface_endpoint"
    title = "Interface endpoint"
    expected = Expected(create=60, delete=60)
    replace_on = frozenset({"vpc_id", "service"})
    exclusive = True  # one endpoint of a VPC has a service's private name
    holds = frozenset({"vpc_id", "subnet_ids", "security_group_ids"})
    billed = True
    permissions = (
        "ec2:CreateVpcEndpoint",
        "ec2:CreateTags",
        "ec2:DescribeVpcEndpoints",
        "ec2:ModifyVpcEndpoint",
        "ec2:DeleteVpcEndpoints",
        "route53:AssociateVPCWithHostedZone",  # its private names
    )
    props = InterfaceEndpointProps

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        endpoint = find_endpoint(aws, handle)
        return None if endpoint is None else _observed(endpoint)

    def create(self, aws: Aws, handle: Handle, props: InterfaceEndpointProps) -> Observed:
        answer = aws.ec2.create_vpc_endpoint(
            VpcEndpointType="Interface",
            VpcId=props.vpc_id,
            ServiceName=f"com.amazonaws.{aws.region}.{props.service}",
            SubnetIds=list(props.subnet_ids),
            SecurityGroupIds=list(props.security_group_ids),
            PrivateDnsEnabled=props.private_dns,
            ClientToken=handle.token,
            TagSpecifications=tag_specifications(handle, "vpc-endpoint"),
        )
        return _observed(answer["VpcEndpoint"])

    def update(self, aws: Aws, handle: Handle, props: InterfaceEndpointProps, observed: Observed) -> Observed:
        changes: dict[str, Any] = {
            **_changed("Subnet", observed.props["subnet_ids"], props.subnet_ids),
            **_changed("SecurityGroup", observed.props["security_group_ids"], props.security_group_ids),
        }
        if observed.props["private_dns"] != props.private_dns:
            changes["PrivateDnsEnabled"] = props.private_dns
        if changes:
            aws.ec2.modify_vpc_endpoint(VpcEndpointId=observed.id, **changes)
        return observed

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        return delete_endpoint(aws, handle)

    def differences(self, wanted: JsonObject, observed: Observed) -> dict[str, tuple[JsonValue, JsonValue]]:
        return without_reordered(super().differences(wanted, observed))

    def cost(self, props: InterfaceEndpointProps, usage: Usage, region: str) -> Iterator[CostLine]:
        zones = len(props.subnet_ids)
        yield CostLine.fixed(
            "VPC/interface_endpoint",
            zones * HOURS_A_MONTH,
            f"Endpoint for {props.service}",
            f"{zones} zones x {HOURS_A_MONTH} h",
        )

    def cloudformation(self, place: Place, props: InterfaceEndpointProps) -> Form:
        properties = {
            "VpcEndpointType": "Interface",
            "VpcId": props.vpc_id,
            "ServiceName": f"com.amazonaws.{place.region}.{props.service}",
            "SubnetIds": list(props.subnet_ids),
            "SecurityGroupIds": list(props.security_group_ids),
            "PrivateDnsEnabled": True,
            "Tags": place.named_tags,
        }
        part = Part(type="AWS::EC2::VPCEndpoint", properties=properties)
        return Form(parts=(part,), attributes={"id": REF})


def _changed(name: str, now: JsonValue, wanted: tuple[str, ...]) -> dict[str, list[str]]:
    before, after = set(cast("list[str]", now)), set(wanted)
    changes = {f"Add{name}Ids": sorted(after - before), f"Remove{name}Ids": sorted(before - after)}
    return {parameter: ids for parameter, ids in changes.items() if ids}


def _observed(endpoint: Mapping[str, Any]) -> Observed:
    status, reason = standing_of(endpoint)
    groups = (group["GroupId"] for group in endpoint.get("Groups", []))
    return Observed(
        id=endpoint["VpcEndpointId"],
        status=status,
        props={
            "vpc_id": endpoint["VpcId"],
            "service": endpoint["ServiceName"].split(".", 3)[-1],
            "subnet_ids": cast("JsonValue", sorted(endpoint.get("SubnetIds", []))),
            "security_group_ids": cast("JsonValue", sorted(groups)),
            "private_dns": bool(endpoint.get("PrivateDnsEnabled")),
        },
        attributes={"id": endpoint["VpcEndpointId"]},
        tags=tags_of(endpoint),
        reason=reason,
    )
