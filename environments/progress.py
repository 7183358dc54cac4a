"""How far an operation is: what pages and API tell of its steps."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from environments.models import Operation, StepRecord
from provisioning.steps import GOOD, Step, StepState, StepStatus


@dataclass(frozen=True, kw_only=True)
class ShownStep:
    """One step as people see it. `expected` in seconds; `fraction` from 0 to 1 while AWS works."""

    key: str
    title: str
    status: str
    detail: str
    started_at: datetime | None
    finished_at: datetime | None
    expected: float
    fraction: float | None
    error: str


@dataclass(frozen=True, kw_only=True)
class Progress:
    """The whole: `done` of `total` steps, `fraction` by expected time, `eta` seconds left (None when it is over)."""

    steps: tuple[ShownStep, ...]
    done: int
    total: int
    fraction: float
    eta: float | None
    failure: StepState | None

    @property
    def now(self) -> tuple[ShownStep, ...]:
        """What is being worked on at this moment, what takes longest first."""
        active = (step for step in self.steps if step.status in {StepStatus.RUNNING, StepStatus.WAITING})
        return tuple(sorted(active, key=lambda step: -step.expected))

    @property
    def per_cent(self) -> int:
        return round(self.fraction * 100)


def progress_of(operation: Operation, records: Sequence[StepRecord]) -> Progress:
    """The progress of an operation from its step records."""
    steps = [record.step for record in records]
    states = {record.key: record.state for record in records}
    left = _left(steps, states)
    whole = _left(steps, {})
    good = [state for state in states.values() if state.status in GOOD]
    failed = [state for state in states.values() if state.status is StepStatus.FAILED]
    done = len(good) == len(steps)
    by_time = 1 - left / whole if whole else 1.0
    by_count = len(good) / len(steps) if steps else 1.0
    return Progress(
        steps=tuple(
            _shown(record, step, states[record.key]) for record, step in zip(records, steps, strict=True)
        ),
        done=len(good),
        total=len(steps),
        fraction=1.0 if done else min(0.99, max(0.0, (by_time + by_count) / 2)),
        eta=left if operation.is_open and not done else None,
        failure=min(failed, key=lambda state: state.finished_at or 0, default=None),
    )


def _left(steps: Sequence[Step], states: Mapping[str, StepState]) -> float:
    """Seconds on the longest path that is still ahead."""
    now = time.time()
    finish: dict[str, float] = {}
    by_key = {step.key: step for step in steps}

    def end(key: str) -> float:
        if key not in finish:
            step = by_key[key]
            finish[key] = max((end(need) for need in step.needs if need in by_key), default=0.0) + _own(
                step, states.get(key), now
            )
        return finish[key]

    return max((end(key) for key in by_key), default=0.0)


def _own(step: Step, state: StepState | None, now: float) -> float:
    usual = step.expected + 0.2
    if state is None or state.started_at is None:
        return usual
    if state.status.is_final:
        return 0.0
    return max(usual - (now - state.started_at), 0.2)


def _shown(record: StepRecord, step: Step, state: StepState) -> ShownStep:
    elapsed = time.time() - state.started_at if state.started_at else 0.0
    return ShownStep(
        key=record.key,
        title=step.title,
        status=state.status.value,
        detail=state.note,
        started_at=record.started_at,
        finished_at=record.finished_at,
        expected=step.expected,
        fraction=min(elapsed / step.expected, 0.97) if step.expected else None,
        error=state.error.message if state.error and state.status is StepStatus.FAILED else "",
    )
