"""What is peculiar to a VPC."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from provisioning.aws import Aws
from provisioning.kind import kind_named
from provisioning.kinds.ec2_vpc import VpcProps
from provisioning.kinds.tests.contract import Build, MakeHandle, check_contract, check_cuts
from provisioning.references import JsonObject

# Properties with which it is checked in CloudFormation.
EXAMPLES: tuple[JsonObject, ...] = (
    {},
    {"cidr_block": "10.1.0.0/20", "dns_hostnames": False},
)

NO_DNS = VpcProps(dns_support=False, dns_hostnames=False)


def test_it_is_made_changed_and_taken_away(aws: Aws, handle: MakeHandle) -> None:
    check_contract(
        aws,
        handle("vpc", "ec2.vpc"),
        VpcProps(),
        changes=[VpcProps(dns_hostnames=False), NO_DNS, VpcProps()],
        also_permitted=[
            "ec2:CreateTags",  # a creation with tags
        ],
    )


def test_it_can_be_made_without_dns(aws: Aws, handle: MakeHandle) -> None:
    check_contract(aws, handle("vpc", "ec2.vpc"), NO_DNS)


def test_a_cut_before_host_names_are_on_is_repaired(aws: Aws, handle: MakeHandle) -> None:
    assert check_cuts(aws, handle("vpc", "ec2.vpc"), VpcProps()) == 1


def test_reading_takes_one_shared_list_and_its_two_attributes(
    aws: Aws, handle: MakeHandle, build: Build
) -> None:
    build("vpc", VpcProps())
    before = aws.connection.calls

    kind_named("ec2.vpc").read(aws, handle("vpc", "ec2.vpc"))

    assert aws.connection.calls - before == 3


def test_without_a_recorded_id_it_is_deleted_by_its_tags(aws: Aws, handle: MakeHandle, build: Build) -> None:
    build("vpc", VpcProps())
    kind = kind_named("ec2.vpc")

    assert kind.delete(aws, handle("vpc", "ec2.vpc"))

    assert kind.read(aws, handle("vpc", "ec2.vpc")) is None


def test_the_vpc_of_another_environment_is_not_ours(aws: Aws, handle: MakeHandle, build: Build) -> None:
    build("vpc", VpcProps(), stack="sstrange")

    assert kind_named("ec2.vpc").read(aws, handle("vpc", "ec2.vpc")) is None


@pytest.mark.parametrize("cidr_block", ["10.0.0.0/8", "10.0.0.0/29", "10.0.0.1/16", "ten"])
def test_ranges_that_aws_refuses_are_refused(cidr_block: str) -> None:
    with pytest.raises(ValidationError):
        VpcProps(cidr_block=cidr_block)


def test_host_names_without_support_are_refused() -> None:
    with pytest.raises(ValidationError, match="need DNS support"):
        VpcProps(dns_support=False)


def test_a_reference_is_not_taken_for_a_range() -> None:
    assert VpcProps(cidr_block="${plan.range}").cidr_block == "${plan.range}"
