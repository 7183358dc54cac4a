"""An X-Ray group: the traces of one environment, apart from all others of the account."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from provisioning.aws import Aws
from provisioning.errors import NameTaken
from provisioning.kind import Handle, Kind, Observed, Props, register
from provisioning.lookup import tags_of
from provisioning.names import Naming
from provisioning.template_parts import Form, Part, Place, Told


class GroupProps(Props):
    """`filter`: which traces belong to it, as 'annotation.environment = "shop"'; `insights`: whether X-Ray looks for
    anomalies among them."""

    filter: str = Field(min_length=1, max_length=500)
    insights: bool = False


@register
class Group(Kind[GroupProps]):
    """https://docs.aws.amazon.com/xray/latest/api/API_CreateGroup.html

    No token: its name is its identity, and X-Ray has one error for all that is wrong, so `create` looks first. Groups
    cost nothing, traces do. Attributes: id (the ARN), arn, name.
    """

    name = "xray.group"
    title = "Trace group"
    naming = Naming(limit=32)
    permissions = (
        "xray:CreateGroup",
        "xray:TagResource",
        "xray:GetGroups",
        "xray:ListTagsForResource",
        "xray:UpdateGroup",
        "xray:DeleteGroup",
    )
    props = GroupProps

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        group = _find(aws, handle)
        if group is None:
            return None
        arn = group["GroupARN"]
        tags = handle.tags if handle.id else tags_of(aws.xray.list_tags_for_resource(ResourceARN=arn))
        return Observed(
            id=arn,
            props={
                "filter": group.get("FilterExpression", ""),
                "insights": bool(group.get("InsightsConfiguration", {}).get("InsightsEnabled")),
            },
            attributes={"id": arn, "arn": arn, "name": handle.name},
            tags=tags,
        )

    def create(self, aws: Aws, handle: Handle, props: GroupProps) -> Observed:
        there = self.read(aws, handle)
        if there is not None and not handle.owns(there.tags):
            raise NameTaken(f"Could not make the trace group: {handle.name} exists and is not ours.")
        if there is not None:
            return self.update(aws, handle, props, there)
        answer = aws.xray.create_group(
            GroupName=handle.name,
            FilterExpression=props.filter,
            InsightsConfiguration={"InsightsEnabled": props.insights, "NotificationsEnabled": False},
            Tags=handle.tag_list,
        )
        arn = answer["Group"]["GroupARN"]
        return Observed(id=arn, attributes={"id": arn, "arn": arn, "name": handle.name})

    def update(self, aws: Aws, handle: Handle, props: GroupProps, observed: Observed) -> Observed:
        aws.xray.update_group(
            GroupARN=observed.id,
            FilterExpression=props.filter,
            InsightsConfiguration={"InsightsEnabled": props.insights, "NotificationsEnabled": False},
        )
        return observed

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        group = _find(aws, handle)
        if group is not None:
            aws.xray.delete_group(GroupARN=group["GroupARN"])
        return True

    def cloudformation(self, place: Place, props: GroupProps) -> Form:
        properties = {
            "GroupName": place.name,
            "FilterExpression": props.filter,
            "InsightsConfiguration": {"InsightsEnabled": props.insights, "NotificationsEnabled": False},
            "Tags": place.tag_list,
        }
        return Form(
            parts=(Part(type="AWS::XRay::Group", properties=properties),),
            attributes={"id": Told("GroupARN"), "arn": Told("GroupARN"), "name": place.name},
        )


def _find(aws: Aws, handle: Handle) -> Any:
    groups = aws.listed(aws.xray.get_groups, "Groups")
    return next((one for one in groups if one["GroupName"] == handle.name), None)
