"""What is peculiar to an Elastic IP."""

from __future__ import annotations

from decimal import Decimal

import pytest

from provisioning.aws import Aws
from provisioning.errors import AwsError, Busy
from provisioning.kind import kind_named
from provisioning.kinds.ec2_elastic_ip import ElasticIpProps
from provisioning.kinds.tests.contract import Build, MakeHandle, check_contract, check_cuts
from provisioning.kinds.tests.scripted import answer, refusal, scripted_ec2
from provisioning.pricing import Usage
from provisioning.references import JsonObject

KIND = "ec2.elastic_ip"
# Properties with which it is checked in CloudFormation.
EXAMPLES: tuple[JsonObject, ...] = ({},)
NOT_ALLOWED = refusal("AuthFailure", "You do not have permission to access the specified resource.")


def test_it_is_made_and_taken_away(aws: Aws, handle: MakeHandle) -> None:
    check_contract(
        aws,
        handle("nat-address", KIND),
        ElasticIpProps(),
        attributes=["public_ip"],
        also_permitted=[
            "ec2:CreateTags",  # a creation with tags
        ],
    )


def test_it_is_made_by_one_call(aws: Aws, handle: MakeHandle) -> None:
    assert check_cuts(aws, handle("nat-address", KIND), ElasticIpProps()) == 0


def test_without_a_recorded_id_it_is_released_by_its_tags(aws: Aws, handle: MakeHandle, build: Build) -> None:
    made = build("nat-address", ElasticIpProps())

    kind_named(KIND).delete(aws, handle("nat-address", KIND))

    assert made.id not in {each["AllocationId"] for each in aws.ec2.describe_addresses()["Addresses"]}


def test_the_address_of_another_environment_is_not_ours(aws: Aws, handle: MakeHandle, build: Build) -> None:
    build("nat-address", ElasticIpProps(), stack="sstrange")

    assert kind_named(KIND).read(aws, handle("nat-address", KIND)) is None


def _described(association: str) -> tuple[int, str]:
    item = f"<item><publicIp>192.0.2.1</publicIp><allocationId>eipalloc-1</allocationId>{association}</item>"
    return answer("DescribeAddresses", f"<addressesSet>{item}</addressesSet>")


def test_one_that_a_gateway_still_uses_is_waited_for(handle: MakeHandle) -> None:
    used = _described("<associationId>eipassoc-1</associationId>")
    script = {"ReleaseAddress": NOT_ALLOWED, "DescribeAddresses": used}

    with scripted_ec2(script) as aws, pytest.raises(Busy):
        kind_named(KIND).delete(aws, handle("nat-address", KIND, id="eipalloc-1"))


def test_one_that_may_not_be_released_is_not_waited_for(handle: MakeHandle) -> None:
    script = {"ReleaseAddress": NOT_ALLOWED, "DescribeAddresses": _described("")}

    with scripted_ec2(script) as aws, pytest.raises(AwsError) as refused:
        kind_named(KIND).delete(aws, handle("nat-address", KIND, id="eipalloc-1"))

    assert not isinstance(refused.value, Busy)


def test_it_costs_its_hours_used_or_not() -> None:
    (line,) = kind_named(KIND).cost(ElasticIpProps(), Usage(), "us-east-1")

    assert line.sku == "VPC/public_ipv4"
    assert line.quantity.floor == line.quantity.ceiling == Decimal(730)
