"""Time: pauses grow, and a clock that is set neither fails a step nor lets it sleep."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import pytest

from provisioning.errors import ProvisioningError
from provisioning.journal import Line, MemoryJournal, Result
from provisioning.run import Run
from provisioning.steps import StepState, StepStatus
from provisioning.tests.cloud import CLOUD, claim_of, error, run, steps_for, thing
from provisioning.timing import Timing

HOUR = 3600.0
LOST = ProvisioningError("Create Thing: AWS's answer lacks 'Id'.", code="aws.answer_incomplete")


@pytest.fixture(autouse=True)
def _empty_cloud() -> Iterator[None]:
    CLOUD.__init__()  # type: ignore[misc]  # the same cloud, as new
    yield


@pytest.fixture
def set_clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Sets the host's clock: so many seconds ahead, or back."""
    real = time.time

    def by(seconds: float) -> None:
        monkeypatch.setattr(time, "time", lambda: real() + seconds)

    return by


def test_an_answer_that_is_not_whole_is_asked_for_again_after_pauses_that_grow() -> None:
    claimed = Run(claim_of(steps_for(thing("root")), MemoryJournal()), Timing())
    now = time.time()
    pauses: list[float] = []
    lines: list[Line] = []

    for _ in range(12):
        (call,) = claimed.due_calls(now)
        entry = claimed.absorb(call, LOST, now)
        due = entry.states[0].due_at or 0.0
        pauses.append(due - now)
        lines += entry.lines
        now = due

    assert pauses[0] < 2
    assert pauses[5] > 3 * pauses[0]
    assert pauses[-1] == pytest.approx(Timing().longest_retry / 4)
    assert claimed.states["root"].note == LOST.message
    assert len(lines) == 1, "the log says it once"


def test_a_clock_set_forward_fails_no_step_for_its_deadline(set_clock: Callable[[float], None]) -> None:
    journal = MemoryJournal()
    steps = [step.model_copy(update={"deadline": 60}) for step in steps_for(thing("root", wait=2 * HOUR))]

    threading.Timer(0.2, set_clock, [HOUR]).start()
    run(steps, journal, Timing(poll=0.1, longest_poll=0.5, linger=0.12))

    assert journal.result is None
    assert journal.states["root"].status is StepStatus.WAITING


def test_a_clock_set_back_lets_no_step_sleep(set_clock: Callable[[float], None]) -> None:
    journal = MemoryJournal()
    CLOUD.failures["before create", "root"] = [error("InternalError", 500)]

    threading.Timer(0.3, set_clock, [-HOUR]).start()
    run(steps_for(thing("root")), journal, Timing(poll=0.02, settle=0.01, retry=0.5, linger=5.0))

    assert journal.result is Result.SUCCEEDED


def test_time_in_which_nobody_could_look_is_taken_out_of_a_step_that_goes_on() -> None:
    waiting = StepState(key="root", status=StepStatus.WAITING, started_at=10, settling_since=20, due_at=30)
    done = StepState(key="leaf", status=StepStatus.SUCCEEDED, started_at=1, finished_at=2)

    moved = waiting.later(HOUR)

    assert (moved.started_at, moved.settling_since, moved.due_at) == (10 + HOUR, 20 + HOUR, 30 + HOUR)
    assert done.later(HOUR) == done
