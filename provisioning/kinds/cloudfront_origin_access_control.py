"""A CloudFront origin access control: with it a distribution signs what it asks a bucket for."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from provisioning.aws import Aws, found
from provisioning.kind import Handle, Kind, Observed, Props, register
from provisioning.marks import marked, tags_of_mark, unmarked
from provisioning.names import Naming
from provisioning.template_parts import Form, Part, Place, Told, given


class OriginAccessControlProps(Props):
    """`origin_type`: what it signs requests to, a bucket or the URL of a function. It signs always."""

    origin_type: Literal["s3", "lambda"] = "s3"
    description: str = Field(default="", max_length=200)
    signing: Literal["always"] = "always"


@register
class OriginAccessControl(Kind[OriginAccessControlProps]):
    """https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_CreateOriginAccessControl.html

    No token and no tags: its name is its identity, and its description says whose it is. One list is shared by all
    who look. Stays while a distribution names it. Attributes: id, name.
    """

    name = "cloudfront.origin_access_control"
    title = "Origin access control"
    naming = Naming(limit=64)
    permissions = (
        "cloudfront:CreateOriginAccessControl",
        "cloudfront:ListOriginAccessControls",
        "cloudfront:GetOriginAccessControl",
        "cloudfront:UpdateOriginAccessControl",
        "cloudfront:DeleteOriginAccessControl",
    )
    props = OriginAccessControlProps

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        control = _find(aws, handle)
        if control is None:
            return None
        description = control.get("Description", "")
        return Observed(
            id=control["Id"],
            props={
                "origin_type": control["OriginAccessControlOriginType"],
                "description": unmarked(description),
                "signing": control["SigningBehavior"],
            },
            attributes={"id": control["Id"], "name": control["Name"]},
            tags=tags_of_mark(description),
        )

    def create(self, aws: Aws, handle: Handle, props: OriginAccessControlProps) -> Observed:
        answer = aws.cloudfront.create_origin_access_control(OriginAccessControlConfig=_config(handle, props))
        identifier = answer["OriginAccessControl"]["Id"]
        return Observed(id=identifier, attributes={"id": identifier, "name": handle.name})

    def update(
        self, aws: Aws, handle: Handle, props: OriginAccessControlProps, observed: Observed
    ) -> Observed:
        version = aws.cloudfront.get_origin_access_control(Id=observed.id)["ETag"]
        config = _config(handle, props) | {"Name": observed.attributes["name"]}
        aws.cloudfront.update_origin_access_control(
            Id=observed.id, IfMatch=version, OriginAccessControlConfig=config
        )
        return observed

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        identifier = handle.id or (control["Id"] if (control := _find(aws, handle)) else "")
        answer = found(aws.cloudfront.get_origin_access_control, Id=identifier) if identifier else None
        if answer is not None:
            found(aws.cloudfront.delete_origin_access_control, Id=identifier, IfMatch=answer["ETag"])
        return True

    def cloudformation(self, place: Place, props: OriginAccessControlProps) -> Form:
        config = {**_config(place, props), "Description": props.description}
        return Form(
            parts=(
                Part(
                    type="AWS::CloudFront::OriginAccessControl",
                    properties={"OriginAccessControlConfig": given(config)},
                ),
            ),
            attributes={"id": Told("Id"), "name": place.name},
        )


def _find(aws: Aws, handle: Handle) -> dict[str, Any] | None:
    controls = aws.listed(aws.cloudfront.list_origin_access_controls, "OriginAccessControlList.Items")
    key, wanted = ("Id", handle.id) if handle.id is not None else ("Name", handle.name)
    return next((one for one in controls if one[key] == wanted), None)


def _config(handle: Handle, props: OriginAccessControlProps) -> Any:
    return {
        "Name": handle.name,
        "Description": marked(handle, props.description),
        "SigningProtocol": "sigv4",
        "SigningBehavior": props.signing,
        "OriginAccessControlOriginType": props.origin_type,
    }
