"""Real PostgreSQL and Redis for every test that asks for the database, started once per test process.

`DATABASE_URL` and `REDIS_URL` are honoured where they are set; each process of xdist then has a database and a
Redis number of its own. Nothing is started for tests that need neither.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import environ
import pytest
from django.conf import settings

from portal.launcher.home import free_port
from portal.launcher.postgres import Postgres
from portal.launcher.redis import Redis
from portal.launcher.services import Running, stop, wait_ready


@dataclass(frozen=True, kw_only=True)
class Servers:
    """Where this test process's PostgreSQL and Redis are."""

    database_url: str
    redis_url: str


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Servers]:
    """PostgreSQL and Redis, stopped at the end."""
    folder = tmp_path_factory.mktemp("servers")
    started: list[Running] = []
    try:
        yield Servers(
            database_url=settings.GIVEN_SERVERS["DATABASE_URL"] or _start_postgres(folder, started),
            redis_url=_own_number(request) or _start_redis(folder, started),
        )
    finally:
        stop(*started)


def _start_postgres(folder: Path, started: list[Running]) -> str:
    server = Postgres(folder=folder / "postgres", port=free_port(), durable=False)
    running = Running(server.service(environment=os.environ, log=folder / "postgres.log"))
    started.append(running)
    wait_ready(running)
    return server.url


def _start_redis(folder: Path, started: list[Running]) -> str:
    server = Redis(folder=folder / "redis", port=free_port(), durable=False)
    running = Running(server.service(environment=os.environ, log=folder / "redis.log"))
    started.append(running)
    wait_ready(running)
    return server.url


def _own_number(request: pytest.FixtureRequest) -> str:
    """The given Redis with a database number per process of xdist: gw0 has 0, gw1 has 1."""
    given: str = settings.GIVEN_SERVERS["REDIS_URL"]
    if not given:
        return ""
    worker = getattr(request.config, "workerinput", {}).get("workerid", "gw0")
    return urlsplit(given)._replace(path=f"/{int(worker.removeprefix('gw'))}").geturl()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    servers: Servers, django_db_modify_db_settings_parallel_suffix: None
) -> None:
    """Point Django, the queues and child processes at the servers, before the test database is made."""
    default = settings.DATABASES["default"]
    test = default.get("TEST")
    default.update(environ.Env.db_url_config(servers.database_url), CONN_MAX_AGE=0)
    default["TEST"] = test
    settings.REDIS_URL = servers.redis_url
    for queue in settings.RQ_QUEUES.values():
        queue["URL"] = servers.redis_url
    os.environ.update(DATABASE_URL=servers.database_url, REDIS_URL=servers.redis_url)
