"""What is peculiar to a subnet."""

from __future__ import annotations

import time

import pytest
from pydantic import ValidationError

from provisioning.aws import Aws
from provisioning.errors import AlreadyExists
from provisioning.kind import kind_named
from provisioning.kinds.ec2_subnet import SubnetProps
from provisioning.kinds.ec2_vpc import VpcProps
from provisioning.kinds.tests.contract import Build, MakeHandle, check_contract, check_cuts
from provisioning.references import JsonObject

KIND = "ec2.subnet"
# Properties with which it is checked in CloudFormation.
EXAMPLES: tuple[JsonObject, ...] = (
    {
        "vpc_id": "vpc-0a1b2c3d4e5f60718",
        "cidr_block": "10.0.0.0/24",
        "availability_zone": "us-east-1a",
        "public": True,
    },
)


@pytest.fixture
def public(build: Build) -> SubnetProps:
    vpc = build("vpc", VpcProps())
    return SubnetProps(vpc_id=vpc.id, cidr_block="10.0.0.0/24", availability_zone="us-east-1a", public=True)


def test_it_is_made_changed_and_taken_away(aws: Aws, handle: MakeHandle, public: SubnetProps) -> None:
    private = public.model_copy(update={"public": False})

    check_contract(
        aws,
        handle("public-a", KIND),
        public,
        changes=[private, public],
        also_permitted=[
            "ec2:CreateTags",  # a creation with tags
        ],
    )


def test_a_cut_before_it_is_public_is_repaired(aws: Aws, handle: MakeHandle, public: SubnetProps) -> None:
    assert check_cuts(aws, handle("public-a", KIND), public) == 1


def test_a_private_one_takes_one_call(aws: Aws, handle: MakeHandle, public: SubnetProps) -> None:
    private = public.model_copy(update={"public": False})

    assert check_cuts(aws, handle("private-a", KIND), private) == 0


def test_making_it_a_second_time_says_that_the_range_is_taken(
    aws: Aws, handle: MakeHandle, build: Build, public: SubnetProps
) -> None:
    build("public-a", public)

    with pytest.raises(AlreadyExists):
        kind_named(KIND).create(aws, handle("public-a", KIND), public)


def test_all_subnets_of_an_environment_are_read_by_one_call(
    aws: Aws, handle: MakeHandle, build: Build, public: SubnetProps
) -> None:
    keys = [f"subnet-{number}" for number in range(4)]
    for number, key in enumerate(keys):
        build(key, public.model_copy(update={"cidr_block": f"10.0.{number}.0/24"}))
    plan = aws.since(time.monotonic())
    before = aws.connection.calls

    ids = {read.id for key in keys if (read := kind_named(KIND).read(plan, handle(key, KIND)))}

    assert len(ids) == 4
    assert aws.connection.calls - before == 1


def test_the_subnet_of_another_environment_is_not_ours(
    aws: Aws, handle: MakeHandle, build: Build, public: SubnetProps
) -> None:
    build("public-a", public, stack="sstrange")

    assert kind_named(KIND).read(aws, handle("public-a", KIND)) is None


@pytest.mark.parametrize("cidr_block", ["10.0.0.0/15", "10.0.0.0/29", "10.0.0.1/24"])
def test_ranges_that_aws_refuses_are_refused(public: SubnetProps, cidr_block: str) -> None:
    with pytest.raises(ValidationError):
        SubnetProps(vpc_id="${vpc.id}", cidr_block=cidr_block, availability_zone="us-east-1a")
