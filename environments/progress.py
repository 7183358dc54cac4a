"""How far an operation is: what pages and API tell of its steps."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from environments.choices import OperationStatus
from environments.models import Operation, StepRecord
from provisioning.steps import GOOD, Step, StepError, StepState, StepStatus


@dataclass(frozen=True, kw_only=True)
class ShownStep:
    """One step as people see it. `expected` in seconds; `fraction` from 0 to 1 while AWS works; `warning`: what
    `detail` says is worth a thought."""

    key: str
    title: str
    status: str
    detail: str
    started_at: datetime | None
    finished_at: datetime | None
    expected: float
    fraction: float | None
    error: str
    warning: bool = False


@dataclass(frozen=True, kw_only=True)
class Progress:
    """The whole: `done` of `total` steps, `fraction` by expected time, `eta` seconds left (None when it is over).

    `failure`: why it failed.
    """

    steps: tuple[ShownStep, ...]
    done: int
    total: int
    fraction: float
    eta: float | None
    failure: StepError | None

    @property
    def aws_code(self) -> str:
        """AWS's own code of the failure, where it was AWS that refused."""
        code = self.failure.code if self.failure else ""
        return code.removeprefix("aws.") if code.startswith("aws.") else ""

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
    read = {record.key: _read(record) for record in records}
    steps = [pair[0] for pair in read.values() if pair]
    states = {key: pair[1] for key, pair in read.items() if pair}
    left = _left(steps, states)
    whole = _left(steps, {})
    good = [state for state in states.values() if state.status in GOOD]
    done = len(good) == len(records)
    by_time = 1 - left / whole if whole else 1.0
    by_count = len(good) / len(records) if records else 1.0
    return Progress(
        steps=tuple(_shown(record, read[record.key]) for record in records),
        done=len(good),
        total=len(records),
        fraction=1.0 if done else min(0.99, max(0.0, (by_time + by_count) / 2)),
        eta=left if operation.is_open and not done else None,
        failure=_failure(operation, states.values()),
    )


def expected_seconds(steps: Sequence[Step]) -> float:
    """How long an operation of these steps usually takes, whatever it is that AWS does side by side."""
    return _left(steps, {})


def _read(record: StepRecord) -> tuple[Step, StepState] | None:
    """A step and its state; None where the row makes no sense to this version."""
    try:
        return record.step, record.state
    except ValueError:
        return None


def _failure(operation: Operation, states: Iterable[StepState]) -> StepError | None:
    """The first cause."""
    if operation.status == OperationStatus.FAILED and operation.unreadable:
        return StepError(
            code="operation.unreadable",
            message=_(
                "What is written down of this operation cannot be read: another version of the portal wrote it, "
                "or it was changed by hand. AWS was not asked for anything more."
            ),
            hint=_(
                "Run workers of the version that wrote it and retry. The workers' log says which row it is."
            ),
        )
    failed = [state for state in states if state.status is StepStatus.FAILED]
    first = min(failed, key=lambda state: state.finished_at or 0, default=None)
    return first.error if first else None


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


def _shown(record: StepRecord, read: tuple[Step, StepState] | None) -> ShownStep:
    if read is None:
        return ShownStep(
            key=record.key,
            title=record.title,
            status=record.status,
            detail="",
            started_at=record.started_at,
            finished_at=record.finished_at,
            expected=0.0,
            fraction=None,
            error="",
        )
    step, state = read
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
        warning=state.warning,
    )
