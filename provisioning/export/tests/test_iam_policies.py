"""The policies of the portal's role: all that the kinds call, nothing that would make it more than it is."""

from __future__ import annotations

import json
import re
import warnings
from fnmatch import fnmatchcase
from typing import Any

import pytest

import provisioning.kinds  # noqa: F401  # registers every kind
from provisioning.export.iam_policies import LIMIT, OWN, Policy, policies
from provisioning.inspect import metrics
from provisioning.kind import Kind, all_kinds, kind_named
from provisioning.kinds.iam_role import PATH
from provisioning.readiness import checklist

ACCOUNT = "123456789012"
# Ids are not known before the call that makes the thing, and buckets' names begin with that of the application; who may
# write a bucket's policy could open it, and the portal has to.
EXPLAINED = {"RESOURCE_STAR", "RESOURCE_POLICY_PRIVILEGE_ESCALATION"}


def of_aws() -> list[Kind[Any]]:
    """Every kind but those that tests register."""
    return [kind for kind in all_kinds() if not kind.name.startswith("fake.")]


@pytest.fixture(scope="module")
def made() -> tuple[Policy, ...]:
    return policies(of_aws(), ACCOUNT, also=(*checklist.PERMISSIONS, *metrics.PERMISSIONS))


def statements(made: tuple[Policy, ...]) -> list[dict[str, Any]]:
    return [one for policy in made for one in json.loads(policy.text)["Statement"]]


def test_every_action_of_every_kind_is_allowed_once(made: tuple[Policy, ...]) -> None:
    allowed = [action for one in statements(made) for action in one["Action"]]

    assert len(allowed) == len(set(allowed))
    wanted = {action for kind in of_aws() for action in kind.permissions} | {
        *OWN,
        *checklist.PERMISSIONS,
        *metrics.PERMISSIONS,
    }
    assert set(allowed) - wanted == {"iam:PassRole", "iam:CreateServiceLinkedRole"}
    assert wanted <= set(allowed)


def test_each_fits_into_a_managed_policy(made: tuple[Policy, ...]) -> None:
    assert max(len(policy.text) for policy in made) <= LIMIT
    assert len({policy.name for policy in made}) == len(made)


def test_a_linter_that_knows_every_action_of_aws_finds_nothing_unexplained(made: tuple[Policy, ...]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it is older than this Python
        import parliament  # type: ignore[import-untyped]
    findings = [one for policy in made for one in parliament.analyze_policy_string(policy.text).findings]

    assert [(one.issue, one.detail) for one in findings if one.issue not in EXPLAINED] == []


def test_roles_are_made_passed_on_and_deleted_under_its_own_path_only(made: tuple[Policy, ...]) -> None:
    own = f"arn:aws:iam::{ACCOUNT}:role{PATH}"
    for one in statements(made):
        if any(re.match("iam:(?!Get|List)", action) for action in one["Action"]):
            named = [one["Resource"]] if isinstance(one["Resource"], str) else one["Resource"]
            assert any(fnmatchcase(f"{own}x", resource) for resource in named) or "Condition" in one
            assert not any(fnmatchcase(f"arn:aws:iam::{ACCOUNT}:role/Admin", resource) for resource in named)


def test_a_role_is_passed_on_only_to_the_services_that_take_it(made: tuple[Policy, ...]) -> None:
    (passing,) = [one for one in statements(made) if one["Action"] == ["iam:PassRole"]]

    services = {service for kind in of_aws() for service in kind.passes_roles_to}
    assert set(passing["Condition"]["StringEquals"]["iam:PassedToService"]) == services
    assert "ecs-tasks.amazonaws.com" in services


def test_a_kind_says_to_whom_it_passes_roles_instead_of_asking_for_the_action() -> None:
    broad = {"iam:PassRole", "iam:CreateServiceLinkedRole"}

    assert [kind.name for kind in of_aws() if broad & set(kind.permissions)] == []


def test_what_no_kind_needs_is_not_asked_for() -> None:
    (policy,) = policies([kind_named("sns.topic")], ACCOUNT)

    assert set(re.findall(r'"(\w+):\w+"', policy.text)) == {"sns", "tag"}
