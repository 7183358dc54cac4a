"""IAM: names and trust policies are checked, and AWS's own policies are there without loading all of them."""

import json
import re
from functools import cache
from typing import Any

from moto.iam.aws_managed_policies import aws_managed_policies_data
from moto.iam.models import AWSManagedPolicy, iam_backends

from provisioning.simulator.operations import Call, Refusal, operation

_ROLE_NAME = re.compile(r"[\w+=,.@-]{1,64}", re.ASCII)


@cache
def _own_policies() -> dict[str, Any]:
    data: dict[str, Any] = json.loads(aws_managed_policies_data)
    return data


def _have(call: Call, arn: str) -> None:
    """Put one of AWS's own policies into the account when it is first spoken of."""
    if not arn.startswith("arn:aws:iam::aws:policy/"):
        return
    backend = iam_backends[call.account]["aws"]
    name = arn.rsplit("/", 1)[-1]
    if arn not in backend.managed_policies and name in _own_policies():
        policy = AWSManagedPolicy.from_data(name, call.account, "aws", _own_policies()[name])
        if policy.arn == arn:
            backend.managed_policies[arn] = policy


@operation(
    "iam",
    "AttachRolePolicy",
    "AttachUserPolicy",
    "AttachGroupPolicy",
    "GetPolicy",
    "GetPolicyVersion",
    "ListEntitiesForPolicy",
)
def speak_of_policy(call: Call) -> object:
    """moto's part, with AWS's policy in place."""
    _have(call, call.text("PolicyArn"))
    return call.forward()


def _check_trust(document: str) -> None:
    try:
        policy = json.loads(document)
    except json.JSONDecodeError:
        raise Refusal("MalformedPolicyDocument", "This policy contains invalid Json") from None
    statements = policy.get("Statement") if isinstance(policy, dict) else None
    if not statements:
        raise Refusal("MalformedPolicyDocument", "Missing required field Statement")
    for statement in [statements] if isinstance(statements, dict) else statements:
        if "Action" not in statement:
            raise Refusal("MalformedPolicyDocument", "Missing required field Action")
        if "Principal" not in statement:
            raise Refusal("MalformedPolicyDocument", "Missing required field Principal")


@operation("iam", "CreateRole")
def create_role(call: Call) -> object:
    """Refuses long names, odd characters and trust policies that are none; names are unique in any case."""
    name = call.text("RoleName")
    if not _ROLE_NAME.fullmatch(name):
        raise Refusal(
            "ValidationError",
            f"1 validation error detected: Value '{name}' at 'roleName' failed to satisfy constraint: Member must "
            "have length less than or equal to 64 and satisfy regular expression pattern: [\\w+=,.@-]+",
        )
    if any(role.name.lower() == name.lower() for role in iam_backends[call.account]["aws"].roles.values()):
        raise Refusal("EntityAlreadyExists", f"Role with name {name} already exists.", 409)
    _check_trust(call.text("AssumeRolePolicyDocument"))
    return call.forward()


@operation("iam", "UpdateAssumeRolePolicy")
def update_assume_role_policy(call: Call) -> object:
    """The trust policy is checked as a new role's is."""
    _check_trust(call.text("PolicyDocument"))
    return call.forward()


@operation("iam", "CreateInstanceProfile")
def create_instance_profile(call: Call) -> object:
    """Names are unique in any case."""
    name = call.text("InstanceProfileName")
    if any(one.lower() == name.lower() for one in iam_backends[call.account]["aws"].instance_profiles):
        raise Refusal("EntityAlreadyExists", f"Instance Profile {name} already exists.", 409)
    return call.forward()


@operation("iam", "RemoveRoleFromInstanceProfile")
def remove_role_from_instance_profile(call: Call) -> object:
    """A role that is not in the profile is a NoSuchEntity; moto breaks."""
    backend, role = iam_backends[call.account]["aws"], call.text("RoleName")
    profile = backend.get_instance_profile(call.text("InstanceProfileName"))
    if role not in [one.name for one in profile.roles]:
        raise Refusal(
            "NoSuchEntity", f"The role with name {role} is not in instance profile {profile.name}.", 404
        )
    return call.forward()
