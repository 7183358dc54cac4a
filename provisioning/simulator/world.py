"""What the simulator itself remembers: pending changes, and each service's own notes per account and region."""

import heapq
import itertools
import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TypeVar, cast

from provisioning.simulator.durations import Durations

log = logging.getLogger(__name__)

Notes = TypeVar("Notes")


@dataclass(frozen=True, kw_only=True)
class Timer:
    """A change that AWS will make later: `event` names the function, `subject` says to what."""

    event: str
    account: str
    region: str
    subject: tuple[str, ...]


@dataclass(kw_only=True)
class World:
    """State of the simulator besides moto's; saved and restored together with it."""

    #: Heap of (epoch seconds, tie breaker, timer).
    timers: list[tuple[float, int, Timer]] = field(default_factory=list)
    #: Notes of the services, by class, account and region.
    notes: dict[tuple[str, str, str], object] = field(default_factory=dict)
    sequence: Iterator[int] = field(default_factory=itertools.count)

    def notes_of(self, kind: type[Notes], account: str, region: str) -> Notes:
        """The one `kind` of notes for this account and region, made empty when it is first asked for."""
        key = (f"{kind.__module__}.{kind.__qualname__}", account, region)
        if key not in self.notes:
            self.notes[key] = kind()
        return cast(Notes, self.notes[key])

    def every(self, kind: type[Notes]) -> list[Notes]:
        """The notes of this class in all accounts and regions."""
        return [one for one in self.notes.values() if isinstance(one, kind)]

    def clear(self) -> None:
        """Forget everything."""
        self.timers.clear()
        self.notes.clear()

    def plan(self, at: float, timer: Timer) -> None:
        """Let `timer` happen at epoch second `at`."""
        heapq.heappush(self.timers, (at, next(self.sequence), timer))

    def due(self, now: float) -> Iterator[tuple[float, Timer]]:
        """Take out, in order of time, all that is due; timers added meanwhile are seen too."""
        while self.timers and self.timers[0][0] <= now:
            at, _, timer = heapq.heappop(self.timers)
            yield at, timer


@dataclass(frozen=True, kw_only=True)
class Moment:
    """One instant in one account and region, with what a service needs to act in it."""

    world: World
    durations: Durations
    account: str
    region: str
    #: Epoch seconds.
    now: float

    def notes(self, kind: type[Notes]) -> Notes:
        """This account's and region's notes of the given class."""
        return self.world.notes_of(kind, self.account, self.region)

    def later(self, seconds: float, event: str, *subject: str) -> None:
        """Let `event` happen to `subject` after so many real seconds."""
        timer = Timer(event=event, account=self.account, region=self.region, subject=subject)
        self.world.plan(self.now + seconds, timer)

    def after(self, duration: str, event: str, *subject: str) -> None:
        """Let `event` happen to `subject` after the named duration."""
        self.later(self.durations.of(duration), event, *subject)

    def elsewhere(self, *, region: str) -> "Moment":
        """The same instant and account in another region."""
        return Moment(
            world=self.world, durations=self.durations, account=self.account, region=region, now=self.now
        )


Event = Callable[..., None]
events: dict[str, Event] = {}


def event(name: str) -> Callable[[Event], Event]:
    """Register what happens when a timer of this name is due: a function of a moment and the subject."""

    def register(function: Event) -> Event:
        events[name] = function
        return function

    return register


@dataclass(kw_only=True)
class Machine:
    """The one running simulator: its world, its clock rates, and the lock that serialises every call."""

    durations: Durations
    world: World = field(default_factory=World)
    lock: threading.RLock = field(default_factory=threading.RLock)

    def catch_up(self, now: float) -> None:
        """Make every change that is due, each as of its own time."""
        for at, timer in self.world.due(now):
            moment = Moment(
                world=self.world,
                durations=self.durations,
                account=timer.account,
                region=timer.region,
                now=at,
            )
            try:
                events[timer.event](moment, *timer.subject)
            except Exception:
                # The call that happened to come next is not to blame, and must get its answer.
                log.exception("%s of %s failed", timer.event, ", ".join(timer.subject))
