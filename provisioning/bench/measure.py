"""What a run took: seconds, AWS calls as the simulator counted them, and this process's CPU."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Call:
    """One AWS call as the simulator saw it; `at` in seconds since the epoch, when it was answered."""

    at: float
    service: str
    operation: str
    mutating: bool
    error: str


@dataclass(frozen=True, kw_only=True)
class Measured:
    """One run. `cpu` is in seconds, of all threads of this process."""

    seconds: float
    calls: tuple[Call, ...]
    cpu: float

    @property
    def cpu_a_call(self) -> float:
        """Milliseconds of CPU for each call."""
        return 1000 * self.cpu / max(1, len(self.calls))

    @property
    def writes(self) -> int:
        """Calls that change something, or try to."""
        return sum(call.mutating for call in self.calls)

    def operations(self) -> Counter[str]:
        """How often each operation was called: what to read where there are too many."""
        return Counter(f"{call.service}.{call.operation}" for call in self.calls)


@dataclass(frozen=True, kw_only=True)
class CallLog:
    """The simulator's own journal, the same for everybody who calls it."""

    file: Path

    def length(self) -> int:
        """How many calls there were so far."""
        return len(self._lines())

    def after(self, length: int) -> tuple[Call, ...]:
        """The calls that came later."""
        return tuple(_call(line) for line in self._lines()[length:])

    def _lines(self) -> list[str]:
        if not self.file.exists():
            return []
        text = self.file.read_text(encoding="utf-8")
        return text[: text.rfind("\n") + 1].splitlines()


def _call(line: str) -> Call:
    told = json.loads(line)
    return Call(
        at=told["time"],
        service=told["service"],
        operation=told["operation"],
        mutating=told["mutating"],
        error=told["error"],
    )


def measure(log: CallLog, act: Callable[[], object]) -> Measured:
    """Do it and say what it took."""
    before, started, cpu = log.length(), time.perf_counter(), time.process_time()
    act()
    cpu, seconds = time.process_time() - cpu, time.perf_counter() - started
    return Measured(seconds=seconds, calls=log.after(before), cpu=cpu)
