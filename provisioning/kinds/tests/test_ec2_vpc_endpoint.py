"""What is peculiar to a gateway endpoint."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pydantic import ValidationError

from provisioning.aws import Aws
from provisioning.errors import Busy, NotFound
from provisioning.kind import kind_named
from provisioning.kinds.ec2_route_table import RouteTableProps
from provisioning.kinds.ec2_vpc import VpcProps
from provisioning.kinds.ec2_vpc_endpoint import VpcEndpointProps
from provisioning.kinds.tests.contract import Build, MakeHandle, check_contract, check_cuts
from provisioning.kinds.tests.scripted import answer, scripted_ec2
from provisioning.references import JsonObject

KIND = "ec2.vpc_endpoint"
# Properties with which it is checked in CloudFormation.
EXAMPLES: tuple[JsonObject, ...] = (
    {"vpc_id": "vpc-0a1b2c3d4e5f60718", "route_table_ids": ["rtb-0a1b2c3d4e5f60718"]},
    {"vpc_id": "vpc-0a1b2c3d4e5f60718", "service": "dynamodb"},
)


@pytest.fixture
def both(build: Build) -> VpcEndpointProps:
    """An endpoint in two tables."""
    vpc_id = build("vpc", VpcProps()).id
    tables = (build(key, RouteTableProps(vpc_id=vpc_id, subnet_ids=())).id for key in ("public", "private"))
    return VpcEndpointProps(vpc_id=vpc_id, service="s3", route_table_ids=tuple(tables))


def test_its_tables_change_in_place(aws: Aws, handle: MakeHandle, both: VpcEndpointProps) -> None:
    first = both.model_copy(update={"route_table_ids": both.route_table_ids[:1]})
    second = both.model_copy(update={"route_table_ids": both.route_table_ids[1:]})
    none = both.model_copy(update={"route_table_ids": ()})

    check_contract(
        aws,
        handle("s3", KIND),
        both,
        changes=[first, second, none, both],
        also_permitted=[
            "ec2:CreateTags",  # a creation with tags
        ],
    )


def test_it_can_be_made_without_tables(aws: Aws, handle: MakeHandle, both: VpcEndpointProps) -> None:
    none = both.model_copy(update={"route_table_ids": ()})

    check_contract(aws, handle("s3", KIND), none, changes=[both, none])


def test_it_is_made_by_one_call(aws: Aws, handle: MakeHandle, both: VpcEndpointProps) -> None:
    assert check_cuts(aws, handle("s3", KIND), both) == 0


def test_the_order_of_its_tables_means_nothing(build: Build, both: VpcEndpointProps) -> None:
    endpoint = build("s3", both)
    other_way_round = both.model_copy(update={"route_table_ids": both.route_table_ids[::-1]})

    assert not kind_named(KIND).differences(other_way_round.dump(), endpoint)
    recorded = replace(endpoint, props=other_way_round.dump())
    assert not kind_named(KIND).differences(both.dump(), recorded)


def test_the_endpoint_of_another_environment_is_not_ours(
    aws: Aws, handle: MakeHandle, build: Build, both: VpcEndpointProps
) -> None:
    build("s3", both, stack="sstrange")

    assert kind_named(KIND).read(aws, handle("s3", KIND)) is None


def _refusing(code: str) -> tuple[int, str]:
    error = f"<error><code>{code}</code><message>No.</message></error>"
    item = f"<item>{error}<resourceId>vpce-1</resourceId></item>"
    return answer("DeleteVpcEndpoints", f"<unsuccessful>{item}</unsuccessful>")


def test_a_refusal_inside_a_success_is_raised(handle: MakeHandle) -> None:
    script = {"DeleteVpcEndpoints": _refusing("DependencyViolation")}

    with scripted_ec2(script) as aws, pytest.raises(Busy):
        kind_named(KIND).delete(aws, handle("s3", KIND, id="vpce-1"))


def test_one_that_is_gone_already_is_deleted(handle: MakeHandle) -> None:
    script = {
        "DeleteVpcEndpoints": _refusing("InvalidVpcEndpointId.NotFound"),
        "DescribeVpcEndpoints": answer("DescribeVpcEndpoints", "<vpcEndpointSet/>"),
    }

    with scripted_ec2(script) as aws:
        assert kind_named(KIND).delete(aws, handle("s3", KIND, id="vpce-1"))


def test_one_that_misses_a_route_is_not_taken_for_gone(handle: MakeHandle) -> None:
    still_there = (
        "<vpcEndpointSet><item><vpcEndpointId>vpce-1</vpcEndpointId><state>available</state></item>"
        "</vpcEndpointSet>"
    )
    script = {
        "DeleteVpcEndpoints": _refusing("InvalidRoute.NotFound"),
        "DescribeVpcEndpoints": answer("DescribeVpcEndpoints", still_there),
    }

    with scripted_ec2(script) as aws, pytest.raises(NotFound):
        kind_named(KIND).delete(aws, handle("s3", KIND, id="vpce-1"))


def test_services_without_gateway_endpoints_are_refused() -> None:
    with pytest.raises(ValidationError):
        VpcEndpointProps.model_validate({"vpc_id": "${vpc.id}", "service": "sqs"})
