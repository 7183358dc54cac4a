"""A worker that stands still until its lease has run out, and then goes on: it changes nothing any more."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Mapping

import pytest

from environments.models import Operation
from environments.tests.crash.stage import Stage

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.simulator, pytest.mark.slow]

# After so many changes in AWS the worker of this environment is stopped.
STOPPED_AFTER: Mapping[str, int] = {"x-01": 3, "x-02": 20, "x-03": 40, "x-04": 60}


def test_a_worker_that_stood_still_while_another_took_over_writes_nothing_more(stage: Stage) -> None:
    calm = stage.calm()
    built = stage.build(*STOPPED_AFTER)
    stage.nursery.keep(8, capacity=1)
    try:
        stopped = _stop_each(stage, built)
        stage.until(lambda: _all_in_other_hands(built), within=60)
        gone_on_at = time.time()
        for process in stopped:
            os.kill(process, signal.SIGCONT)
        stage.await_end(within=120)
    finally:
        stage.nursery.keep(0)

    stage.check(built, like=calm.standing)
    late = [
        call
        for operation in built.values()
        for call in stage.calls(operation)
        if call.fence == 1 and call.time > gone_on_at
    ]
    assert late == [], "what was on its way when the worker was stopped has arrived long before"
    assert stage.nursery.log.read_text().count("lease lost") >= len(built)


def _stop_each(stage: Stage, operations: Mapping[str, Operation]) -> list[int]:
    """Stop the worker of each operation in the middle of its work; the ids of the processes."""
    stopped: dict[str, int] = {}

    def all_are() -> bool:
        changes = stage.changes()
        for name, operation in operations.items():
            if name not in stopped and changes[str(operation.pk)] >= STOPPED_AFTER[name]:
                operation.refresh_from_db()
                stopped[name] = int(operation.owner.rpartition("/")[2])
                os.kill(stopped[name], signal.SIGSTOP)
        return len(stopped) == len(operations)

    stage.until(all_are, within=60)
    return list(stopped.values())


def _all_in_other_hands(operations: Mapping[str, Operation]) -> bool:
    return Operation.objects.filter(pk__in=[one.pk for one in operations.values()], fence__lt=2).count() == 0
