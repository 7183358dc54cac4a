"""A worker that stands still until its lease has run out, and then goes on: it changes nothing any more."""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping

import pytest

from environments.models import Operation
from environments.tests.crash.stage import Stage

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.simulator, pytest.mark.slow]

# The worker of this environment is stopped after so many changes in AWS, and not before what only tags tell apart is
# made: AWS takes no fence, so a request that a stopped process has on its tongue is uttered when it wakes, and for
# those three it would be one too many (docs/architecture.md).
STOPPED_AFTER: Mapping[str, int] = {"x001": 10, "x002": 25, "x003": 38, "x004": 50}
ANONYMOUS = {"CreateVpc", "CreateInternetGateway", "AllocateAddress"}


def test_a_worker_that_stood_still_while_another_took_over_writes_nothing_more(stage: Stage) -> None:
    calm = stage.calm()
    built = stage.build(*STOPPED_AFTER)
    stage.nursery.keep(8, capacity=1)
    try:
        stopped = _stop_each(stage, built)
        stage.until(lambda: _all_in_other_hands(built), within=60)
        for process in stopped:
            os.kill(process, signal.SIGCONT)
        stage.await_end(within=120)
    finally:
        stage.nursery.keep(0)

    stage.check(built, like=calm.standing)
    told = stage.nursery.log.read_text()
    assert [one for one in built.values() if not _given_up(one, told)] == []


def _stop_each(stage: Stage, operations: Mapping[str, Operation]) -> list[int]:
    """Stop the worker of each operation in the middle of its work; the ids of the processes."""
    stopped: dict[str, int] = {}

    def all_are() -> bool:
        for name, operation in operations.items():
            made = [call.operation for call in stage.calls(operation) if call.committed]
            if name not in stopped and len(made) >= STOPPED_AFTER[name] and set(made) >= ANONYMOUS:
                operation.refresh_from_db()
                stopped[name] = int(operation.owner.rpartition("/")[2])
                os.kill(stopped[name], signal.SIGSTOP)
        return len(stopped) == len(operations)

    stage.until(all_are, within=60)
    return list(stopped.values())


def _given_up(operation: Operation, log: str) -> bool:
    """Whether a worker said that it has lost the lease of this operation."""
    return any("lease lost" in line and f'"operation": "{operation.pk}"' in line for line in log.splitlines())


def _all_in_other_hands(operations: Mapping[str, Operation]) -> bool:
    return Operation.objects.filter(pk__in=[one.pk for one in operations.values()], fence__lt=2).count() == 0
