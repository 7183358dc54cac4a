"""An inline policy of an IAM role: what the role may do, and nothing more."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from provisioning.aws import Aws, found
from provisioning.kind import Handle, Kind, Observed, Props, register
from provisioning.names import Naming
from provisioning.references import JsonObject, JsonValue
from provisioning.template_parts import Form, Part, Place

ROLE_PATH = "/portal/"


class Statement(BaseModel):
    """`conditions`: operator -> key -> values, e.g. {"StringEquals": {"aws:RequestedRegion": ("eu-west-1",)}}."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    actions: tuple[str, ...] = Field(min_length=1)
    resources: tuple[str, ...] = Field(min_length=1)
    effect: Literal["Allow", "Deny"] = "Allow"
    conditions: dict[str, dict[str, tuple[str, ...]]] = {}

    def document(self) -> dict[str, Any]:
        """As IAM writes it."""
        plain: dict[str, Any] = {
            "Effect": self.effect,
            "Action": list(self.actions),
            "Resource": list(self.resources),
        }
        if self.conditions:
            plain["Condition"] = {
                operator: {key: list(values) for key, values in keys.items()}
                for operator, keys in self.conditions.items()
            }
        return plain


class RolePolicyProps(Props):
    """All inline policies of a role together may have 10,240 characters."""

    role_name: str
    statements: tuple[Statement, ...] = Field(min_length=1)


@register
class RolePolicy(Kind[RolePolicyProps]):
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutRolePolicy.html (writes over what has the name; takes
    no tags). Attributes: id ("<role>/<policy>"), name, role_name."""

    name = "iam.role_policy"
    title = "IAM role policy"
    naming = Naming(limit=128)
    replace_on = frozenset({"role_name"})
    holds = frozenset({"role_name"})
    permissions = ("iam:ListRoles", "iam:GetRolePolicy", "iam:PutRolePolicy", "iam:DeleteRolePolicy")
    props = RolePolicyProps

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        for role_name in _roles(aws, handle):
            answer = found(aws.iam.get_role_policy, RoleName=role_name, PolicyName=handle.name)
            if answer is not None:
                statements = _statements(answer["PolicyDocument"])
                return _observed(handle, role_name, {"role_name": role_name, "statements": statements})
        return None

    def create(self, aws: Aws, handle: Handle, props: RolePolicyProps) -> Observed:
        aws.iam.put_role_policy(
            RoleName=props.role_name, PolicyName=handle.name, PolicyDocument=json.dumps(_document(props))
        )
        return _observed(handle, props.role_name, {})

    def update(self, aws: Aws, handle: Handle, props: RolePolicyProps, observed: Observed) -> Observed:
        return self.create(aws, handle, props)

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        for role_name in _roles(aws, handle):
            found(aws.iam.delete_role_policy, RoleName=role_name, PolicyName=handle.name)
        return True

    def differences(self, wanted: JsonObject, observed: Observed) -> dict[str, tuple[JsonValue, JsonValue]]:
        """As everywhere, but the order of statements, actions, resources and values means nothing."""
        return {
            name: (now, wanted[name])
            for name, now in observed.props.items()
            if name in wanted and _canonical(now) != _canonical(wanted[name])
        }

    def cloudformation(self, place: Place, props: RolePolicyProps) -> Form:
        properties = {
            "RoleName": props.role_name,
            "PolicyName": place.name,
            "PolicyDocument": _document(props),
        }
        return Form(
            parts=(Part(type="AWS::IAM::RolePolicy", properties=properties),),
            attributes={
                "id": f"{props.role_name}/{place.name}",
                "name": place.name,
                "role_name": props.role_name,
            },
        )


def _roles(aws: Aws, handle: Handle) -> list[str]:
    """The role on record; without one, the portal's roles whose name says that they are of this environment."""
    if handle.id is not None:
        return [handle.id.split("/")[0]]
    roles = aws.listed(aws.iam.list_roles, "Roles", PathPrefix=ROLE_PATH)
    return [role["RoleName"] for role in roles if handle.stack in role["RoleName"]]


def _observed(handle: Handle, role_name: str, props: JsonObject) -> Observed:
    identity = f"{role_name}/{handle.name}"
    return Observed(
        id=identity,
        props=props,
        attributes={"id": identity, "name": handle.name, "role_name": role_name},
        tags=handle.tags,
    )


_STATEMENTS = TypeAdapter(list[Statement])


def _statements(document: Any) -> JsonValue:
    """The statements of a policy as our properties; what has elements that we never write is told as it is."""
    if not isinstance(document, Mapping):
        document = json.loads(document)
    listed = _as_list(document["Statement"])
    if any(one.keys() - {"Effect", "Action", "Resource", "Condition"} for one in listed):
        told: JsonValue = listed
        return told
    plain = [
        {
            "actions": _as_list(one["Action"]),
            "resources": _as_list(one["Resource"]),
            "effect": one["Effect"],
            "conditions": {
                operator: {key: _as_list(value) for key, value in keys.items()}
                for operator, keys in one.get("Condition", {}).items()
            },
        }
        for one in listed
    ]
    dumped: JsonValue = _STATEMENTS.dump_python(_STATEMENTS.validate_python(plain), mode="json")
    return dumped


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _canonical(value: JsonValue) -> JsonValue:
    if isinstance(value, list):
        return sorted((_canonical(item) for item in value), key=lambda item: json.dumps(item, sort_keys=True))
    if isinstance(value, dict):
        return {key: _canonical(item) for key, item in value.items()}
    return value


def _document(props: RolePolicyProps) -> dict[str, Any]:
    return {
        "Version": "2012-10-17",
        "Statement": [statement.document() for statement in props.statements],
    }
