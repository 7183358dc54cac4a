"""Keeps services running: starts them, starts again what dies, stops them in order."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from portal.launcher.services import Running, Service, how_it_ended, stop

_FIRST_PAUSE = 0.5  # seconds before the first restart; each further one waits twice as long
_LONGEST_PAUSE = 30.0
_LIVED_WELL = 60.0  # seconds after which a death counts as the first one again


@dataclass(kw_only=True)
class _Place:
    """Where a service stands among its restarts."""

    running: Running
    deaths: int = 0
    start_again_at: float | None = None


@dataclass(kw_only=True)
class Supervisor:
    """`say` tells the person a line; `changed` is called when a process id has changed."""

    say: Callable[[str], None]
    changed: Callable[[], None] = lambda: None
    _places: dict[str, _Place] = field(default_factory=dict)

    def start(self, service: Service) -> Running:
        """Start a service and look after it from now on."""
        running = Running(service)
        self._places[service.name] = _Place(running=running)
        return running

    def release(self, running: Running) -> None:
        """Look after it no longer: it has ended as it should."""
        del self._places[running.service.name]

    def pids(self) -> dict[str, int]:
        """The process ids of what runs, by name."""
        return {name: place.running.pid for name, place in self._places.items()}

    def look_after(self) -> None:
        """Start again, when its pause is over, what has died. Call it a few times a second."""
        for name, place in self._places.items():
            if place.start_again_at is None:
                if place.running.exit_code() is not None:
                    self._mourn(name, place)
            elif time.monotonic() >= place.start_again_at:
                place.running = Running(place.running.service)
                place.start_again_at = None
                self.changed()

    def _mourn(self, name: str, place: _Place) -> None:
        now = time.monotonic()
        if now - place.running.started > _LIVED_WELL:
            place.deaths = 0
        pause = min(_FIRST_PAUSE * 2**place.deaths, _LONGEST_PAUSE)
        place.deaths += 1
        place.start_again_at = now + pause
        stop(place.running)  # its own children must not outlive it
        self.say(
            f"{name} {how_it_ended(place.running.exit_code())}; "
            f"started again in {pause:g} s (log: {place.running.service.log})"
        )

    def stop_all(self) -> None:
        """Stop everything: first what works on the database and AWS, then AWS, then the stores."""
        last = ("redis", "postgres")
        runs = {name: place.running for name, place in self._places.items()}
        first = [running for name, running in runs.items() if name not in (*last, "simulator")]
        stop(*first)
        stop(*(running for name, running in runs.items() if name == "simulator"))
        stop(*(running for name, running in runs.items() if name in last))
        self._places.clear()
