"""What is peculiar to an internet gateway."""

from __future__ import annotations

from dataclasses import replace

from provisioning.aws import Aws
from provisioning.kind import kind_named
from provisioning.kinds.ec2_internet_gateway import InternetGatewayProps
from provisioning.kinds.ec2_vpc import VpcProps
from provisioning.kinds.tests.contract import Build, MakeHandle, check_contract, check_cuts, gone
from provisioning.references import JsonObject

KIND = "ec2.internet_gateway"
# Properties with which it is checked in CloudFormation.
EXAMPLES: tuple[JsonObject, ...] = ({"vpc_id": "vpc-0a1b2c3d4e5f60718"},)


def test_it_is_made_moved_to_another_vpc_and_taken_away(aws: Aws, handle: MakeHandle, build: Build) -> None:
    here = InternetGatewayProps(vpc_id=build("vpc", VpcProps()).id)
    there = InternetGatewayProps(vpc_id=build("other", VpcProps()).id)

    check_contract(
        aws,
        handle("internet", KIND),
        here,
        changes=[there, here],
        also_permitted=[
            "ec2:CreateTags",  # a creation with tags
        ],
    )


def test_a_cut_before_it_is_attached_is_repaired(aws: Aws, handle: MakeHandle, build: Build) -> None:
    props = InternetGatewayProps(vpc_id=build("vpc", VpcProps()).id)

    assert check_cuts(aws, handle("internet", KIND), props) == 1


def test_one_that_somebody_detached_is_attached_again(aws: Aws, handle: MakeHandle, build: Build) -> None:
    props = InternetGatewayProps(vpc_id=build("vpc", VpcProps()).id)
    made = build("internet", props)
    kind = kind_named(KIND)
    known = handle("internet", KIND, id=made.id)
    aws.ec2.detach_internet_gateway(InternetGatewayId=made.id, VpcId=props.vpc_id)

    alone = kind.read(aws, known)
    assert alone is not None and kind.differences(props.dump(), alone) == {"vpc_id": ("", props.vpc_id)}
    kind.update(aws, known, props, alone)

    again = kind.read(aws, known)
    assert again is not None and not kind.differences(props.dump(), again)


def test_a_delete_that_was_cut_after_detaching_goes_on(aws: Aws, handle: MakeHandle, build: Build) -> None:
    props = InternetGatewayProps(vpc_id=build("vpc", VpcProps()).id)
    made = build("internet", props)
    known = handle("internet", KIND, id=made.id)
    kind_named(KIND).read(aws, known)  # an answer that is out of date by the time it is used
    stale = replace(aws, not_before=0.0)
    aws.ec2.detach_internet_gateway(InternetGatewayId=made.id, VpcId=props.vpc_id)

    assert kind_named(KIND).delete(stale, known)

    gone(aws, known, KIND)


def test_the_gateway_of_another_environment_is_not_ours(aws: Aws, handle: MakeHandle, build: Build) -> None:
    build("internet", InternetGatewayProps(vpc_id=build("vpc", VpcProps()).id), stack="sstrange")

    assert kind_named(KIND).read(aws, handle("internet", KIND)) is None
