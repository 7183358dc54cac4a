"""How much memory a process has, from /proc."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

MIB = 1024.0  # KiB
_LOOK_EVERY_SECONDS = 0.2


@dataclass(frozen=True, kw_only=True)
class Memory:
    """In MiB. `resident` counts shared pages whole; `own` (PSS) shares them among those who have them."""

    resident: float
    own: float


def parse_rollup(text: str) -> Memory:
    """The figures of /proc/PID/smaps_rollup."""
    found = {name: int(size) / MIB for name, size in re.findall(r"^(Rss|Pss): +(\d+) kB", text, re.MULTILINE)}
    return Memory(resident=found["Rss"], own=found["Pss"])


def memory_of(pid: int) -> Memory:
    """What a process has at this moment."""
    return parse_rollup(Path(f"/proc/{pid}/smaps_rollup").read_text())


@dataclass
class Peak:
    """The most that was seen, in MiB of resident memory, and its own part at that moment."""

    memory: Memory


@contextmanager
def peak_of(pid: int) -> Iterator[Peak]:
    """Watch a process for as long as the block lasts."""
    peak, ended = Peak(memory_of(pid)), threading.Event()

    def watch() -> None:
        while not ended.wait(_LOOK_EVERY_SECONDS):
            now = memory_of(pid)
            if now.resident > peak.memory.resident:
                peak.memory = now

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield peak
    finally:
        ended.set()
        thread.join()
