"""An IAM role that one AWS service may take on in this account."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from pydantic import Field

from provisioning.aws import Aws, found
from provisioning.errors import Busy
from provisioning.kind import Handle, Kind, Observed, Props, register
from provisioning.lookup import tags_of
from provisioning.names import Naming
from provisioning.references import JsonObject, JsonValue
from provisioning.template_parts import REF, Form, Part, Place, Told, given

if TYPE_CHECKING:
    from mypy_boto3_iam.type_defs import RoleTypeDef

PATH = "/portal/"


class RoleProps(Props):
    """`service`: who takes the role on, e.g. "ecs-tasks.amazonaws.com", and only on behalf of this account.
    `managed_policy_arns`: AWS's own policies in it, e.g. "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"."""

    service: str = "ecs-tasks.amazonaws.com"
    description: str = Field(default="", max_length=1000)
    managed_policy_arns: tuple[str, ...] = Field(default=(), max_length=10)


@register
class Role(Kind[RoleProps]):
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html

    Who may take it on is limited to this account's own resources (aws:SourceAccount), against a confused deputy, where
    the service says for whom it asks. Attributes: id (the name), name, arn.
    """

    name = "iam.role"
    title = "IAM role"
    naming = Naming(limit=64)
    permissions = (
        "iam:CreateRole",
        "iam:TagRole",
        "iam:GetRole",
        "iam:UpdateRole",
        "iam:UpdateAssumeRolePolicy",
        "iam:ListAttachedRolePolicies",
        "iam:AttachRolePolicy",
        "iam:DetachRolePolicy",
        "iam:ListRolePolicies",
        "iam:DeleteRolePolicy",
        "iam:DeleteRole",
    )
    props = RoleProps

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        answer = found(aws.iam.get_role, RoleName=handle.name)
        if answer is None:
            return None
        role = answer["Role"]
        return Observed(
            id=role["RoleName"],
            props={
                "service": _trusted(role, handle.account),
                "description": role.get("Description", ""),
                "managed_policy_arns": list(_attached(aws, handle.name)),
            },
            attributes=_attributes(role),
            tags=tags_of(role),
        )

    def create(self, aws: Aws, handle: Handle, props: RoleProps) -> Observed:
        answer = aws.iam.create_role(
            Path=PATH,
            RoleName=handle.name,
            Description=props.description,
            AssumeRolePolicyDocument=json.dumps(_trust(props.service, handle.account)),
            Tags=handle.tag_list,
        )
        for arn in props.managed_policy_arns:
            aws.iam.attach_role_policy(RoleName=handle.name, PolicyArn=arn)
        return Observed(id=handle.name, attributes=_attributes(answer["Role"]))

    def update(self, aws: Aws, handle: Handle, props: RoleProps, observed: Observed) -> Observed:
        changed = self.differences(props.dump(), observed)
        if "service" in changed:
            aws.iam.update_assume_role_policy(
                RoleName=handle.name, PolicyDocument=json.dumps(_trust(props.service, handle.account))
            )
        if "description" in changed:
            aws.iam.update_role(RoleName=handle.name, Description=props.description)
        if "managed_policy_arns" in changed:
            _attach_exactly(aws, handle.name, set(props.managed_policy_arns))
        return observed

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        try:
            found(aws.iam.delete_role, RoleName=handle.name)
        except Busy:
            # DeleteConflict: it has attached policies, or inline ones that no record of ours knows.
            for arn in _attached(aws, handle.name):
                found(aws.iam.detach_role_policy, RoleName=handle.name, PolicyArn=arn)
            for name in aws.listed(aws.iam.list_role_policies, "PolicyNames", RoleName=handle.name):
                found(aws.iam.delete_role_policy, RoleName=handle.name, PolicyName=name)
            found(aws.iam.delete_role, RoleName=handle.name)
        return True

    def differences(self, wanted: JsonObject, observed: Observed) -> dict[str, tuple[JsonValue, JsonValue]]:
        """As everywhere, but the order of policies means nothing."""
        found_ones = super().differences(wanted, observed)
        return {name: pair for name, pair in found_ones.items() if not _same_policies(*pair)}

    def cloudformation(self, place: Place, props: RoleProps) -> Form:
        properties = {
            "RoleName": place.name,
            "Path": PATH,
            "Description": props.description,
            "AssumeRolePolicyDocument": _trust(props.service, place.account),
            "ManagedPolicyArns": list(props.managed_policy_arns),
            "Tags": place.tag_list,
        }
        return Form(
            parts=(Part(type="AWS::IAM::Role", properties=given(properties)),),
            attributes={"id": REF, "name": REF, "arn": Told("Arn")},
        )


def _attached(aws: Aws, name: str) -> tuple[str, ...]:
    policies = aws.listed(aws.iam.list_attached_role_policies, "AttachedPolicies", RoleName=name)
    return tuple(policy["PolicyArn"] for policy in policies)


def _attach_exactly(aws: Aws, name: str, wanted: set[str]) -> None:
    there = set(_attached(aws, name))
    for arn in sorted(wanted - there):
        aws.iam.attach_role_policy(RoleName=name, PolicyArn=arn)
    for arn in sorted(there - wanted):
        aws.iam.detach_role_policy(RoleName=name, PolicyArn=arn)


def _same_policies(now: object, wanted: object) -> bool:
    both_lists = isinstance(now, list) and isinstance(wanted, list)
    return both_lists and sorted(map(str, _items(now))) == sorted(map(str, _items(wanted)))


def _items(value: object) -> list[JsonValue]:
    return value if isinstance(value, list) else []


def _attributes(role: RoleTypeDef) -> dict[str, str]:
    return {"id": role["RoleName"], "name": role["RoleName"], "arn": role["Arn"]}


# Services that send no aws:SourceAccount when they take a role on: with that condition they could not. EC2 takes on
# only roles of its instance's own account; Elastic Beanstalk sends its name (Elastic Beanstalk Developer Guide,
# "Elastic Beanstalk service role": trust policy).
_OTHER_CONDITIONS: Mapping[str, dict[str, Any]] = {
    "ec2.amazonaws.com": {},
    "elasticbeanstalk.amazonaws.com": {"StringEquals": {"sts:ExternalId": "elasticbeanstalk"}},
}


def _trust(service: str, account: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html"""
    statement: dict[str, Any] = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sts:AssumeRole",
    }
    condition = _OTHER_CONDITIONS.get(service, {"StringEquals": {"aws:SourceAccount": account}})
    if condition:
        statement["Condition"] = condition
    return {"Version": "2012-10-17", "Statement": [statement]}


def _trusted(role: RoleTypeDef, account: str) -> str:
    """The service that the role trusts as written here; empty when it trusts anything else."""
    document = role["AssumeRolePolicyDocument"]
    if not isinstance(document, Mapping):
        document = json.loads(document)
    statements = document.get("Statement") or []
    principal = statements[0].get("Principal") if isinstance(statements, list) and statements else None
    service = principal.get("Service") if isinstance(principal, Mapping) else None
    return service if isinstance(service, str) and document == _trust(service, account) else ""
