"""A VPC link: the way of HTTP APIs to what stands in private subnets."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from provisioning.aws import Aws, found
from provisioning.kind import Expected, Handle, Kind, Observed, Props, Status, register
from provisioning.names import Naming
from provisioning.properties import Unordered, without_reordered
from provisioning.references import JsonObject, JsonValue
from provisioning.template_parts import REF, Form, Part, Place

# A link that nobody used for sixty days sleeps, and wakes up when it is used again.
_STATUS = {
    "AVAILABLE": Status.READY,
    "INACTIVE": Status.READY,
    "DELETING": Status.DELETING,
    "FAILED": Status.FAILED,
}


class VpcLinkProps(Props):
    """Neither can be changed later."""

    subnet_ids: Unordered = Field(min_length=1, max_length=10)
    security_group_ids: Unordered = Field(min_length=1, max_length=10)


@register
class VpcLink(Kind[VpcLinkProps]):
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/vpclinks.html

    No token, and names are not unique: tags tell. AWS refuses to delete one that an integration uses, and its network
    interfaces keep subnets and groups until it is gone. Free. Attributes: id.
    """

    name = "apigatewayv2.vpc_link"
    title = "VPC link"
    naming = Naming(limit=128)
    expected = Expected(create=180, delete=180)
    anonymous = True
    replace_on = frozenset({"subnet_ids", "security_group_ids"})
    holds = frozenset({"subnet_ids", "security_group_ids"})
    permissions = ("apigateway:POST", "apigateway:GET", "apigateway:DELETE")
    linked_roles = ("ops.apigateway.amazonaws.com",)
    props = VpcLinkProps

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        links = aws.listed(aws.apigatewayv2.get_vpc_links, "Items")
        mine = [one for one in links if _is_meant(one, handle)]
        link = min(mine, key=lambda one: str(one["VpcLinkId"]), default=None)
        if link is None and handle.id is not None:
            link = found(aws.apigatewayv2.get_vpc_link, VpcLinkId=handle.id)
        return _observed(link) if link else None

    def create(self, aws: Aws, handle: Handle, props: VpcLinkProps) -> Observed:
        link = aws.apigatewayv2.create_vpc_link(
            Name=handle.name,
            SubnetIds=list(props.subnet_ids),
            SecurityGroupIds=list(props.security_group_ids),
            Tags=handle.tags,
        )
        return Observed(id=link["VpcLinkId"], status=Status.PENDING, attributes={"id": link["VpcLinkId"]})

    def update(self, aws: Aws, handle: Handle, props: VpcLinkProps, observed: Observed) -> Observed:
        """There is nothing that could be changed."""
        return observed

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        there = handle.id or (made.id if (made := self.read(aws, handle)) else None)
        return there is None or found(aws.apigatewayv2.delete_vpc_link, VpcLinkId=there) is None

    def differences(self, wanted: JsonObject, observed: Observed) -> dict[str, tuple[JsonValue, JsonValue]]:
        return without_reordered(super().differences(wanted, observed))

    def cloudformation(self, place: Place, props: VpcLinkProps) -> Form:
        properties = {
            "Name": place.name,
            "SubnetIds": list(props.subnet_ids),
            "SecurityGroupIds": list(props.security_group_ids),
            "Tags": dict(place.tags),
        }
        part = Part(type="AWS::ApiGatewayV2::VpcLink", properties=properties)
        return Form(parts=(part,), attributes={"id": REF})


def _is_meant(link: Any, handle: Handle) -> bool:
    if handle.id is not None:
        return bool(link["VpcLinkId"] == handle.id)
    return handle.owns(link.get("Tags", {}))


def _observed(link: Any) -> Observed:
    state = link.get("VpcLinkStatus", "PENDING")
    return Observed(
        id=link["VpcLinkId"],
        status=_STATUS.get(state, Status.PENDING),
        reason=link.get("VpcLinkStatusMessage") or ("" if state == "AVAILABLE" else state),
        props={
            "subnet_ids": sorted(link["SubnetIds"]),
            "security_group_ids": sorted(link["SecurityGroupIds"]),
        },
        attributes={"id": link["VpcLinkId"]},
        tags=link.get("Tags", {}),
    )
