"""A permission to call a Lambda function: one service, on behalf of one thing of this account, and nobody else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from pydantic import Field

from provisioning.aws import Aws, found
from provisioning.kind import Handle, Kind, Observed, Props, register
from provisioning.names import Naming
from provisioning.references import JsonObject
from provisioning.template_parts import Form, Part, Place, Told


class PermissionProps(Props):
    """`function_name` is the name, not the ARN; `qualifier` an alias or version, empty for the function itself.
    `source_arn`: on whose behalf, e.g. "${api.execution_arn}/*/*"."""

    function_name: str
    source_arn: str = Field(min_length=1)
    qualifier: str = ""
    service: str = Field(default="apigateway.amazonaws.com", pattern=r"^[a-z0-9.-]+\.amazonaws\.com$")


@register
class Permission(Kind[PermissionProps]):
    """https://docs.aws.amazon.com/lambda/latest/api/API_AddPermission.html

    A statement in the policy of a function or alias. Its id is built from ours, so that what has it is ours: policies
    take no tags. A statement can't be changed: another one is added before the old one goes. It goes with what it is
    about. Attributes: id ("<function>[:<qualifier>]/<statement>"), name, function_name.
    """

    name = "lambda.permission"
    title = "Lambda permission"
    naming = Naming(limit=100)
    replace_on = frozenset({"function_name", "qualifier", "service", "source_arn"})
    goes_with = frozenset({"function_name", "qualifier"})
    permissions = (
        "lambda:AddPermission",
        "lambda:ListFunctions",
        "lambda:ListAliases",
        "lambda:GetPolicy",
        "lambda:RemovePermission",
    )
    props = PermissionProps

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        for function_name, qualifier in _targets(aws, handle):
            statement = _statement(aws, handle.name, function_name, qualifier)
            if statement is not None:
                told = _told(statement)
                props: JsonObject = {"function_name": function_name, "qualifier": qualifier, **told}
                return _observed(handle, function_name, qualifier, props)
        return None

    def create(self, aws: Aws, handle: Handle, props: PermissionProps) -> Observed:
        aws.functions.add_permission(
            StatementId=handle.name,
            Action="lambda:InvokeFunction",
            Principal=props.service,
            SourceArn=props.source_arn,
            **_target(props.function_name, props.qualifier),
        )
        return _observed(handle, props.function_name, props.qualifier, {})

    def update(self, aws: Aws, handle: Handle, props: PermissionProps, observed: Observed) -> Observed:
        """Only where somebody wrote something else under our id; what is wanted otherwise is made beside it."""
        self.delete(aws, handle)
        return self.create(aws, handle, props)

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        for function_name, qualifier in _targets(aws, handle):
            found(
                aws.functions.remove_permission,
                StatementId=handle.name,
                **_target(function_name, qualifier),
            )
        return True

    def cloudformation(self, place: Place, props: PermissionProps) -> Form:
        """CloudFormation names the statement."""
        target = f"{props.function_name}:{props.qualifier}" if props.qualifier else props.function_name
        properties = {
            "FunctionName": target,
            "Action": "lambda:InvokeFunction",
            "Principal": props.service,
            "SourceArn": props.source_arn,
        }
        return Form(
            parts=(Part(type="AWS::Lambda::Permission", properties=properties),),
            attributes={
                "id": f"{target}/{place.own('name')}",
                "name": Told("Id"),
                "function_name": props.function_name,
            },
        )


def _target(function_name: str, qualifier: str) -> Any:
    target = {"FunctionName": function_name}
    return {**target, "Qualifier": qualifier} if qualifier else target


def _targets(aws: Aws, handle: Handle) -> Iterator[tuple[str, str]]:
    """Function and qualifier on record; without them, all of the functions that are of this environment by name."""
    if handle.id is not None:
        function_name, _, qualifier = handle.id.partition("/")[0].partition(":")
        yield function_name, qualifier
        return
    for function in aws.listed(aws.functions.list_functions, "Functions"):
        name = function["FunctionName"]
        if handle.stack in name:
            yield name, ""
            for alias in found(aws.listed, aws.functions.list_aliases, "Aliases", FunctionName=name) or []:
                yield name, alias["Name"]


def _statement(aws: Aws, sid: str, function_name: str, qualifier: str) -> Any:
    answer = found(aws.functions.get_policy, **_target(function_name, qualifier))
    statements = json.loads(answer["Policy"])["Statement"] if answer else []
    return next((one for one in statements if one.get("Sid") == sid), None)


def _told(statement: Any) -> JsonObject:
    """What a statement of our form says; empty where it says anything else."""
    principal, conditions = statement.get("Principal"), dict(statement.get("Condition") or {})
    source = dict(conditions.pop("ArnLike", None) or {}).get("AWS:SourceArn", "")
    known = not conditions and statement.get("Action") == "lambda:InvokeFunction"
    service = principal.get("Service", "") if isinstance(principal, dict) and known else ""
    return {"service": service, "source_arn": source}


def _observed(handle: Handle, function_name: str, qualifier: str, props: JsonObject) -> Observed:
    target = f"{function_name}:{qualifier}" if qualifier else function_name
    identity = f"{target}/{handle.name}"
    return Observed(
        id=identity,
        props=props,
        attributes={"id": identity, "name": handle.name, "function_name": function_name},
        tags=handle.tags,
    )
