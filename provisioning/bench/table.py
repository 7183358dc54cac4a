"""The table that `make bench` prints: figures beside the plain script's and the goals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

_HEAD = ("What", "Andamio", "Plain script", "Goal", "")


@dataclass(frozen=True, kw_only=True)
class Row:
    """One figure. `most` is the goal, a figure that must not be passed (None: told without a goal); `goal` how the
    table words it."""

    what: str
    value: float
    shown: str
    plain: str = ""
    most: float | None = None
    goal: str = ""

    @property
    def verdict(self) -> Literal["", "met", "MISSED"]:
        """Whether the goal is met."""
        if self.most is None:
            return ""
        return "met" if self.value <= self.most else "MISSED"


def as_markdown(rows: Sequence[Row]) -> str:
    """The rows as a Markdown table whose columns stand under each other."""
    cells = [_HEAD, *((row.what, row.shown, row.plain, row.goal, row.verdict) for row in rows)]
    widths = [max(3, *(len(line[column]) for line in cells)) for column in range(len(_HEAD))]
    lines = [_line(line, widths) for line in cells]
    return "\n".join([lines[0], _line(["-" * width for width in widths], widths), *lines[1:]])


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (cell.ljust(width) for cell, width in zip(cells, widths, strict=True))
    return f"| {' | '.join(padded)} |"


def within(most: float, unit: str = "") -> str:
    """A goal as the table words it."""
    return f"≤ {most:g}{unit}"
