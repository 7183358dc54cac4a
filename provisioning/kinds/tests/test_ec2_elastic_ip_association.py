"""What is peculiar to an address on a server: it has no tags, is known by the address, and goes with the server."""

from __future__ import annotations

import pytest

from provisioning.aws import Aws
from provisioning.errors import AlreadyExists
from provisioning.kind import Observed, kind_named
from provisioning.kinds.ec2_elastic_ip import ElasticIpProps
from provisioning.kinds.ec2_elastic_ip_association import ElasticIpAssociationProps
from provisioning.kinds.tests.contract import Build, MakeHandle, gone, settled
from provisioning.kinds.tests.noted import NotedConnection
from provisioning.kinds.tests.servers import Servers
from provisioning.references import JsonObject, ref

pytestmark = pytest.mark.simulator
KIND = "ec2.elastic_ip_association"
# Properties with which it is checked in CloudFormation.
EXAMPLES: tuple[JsonObject, ...] = (
    {"allocation_id": "eipalloc-0a1b2c3d4e5f60718", "instance_id": "i-0a1b2c3d4e5f60718"},
)


@pytest.fixture
def two(aws: Aws, build: Build) -> tuple[Observed, Observed]:
    """Two servers with public addresses of their own."""
    servers = Servers(aws, build)
    template = servers.template()
    first, second = (build(key, servers.instance(template, public_ip=True)) for key in ("one", "two"))
    return first, second


@pytest.fixture
def address(build: Build) -> Observed:
    """An Elastic IP."""
    return build("address", ElasticIpProps())


def test_it_is_made_moved_and_taken_away_with_no_calls_but_those_it_asks_for(
    aws: Aws, handle: MakeHandle, address: Observed, two: tuple[Observed, Observed]
) -> None:
    kind, noted = kind_named(KIND), aws.connection
    first, second = (ElasticIpAssociationProps(allocation_id=address.id, instance_id=one.id) for one in two)
    assert isinstance(noted, NotedConnection)
    noted.actions.clear()
    known = handle("on-server", KIND, id=address.id)
    assert kind.read(aws, known) is None

    kind.create(aws, handle("on-server", KIND), first)
    ready = settled(aws, known, first)
    assert ready.attributes["public_ip"] == address.attributes["public_ip"]
    assert kind.differences(second.dump(), ready) == {"instance_id": (two[0].id, two[1].id)}
    kind.update(aws, known, second, ready)
    settled(aws, known, second)
    gone(aws, known, KIND)

    assert noted.actions == set(kind.permissions)


def test_it_takes_the_place_of_the_address_that_the_server_started_with(
    aws: Aws, build: Build, handle: MakeHandle, address: Observed, two: tuple[Observed, Observed]
) -> None:
    build(
        "on-server", ElasticIpAssociationProps(allocation_id=address.id, instance_id=two[0].id), id=address.id
    )

    now = kind_named("ec2.instance").read(aws, handle("one", "ec2.instance"))

    assert now is not None
    assert now.attributes["public_ip"] == address.attributes["public_ip"]
    assert "public_ip" not in now.props, "whether it started with one is no longer to be seen"


def test_an_address_on_another_server_is_not_moved_when_it_is_made(
    aws: Aws, handle: MakeHandle, address: Observed, two: tuple[Observed, Observed]
) -> None:
    aws.ec2.associate_address(AllocationId=address.id, InstanceId=two[1].id)

    with pytest.raises(AlreadyExists):
        kind_named(KIND).create(
            aws,
            handle("on-server", KIND),
            ElasticIpAssociationProps(allocation_id=address.id, instance_id=two[0].id),
        )


def test_it_goes_with_the_server(
    aws: Aws, build: Build, handle: MakeHandle, address: Observed, two: tuple[Observed, Observed]
) -> None:
    build(
        "on-server", ElasticIpAssociationProps(allocation_id=address.id, instance_id=two[0].id), id=address.id
    )

    gone(aws, handle("one", "ec2.instance", id=two[0].id), "ec2.instance")

    assert kind_named(KIND).read(aws, handle("on-server", KIND, id=address.id)) is None
    assert kind_named(KIND).goes_with == {"instance_id"}


def test_what_was_made_and_never_recorded_is_known_by_the_address(handle: MakeHandle) -> None:
    kind, unnamed = kind_named(KIND), handle("on-server", KIND)

    assert kind.identify(unnamed, {"allocation_id": "eipalloc-1", "instance_id": "i-1"}) == "eipalloc-1"
    assert kind.identify(unnamed, {"allocation_id": ref("address"), "instance_id": "i-1"}) is None
