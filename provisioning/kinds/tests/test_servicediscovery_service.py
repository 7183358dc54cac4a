"""What is peculiar to a Cloud Map service: its name is its identity, and tasks in it keep it."""

from __future__ import annotations

import pytest

from provisioning.aws import Aws
from provisioning.errors import AlreadyExists, Busy
from provisioning.kind import TAG_STACK, kind_named
from provisioning.kinds.ec2_vpc import VpcProps
from provisioning.kinds.servicediscovery_private_dns_namespace import NamespaceProps
from provisioning.kinds.servicediscovery_service import DiscoveryServiceProps
from provisioning.kinds.tests.contract import STACK, Build, MakeHandle, check_contract, check_cuts
from provisioning.references import JsonObject

pytestmark = pytest.mark.simulator
KIND = "servicediscovery.service"
# Properties with which it is checked in CloudFormation.
EXAMPLES: tuple[JsonObject, ...] = ({"namespace_id": "ns-0123456789abcdef"},)


@pytest.fixture
def props(build: Build) -> DiscoveryServiceProps:
    vpc = build("vpc", VpcProps(cidr_block="10.30.0.0/16")).id
    return DiscoveryServiceProps(namespace_id=build("namespace", NamespaceProps(vpc_id=vpc)).id)


def test_it_is_made_and_taken_away(aws: Aws, handle: MakeHandle, props: DiscoveryServiceProps) -> None:
    check_contract(
        aws,
        handle("name", KIND),
        props,
        attributes=["arn", "name"],
        also_permitted=["servicediscovery:TagResource"],
    )


def test_it_is_made_by_one_call(aws: Aws, handle: MakeHandle, props: DiscoveryServiceProps) -> None:
    assert check_cuts(aws, handle("name", KIND), props) == 0


def test_asked_for_twice_it_is_the_same(aws: Aws, handle: MakeHandle, props: DiscoveryServiceProps) -> None:
    made = [kind_named(KIND).create(aws, handle("name", KIND), props).id for _ in range(2)]

    assert made[0] == made[1]


def test_a_foreign_one_of_its_name_is_not_taken(
    aws: Aws, handle: MakeHandle, props: DiscoveryServiceProps
) -> None:
    ours = handle("name", KIND)
    aws.servicediscovery.create_service(
        Name=ours.name, NamespaceId=props.namespace_id, CreatorRequestId="theirs"
    )

    with pytest.raises(AlreadyExists):
        kind_named(KIND).create(aws, ours, props)

    found = kind_named(KIND).read(aws, ours)
    assert found is not None and not ours.owns(found.tags)


def test_it_stays_while_a_task_is_registered_in_it(
    aws: Aws, handle: MakeHandle, build: Build, props: DiscoveryServiceProps
) -> None:
    made = build("name", props)
    aws.servicediscovery.register_instance(
        ServiceId=made.id, InstanceId="task-1", Attributes={"AWS_INSTANCE_IPV4": "10.30.0.5"}
    )

    with pytest.raises(Busy):
        kind_named(KIND).delete(aws, handle("name", KIND, id=made.id))


def test_a_sweep_sees_it_and_its_namespace(aws: Aws, build: Build, props: DiscoveryServiceProps) -> None:
    build("name", props)

    found = aws.tagging.get_resources(TagFilters=[{"Key": TAG_STACK, "Values": [STACK]}])

    kinds = {one["ResourceARN"].split(":")[5].split("/")[0] for one in found["ResourceTagMappingList"]}
    assert kinds >= {"namespace", "service"}
