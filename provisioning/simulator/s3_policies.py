"""Bucket policies: what S3 says of a document before it keeps it, which moto keeps whatever it says."""

import json
import re
from typing import Any

from moto.iam.models import iam_backends

from provisioning.simulator.operations import Refusal

_MOST_BYTES = 20_480
_ROLE = re.compile(r"arn:aws:iam::(\d{12}):role/(.*/)?([^/]+)")
_SERVICE = re.compile(r"[a-z0-9.-]+\.amazonaws\.com")
#: Conditions that keep a service from acting for everybody, or everybody from being meant (S3 user guide, "The
#: meaning of public").
_NARROWING = {
    "aws:sourcearn",
    "aws:sourceaccount",
    "aws:sourceorgid",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:sourceip",
    "aws:principalorgid",
    "aws:principalaccount",
    "aws:principalarn",
    "aws:userid",
}


def check(document: bytes, bucket: Any, account: str) -> None:
    """Refuses what S3 refuses: documents that are none, of other buckets, for nobody or, where blocked, for all."""
    if len(document) > _MOST_BYTES:
        raise _malformed("Policy exceeds the maximum allowed document size.")
    statements = _statements(document)
    for statement in statements:
        _check_elements(statement)
        _check_resources(statement, bucket.name)
        _check_principal(statement, account)
    block = bucket.public_access_block
    if block and block.block_public_policy and any(map(_is_public, statements)):
        raise Refusal(
            "AccessDenied",
            f"User is not authorized to perform: s3:PutBucketPolicy on resource: "
            f'"arn:aws:s3:::{bucket.name}" because public policies are prevented by the BlockPublicPolicy setting in '
            "S3 Block Public Access.",
            403,
        )


def _malformed(text: str) -> Refusal:
    return Refusal("MalformedPolicy", text, 400)


def _statements(document: bytes) -> list[Any]:
    try:
        policy = json.loads(document)
    except ValueError:
        policy = None
    if not isinstance(policy, dict):
        raise _malformed("Policies must be valid JSON and the first byte must be '{'")
    statements = policy.get("Statement")
    if not statements:
        raise _malformed("Missing required field Statement")
    return _as_list(statements)


def _check_elements(statement: Any) -> None:
    for name in ("Effect", "Principal", "Action", "Resource"):
        if not (statement.get(name) or statement.get(f"Not{name}")):
            raise _malformed(f"Missing required field {name}")
    if statement["Effect"] not in ("Allow", "Deny"):
        raise _malformed(f"Invalid effect: {statement['Effect']}")


def _check_resources(statement: Any, bucket: str) -> None:
    own = f"arn:aws:s3:::{bucket}"
    for resource in _as_list(statement.get("Resource") or statement.get("NotResource")):
        if resource != own and not resource.startswith(f"{own}/"):
            raise _malformed("Policy has invalid resource")


def _check_principal(statement: Any, account: str) -> None:
    principal = statement.get("Principal")
    if not isinstance(principal, dict):
        return
    for service in _as_list(principal.get("Service", [])):
        if not _SERVICE.fullmatch(service):
            raise _malformed("Invalid principal in policy")
    roles = {role.name for role in iam_backends[account]["aws"].roles.values()}
    for arn in _as_list(principal.get("AWS", [])):
        match = _ROLE.fullmatch(arn)
        if match and match[1] == account and match[3] not in roles:
            raise _malformed("Invalid principal in policy")


def _is_public(statement: Any) -> bool:
    if statement["Effect"] != "Allow":
        return False
    principal = statement.get("Principal")
    anybody = principal == "*" or (isinstance(principal, dict) and "*" in _as_list(principal.get("AWS")))
    service = isinstance(principal, dict) and "Service" in principal
    keys = {key.lower() for operator in statement.get("Condition", {}).values() for key in operator}
    return (anybody or service) and not keys & _NARROWING


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
