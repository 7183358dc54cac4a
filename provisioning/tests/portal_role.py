"""The portal's role in a simulated account: made by its root, with the policies that the kinds ask for."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from provisioning.aws import AccountAccess, Aws, Connection
from provisioning.export.iam_policies import Policy, policies
from provisioning.kind import Kind, all_kinds

_NAME = "Andamio"
_EXTERNAL_ID = "known-to-both-sides"
_TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"AWS": "arn:aws:iam::123456789012:root"},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"sts:ExternalId": _EXTERNAL_ID}},
        }
    ],
}


def _own() -> tuple[Kind[Any], ...]:
    """Every kind but those that tests register."""
    return tuple(kind for kind in all_kinds() if not kind.name.startswith("fake."))


def granted(account: str) -> frozenset[str]:
    """Every action that the policies allow, with the service where only one is meant."""
    documents = (json.loads(policy.text) for policy in policies(_own(), account))
    return frozenset(
        " for ".join((action, *limit))
        for document in documents
        for statement in document["Statement"]
        for action in statement["Action"]
        for limit in _limits(statement)
    )


def _limits(statement: dict[str, Any]) -> list[tuple[str, ...]]:
    conditions = statement.get("Condition", {}).get("StringEquals", {})
    return [(service,) for services in conditions.values() for service in services] or [()]


def asked_for(kinds: Iterable[Kind[Any]]) -> set[str]:
    """What kinds alone would have allowed."""
    labels: set[str] = set()
    for kind in kinds:
        labels |= {*kind.permissions}
        labels |= {f"iam:PassRole for {service}" for service in kind.passes_roles_to}
        labels |= {f"iam:CreateServiceLinkedRole for {service}" for service in kind.linked_roles}
    return labels


def make_portal_role(root: Aws) -> AccountAccess:
    """How to reach the account as that role."""
    return make_role(root, _NAME, policies(_own(), root.account))


def make_role(root: Aws, name: str, allowed: Iterable[Policy]) -> AccountAccess:
    """How to reach the account as a role with these policies and no others."""
    role = root.iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(_TRUST))["Role"]
    for policy in allowed:
        made = root.iam.create_policy(PolicyName=f"{name}-{policy.name}", PolicyDocument=policy.text)[
            "Policy"
        ]
        root.iam.attach_role_policy(RoleName=name, PolicyArn=made["Arn"])
    return AccountAccess(
        account=root.account,
        role_arn=role["Arn"],
        external_id=_EXTERNAL_ID,
        endpoint_url=root.connection.access.endpoint_url,
    )


def root_of(endpoint: str, account: str, region: str) -> Aws:
    """The account's root, to which everything is allowed."""
    access = AccountAccess(account=account, endpoint_url=endpoint)
    return Aws(connection=Connection(access, region), caller="root")


def used(journal: Path) -> frozenset[str]:
    """Every action that a role was allowed, by the simulator's journal."""
    lines = map(json.loads, journal.read_text().splitlines())
    return frozenset(action for line in lines for action in line["actions"])
