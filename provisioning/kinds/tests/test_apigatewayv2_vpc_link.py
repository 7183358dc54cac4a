"""What is peculiar to a VPC link: it takes its time both ways, and nothing of it can be changed."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from provisioning.aws import Aws
from provisioning.kind import Handle, Observed, Status, kind_named
from provisioning.kinds.apigatewayv2_vpc_link import VpcLink, VpcLinkProps, _observed
from provisioning.kinds.tests.contract import Build, MakeHandle, check_contract, check_cuts
from provisioning.kinds.tests.network import Network
from provisioning.references import JsonObject

pytestmark = pytest.mark.simulator
KIND = "apigatewayv2.vpc_link"
# Properties with which it is checked in CloudFormation.
EXAMPLES: tuple[JsonObject, ...] = (
    {
        "subnet_ids": ["subnet-0a1b2c3d4e5f60711", "subnet-0a1b2c3d4e5f60712"],
        "security_group_ids": ["sg-0a1b2c3d4e5f60718"],
    },
)


@pytest.fixture
def props(aws: Aws, build: Build) -> VpcLinkProps:
    network = Network(aws, build)
    return VpcLinkProps(subnet_ids=network.subnet_ids, security_group_ids=(network.group_id,))


def test_it_is_made_and_taken_away(aws: Aws, handle: MakeHandle, props: VpcLinkProps) -> None:
    check_contract(aws, handle("link", KIND), props, also_permitted=[])


def test_it_is_made_by_one_call(aws: Aws, handle: MakeHandle, props: VpcLinkProps) -> None:
    assert check_cuts(aws, handle("link", KIND), props) == 0


def test_other_subnets_need_another_link() -> None:
    assert set(VpcLinkProps.model_fields) == VpcLink.replace_on


def test_one_of_its_name_that_is_not_ours_is_left_alone(
    aws: Aws, handle: MakeHandle, props: VpcLinkProps
) -> None:
    link: Handle = handle("link", KIND)
    aws.apigatewayv2.create_vpc_link(Name=link.name, SubnetIds=list(props.subnet_ids))

    assert kind_named(KIND).read(aws, link) is None


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("PENDING", Status.PENDING),
        ("AVAILABLE", Status.READY),
        ("INACTIVE", Status.READY),
        ("DELETING", Status.DELETING),
        ("FAILED", Status.FAILED),
    ],
)
def test_a_state_of_aws_is_one_of_ours(state: str, expected: Status) -> None:
    told = {"VpcLinkId": "abc", "SubnetIds": [], "SecurityGroupIds": [], "VpcLinkStatus": state}

    found: Observed = _observed(told)

    assert found.status is expected


def test_a_link_needs_subnets_and_groups() -> None:
    with pytest.raises(ValidationError, match="security_group_ids"):
        VpcLinkProps.model_validate({"subnet_ids": ["subnet-1"], "security_group_ids": []})
