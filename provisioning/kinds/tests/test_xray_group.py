"""What is peculiar to a trace group: its name is short, and X-Ray has one word for all that is wrong."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from provisioning.aws import Aws
from provisioning.errors import NameTaken
from provisioning.kind import kind_named
from provisioning.kinds.tests.contract import MakeHandle, check_contract, check_cuts
from provisioning.kinds.xray_group import GroupProps
from provisioning.pricing import Usage
from provisioning.references import JsonObject

pytestmark = pytest.mark.simulator
KIND = "xray.group"
# Properties with which it is checked in CloudFormation.
EXAMPLES: tuple[JsonObject, ...] = ({"filter": 'annotation.environment = "shop"', "insights": True},)
PROPS = GroupProps(filter='service("shop")')


def test_it_is_made_changed_and_taken_away(aws: Aws, handle: MakeHandle) -> None:
    check_contract(
        aws,
        handle("traces", KIND),
        PROPS,
        changes=[
            GroupProps(filter='service("shop") AND error'),
            GroupProps(filter=PROPS.filter, insights=True),
        ],
        attributes=["arn", "name"],
        also_permitted=["xray:TagResource"],  # a creation with tags
    )


def test_it_is_made_by_a_look_and_one_call(aws: Aws, handle: MakeHandle) -> None:
    assert check_cuts(aws, handle("traces", KIND), PROPS) == 1


def test_asked_for_twice_it_is_the_same(aws: Aws, handle: MakeHandle) -> None:
    made = [kind_named(KIND).create(aws, handle("traces", KIND), PROPS).id for _ in range(2)]

    assert made[0] == made[1]


def test_a_foreign_group_of_its_name_is_not_taken(aws: Aws, handle: MakeHandle) -> None:
    ours = handle("traces", KIND)
    aws.xray.create_group(GroupName=ours.name, FilterExpression="theirs")

    with pytest.raises(NameTaken):
        kind_named(KIND).create(aws, ours, PROPS)

    assert aws.xray.get_group(GroupName=ours.name)["Group"]["FilterExpression"] == "theirs"


def test_a_group_of_everything_is_refused() -> None:
    with pytest.raises(ValidationError, match="at least 1"):
        GroupProps(filter="")


def test_aws_takes_nothing_for_it() -> None:
    assert list(kind_named(KIND).cost(PROPS, Usage(), "us-east-1")) == []
