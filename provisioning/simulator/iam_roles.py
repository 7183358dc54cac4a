"""Which ARN of IAM a call is about: policies name roles with their path, calls name them without."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from moto.ec2.models import ec2_backends
from moto.iam.models import IAMBackend, iam_backends

_LISTS = frozenset({"ListRoles", "ListInstanceProfiles", "ListPolicies"})


def resource_of(operation: str, params: Mapping[str, Any], account: str) -> str:
    """The ARN that AWS checks. A role that does not exist has no path yet but the one that it is made with."""
    if operation in _LISTS:
        return "*"
    noun, name = "role", params.get("RoleName")
    if "InstanceProfileName" in params:
        noun, name = "instance-profile", params["InstanceProfileName"]
    if not name:
        return str(params.get("PolicyArn") or "*")
    backend = _backend(account)
    known = _role(backend, name) if noun == "role" else _profile(backend, name)
    if known is not None:
        return str(known.arn)
    path = str(params.get("Path") or "/") if operation.startswith("Create") else "/"
    return f"arn:aws:iam::{account}:{noun}{path}{name}"


def arns_of(told: str, account: str) -> Iterator[str]:
    """The roles behind what a call hands on: an ARN of a role, or the name or ARN of a role or instance profile, or a
    launch template in which one stands."""
    backend = _backend(account)
    if told.startswith("lt-"):
        yield from _in_template(told, account)
    elif ":role/" in told:
        yield told
    elif (profile := _profile(backend, told.rsplit("/", 1)[-1])) is not None:
        yield from (str(role.arn) for role in profile.roles)
    elif (role := _role(backend, told)) is not None:
        yield str(role.arn)


def _in_template(template: str, account: str) -> Iterator[str]:
    for backend in ec2_backends[account].values():
        known = backend.launch_templates.get(template)
        if known is not None:
            profile = known.latest_version().data.get("IamInstanceProfile") or {}
            for told in (profile.get("Arn"), profile.get("Name")):
                if told:
                    yield from arns_of(told, account)


def _backend(account: str) -> IAMBackend:
    backend: IAMBackend = iam_backends[account]["aws"]
    return backend


def _role(backend: IAMBackend, name: str) -> Any:
    return next((one for one in backend.roles.values() if one.name == name), None)


def _profile(backend: IAMBackend, name: str) -> Any:
    return next((one for one in backend.instance_profiles.values() if one.name == name), None)
