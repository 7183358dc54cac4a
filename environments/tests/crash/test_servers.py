"""Redis is emptied and PostgreSQL hangs up in the middle: operations end as if nothing had happened."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
import redis
from django.conf import settings
from django.db import connection

from environments.models import Operation
from environments.tests.crash.mishaps import in_full
from environments.tests.crash.stage import Stage

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.simulator, pytest.mark.slow]

_PROJECT = Path(__file__).parents[3]


@contextmanager
def running(environment: dict[str, str], log: Path, *commands: str) -> Iterator[None]:
    """The product's own processes, `manage.py <command>` each, ended as the launcher ends them."""
    with log.open("wb") as output:
        processes = [
            subprocess.Popen(
                [sys.executable, "manage.py", command],
                cwd=_PROJECT,
                env=environment,
                stdout=output,
                stderr=output,
            )
            for command in commands
        ]
    try:
        yield
        assert [one.poll() for one in processes] == [None] * len(processes), log.read_text()[-2000:]
    finally:
        for one in processes:
            one.send_signal(signal.SIGTERM)
        for one in processes:
            try:
                one.wait(20)
            except subprocess.TimeoutExpired:
                one.kill()
                one.wait()


def test_a_queue_that_is_emptied_time_and_again_loses_no_operation(
    stage: Stage, worker_environment: dict[str, str], tmp_path: Path
) -> None:
    calm = stage.calm()
    # So slow that the operation is parked between looks: each time it takes a ring to go on.
    stage.account.poll_seconds = 2.5
    stage.account.save()
    server = redis.from_url(settings.REDIS_URL)
    built = stage.build("x001")
    server.flushdb()
    environment = {**worker_environment, "REDIS_URL": settings.REDIS_URL}
    with running(environment, tmp_path / "log", "worker", "worker", "scheduler"):
        emptied = 0

        def ended() -> bool:
            nonlocal emptied
            server.flushdb()
            emptied += 1
            return not Operation.objects.open().exists()

        stage.until(ended, within=120)
    stage.check(built, like=calm.standing)
    assert built["x001"].fence > 1, "it was parked and rung for"
    assert emptied > 20


@in_full
def test_a_database_that_hangs_up_on_everybody_time_and_again_loses_nothing(stage: Stage) -> None:
    calm = stage.calm()
    built = stage.build("x001", "x002")
    stage.nursery.keep(3, capacity=1)
    try:
        for least in (5, 25, 45, 60):
            stage.until(partial(_all_have_changed, stage, built, least), within=60)
            _hang_up()
        stage.await_end(within=120)
    finally:
        stage.nursery.keep(0)
    stage.check(built, like=calm.standing)


def _all_have_changed(stage: Stage, operations: Mapping[str, Operation], least: int) -> bool:
    """Whether each operation has made so many changes in AWS."""
    changes = stage.changes()
    return all(changes[str(one.pk)] >= least for one in operations.values())


def _hang_up() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
