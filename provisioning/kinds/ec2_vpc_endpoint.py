"""A gateway endpoint: lets a VPC reach S3 or DynamoDB for nothing, without the internet."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, cast

from provisioning.kind import Expected, Handle, Kind, Observed, Props, register
from provisioning.lookup import tag_specifications, tags_of
from provisioning.template_parts import REF, Form, Part, Place, given
from provisioning.vpc_endpoints import delete_endpoint, find_endpoint, standing_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from provisioning.aws import Aws
    from provisioning.references import JsonObject, JsonValue


class VpcEndpointProps(Props):
    """`service`: one of the two that have gateway endpoints; `route_table_ids`: tables that get a route to it."""

    vpc_id: str
    service: Literal["s3", "dynamodb"] = "s3"
    route_table_ids: tuple[str, ...] = ()


@register
class VpcEndpoint(Kind[VpcEndpointProps]):
    """https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpcEndpoint.html (client token, not filled in
    by boto3). It goes before its route tables: its removal takes its routes out of them."""

    name = "ec2.vpc_endpoint"
    title = "VPC endpoint"
    expected = Expected(create=5, delete=10)
    replace_on = frozenset({"vpc_id", "service"})
    exclusive = True  # a route table takes one route to a service
    holds = frozenset({"vpc_id", "route_table_ids"})
    permissions = (
        "ec2:CreateVpcEndpoint",
        "ec2:CreateTags",
        "ec2:DescribeVpcEndpoints",
        "ec2:ModifyVpcEndpoint",
        "ec2:DeleteVpcEndpoints",
    )
    props = VpcEndpointProps

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        endpoint = find_endpoint(aws, handle)
        return None if endpoint is None else _observed(endpoint)

    def create(self, aws: Aws, handle: Handle, props: VpcEndpointProps) -> Observed:
        # AWS refuses an empty list of tables, so it is left out.
        tables: dict[str, Any] = (
            {"RouteTableIds": list(props.route_table_ids)} if props.route_table_ids else {}
        )
        answer = aws.ec2.create_vpc_endpoint(
            VpcEndpointType="Gateway",
            VpcId=props.vpc_id,
            ServiceName=f"com.amazonaws.{aws.region}.{props.service}",
            ClientToken=handle.token,
            TagSpecifications=tag_specifications(handle, "vpc-endpoint"),
            **tables,
        )
        return _observed(answer["VpcEndpoint"])

    def update(self, aws: Aws, handle: Handle, props: VpcEndpointProps, observed: Observed) -> Observed:
        now, wanted = set(cast("list[str]", observed.props["route_table_ids"])), set(props.route_table_ids)
        changes: dict[str, Any] = {
            "AddRouteTableIds": sorted(wanted - now),
            "RemoveRouteTableIds": sorted(now - wanted),
        }
        if now != wanted:
            given = {name: ids for name, ids in changes.items() if ids}
            aws.ec2.modify_vpc_endpoint(VpcEndpointId=observed.id, **given)
        return observed

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        return delete_endpoint(aws, handle)

    def differences(self, wanted: JsonObject, observed: Observed) -> dict[str, tuple[JsonValue, JsonValue]]:
        now = replace(observed, props=_in_order(observed.props))
        return super().differences(_in_order(wanted), now)

    def cloudformation(self, place: Place, props: VpcEndpointProps) -> Form:
        properties = given(
            {
                "VpcEndpointType": "Gateway",
                "VpcId": props.vpc_id,
                "ServiceName": f"com.amazonaws.{place.region}.{props.service}",
                "RouteTableIds": list(props.route_table_ids),
                "Tags": place.named_tags,
            }
        )
        part = Part(type="AWS::EC2::VPCEndpoint", properties=properties)
        return Form(parts=(part,), attributes={"id": REF})


def _in_order(props: JsonObject) -> JsonObject:
    """The order of tables means nothing. What was recorded is in no order, what is read in another."""
    return {
        **props,
        "route_table_ids": cast("JsonValue", sorted(cast("list[str]", props["route_table_ids"]))),
    }


def _observed(endpoint: Mapping[str, Any]) -> Observed:
    endpoint_id = endpoint["VpcEndpointId"]
    status, reason = standing_of(endpoint)
    return Observed(
        id=endpoint_id,
        status=status,
        props={
            "vpc_id": endpoint["VpcId"],
            "service": endpoint["ServiceName"].rpartition(".")[2],
            "route_table_ids": cast("JsonValue", sorted(endpoint.get("RouteTableIds", []))),
        },
        attributes={"id": endpoint_id},
        tags=tags_of(endpoint),
        reason=reason,
    )
