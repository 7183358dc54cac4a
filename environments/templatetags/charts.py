"""Charts of metrics as SVG: lines with their gaps, thresholds with their labels, and the same in words.

Sideways positions are shares of the width, so that words keep their size on a phone; heights are pixels.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

from django.utils import formats, timezone
from django.utils.translation import gettext as _

from provisioning.inspect.charts import Unit
from provisioning.inspect.metrics import Measured, Metrics, Series, Threshold

HEIGHT = 176
TOP, FLOOR = 16, 148  # of the part in which lines are drawn
WIDTH = 1000  # of the inner drawing, which is stretched
_PATIENCE = 1.5  # periods without a point from which on there is a gap
_ROWS = 12
_DAY = 86400
_KIB = 1024
_ROOM = 1.12  # over the highest line


@dataclass(frozen=True, kw_only=True)
class Mark:
    """A label of an axis, at a share of the width in per cent or at a height in pixels."""

    text: str
    x: float = 0.0
    y: float = 0.0
    anchor: str = "start"


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """One line: its path, the path of points that stand alone, and what it says in words."""

    label: str
    path: str
    dots: str
    last: str
    least: str
    most: str
    number: int


@dataclass(frozen=True, kw_only=True)
class Limit:
    """A threshold: its height, its words, and whether the last value is past it."""

    y: float
    text: str
    passed: bool


@dataclass(frozen=True, kw_only=True)
class Row:
    """A line of the table: a moment, and each series then."""

    at: datetime
    cells: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Plot:
    """A chart ready for the template."""

    measured: Measured
    lines: tuple[Drawn, ...]
    limits: tuple[Limit, ...]
    levels: tuple[Mark, ...]
    times: tuple[Mark, ...]
    rows: tuple[Row, ...]

    @property
    def is_empty(self) -> bool:
        """Whether there is no point at all: not the same as nothing to do."""
        return not any(line.path or line.dots for line in self.lines)

    @property
    def passed(self) -> bool:
        """Whether the last value is past a threshold."""
        return any(limit.passed for limit in self.limits)


def plot_of(measured: Measured, metrics: Metrics) -> Plot:
    """The drawing of one chart over the range of all."""
    start, end = metrics.start.timestamp(), metrics.end.timestamp()
    unit = measured.chart.unit
    top = _top(measured)
    return Plot(
        measured=measured,
        lines=tuple(
            _drawn(number, series, measured, (start, end), top)
            for number, series in enumerate(measured.series, start=1)
        ),
        limits=tuple(_limit(one, measured, top) for one in measured.thresholds),
        levels=tuple(
            Mark(text=_number(level) if unit == "per_minute" else said(level, unit), y=_height(level, top))
            for level in _levels(top)
        ),
        times=tuple(_times(metrics)),
        rows=tuple(_rows(measured, start, end)),
    )


def _top(measured: Measured) -> float:
    """The highest value that the drawing has room for: a round number, 100 where per cent are told."""
    values = [value for series in measured.series for _, value in series.points]
    highest = max([*values, *(one.value for one in measured.thresholds)], default=0)
    if measured.chart.unit == "percent" and highest > 25:
        return max(100.0, _round_up(highest))
    return _round_up(highest * _ROOM, binary=measured.chart.unit == "bytes") or 1.0


def _round_up(value: float, *, binary: bool = False) -> float:
    if value <= 0:
        return 0.0
    unit = float(_KIB ** int(math.log(value, _KIB))) if binary and value >= 1 else 1.0
    power = 10.0 ** math.floor(math.log10(value / unit))
    steps = (step * power * unit for step in (1, 2, 3, 4, 5, 6, 8, 10, 20))
    return next(step for step in steps if step >= value)


def _levels(top: float) -> tuple[float, ...]:
    return (0.0, top / 2, top)


def _height(value: float, top: float) -> float:
    return round(FLOOR - (FLOOR - TOP) * min(max(value / top, 0), 1), 1)


def _drawn(number: int, series: Series, measured: Measured, span: tuple[float, float], top: float) -> Drawn:
    pieces = list(_pieces(series, measured.period))
    places = [[_place(at, value, span, top) for at, value in piece] for piece in pieces]
    values = [value for _, value in series.points]
    unit = measured.chart.unit
    return Drawn(
        label=series.label,
        path="".join(_path(piece) for piece in places if len(piece) > 1),
        # A stroke of no length with round ends is a dot, however the drawing is stretched.
        dots="".join(f"M{piece[0][0]} {piece[0][1]}h0" for piece in places if len(piece) == 1),
        last=said(values[-1], unit) if values else "",
        least=said(min(values), unit) if values else "",
        most=said(max(values), unit) if values else "",
        number=number,
    )


def _pieces(series: Series, period: int) -> Iterator[list[tuple[int, float]]]:
    """The points between gaps."""
    piece: list[tuple[int, float]] = []
    for point in series.points:
        if piece and point[0] - piece[-1][0] > period * _PATIENCE:
            yield piece
            piece = []
        piece.append(point)
    if piece:
        yield piece


def _place(at: float, value: float, span: tuple[float, float], top: float) -> tuple[float, float]:
    start, end = span
    across = min(max((at - start) / max(end - start, 1), 0), 1)
    return round(WIDTH * across, 1), round(_height(value, top) - TOP, 1)


def _path(places: Iterable[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x} {y}" for x, y in places)


def _limit(threshold: Threshold, measured: Measured, top: float) -> Limit:
    amount = said(threshold.value, measured.chart.unit)
    text = _("alarm below %(amount)s") if threshold.below else _("alarm above %(amount)s")
    points = measured.series[0].points if measured.series else ()
    last = points[-1][1] if points else None
    passed = last is not None and (last < threshold.value if threshold.below else last > threshold.value)
    return Limit(y=_height(threshold.value, top), text=text % {"amount": amount}, passed=passed)


def _times(metrics: Metrics) -> Iterator[Mark]:
    """Three moments: the first, the middle, the last."""
    length = metrics.end - metrics.start
    for share, anchor in ((0.0, "start"), (0.5, "middle"), (1.0, "end")):
        yield Mark(
            text=_moment(metrics.start + length * share, metrics.range.seconds), x=100 * share, anchor=anchor
        )


def _moment(at: datetime, seconds: int) -> str:
    local = timezone.localtime(at)
    if seconds < _DAY:
        return f"{local:%H:%M}"
    day = formats.date_format(local, "j M")
    return day if seconds > _DAY else f"{day} {local:%H:%M}"


def _rows(measured: Measured, start: float, end: float) -> Iterator[Row]:
    """At most twelve moments, each with the average since the one before."""
    step = max((end - start) / _ROWS, measured.period)
    for number in range(math.ceil((end - start) / step)):
        since = start + number * step
        found = [
            [value for at, value in series.points if since <= at < since + step] for series in measured.series
        ]
        if any(found):
            cells = (said(sum(some) / len(some), measured.chart.unit) if some else "–" for some in found)
            yield Row(at=datetime.fromtimestamp(since, UTC), cells=tuple(cells))


def said(value: float, unit: Unit) -> str:
    """A value as people say it, with its unit."""
    if unit == "percent":
        return f"{_number(value)} %"
    if unit == "seconds":
        return f"{_number(value)} s" if value >= 1 or not value else f"{_number(value * 1000)} ms"
    if unit == "bytes":
        return _bytes(value)
    if unit == "per_minute":
        return _("%(number)s a minute") % {"number": _number(value)}
    return _number(value)


def _bytes(value: float) -> str:
    for name in ("B", "KiB", "MiB", "GiB"):
        if value < _KIB:
            return f"{_number(value)} {name}"
        value /= _KIB
    return f"{_number(value)} TiB"


def _number(value: float) -> str:
    """Three digits that count, and no more."""
    size = abs(value)
    decimals = 0 if size >= 100 or value == int(value) else 1 if size >= 10 else 2
    text = formats.number_format(round(value, decimals), decimal_pos=decimals, force_grouping=True)
    mark = formats.get_format("DECIMAL_SEPARATOR")
    return text.rstrip("0").rstrip(mark) if mark in text else text
