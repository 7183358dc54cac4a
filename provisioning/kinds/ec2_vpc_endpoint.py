"""A gateway endpoint: lets a VPC reach S3 or DynamoDB for nothing, without the internet."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, cast

from provisioning.errors import NotFound, translate
from provisioning.kind import Expected, Handle, Kind, Observed, Props, Status, register
from provisioning.lookup import find_in_ec2, get_from_ec2, tag_specifications, tags_of
from provisioning.template_parts import REF, Form, Part, Place, given

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
        endpoint = _find(aws, handle)
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
        endpoint = {"VpcEndpointId": handle.id} if handle.id else _find(aws, handle)
        if endpoint is None:
            return True
        try:
            _delete(aws, endpoint["VpcEndpointId"])
        except NotFound:  # the endpoint, or one of its routes: only the first means that it is gone
            if _find(aws, handle) is not None:
                raise
            return True
        return False

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


# Some answers have these in lower case (type State).
_STATUS = {
    "pending": Status.PENDING,
    "available": Status.READY,
    "deleting": Status.DELETING,
    "failed": Status.FAILED,
    "rejected": Status.FAILED,
    "expired": Status.FAILED,
}


def _in_order(props: JsonObject) -> JsonObject:
    """The order of tables means nothing. What was recorded is in no order, what is read in another."""
    return {
        **props,
        "route_table_ids": cast("JsonValue", sorted(cast("list[str]", props["route_table_ids"]))),
    }


def _find(aws: Aws, handle: Handle) -> dict[str, Any] | None:
    call = aws.ec2.describe_vpc_endpoints
    if handle.id is not None:  # an environment has so few that a shared list would spare nothing
        endpoint = get_from_ec2(call, handle.id, "VpcEndpoints", "VpcEndpointIds")
    else:
        endpoint = find_in_ec2(
            aws, handle, call, items="VpcEndpoints", id_name="VpcEndpointId", ids="VpcEndpointIds"
        )
    return None if endpoint is None or endpoint["State"].lower() == "deleted" else endpoint


def _observed(endpoint: Mapping[str, Any]) -> Observed:
    endpoint_id, state = endpoint["VpcEndpointId"], endpoint["State"].lower()
    status = _STATUS.get(state, Status.PENDING)
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
        reason=endpoint.get("FailureReason", state) if status is Status.FAILED else "",
    )


def _delete(aws: Aws, endpoint_id: str) -> None:
    """A success of this call may hold a refusal: it is raised like any other."""
    answer = aws.ec2.delete_vpc_endpoints(VpcEndpointIds=[endpoint_id])
    for refused in answer.get("Unsuccessful", []):
        error = refused["Error"]
        raise translate(
            service="ec2",
            operation="delete_vpc_endpoints",
            aws_code=error["Code"],
            aws_message=error.get("Message", ""),
        )
