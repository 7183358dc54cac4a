"""IAM in the simulator: instance profiles hold one role, and keep it."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from provisioning.simulator.tests.clients import refusal
from provisioning.simulator.tests.servers import TRUST

pytestmark = pytest.mark.simulator
Aws = Callable[[str], Any]


def make_role(iam: Any, name: str) -> str:
    """The name of a role that EC2 takes on."""
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(TRUST))
    return name


def test_a_profile_has_one_role_which_stays_while_it_is_in_it(aws: Aws) -> None:
    iam = aws("iam")
    first, second = make_role(iam, "first"), make_role(iam, "second")
    iam.create_instance_profile(InstanceProfileName="web")
    iam.add_role_to_instance_profile(InstanceProfileName="web", RoleName=first)
    put_in = {"InstanceProfileName": "web", "RoleName": second}
    assert refusal(iam.add_role_to_instance_profile, **put_in) == "LimitExceeded"
    assert refusal(iam.delete_role, RoleName=first) == "DeleteConflict"
    assert refusal(iam.delete_instance_profile, InstanceProfileName="web") == "DeleteConflict"
    iam.remove_role_from_instance_profile(InstanceProfileName="web", RoleName=first)
    iam.delete_instance_profile(InstanceProfileName="web")
    iam.delete_role(RoleName=first)


def test_a_role_that_is_not_in_a_profile_cannot_be_taken_out(aws: Aws) -> None:
    iam = aws("iam")
    make_role(iam, "first")
    iam.create_instance_profile(InstanceProfileName="web")
    taken_out = {"InstanceProfileName": "web", "RoleName": "first"}
    assert refusal(iam.remove_role_from_instance_profile, **taken_out) == "NoSuchEntity"


def test_names_of_profiles_differ_by_more_than_case(aws: Aws) -> None:
    iam = aws("iam")
    iam.create_instance_profile(InstanceProfileName="web")
    assert refusal(iam.create_instance_profile, InstanceProfileName="WEB") == "EntityAlreadyExists"
