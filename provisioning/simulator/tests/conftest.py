"""One fast simulator for all tests here, and boto3 clients that talk to it over the wire."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from provisioning.simulator.launch import Simulator, start
from provisioning.simulator.tests.clients import client_of
from provisioning.simulator.tests.networks import Network, make_network

#: Long waits made short, and the short ones long enough to be seen on a busy machine.
SHORT = {
    "rds.create": 150,
    "rds.modify": 150,
    "rds.delete": 150,
    "rds.snapshot": 150,
    "rds.stop": 150,
    "rds.start": 150,
    "rds.cluster": 60,
    "rds.cluster-delete": 60,
    "rds.proxy": 60,
    "rds.proxy-modify": 60,
    "rds.proxy-delete": 60,
    "rds.target": 60,
    "elasticache.create": 60,
    "elasticache.modify": 60,
    "elasticache.delete": 60,
    "elbv2.create": 60,
    "elbv2.interfaces": 60,
    "beanstalk.launch": 60,
    "beanstalk.terminate": 60,
    "autoscaling.launch": 30,
    "ec2.start": 150,
    "ec2.stop": 60,
    "ec2.terminate": 60,
    "nat.create": 60,
    "nat.delete": 60,
    "acm.issue": 200,
    "acm.record": 200,
    "lambda.create": 40,
    "lambda.update": 40,
    "lambda.network": 40,
    "lambda.interfaces": 60,
    "lambda.mapping": 40,
    "cloudfront.deploy": 150,
    "cloudwatch.evaluate": 12000,
    "wafv2.create": 200,
    "wafv2.release": 200,
}


@pytest.fixture(scope="session")
def simulator() -> Iterator[Simulator]:
    """A fast simulator; what it says on the side must be nothing."""
    with start(speed=200, durations=SHORT) as running:
        yield running
    assert running.output.read_text() == ""


@pytest.fixture
def aws(simulator: Simulator) -> Iterator[Callable[[str], Any]]:
    """A fresh AWS: gives the client of a service by its name."""
    simulator.reset()
    yield lambda service: client_of(simulator, service)


@pytest.fixture
def network(aws: Callable[[str], Any]) -> Network:
    """A VPC with an internet gateway, and two subnets that lead to it."""
    return make_network(aws("ec2"))
