"""Answers of list calls, shared by everybody in the process who asks the same of one account and region."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any


@dataclass(kw_only=True)
class _Answer:
    """One list of AWS, when it was asked for, and the lock that lets one thread ask for all."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    asked_at: float = float("-inf")
    items: list[Any] = field(default_factory=list)


class SharedReads:
    """Answers of list calls that all environments of an account and region share.

    Whoever needs one says from when it must be; the first who needs a newer one asks AWS, the others take that answer.
    """

    def __init__(self, *, most: int = 256, stale: float = 60.0) -> None:
        self.most = most
        self.stale = stale
        self._lock = threading.Lock()
        self._answers: dict[tuple[str, str], _Answer] = {}

    def get(self, key: tuple[str, str], not_before: float, ask: Callable[[], list[Any]]) -> list[Any]:
        """The items of an answer that was asked for at `not_before` (time.monotonic) or later."""
        with self._lock:
            if len(self._answers) >= self.most:
                self._forget_stale()
            answer = self._answers.setdefault(key, _Answer())
        with answer.lock:
            if answer.asked_at < not_before:
                asked_at = time.monotonic()
                answer.items = ask()
                answer.asked_at = asked_at
            return answer.items

    def __len__(self) -> int:
        return len(self._answers)

    def _forget_stale(self) -> None:
        """Drop answers that nobody will take any more: a warm worker sees thousands of environments come and go."""
        limit = time.monotonic() - self.stale
        self._answers = {key: a for key, a in self._answers.items() if a.asked_at >= limit or a.lock.locked()}
