"""A worker that stands still until its lease has run out, and then goes on: it changes nothing any more."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from environments.models import Operation
from environments.tests.crash.stage import Stage

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.simulator, pytest.mark.slow]

# The worker of this environment is stopped after so many changes in AWS, and not before what only tags tell apart is
# made: AWS takes no fence, so a request that a stopped process has on its tongue is uttered when it wakes, and for
# those three it would be one too many (docs/architecture.md).
STOPPED_AFTER: Mapping[str, int] = {"x001": 10, "x002": 25, "x003": 38, "x004": 50}
ANONYMOUS = {"CreateVpc", "CreateInternetGateway", "AllocateAddress"}


@dataclass(frozen=True, kw_only=True)
class _Stopped:
    """A process that stands still, and the operation it was seen to own."""

    operation: Operation
    process: int
    fence: int
    owned: bool  # whether it still owned the operation when it stood still: between two waits it may have given it back

    def is_in_other_hands(self) -> bool:
        """Whether another worker has claimed the operation since."""
        self.operation.refresh_from_db()
        return self.operation.fence > self.fence


def test_a_worker_that_stood_still_while_another_took_over_writes_nothing_more(stage: Stage) -> None:
    calm = stage.calm()
    built = stage.build(*STOPPED_AFTER)
    stage.nursery.keep(8, capacity=1)
    try:
        stopped = _stop_each(stage, built)
        owned = [one for one in stopped if one.owned]
        assert len(owned) >= 2, "too few stood still in the middle of their work for this to say anything"
        stage.until(lambda: all(one.is_in_other_hands() for one in owned), within=60)
        for one in stopped:
            os.kill(one.process, signal.SIGCONT)
        stage.await_end(within=120)
        try:
            stage.until(lambda: all(_given_up(stage, one.operation) for one in owned), within=30)
        except AssertionError:
            pytest.fail(f"{owned}\n{stage.nursery.log.read_text()[-6000:]}")
    finally:
        stage.nursery.keep(0)

    stage.check(built, like=calm.standing)


def _stop_each(stage: Stage, operations: Mapping[str, Operation]) -> list[_Stopped]:
    """Stop the worker of each operation in the middle of its work."""
    stopped: dict[str, _Stopped] = {}

    def all_are() -> bool:
        for name, operation in operations.items():
            made = [call.operation for call in stage.calls(operation) if call.committed]
            if name not in stopped and len(made) >= STOPPED_AFTER[name] and set(made) >= ANONYMOUS:
                operation.refresh_from_db()
                if operation.owner:  # nobody's while it waits
                    stopped[name] = _stop(operation)
        return all(name in stopped or not _is_open(one) for name, one in operations.items())

    stage.until(all_are, within=60)
    return list(stopped.values())


def _stop(operation: Operation) -> _Stopped:
    owner, fence = operation.owner, operation.fence
    process = int(owner.rpartition("/")[2])
    os.kill(process, signal.SIGSTOP)
    time.sleep(0.3)  # what PostgreSQL had already been told still happens
    operation.refresh_from_db()
    owned = (operation.owner, operation.fence) == (owner, fence)
    return _Stopped(operation=operation, process=process, fence=fence, owned=owned)


def _is_open(operation: Operation) -> bool:
    return Operation.objects.open().filter(pk=operation.pk).exists()


def _given_up(stage: Stage, operation: Operation) -> bool:
    """Whether a worker said that it has lost this operation: by its lease, or with a connection that PostgreSQL ended
    in the middle of a transaction."""
    lines = stage.nursery.log.read_text().splitlines()
    said = [line for line in lines if f'"operation": "{operation.pk}"' in line]
    return any("lease lost" in line or "operation dropped" in line for line in said)
