"""What a load balancer is told."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.test import Client

from portal.launcher.home import Home
from portal.launcher.postgres import Postgres
from portal.launcher.redis import Redis
from portal.launcher.services import Running, stop, wait_ready

# Answers each line on its input with the status and body of /health, over connections kept open.
_ASKED = """
import json, sys, django
django.setup()
from django.test import Client
for line in sys.stdin:
    answer = Client().get("/health")
    print(json.dumps([answer.status_code, answer.json()]), flush=True)
"""


@pytest.mark.django_db
def test_health_is_ok_while_database_and_queue_answer(client: Client) -> None:
    answer = client.get("/health", headers={"host": "10.0.0.7"})

    assert answer.status_code == 200
    assert answer.json().items() >= {"status": "ok", "database": "ok", "queue": "ok"}.items()
    assert answer.json()["oldest_waiting_seconds"] is None


@pytest.mark.django_db
def test_health_leaves_no_session_and_asks_for_no_sign_in(client: Client) -> None:
    answer = client.get("/health")

    assert not answer.cookies
    assert answer["Cache-Control"] == "no-store"


@dataclass(kw_only=True)
class Installation:
    """A process of the portal on stores that a test may stop."""

    process: subprocess.Popen[str]
    postgres: Running
    redis: Running

    def health(self) -> tuple[int, str, str]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write("?\n")
        self.process.stdin.flush()
        while not (line := self.process.stdout.readline()).startswith("["):
            assert line, "the process ended"
        status, body = json.loads(line)
        return status, body["database"], body["queue"]


@pytest.fixture
def installation(tmp_path: Path) -> Iterator[Installation]:
    home = Home(path=tmp_path)
    postgres = Postgres(folder=tmp_path / "postgres", port=home.port("postgres"), durable=False)
    redis = Redis(folder=tmp_path / "redis", port=home.port("redis"), durable=False)
    stores = [
        Running(postgres.service(environment=os.environ, log=home.log("postgres"))),
        Running(redis.service(environment=os.environ, log=home.log("redis"))),
    ]
    for store in stores:
        wait_ready(store)
    addresses = {"DATABASE_URL": postgres.url, "REDIS_URL": redis.url}
    process = subprocess.Popen(
        [sys.executable, "-c", _ASKED],
        env={**os.environ, **addresses, "DJANGO_SETTINGS_MODULE": "portal.settings"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    running = Installation(process=process, postgres=stores[0], redis=stores[1])
    yield running
    process.kill()
    process.communicate()
    stop(running.postgres, running.redis)


@pytest.mark.slow
def test_health_says_which_part_is_gone_and_when_it_is_back(installation: Installation) -> None:
    assert installation.health() == (200, "ok", "ok")

    os.kill(installation.redis.pid, signal.SIGSTOP)  # silent, which is worse than gone
    assert installation.health() == (503, "ok", "unavailable")
    os.kill(installation.redis.pid, signal.SIGCONT)
    assert installation.health() == (200, "ok", "ok")

    stop(installation.postgres)
    assert installation.health() == (503, "unavailable", "ok")
    installation.postgres = Running(installation.postgres.service)
    wait_ready(installation.postgres)
    assert installation.health() == (200, "ok", "ok")
