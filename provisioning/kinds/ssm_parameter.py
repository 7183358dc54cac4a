"""An SSM parameter: a setting that the application reads, or a random secret that only the application reads."""

from __future__ import annotations

import secrets
import shlex
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from provisioning.kind import Handle, Kind, Observed, Props, register
from provisioning.lookup import tags_of
from provisioning.marks import marked, tags_of_mark, unmarked
from provisioning.names import Naming
from provisioning.template_parts import REF, Form, Part, Place, given

if TYPE_CHECKING:
    from provisioning.aws import Aws

_SECRET_BYTES = 48


class ParameterProps(Props):
    """`value`: of a String, at most 4 KB. A SecureString has none: with `generate` it gets a random one when it is
    made, which is never read, written down or changed afterwards."""

    type: Literal["String", "SecureString"] = "String"
    value: Annotated[str, Field(max_length=4096)] = ""
    generate: bool = False
    description: Annotated[str, Field(max_length=900)] = ""

    @model_validator(mode="after")
    def _secret_or_value(self) -> Self:
        if (self.type == "SecureString") != self.generate:
            raise ValueError(
                "A SecureString is generated, and only a SecureString: secrets never stand in a plan."
            )
        if self.generate == bool(self.value):
            raise ValueError("A String needs a value, and a generated parameter takes none.")
        return self


@register
class Parameter(Kind[ParameterProps]):
    """https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html

    Its name, a path, is given by the blueprint. Standard parameters are free. Two lists by path tell all
    parameters of an environment; neither decrypts.
    """

    name = "ssm.parameter"
    title = "Parameter"
    # PutParameter, "Name": the whole ARN has at most 1,011 characters; neither "aws" nor "ssm" may stand in front.
    naming = Naming(limit=1011, reserved=("aws", "ssm", "/aws", "/ssm"))
    replace_on = frozenset({"type", "generate"})  # HierarchyTypeMismatchException
    outage: ClassVar[Mapping[str, str]] = {
        "value": "None until tasks start anew: running ones keep the value they read.",
        "type": "The parameter is replaced: for a moment tasks that start don't find it.",
        "generate": "The parameter is replaced: for a moment tasks that start don't find it.",
    }
    permissions = (
        "ssm:PutParameter",
        "ssm:AddTagsToResource",
        "ssm:DescribeParameters",
        "ssm:GetParametersByPath",
        "ssm:ListTagsForResource",
        "ssm:DeleteParameters",
    )
    props = ParameterProps

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        name = handle.id or handle.name
        path = name.rpartition("/")[0] or "/"
        here = [{"Key": "Path", "Option": "OneLevel", "Values": [path]}]
        listed = aws.listed(aws.ssm.describe_parameters, "Parameters", ParameterFilters=here)
        parameter = next((one for one in listed if one["Name"] == name), None)
        if parameter is None:
            return None
        description = parameter.get("Description", "")
        tags = tags_of_mark(description)
        if not handle.owns(tags):
            answer = aws.ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=name)
            tags = tags_of(answer, "TagList")
        props: dict[str, Any] = {"type": parameter["Type"]}
        if parameter["Type"] == "String":
            values = aws.listed(aws.ssm.get_parameters_by_path, "Parameters", Path=path, WithDecryption=False)
            value = next((one["Value"] for one in values if one["Name"] == name), None)
            props |= {"description": unmarked(description)} | ({} if value is None else {"value": value})
        return Observed(id=name, props=props, attributes=_attributes(handle, name), tags=tags)

    def create(self, aws: Aws, handle: Handle, props: ParameterProps) -> Observed:
        answer = aws.ssm.put_parameter(
            Name=handle.name,
            Type=props.type,
            Value=secrets.token_urlsafe(_SECRET_BYTES) if props.generate else props.value,
            Description=marked(handle, props.description),
            Tags=handle.tag_list,
        )
        _ = answer["Version"]  # an answer cut short has none: then nobody knows whether it was written
        return Observed(id=handle.name, attributes=_attributes(handle, handle.name))

    def update(self, aws: Aws, handle: Handle, props: ParameterProps, observed: Observed) -> Observed:
        # A SecureString can't be described anew without being given a new value: it stays as it is.
        if not props.generate:
            aws.ssm.put_parameter(
                Name=observed.id,
                Type=props.type,
                Value=props.value,
                Description=marked(handle, props.description),
                Overwrite=True,
            )
        return observed

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        # What is not there is told in the answer and no error.
        aws.gathered(aws.ssm.delete_parameters, "Names", handle.id or handle.name, most=10)
        return True

    def cloudformation(self, place: Place, props: ParameterProps) -> Form:
        if props.generate:
            return Form(attributes=_attributes(place, place.name), first=_by_hand(place))
        properties = {
            "Name": place.name,
            "Type": props.type,
            "Value": props.value,
            "Description": props.description,
            "Tags": dict(place.tags),
        }
        part = Part(type="AWS::SSM::Parameter", properties=given(properties))
        return Form(parts=(part,), attributes={**_attributes(place, place.name), "id": REF, "name": REF})


def _attributes(handle: Handle, name: str) -> dict[str, str]:
    path = name if name.startswith("/") else f"/{name}"
    return {"id": name, "name": name, "arn": f"arn:aws:ssm:{handle.region}:{handle.account}:parameter{path}"}


def _by_hand(place: Place) -> str:
    """https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ssm-parameter.html"""
    return (
        "CloudFormation cannot make a SecureString. Make it: aws ssm put-parameter"
        f" --region {place.region} --type SecureString --name {shlex.quote(place.name)}"
        f' --value "$(openssl rand -base64 {_SECRET_BYTES})"'
    )
