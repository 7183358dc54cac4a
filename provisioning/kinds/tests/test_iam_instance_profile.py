"""What is peculiar to an instance profile: its one role, which is put in by a second call."""

from __future__ import annotations

import pytest

from provisioning.aws import Aws
from provisioning.errors import AlreadyExists, Busy
from provisioning.kind import kind_named
from provisioning.kinds.iam_instance_profile import InstanceProfileProps
from provisioning.kinds.iam_role import RoleProps
from provisioning.kinds.tests.contract import ACCOUNT, Build, MakeHandle, check_contract, check_cuts
from provisioning.references import JsonObject

pytestmark = pytest.mark.simulator
KIND = "iam.instance_profile"
# Properties with which it is checked in CloudFormation.
EXAMPLES: tuple[JsonObject, ...] = ({"role_name": "shop"},)


@pytest.fixture
def roles(build: Build) -> list[str]:
    """The names of two roles that EC2 may take on."""
    return [build(key, RoleProps(service="ec2.amazonaws.com")).id for key in ("role", "other-role")]


def test_it_is_made_changed_and_taken_away(aws: Aws, handle: MakeHandle, roles: list[str]) -> None:
    check_contract(
        aws,
        handle("profile", KIND),
        InstanceProfileProps(role_name=roles[0]),
        changes=[InstanceProfileProps(role_name=roles[1])],
        attributes=["name", "arn"],
        # CreateInstanceProfile with tags; and what putting a role in needs.
    )


def test_a_cut_before_its_role_is_in_it_is_repaired(aws: Aws, handle: MakeHandle, roles: list[str]) -> None:
    assert check_cuts(aws, handle("profile", KIND), InstanceProfileProps(role_name=roles[0])) == 1


def test_its_role_goes_after_it(aws: Aws, handle: MakeHandle, build: Build, roles: list[str]) -> None:
    name = build("profile", InstanceProfileProps(role_name=roles[0])).id
    with pytest.raises(Busy):
        aws.iam.delete_role(RoleName=roles[0])

    kind_named(KIND).delete(aws, handle("profile", KIND, id=name))

    aws.iam.delete_role(RoleName=roles[0])
    assert "role_name" in kind_named(KIND).holds


def test_a_role_put_in_by_hand_is_seen_and_replaced(
    aws: Aws, handle: MakeHandle, build: Build, roles: list[str]
) -> None:
    wanted = InstanceProfileProps(role_name=roles[0])
    name = build("profile", wanted).id
    aws.iam.remove_role_from_instance_profile(InstanceProfileName=name, RoleName=roles[0])
    aws.iam.add_role_to_instance_profile(InstanceProfileName=name, RoleName=roles[1])
    profile, kind = handle("profile", KIND, id=name), kind_named(KIND)
    now = kind.read(aws, profile)
    assert now is not None and now.props == {"role_name": roles[1]}

    kind.update(aws, profile, wanted, now)

    after = kind.read(aws, profile)
    assert after is not None and after.props == wanted.dump()


def test_a_foreign_profile_of_its_name_is_not_taken(aws: Aws, handle: MakeHandle, roles: list[str]) -> None:
    ours = handle("profile", KIND)
    aws.iam.create_instance_profile(InstanceProfileName=ours.name)

    with pytest.raises(AlreadyExists):
        kind_named(KIND).create(aws, ours, InstanceProfileProps(role_name=roles[0]))

    found = kind_named(KIND).read(aws, ours)
    assert found is not None and not ours.owns(found.tags)
    assert found.props == {"role_name": ""}


def test_it_stands_under_the_path_of_the_portal(handle: MakeHandle, build: Build, roles: list[str]) -> None:
    name = handle("profile", KIND).name

    arn = build("profile", InstanceProfileProps(role_name=roles[0])).attributes["arn"]

    assert arn == f"arn:aws:iam::{ACCOUNT}:instance-profile/portal/{name}"
