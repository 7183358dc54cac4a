"""A route table: where the traffic of some subnets goes that leaves their VPC."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Self, cast

from pydantic import model_validator

from provisioning.aws import found
from provisioning.errors import AlreadyExists, Busy
from provisioning.kind import Handle, Kind, Observed, Props, register
from provisioning.lookup import find_in_ec2, tag_specifications, tags_of
from provisioning.template_parts import REF, Form, Part, Place

if TYPE_CHECKING:
    from collections.abc import Mapping

    from provisioning.aws import Aws
    from provisioning.references import JsonObject, JsonValue

ANYWHERE = "0.0.0.0/0"
_PAUSE = "Connections between its subnets and the internet may break."


class RouteTableProps(Props):
    """`subnet_ids`: the subnets that use it. The default route leads to the internet gateway or to the NAT gateway
    that is given; without either there is none. Routes to the VPC itself, to gateway endpoints (they are the
    endpoints' own) and to other ranges are left alone."""

    vpc_id: str
    subnet_ids: tuple[str, ...]
    internet_gateway_id: str = ""
    nat_gateway_id: str = ""

    @model_validator(mode="after")
    def _one_default_route(self) -> Self:
        if self.internet_gateway_id and self.nat_gateway_id:
            raise ValueError(
                "A route table has one default route: to an internet gateway or to a NAT gateway."
            )
        return self


@register
class RouteTable(Kind[RouteTableProps]):
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateRouteTable.html (client token).

    It holds its VPC only: AWS deletes a subnet together with its association, and a route to a gateway that is gone
    stays as a "blackhole".
    """

    name = "ec2.route_table"
    title = "Route table"
    replace_on = frozenset({"vpc_id"})
    holds = frozenset({"vpc_id"})
    freed_by = frozenset({"subnet_ids"})
    outage = {"subnet_ids": _PAUSE, "internet_gateway_id": _PAUSE, "nat_gateway_id": _PAUSE}
    permissions = (
        "ec2:CreateRouteTable",
        "ec2:CreateTags",
        "ec2:CreateRoute",
        "ec2:ReplaceRoute",
        "ec2:DeleteRoute",
        "ec2:AssociateRouteTable",
        "ec2:ReplaceRouteTableAssociation",
        "ec2:DisassociateRouteTable",
        "ec2:DescribeRouteTables",
        "ec2:DeleteRouteTable",
    )
    props = RouteTableProps

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        table = _find(aws, handle)
        if table is None:
            return None
        table_id = table["RouteTableId"]
        return Observed(
            id=table_id,
            props={
                "vpc_id": table["VpcId"],
                "subnet_ids": cast("JsonValue", sorted(_associations(table))),
                **_default_route(table),
            },
            attributes={"id": table_id},
            tags=tags_of(table),
        )

    def create(self, aws: Aws, handle: Handle, props: RouteTableProps) -> Observed:
        answer = aws.ec2.create_route_table(
            VpcId=props.vpc_id,
            ClientToken=handle.token,
            TagSpecifications=tag_specifications(handle, "route-table"),
        )
        table_id = answer["RouteTable"]["RouteTableId"]
        if target := _target(props):
            aws.ec2.create_route(RouteTableId=table_id, DestinationCidrBlock=ANYWHERE, **target)
        for subnet_id in props.subnet_ids:
            aws.ec2.associate_route_table(RouteTableId=table_id, SubnetId=subnet_id)
        return Observed(id=table_id, attributes={"id": table_id})

    def update(self, aws: Aws, handle: Handle, props: RouteTableProps, observed: Observed) -> Observed:
        different = self.differences(props.dump(), observed)
        if "internet_gateway_id" in different or "nat_gateway_id" in different:
            _set_default_route(aws, observed.id, _target(props))
        if "subnet_ids" in different:
            _set_subnets(aws, observed.id, props)
        return observed

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        if handle.id is not None:
            try:
                found(aws.ec2.delete_route_table, RouteTableId=handle.id)
                return True
            except Busy:  # it still has subnets
                pass
        table = _find(aws, handle)
        if table is None:
            return True
        for association in _associations(table).values():
            found(aws.ec2.disassociate_route_table, AssociationId=association["RouteTableAssociationId"])
        found(aws.ec2.delete_route_table, RouteTableId=table["RouteTableId"])
        return True

    def differences(self, wanted: JsonObject, observed: Observed) -> dict[str, tuple[JsonValue, JsonValue]]:
        now = replace(observed, props=_in_order(observed.props))
        return super().differences(_in_order(wanted), now)

    def cloudformation(self, place: Place, props: RouteTableProps) -> Form:
        table = {"RouteTableId": place.own("id")}
        properties = {"VpcId": props.vpc_id, "Tags": place.named_tags}
        parts = [Part(type="AWS::EC2::RouteTable", properties=properties)]
        if target := _target(props):
            route = {**table, "DestinationCidrBlock": ANYWHERE, **target}
            parts.append(Part(role="default-route", type="AWS::EC2::Route", properties=route))
        for number, subnet_id in enumerate(props.subnet_ids, start=1):
            association = {**table, "SubnetId": subnet_id}
            kind = "AWS::EC2::SubnetRouteTableAssociation"
            parts.append(Part(role=f"subnet-{number}", type=kind, properties=association))
        return Form(parts=tuple(parts), attributes={"id": REF})


# What a route may lead to, besides a NAT gateway (type Route). Only an internet gateway is ever wanted.
_TARGETS = (
    "GatewayId",
    "TransitGatewayId",
    "VpcPeeringConnectionId",
    "InstanceId",
    "NetworkInterfaceId",
    "LocalGatewayId",
    "CarrierGatewayId",
    "CoreNetworkArn",
)


def _in_order(props: JsonObject) -> JsonObject:
    """The order of subnets means nothing. What was recorded is in no order, what is read in another."""
    return {**props, "subnet_ids": cast("JsonValue", sorted(cast("list[str]", props["subnet_ids"])))}


def _find(aws: Aws, handle: Handle) -> dict[str, Any] | None:
    return find_in_ec2(
        aws,
        handle,
        aws.ec2.describe_route_tables,
        items="RouteTables",
        id_name="RouteTableId",
        ids="RouteTableIds",
    )


def _associations(table: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Subnet -> its explicit association."""
    return {
        association["SubnetId"]: association
        for association in table.get("Associations", [])
        if "SubnetId" in association
        and association.get("AssociationState", {}).get("State") in {"associating", "associated"}
    }


def _default_route(table: Mapping[str, Any]) -> dict[str, JsonValue]:
    """The default route as our properties; one that leads elsewhere shows as a gateway that nobody wants."""
    for route in table.get("Routes", []):
        if route.get("DestinationCidrBlock") == ANYWHERE:
            target = next((str(route[name]) for name in _TARGETS if route.get(name)), "")
            return {"internet_gateway_id": target, "nat_gateway_id": route.get("NatGatewayId", "")}
    return {"internet_gateway_id": "", "nat_gateway_id": ""}


def _target(props: RouteTableProps) -> dict[str, Any]:
    if props.internet_gateway_id:
        return {"GatewayId": props.internet_gateway_id}
    return {"NatGatewayId": props.nat_gateway_id} if props.nat_gateway_id else {}


def _set_default_route(aws: Aws, table_id: str, target: dict[str, Any]) -> None:
    if not target:
        found(aws.ec2.delete_route, RouteTableId=table_id, DestinationCidrBlock=ANYWHERE)
        return
    try:
        aws.ec2.create_route(RouteTableId=table_id, DestinationCidrBlock=ANYWHERE, **target)
    except AlreadyExists:
        aws.ec2.replace_route(RouteTableId=table_id, DestinationCidrBlock=ANYWHERE, **target)


def _set_subnets(aws: Aws, table_id: str, props: RouteTableProps) -> None:
    """A subnet has one table: one that still has another is moved, without a moment on the VPC's main table."""
    answer = aws.ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [props.vpc_id]}])
    tables = answer["RouteTables"]
    now = {subnet: association for table in tables for subnet, association in _associations(table).items()}
    for subnet_id in props.subnet_ids:
        association = now.pop(subnet_id, None)
        if association is None:
            aws.ec2.associate_route_table(RouteTableId=table_id, SubnetId=subnet_id)
        elif association["RouteTableId"] != table_id:
            aws.ec2.replace_route_table_association(
                AssociationId=association["RouteTableAssociationId"], RouteTableId=table_id
            )
    for association in now.values():
        if association["RouteTableId"] == table_id:
            found(aws.ec2.disassociate_route_table, AssociationId=association["RouteTableAssociationId"])
