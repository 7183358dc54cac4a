"""A Lambda alias: the name by which callers reach whichever version deployments have put behind it."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from provisioning.aws import Aws, found
from provisioning.kind import Handle, Kind, Observed, Props, register
from provisioning.marks import marked, tags_of_mark, unmarked
from provisioning.names import Naming
from provisioning.template_parts import REF, Form, Part, Place, Told, given, partition


class AliasProps(Props):
    """`function_name` is the name, not the ARN. The version counts at creation only: deployments own it later."""

    function_name: str
    description: str = Field(default="", max_length=150)


@register
class Alias(Kind[AliasProps]):
    """https://docs.aws.amazon.com/lambda/latest/api/API_CreateAlias.html

    Needs a version: what the function is at this moment is published first, which changes nothing where it was
    published before. Aliases take no tags: the description says whose one is. It goes with its function.
    Attributes: id (the ARN), arn, name, function_name, invoke_arn.
    """

    name = "lambda.alias"
    title = "Lambda alias"
    naming = Naming(limit=128)
    replace_on = frozenset({"function_name"})
    goes_with = frozenset({"function_name"})
    permissions = (
        "lambda:PublishVersion",
        "lambda:CreateAlias",
        "lambda:ListFunctions",
        "lambda:GetAlias",
        "lambda:UpdateAlias",
        "lambda:DeleteAlias",
    )
    props = AliasProps

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        for function_name in _functions(aws, handle):
            alias = found(aws.functions.get_alias, FunctionName=function_name, Name=handle.name)
            # Several functions of an environment may have an alias of the same name.
            if alias and (handle.id or handle.owns(tags_of_mark(alias.get("Description", "")))):
                return _observed(alias)
        return None

    def create(self, aws: Aws, handle: Handle, props: AliasProps) -> Observed:
        version = aws.functions.publish_version(FunctionName=props.function_name)["Version"]
        alias = aws.functions.create_alias(
            FunctionName=props.function_name,
            Name=handle.name,
            FunctionVersion=version,
            Description=marked(handle, props.description),
        )
        return _observed(alias)

    def update(self, aws: Aws, handle: Handle, props: AliasProps, observed: Observed) -> Observed:
        alias = aws.functions.update_alias(
            FunctionName=props.function_name,
            Name=handle.name,
            Description=marked(handle, props.description),
        )
        return _observed(alias)

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        there = handle.id or (made.id if (made := self.read(aws, handle)) else "")
        if there:
            found(aws.functions.delete_alias, FunctionName=_function_of(there), Name=handle.name)
        return True

    def cloudformation(self, place: Place, props: AliasProps) -> Form:
        """A version is a resource of its own there, which stays when it is replaced, as versions do."""
        version = Part(
            role="version",
            type="AWS::Lambda::Version",
            properties={"FunctionName": props.function_name},
            kept="Retain",
        )
        properties = {
            "FunctionName": props.function_name,
            "FunctionVersion": place.own("version"),
            "Name": place.name,
            "Description": props.description,
        }
        functions = (
            f"arn:{partition(place.region)}:apigateway:{place.region}:lambda:path/2015-03-31/functions"
        )
        return Form(
            parts=(version, Part(type="AWS::Lambda::Alias", properties=given(properties))),
            attributes={
                "id": REF,
                "arn": REF,
                "name": place.name,
                "function_name": props.function_name,
                "invoke_arn": f"{functions}/{place.own('arn')}/invocations",
                "version": Told("Version", role="version"),
            },
        )


def _functions(aws: Aws, handle: Handle) -> list[str]:
    """The function on record; without one, the functions whose name says that they are of this environment."""
    if handle.id is not None:
        return [_function_of(handle.id)]
    functions = aws.listed(aws.functions.list_functions, "Functions")
    return [one["FunctionName"] for one in functions if handle.stack in one["FunctionName"]]


def _function_of(arn: str) -> str:
    """arn:aws:lambda:<region>:<account>:function:<function>:<alias> -> <function>"""
    return arn.split(":")[6]


def _observed(alias: Any) -> Observed:
    arn, description = alias["AliasArn"], alias.get("Description", "")
    _, partition, _, region, *_ = arn.split(":")
    return Observed(
        id=arn,
        props={"function_name": _function_of(arn), "description": unmarked(description)},
        attributes={
            "id": arn,
            "arn": arn,
            "name": alias["Name"],
            "function_name": _function_of(arn),
            "invoke_arn": f"arn:{partition}:apigateway:{region}:lambda:path/2015-03-31/functions/{arn}/invocations",
        },
        tags=tags_of_mark(description),
    )
