"""What is peculiar to a DB subnet group."""

from __future__ import annotations

import time

import pytest
from pydantic import ValidationError

from provisioning.aws import Aws
from provisioning.kind import kind_named
from provisioning.kinds.ec2_subnet import SubnetProps
from provisioning.kinds.ec2_vpc import VpcProps
from provisioning.kinds.rds_db_subnet_group import DBSubnetGroupProps
from provisioning.kinds.tests.contract import Build, MakeHandle, check_contract, check_cuts
from provisioning.references import JsonObject

KIND = "rds.db_subnet_group"
# Properties with which it is checked in CloudFormation.
EXAMPLES: tuple[JsonObject, ...] = ({"subnet_ids": ["subnet-0a1b2c3d4e5f60711", "subnet-0a1b2c3d4e5f60712"]},)


@pytest.fixture
def subnets(build: Build) -> list[str]:
    vpc = build("vpc", VpcProps())
    return [
        build(
            f"private-{zone}",
            SubnetProps(
                vpc_id=vpc.id, cidr_block=f"10.0.{number}.0/24", availability_zone=f"us-east-1{zone}"
            ),
        ).id
        for number, zone in enumerate("abc")
    ]


def test_it_is_made_changed_and_taken_away(aws: Aws, handle: MakeHandle, subnets: list[str]) -> None:
    props = DBSubnetGroupProps(subnet_ids=tuple(subnets[:2]))
    more = DBSubnetGroupProps(subnet_ids=tuple(subnets))
    renamed = DBSubnetGroupProps(subnet_ids=tuple(subnets), description="Private subnets")

    check_contract(
        aws,
        handle("database-subnets", KIND),
        props,
        changes=[more, renamed],
        attributes=["name", "arn"],
        also_permitted=[
            "rds:AddTagsToResource",  # a creation with tags
            "rds:ListTagsForResource",  # whose a group is that is not marked
            "ec2:DescribeAvailabilityZones",  # RDS with the caller's rights
            "ec2:DescribeSubnets",
            "ec2:DescribeVpcs",
        ],
    )


def test_it_is_made_by_one_call(aws: Aws, handle: MakeHandle, subnets: list[str]) -> None:
    props = DBSubnetGroupProps(subnet_ids=tuple(subnets[:2]))

    assert check_cuts(aws, handle("database-subnets", KIND), props) == 0


def test_all_environments_share_one_list(
    aws: Aws, handle: MakeHandle, build: Build, subnets: list[str]
) -> None:
    props = DBSubnetGroupProps(subnet_ids=tuple(subnets[:2]))
    build("database-subnets", props)
    build("database-subnets", props, stack="sstrange")
    plan = aws.since(time.monotonic())
    before = aws.connection.calls

    mine = kind_named(KIND).read(plan, handle("database-subnets", KIND))
    theirs = kind_named(KIND).read(plan, handle("database-subnets", KIND, stack="sstrange"))

    assert mine is not None and theirs is not None and mine.id != theirs.id
    assert aws.connection.calls - before == 1


def test_a_group_of_the_same_name_that_somebody_else_made_is_not_ours(
    aws: Aws, handle: MakeHandle, subnets: list[str]
) -> None:
    ours = handle("database-subnets", KIND)
    aws.rds.create_db_subnet_group(
        DBSubnetGroupName=ours.name, DBSubnetGroupDescription="By hand", SubnetIds=subnets[:2]
    )

    found = kind_named(KIND).read(aws, ours)

    assert found is not None and not ours.owns(found.tags)


def test_tags_prove_ownership_when_somebody_rewrote_the_description(
    aws: Aws, handle: MakeHandle, build: Build, subnets: list[str]
) -> None:
    ours = handle("database-subnets", KIND)
    props = DBSubnetGroupProps(subnet_ids=tuple(subnets[:2]))
    build("database-subnets", props)
    aws.rds.modify_db_subnet_group(
        DBSubnetGroupName=ours.name, DBSubnetGroupDescription="By hand", SubnetIds=subnets[:2]
    )

    found = kind_named(KIND).read(aws, ours)

    assert found is not None and ours.owns(found.tags)
    assert set(kind_named(KIND).differences(props.dump(), found)) == {"description"}


def test_one_subnet_is_too_few() -> None:
    with pytest.raises(ValidationError):
        DBSubnetGroupProps(subnet_ids=("${private-a.id}",))


def test_subnets_in_another_order_are_no_difference(
    aws: Aws, handle: MakeHandle, build: Build, subnets: list[str]
) -> None:
    build("database-subnets", DBSubnetGroupProps(subnet_ids=tuple(subnets)))
    found = kind_named(KIND).read(aws, handle("database-subnets", KIND))
    assert found is not None
    wanted: JsonObject = {"subnet_ids": [*sorted(subnets, reverse=True)]}

    assert kind_named(KIND).differences(wanted, found) == {}
