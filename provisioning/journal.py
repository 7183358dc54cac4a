"""The journal: where an operation writes down what it is about to do and what came of it.

Postgres is behind it in the portal; in memory it serves tests and scripts. The engine trusts nothing else.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from provisioning.aws import Aws
from provisioning.errors import LeaseLost
from provisioning.resource import Recorded
from provisioning.spec import Spec
from provisioning.steps import Step, StepState


class Result(StrEnum):
    """How an operation ended."""

    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, kw_only=True)
class Line:
    """One line of the operation's log, for people. `at` in seconds since the epoch."""

    at: float
    step: str
    text: str


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What changed, written in one transaction or not at all."""

    states: Sequence[StepState] = ()
    resources: Sequence[Recorded] = ()
    lines: Sequence[Line] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.states or self.resources or self.lines)


class Journal(Protocol):
    """The book of one operation, open to the one who holds its lease. Every call may raise LeaseLost."""

    def write(self, entry: Entry) -> bool:
        """Write down and keep the lease, if it is still ours; True when somebody asked to cancel."""

    def renew(self) -> bool:
        """Keep the lease; True when somebody asked to cancel."""

    def park(self, seconds: float) -> None:
        """Give the lease back for so many seconds."""

    def finish(self, result: Result) -> None:
        """Write down the end and give the lease back."""


@dataclass(frozen=True, kw_only=True)
class Claim:
    """An operation that this worker owns until its lease ends, `lease_seconds` after `claimed_at` (time.monotonic).

    `clock`: what the journal's clock said when it was claimed, in seconds since the epoch.
    `usual`: (kind, "create" | "update" | "delete") -> seconds it took in this account before, where known.
    """

    operation: str
    spec: Spec
    steps: tuple[Step, ...]
    states: Mapping[str, StepState]
    recorded: Mapping[str, Recorded]
    aws: Aws
    journal: Journal
    lease_seconds: float
    claimed_at: float = field(default_factory=time.monotonic)
    clock: float = field(default_factory=time.time)
    usual: Mapping[tuple[str, str], float] = field(default_factory=dict)
    poll_seconds: float | None = None  # this account's own pace, instead of the engine's
    cancelled: bool = False


class Source(Protocol):
    """Where the engine gets operations from."""

    def claim(self, limit: int) -> Iterable[Claim]:
        """Up to `limit` operations that are due and have no live owner, now ours."""


@dataclass
class MemoryJournal:
    """A journal without a database."""

    states: dict[str, StepState] = field(default_factory=dict)
    recorded: dict[str, Recorded] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    result: Result | None = None
    wake_at: float | None = None
    cancelled: bool = False
    owned: bool = True

    def write(self, entry: Entry) -> bool:
        """Keep it, and the whole history for those who ask."""
        self._check()
        self.entries.append(entry)
        self.states.update((state.key, state) for state in entry.states)
        self.recorded.update((one.key, one) for one in entry.resources)
        self.lines.extend(entry.lines)
        return self.cancelled

    def renew(self) -> bool:
        """Never lapses here unless a test takes it away."""
        self._check()
        return self.cancelled

    def park(self, seconds: float) -> None:
        """Remember when to come back."""
        self._check()
        self.wake_at = time.time() + seconds

    def finish(self, result: Result) -> None:
        """Remember the end."""
        self._check()
        self.result = result

    def _check(self) -> None:
        if not self.owned:
            raise LeaseLost("Another worker owns this operation.")
