"""Calls that many threads want to make about one thing each, carried out as few calls about many things.

AWS takes up to a hundred alarms or ten parameters in one deletion; the engine removes each in a step of its own.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from provisioning.errors import AwsError


@dataclass(eq=False)
class _Wish:
    """One thing that somebody waits for. `unsettled`: it has to be asked for alone."""

    item: str
    done: bool = False
    unsettled: bool = False


@dataclass
class _Gathered:
    """What waits for the next call of one kind, and the lock that lets one thread at a time make it."""

    turn: threading.Lock = field(default_factory=threading.Lock)
    waiting: list[_Wish] = field(default_factory=list)


class Gathering:
    """While one call is under way, the wishes of the others add up; the next call takes them all.

    Nobody waits for company: a wish that comes alone is carried out alone, at once.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_call: defaultdict[str, _Gathered] = defaultdict(_Gathered)

    def carry_out(self, name: str, item: str, act: Callable[[Sequence[str]], object], *, most: int) -> None:
        """Return when `act` has been called with `item` among at most `most` items, by this thread or by another.

        `act` must be safe to repeat: where a call about several fails, each is asked for again alone, so that the
        error is that of the item which caused it. Raises what `act` raises.
        """
        wish = _Wish(item)
        with self._lock:
            gathered = self._by_call[name]
            gathered.waiting.append(wish)
        with gathered.turn:
            if not wish.done:
                self._call(gathered, wish, act, most)
        if wish.unsettled:
            act([item])

    def _call(
        self, gathered: _Gathered, mine: _Wish, act: Callable[[Sequence[str]], object], most: int
    ) -> None:
        with self._lock:
            others = [wish for wish in gathered.waiting if wish is not mine][: most - 1]
            batch = [mine, *others]
            gathered.waiting = [wish for wish in gathered.waiting if wish not in batch]
        failed = True
        try:
            act([wish.item for wish in batch])
            failed = False
        except AwsError:
            if len(batch) == 1:
                raise
        finally:
            for wish in batch:
                wish.done, wish.unsettled = True, failed and len(batch) > 1
