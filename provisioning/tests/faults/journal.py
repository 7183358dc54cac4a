"""The record of every AWS call that passed the proxy, and what tests read from it."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from pydantic import TypeAdapter

from provisioning.tests.faults.recognition import Recognised


@dataclass(frozen=True, kw_only=True, slots=True)
class Call:
    """One AWS call.

    `n` numbers all calls from 1 in order of arrival, `mutation` the mutating ones alone (None for a read).
    `time` is its arrival in seconds since the epoch, `latency` the seconds until the proxy answered. `resource`
    is a hint. `operation_id`, `fence` and `pid` are the sender's own words. `outcome` is `forwarded`,
    `fault:<type>`, or `unreachable` when upstream broke off; `rule` is the index of the rule that struck.
    `committed`: a mutating call that upstream carried out, whatever the client was told. `status` and
    `error_code` are what the client was sent, None when it was sent nothing (or no error).
    """

    n: int
    mutation: int | None
    time: float
    service: str
    operation: str
    mutating: bool
    resource: str
    operation_id: str | None
    fence: int | None
    pid: int | None
    outcome: str
    rule: int | None
    committed: bool
    status: int | None
    error_code: str | None
    latency: float


_CALL = TypeAdapter(Call)


@dataclass(frozen=True, kw_only=True, slots=True)
class Arrival:
    """A call's place in the journal, taken when it arrives."""

    n: int
    mutation: int | None
    time: float
    started: float
    epoch: int
    call: Recognised


@dataclass(frozen=True, kw_only=True, slots=True)
class Ending:
    """What became of a call."""

    outcome: str
    rule: int | None = None
    committed: bool = False
    status: int | None = None
    error_code: str | None = None


class Journal:
    """Calls in memory and, if a path is given, in a file of JSON lines (written as each call ends)."""

    def __init__(self, path: Path | None = None) -> None:
        self._file: IO[bytes] | None = path.open("ab", buffering=0) if path else None
        self._calls: dict[int, Call] = {}
        self._arrived = 0
        self._mutations = 0
        self._epoch = 0

    def arrive(self, call: Recognised) -> Arrival:
        """Numbers a call that has just come in."""
        self._arrived += 1
        self._mutations += call.mutating
        return Arrival(
            n=self._arrived,
            mutation=self._mutations if call.mutating else None,
            time=time.time(),
            started=time.perf_counter(),
            epoch=self._epoch,
            call=call,
        )

    def end(self, arrival: Arrival, ending: Ending) -> None:
        """Writes the call down; one that arrived before a reset is forgotten."""
        if arrival.epoch != self._epoch:
            return
        call, sender = arrival.call, arrival.call.sender
        entry = Call(
            n=arrival.n,
            mutation=arrival.mutation,
            time=arrival.time,
            service=call.service,
            operation=call.operation,
            mutating=call.mutating,
            resource=call.resource,
            operation_id=sender.operation_id,
            fence=sender.fence,
            pid=sender.pid,
            outcome=ending.outcome,
            rule=ending.rule,
            committed=ending.committed,
            status=ending.status,
            error_code=ending.error_code,
            latency=round(time.perf_counter() - arrival.started, 6),
        )
        self._calls[entry.n] = entry
        if self._file:
            self._file.write(_CALL.dump_json(entry) + b"\n")

    def calls(self, after: int = 0) -> list[Call]:
        """The calls that have ended with `n` above `after`, by order of arrival."""
        return [self._calls[n] for n in sorted(self._calls) if n > after]

    def reset(self) -> None:
        """Forgets all calls (in the file too) and numbers from 1 again."""
        self._calls.clear()
        self._arrived = self._mutations = 0
        self._epoch += 1
        if self._file:
            self._file.truncate(0)

    def close(self) -> None:
        """Closes the file."""
        if self._file:
            self._file.close()


def to_json_lines(calls: Iterable[Call]) -> bytes:
    """One JSON object a line."""
    return b"".join(_CALL.dump_json(call) + b"\n" for call in calls)


def from_json_lines(text: bytes) -> list[Call]:
    """The calls of JSON lines, by order of arrival."""
    return sorted((_CALL.validate_json(line) for line in text.splitlines()), key=lambda call: call.n)


def read_journal(path: Path) -> list[Call]:
    """The calls in a journal file, by order of arrival."""
    return from_json_lines(path.read_bytes())


def boundaries(journal: Sequence[Call]) -> list[int]:
    """The numbers of the mutating calls (1, 2, … as `rules.kill_at` takes them) of one run, for "kill at each"."""
    return [call.mutation for call in journal if call.mutation is not None]
