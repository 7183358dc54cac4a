"""What every test of a kind gets: an empty AWS, handles, and other things made beforehand."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

import provisioning.kinds  # noqa: F401  # registers every kind
from provisioning.aws import AccountAccess, Aws, Connection
from provisioning.kind import Handle, Observed, Props, kind_of
from provisioning.kinds.tests.cloud import forget_everything, running_cloud
from provisioning.kinds.tests.contract import (
    ACCOUNT,
    REGION,
    Build,
    MakeHandle,
    handle_for,
    made_by,
    settled,
)
from provisioning.kinds.tests.noted import NotedConnection
from provisioning.simulator.launch import Simulator, start

# Waits that a test sees several times, and of which nothing is learnt by waiting as long as for a database; and one
# that would be over before it is seen.
_WAITS = {
    "autoscaling.launch": 200,
    "beanstalk.launch": 60,
    "beanstalk.resources": 5,
    "beanstalk.deploy": 30,
    "beanstalk.configure": 20,
    "cloudfront.deploy": 40,
    "lambda.interfaces": 120,
}


@pytest.fixture(scope="session")
def connection() -> Iterator[Connection]:
    """One connection for all tests: clients cost a second and 80 MB."""
    with running_cloud() as url:
        yield NotedConnection(AccountAccess(account=ACCOUNT, endpoint_url=url), REGION)


@pytest.fixture(scope="session")
def simulator() -> Iterator[Simulator]:
    """The simulated AWS of the tests marked `simulator`: its waits are hundredths of a second."""
    with start(speed=500, durations=_WAITS) as running:
        yield running


@pytest.fixture(scope="session")
def simulated_connection(simulator: Simulator) -> Connection:
    """One connection to it for all tests."""
    return NotedConnection(AccountAccess(account=ACCOUNT, endpoint_url=simulator.endpoint), REGION)


@pytest.fixture
def aws(request: pytest.FixtureRequest) -> Aws:
    """AWS with nothing in it: the simulator's where the test is marked so, else moto's."""
    if request.node.get_closest_marker("simulator"):
        request.getfixturevalue("simulator").reset()
        return Aws(connection=request.getfixturevalue("simulated_connection"), caller="test")
    connection = request.getfixturevalue("connection")
    forget_everything(connection.access.endpoint_url)
    return Aws(connection=connection, caller="test")


@pytest.fixture
def handle() -> MakeHandle:
    """`handle("web", "ecs.service")`: the handle of a thing; more fields of Handle as keywords."""

    def make(key: str, kind: str, **fields: str) -> Handle:
        return handle_for(key, kind, **fields)

    return make


@pytest.fixture
def build(aws: Aws) -> Build:
    """`build("vpc", VpcProps())`: makes a thing, waits until it is ready and tells what AWS says of it."""

    def make(key: str, props: Props, **fields: str) -> Observed:
        wanted = handle_for(key, kind_of(props).name, **fields)
        made = made_by(aws, wanted, props)
        return settled(aws, replace(wanted, id=made.id), props)

    return make
