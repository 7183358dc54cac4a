"""How much the simulated resources have to do: a daily curve of each, and the load that somebody put on one.

Everything follows from the time and a name: whoever asks twice gets the same answer, and nothing runs meanwhile.
"""

import math
import zlib
from collections.abc import Iterable
from dataclasses import dataclass, field

from provisioning.simulator.world import Moment

MINUTE = 60
_DAY = 86400
_QUIETEST = 4 * 3600  # seconds after midnight, UTC
_WEEKEND = (5, 6)


@dataclass(frozen=True, kw_only=True)
class Sample:
    """What CloudWatch keeps of a metric for a minute: how many values, their sum, the least and the greatest."""

    count: float
    total: float
    low: float
    high: float


def level(value: float, spread: float = 0.04) -> Sample:
    """Of something that stands at a value."""
    return Sample(count=1, total=value, low=value * (1 - spread), high=value * (1 + spread))


def counted(number: float, among: float = 0) -> Sample:
    """Of something that is counted, one by one; `among`: of so many, each a 0 or a 1."""
    count = max(among, number)
    return Sample(
        count=max(count, 1), total=number, low=1.0 if number >= count > 0 else 0.0, high=float(number > 0)
    )


def timed(count: float, each: float) -> Sample:
    """Of so many times, `each` on average."""
    return Sample(count=max(count, 1), total=max(count, 1) * each, low=each * 0.3, high=each * 2.5)


@dataclass(frozen=True, kw_only=True)
class Load:
    """What somebody put on a resource: 0 is nothing to do, 1 is more than it can. Times in epoch seconds."""

    resource: str
    level: float
    since: float
    until: float


#: Loads are told by name alone, wherever the resource is.
ANYWHERE = ("", "")


@dataclass(kw_only=True)
class Loads:
    """The newest last."""

    ordered: list[Load] = field(default_factory=list)


def load_at(moment: Moment, names: Iterable[str], at: float) -> float:
    """How much a thing of these names has to do, from 0 to 1."""
    known = set(names)
    for load in reversed(moment.world.notes_of(Loads, *ANYWHERE).ordered):
        if load.resource in known and load.since <= at < load.until:
            return load.level
    return usual_load(min(known, default=""), at)


def usual_load(name: str, at: float) -> float:
    """Between 0.05 and 0.6: little before dawn, most in the afternoon, less at weekends, never quite smooth."""
    seed = zlib.crc32(name.encode())
    day, seconds = divmod(at, _DAY)
    daily = 0.5 - 0.5 * math.cos(2 * math.pi * (seconds - _QUIETEST) / _DAY)
    weight = 0.55 if (int(day) + 3) % 7 in _WEEKEND else 1.0  # the first day of the epoch was a Thursday
    wave = 0.03 * math.sin(at / 700 + seed % 628 / 100)
    noise = (zlib.crc32(f"{seed}/{int(at // MINUTE)}".encode()) / 2**32 - 0.5) * 0.06
    return 0.12 + 0.36 * daily * weight + wave + noise
