"""An empty AWS server, a fault proxy in front of it, and boto3 clients that do not retry."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import boto3
import pytest
from botocore.config import Config

from provisioning.kinds.tests.cloud import forget_everything, running_cloud
from provisioning.tests.faults import FaultProxy

Clients = Callable[[str], Any]
SENDER = f"operation/op-7 fence/3 pid/{os.getpid()}"


@cache
def make_client(service: str, url: str, attempts: int = 1) -> Any:
    """A boto3 client of this service that sends to `url`; cached, for one costs a tenth of a second."""
    session = boto3.Session(
        aws_access_key_id="simulated", aws_secret_access_key="simulated", region_name="eu-west-1"
    )
    return session.client(
        service,  # type: ignore[call-overload]  # the service is a variable here
        endpoint_url=url,
        config=Config(
            retries={"mode": "standard", "total_max_attempts": attempts},
            user_agent_extra=SENDER,
            read_timeout=20,
        ),
    )


@pytest.fixture(scope="session")
def upstream() -> Iterator[str]:
    """The URL of the AWS server itself."""
    with running_cloud() as url:
        yield url


@pytest.fixture(scope="session")
def running_proxy(upstream: str) -> Iterator[FaultProxy]:
    """One proxy for all tests."""
    with FaultProxy(upstream) as proxy:
        yield proxy


@pytest.fixture
def proxy(running_proxy: FaultProxy, upstream: str) -> FaultProxy:
    """The proxy as new, before an AWS with nothing in it."""
    running_proxy.set_rules()
    running_proxy.reset()
    forget_everything(upstream)
    return running_proxy


@pytest.fixture
def clients(proxy: FaultProxy) -> Clients:
    """`clients("ec2")`: a client behind the proxy."""
    return lambda service: make_client(service, proxy.url)


@pytest.fixture
def direct(upstream: str) -> Clients:
    """`direct("ec2")`: a client straight to the server, to see what is really there."""
    return lambda service: make_client(service, upstream)
