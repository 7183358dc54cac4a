"""The permissions of the portal's role in an account, as IAM policies: the calls of the kinds and of what looks at an
environment, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from provisioning.kind import Kind
from provisioning.references import JsonObject

# Characters of a managed policy, white space not counted:
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
LIMIT = 6144
OWN = ("tag:GetResources",)  # the sweep
PATH = "portal/"  # under which roles and instance profiles of environments stand
_OF_NO_ROLE = frozenset({"iam:ListRoles", "iam:ListInstanceProfiles"})  # AWS lets them name no resource

# Of a role that is not there AWS knows no path: whoever may read only those under a path is denied an answer, instead
# of being told that there is none.
_READS = ("iam:Get", "iam:List")
_NOUNS = ("role", "instance-profile")


@dataclass(frozen=True, kw_only=True)
class Policy:
    """One managed policy: its name and its document."""

    name: str
    document: JsonObject

    @property
    def text(self) -> str:
        """As IAM takes it, without white space."""
        return json.dumps(self.document, separators=(",", ":"))


def policies(kinds: Iterable[Kind[Any]], account: str, also: Iterable[str] = ()) -> tuple[Policy, ...]:
    """Everything that operations on things of these kinds call in this account, in as few policies as hold it. `also`:
    actions of what only looks.

    Raises ValueError where one statement alone is too long for a policy.
    """
    known, further = tuple(kinds), frozenset(also)
    statements = [*_of_services(known, further), *_of_roles(known, account, further)]
    packed: list[list[JsonObject]] = [[]]
    for statement in statements:
        if len(_document([*packed[-1], statement]).text) > LIMIT and packed[-1]:
            packed.append([])
        packed[-1].append(statement)
    made = tuple(_document(each, number) for number, each in enumerate(packed, start=1))
    too_long = [one.name for one in made if len(one.text) > LIMIT]
    if too_long:
        raise ValueError(f"{', '.join(too_long)}: one service alone has more actions than a policy holds")
    return made


def _document(statements: list[JsonObject], number: int = 0) -> Policy:
    document: JsonObject = {"Version": "2012-10-17", "Statement": [*statements]}
    return Policy(name=f"AndamioPortal{number}", document=document)


def _of_services(kinds: tuple[Kind[Any], ...], also: frozenset[str]) -> Iterator[JsonObject]:
    """One statement a service. They name no resources: ids do not exist before the call that makes them, and names
    begin with that of the application."""
    actions = sorted({*OWN, *also, *(action for kind in kinds for action in kind.permissions)})
    for service, of_service in groupby(actions, key=lambda action: action.partition(":")[0]):
        if service != "iam":
            yield {
                "Sid": _sid(service),
                "Effect": "Allow",
                "Action": [*of_service],
                "Resource": "*",
            }


def _of_roles(kinds: tuple[Kind[Any], ...], account: str, also: frozenset[str]) -> Iterator[JsonObject]:
    """Roles are the way to more power than one has: only those under the portal's own path, passed on only to the
    services that take them, and service-linked ones only of the services that need theirs."""
    called = {*also, *(action for kind in kinds for action in kind.permissions)}
    actions = {action for action in called if action.startswith("iam:")}
    passed = sorted({service for kind in kinds for service in kind.passes_roles_to})
    linked = sorted({service for kind in kinds for service in kind.linked_roles})
    own = [f"arn:aws:iam::{account}:{noun}/{PATH}*" for noun in _NOUNS]
    if actions & _OF_NO_ROLE:
        listed = sorted(actions & _OF_NO_ROLE)
        yield {"Sid": "ListRoles", "Effect": "Allow", "Action": [*listed], "Resource": "*"}
    reads = {action for action in actions - _OF_NO_ROLE if action.startswith(_READS)}
    if reads:
        anywhere = [f"arn:aws:iam::{account}:{noun}/*" for noun in _NOUNS]
        yield {
            "Sid": "ReadRoles",
            "Effect": "Allow",
            "Action": [*sorted(reads)],
            "Resource": [*anywhere],
        }
    if actions - _OF_NO_ROLE - reads:
        plain = sorted(actions - _OF_NO_ROLE - reads)
        yield {"Sid": "OwnRoles", "Effect": "Allow", "Action": [*plain], "Resource": [*own]}
    if passed:
        yield {
            "Sid": "PassOwnRoles",
            "Effect": "Allow",
            "Action": ["iam:PassRole"],
            "Resource": own[0],
            "Condition": {"StringEquals": {"iam:PassedToService": [*passed]}},
        }
    if linked:
        yield {
            "Sid": "ServiceLinkedRoles",
            "Effect": "Allow",
            "Action": ["iam:CreateServiceLinkedRole"],
            "Resource": f"arn:aws:iam::{account}:role/aws-service-role/*",
            "Condition": {"StringEquals": {"iam:AWSServiceName": [*linked]}},
        }


def _sid(service: str) -> str:
    return "".join(word.capitalize() for word in service.split("-"))
