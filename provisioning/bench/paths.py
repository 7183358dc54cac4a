"""The critical path: the least time that a graph of tasks takes whatever the number of hands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Path:
    """A chain of tasks, first to last, and its seconds."""

    seconds: float
    keys: tuple[str, ...]


def critical_path(lengths: Mapping[str, float], needs: Mapping[str, Iterable[str]]) -> Path:
    """The longest chain. `lengths`: seconds of each task; `needs`: what must have ended before it begins."""
    best: dict[str, Path] = {}

    def ending_with(key: str) -> Path:
        if key not in best:
            before = max(
                (ending_with(need) for need in needs.get(key, ())),
                key=lambda path: path.seconds,
                default=Path(seconds=0.0, keys=()),
            )
            best[key] = Path(seconds=before.seconds + lengths[key], keys=(*before.keys, key))
        return best[key]

    return max((ending_with(key) for key in lengths), key=lambda path: path.seconds)
