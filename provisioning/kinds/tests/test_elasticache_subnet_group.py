"""What is peculiar to a cache subnet group."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from provisioning.aws import Aws
from provisioning.kind import kind_named
from provisioning.kinds.ec2_subnet import SubnetProps
from provisioning.kinds.ec2_vpc import VpcProps
from provisioning.kinds.elasticache_subnet_group import CacheSubnetGroupProps
from provisioning.kinds.tests.contract import Build, MakeHandle, check_contract, check_cuts
from provisioning.references import JsonObject

KIND = "elasticache.subnet_group"
# Properties with which it is checked in CloudFormation.
EXAMPLES: tuple[JsonObject, ...] = ({"subnet_ids": ["subnet-0a1b2c3d4e5f60711", "subnet-0a1b2c3d4e5f60712"]},)


@pytest.fixture
def subnets(build: Build) -> tuple[str, ...]:
    vpc = build("vpc", VpcProps())
    wanted = [
        SubnetProps(vpc_id=vpc.id, cidr_block=f"10.0.{number}.0/24", availability_zone=f"us-east-1{zone}")
        for number, zone in enumerate("ab")
    ]
    return tuple(build(f"private-{number}", one).id for number, one in enumerate(wanted))


def test_it_is_made_changed_and_taken_away(aws: Aws, handle: MakeHandle, subnets: tuple[str, ...]) -> None:
    one = CacheSubnetGroupProps(subnet_ids=subnets[:1])
    both = CacheSubnetGroupProps(subnet_ids=subnets, description="Private subnets")

    check_contract(
        aws,
        handle("cache-subnets", KIND),
        one,
        changes=[both],
        attributes=["name", "arn"],
        also_permitted=[
            "elasticache:AddTagsToResource",  # a creation with tags
            "elasticache:ListTagsForResource",  # whose a group is that is not marked
            "ec2:DescribeSubnets",  # ElastiCache with the caller's rights
            "ec2:DescribeVpcs",
        ],
    )


def test_it_is_made_by_one_call(aws: Aws, handle: MakeHandle, subnets: tuple[str, ...]) -> None:
    assert check_cuts(aws, handle("cache-subnets", KIND), CacheSubnetGroupProps(subnet_ids=subnets)) == 0


def test_a_group_of_the_same_name_that_somebody_else_made_is_not_ours(
    aws: Aws, handle: MakeHandle, subnets: tuple[str, ...]
) -> None:
    ours = handle("cache-subnets", KIND)
    aws.elasticache.create_cache_subnet_group(
        CacheSubnetGroupName=ours.name, CacheSubnetGroupDescription="By hand", SubnetIds=subnets
    )

    found = kind_named(KIND).read(aws, ours)

    assert found is not None and not ours.owns(found.tags)


def test_a_group_without_subnets_is_refused() -> None:
    with pytest.raises(ValidationError):
        CacheSubnetGroupProps(subnet_ids=())
