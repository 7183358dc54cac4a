"""QUEUE_BACKEND=celery: a worker of Celery, started as docs/architecture.md says, carries an operation to its end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from celery import current_app
from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection
from pytest_django import Settings

from environments import queue
from environments.choices import Lifecycle, OperationStatus
from environments.models import Environment, Operation
from environments.services.requests import request_destroy
from environments.tests.conftest import (
    account,
    acting,
    alice,
    application,
    approved,
    bob,
    ready,
    request_of_alice,
    team,
    wish,
)
from portal.launcher.services import Running
from portal.tests.test_stores_away import own_redis
from provisioning.kinds.tests.cloud import running_cloud

__all__ = ["account", "alice", "application", "approved", "bob", "own_redis", "ready", "request_of_alice"]
__all__ += ["team", "wish"]
pytestmark = pytest.mark.django_db(transaction=True)
WORKER = "-A portal.celery worker --pool threads --concurrency 1 -Q operations,default".split()
ROOT = Path(__file__).parents[2]


@pytest.fixture
def celery(settings: Settings) -> Iterator[None]:
    """This process rings through Celery, at the Redis of the tests."""
    import portal.celery

    settings.QUEUE_BACKEND = "celery"
    portal.celery.application.set_current()
    before = current_app.conf.broker_url
    use_broker(settings.REDIS_URL)
    with current_app.connection_for_write() as broker:
        channel: Any = broker.default_channel
        for name in (queue.QUEUE, queue.MAIL_QUEUE):
            channel.queue_declare(queue=name)
            channel.queue_purge(name)
    yield
    use_broker(before)


def use_broker(url: str) -> None:
    """From now on, with no connection kept from before."""
    application: Any = current_app
    application.conf.broker_url = url
    application.conf.broker_transport_options = {"socket_connect_timeout": 2, "socket_timeout": 5}
    application._after_fork()  # Celery's own way to forget its connections


@pytest.fixture
def worker(celery: None, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    where = connection.settings_dict
    url = f"postgres://{where['USER']}:{quote(where['PASSWORD'])}@{where['HOST']}:{where['PORT']}/{where['NAME']}"
    environment = {
        **os.environ,
        "DATABASE_URL": url,
        "REDIS_URL": settings.REDIS_URL,
        "QUEUE_BACKEND": "celery",
        "DEBUG": "true",
        "DJANGO_SETTINGS_MODULE": "portal.settings",
    }
    with (tmp_path / "worker.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "celery", *WORKER], env=environment, cwd=ROOT, stdout=log, stderr=log
        )
        yield process
        process.kill()
        process.wait()


def eventually(so: Callable[[], bool], seconds: float = 60) -> None:
    limit = time.monotonic() + seconds
    while not so():
        assert time.monotonic() < limit, list(Operation.objects.values("status", "owner", "fence"))
        time.sleep(0.1)


def status() -> str:
    return str(Operation.objects.order_by("-pk").values_list("status", flat=True).first())


@pytest.mark.slow
def test_an_operation_runs_through_celery_and_the_worker_ends_when_it_is_told_to(
    ready: Environment, alice: User, worker: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    with running_cloud() as endpoint:
        ready.account.endpoint_url = endpoint
        ready.account.save()

        request_destroy(environment=ready, confirm_name=ready.slug, final_snapshot=False, by=acting(alice))
        eventually(lambda: status() == OperationStatus.SUCCEEDED)

        assert Environment.objects.get().lifecycle == Lifecycle.DESTROYED
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(30) == 0, (tmp_path / "worker.log").read_text()[-2000:]


@pytest.mark.slow
def test_a_worker_that_is_told_to_end_gives_back_what_it_holds(
    ready: Environment, alice: User, worker: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    """AWS answers nobody here: the operation would go on for as long as its steps have patience."""
    ready.account.endpoint_url = "http://127.0.0.1:9"
    ready.account.poll_seconds = 0.1
    ready.account.save()

    request_destroy(environment=ready, confirm_name=ready.slug, by=acting(alice))
    eventually(lambda: Operation.objects.exclude(owner="").exists())
    worker.send_signal(signal.SIGTERM)

    assert worker.wait(15) == 0, (tmp_path / "worker.log").read_text()[-2000:]
    assert Operation.objects.order_by("-pk").values_list("owner", "status").first() == ("", "waiting")


def test_the_docs_say_how_it_is_started() -> None:
    assert f"celery {' '.join(WORKER)}" in (ROOT / "docs" / "architecture.md").read_text()


def test_rings_that_nobody_answers_do_not_pile_up(celery: None) -> None:
    for _ in range(3 * queue.ENOUGH):
        queue.ring()

    assert queue.waiting() == queue.ENOUGH


@pytest.mark.slow
def test_a_broker_that_is_silent_holds_up_nobody_for_long(celery: None, own_redis: Running) -> None:
    use_broker(settings.RQ_QUEUES["default"]["URL"])
    queue.ring()
    assert queue.waiting() == 1
    os.kill(own_redis.pid, signal.SIGSTOP)
    started = time.monotonic()

    queue.ring()

    assert time.monotonic() - started < 20
