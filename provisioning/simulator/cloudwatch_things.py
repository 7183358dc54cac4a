"""What CloudWatch looks at: a living thing with its birth, its names and what its metrics follow from."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from provisioning.simulator.cloudwatch_curves import Sample
from provisioning.simulator.world import Moment

_MORE_THAN_ENOUGH = 0.8


@dataclass(frozen=True, kw_only=True)
class Thing:
    """Something that is measured. `names`: what a load may be put on; `every`: seconds between its points."""

    born: float
    names: tuple[str, ...]
    numbers: Mapping[str, float] = field(default_factory=dict)
    every: int = 60


#: Name of a metric -> its unit, and what it says of a thing at a load; None: nothing.
Metrics = Mapping[str, tuple[str, Callable[[Thing, float], Sample | None]]]


def strain(load: float) -> float:
    """What of a load is too much: nothing on usual days, 0.2 at full load."""
    return max(0.0, load - _MORE_THAN_ENOUGH)


def born_of(model: Any, moment: Moment, attribute: str = "") -> float:
    """When a thing of moto's, or of ours, was made; where nothing says so, when it was first looked at. It stays what
    it was, for some services change their time with every update."""
    known = getattr(model, "measured_since", None)
    if known is None:
        known = min(_epoch(getattr(model, attribute, None), moment.now), moment.now)
        model.measured_since = known
    return float(known)


def _epoch(told: Any, now: float) -> float:
    """A time as services write it: seconds, milliseconds, a text, a datetime that is UTC where it does not say."""
    if isinstance(told, int | float):
        return told / 1000 if told > 1e11 else float(told)
    if isinstance(told, str):
        try:
            told = datetime.fromisoformat(told)
        except ValueError:
            return now
    if not isinstance(told, datetime):
        return now
    return (told if told.tzinfo else told.replace(tzinfo=UTC)).timestamp()
