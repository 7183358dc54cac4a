"""One simulated AWS, one fault proxy and one nursery of workers for a test process; the rest anew for each test."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import boto3
import pytest
from django.contrib.auth.models import User
from django.db import connection

from environments.models import Account, Application
from environments.tests.crash.inventory import Inventory
from environments.tests.crash.nursery import EXTERNAL_ID, REGION, Nursery
from environments.tests.crash.stage import Stage
from provisioning.simulator.launch import Simulator, start
from provisioning.tests.faults import FaultProxy


@pytest.fixture(scope="session")
def simulator() -> Iterator[Simulator]:
    """An AWS whose minutes are a tenth of a second."""
    with start(speed=600) as running:
        yield running


@pytest.fixture(scope="session")
def running_proxy(simulator: Simulator) -> Iterator[FaultProxy]:
    with FaultProxy(simulator.endpoint) as proxy:
        yield proxy


@pytest.fixture(scope="session")
def worker_environment(django_db_setup: None) -> dict[str, str]:
    """The environment of a process that works on this test process's database."""
    where = connection.settings_dict
    user, password = where["USER"], quote(where["PASSWORD"])
    url = f"postgres://{user}:{password}@{where['HOST']}:{where['PORT']}/{where['NAME']}"
    return {**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "portal.settings_test"}


@pytest.fixture(scope="session")
def nursery(
    running_proxy: FaultProxy, worker_environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Nursery]:
    log: Path = tmp_path_factory.mktemp("workers") / "log"
    made = Nursery(endpoint=running_proxy.url, environment=worker_environment, log=log)
    yield made
    made.close()


@pytest.fixture
def proxy(running_proxy: FaultProxy, simulator: Simulator) -> FaultProxy:
    """The proxy as new, before an AWS with nothing in it."""
    running_proxy.set_rules()
    running_proxy.reset()
    simulator.reset()
    return running_proxy


@pytest.fixture
def stage(
    transactional_db: None,
    proxy: FaultProxy,
    nursery: Nursery,
    simulator: Simulator,
    account: Account,
    application: Application,
    alice: User,
    bob: User,
) -> Stage:
    """An account behind the proxy that polls ten times a second, and a zone for the domains."""
    account.endpoint_url, account.external_id, account.poll_seconds = proxy.url, EXTERNAL_ID, 0.1
    account.save()
    session = boto3.Session(
        aws_access_key_id="simulated", aws_secret_access_key="simulated", region_name=REGION
    )
    route53 = session.client("route53", endpoint_url=simulator.endpoint)
    zone = route53.create_hosted_zone(Name="example.org", CallerReference="crash")["HostedZone"]["Id"]
    return Stage(
        proxy=proxy,
        inventory=Inventory(simulator.endpoint),
        nursery=nursery,
        account=account,
        application=application,
        zone=zone.removeprefix("/hostedzone/"),
        alice=alice,
        bob=bob,
    )
