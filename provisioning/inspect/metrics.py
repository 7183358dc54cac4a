"""Metrics: what CloudWatch measured of an environment over a while, with the thresholds of its alarms.

What AWS does not tell is a problem with its reason, never an empty chart that looks like nothing to do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby
from typing import TYPE_CHECKING, Any

from provisioning.aws import Aws
from provisioning.errors import AwsError
from provisioning.inspect import alarms as alarms_of
from provisioning.inspect.alarms import Alarm, Alarms, Problem, read_alarms
from provisioning.inspect.charts import Chart, Line, Metric, charts_of
from provisioning.resource import Recorded

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.type_defs import MetricDataQueryTypeDef

PERMISSIONS = ("cloudwatch:GetMetricData", *alarms_of.PERMISSIONS)
_MOST_QUERIES = 500
_DAY = 86400


@dataclass(frozen=True, kw_only=True)
class Range:
    """How far back, and the seconds from point to point."""

    name: str
    seconds: int
    period: int


RANGES = {
    one.name: one
    for one in (
        Range(name="1h", seconds=3600, period=60),
        Range(name="3h", seconds=3 * 3600, period=60),
        Range(name="1d", seconds=_DAY, period=300),
        Range(name="1w", seconds=7 * _DAY, period=3600),
    )
}


@dataclass(frozen=True, kw_only=True)
class Series:
    """A line with its points: epoch second and value. Where AWS has none there is none."""

    label: str
    points: tuple[tuple[int, float], ...]


@dataclass(frozen=True, kw_only=True)
class Threshold:
    """From where on an alarm goes off, in the chart's unit; `below`: from there down."""

    alarm: str
    value: float
    below: bool


@dataclass(frozen=True, kw_only=True)
class Measured:
    """A chart with what was measured, or with why AWS does not tell."""

    chart: Chart
    period: int
    series: tuple[Series, ...] = ()
    thresholds: tuple[Threshold, ...] = ()
    problem: Problem | None = None


@dataclass(frozen=True, kw_only=True)
class Metrics:
    """An environment over a range of time."""

    range: Range
    start: datetime
    end: datetime
    charts: tuple[Measured, ...]
    alarms: Alarms


def read_metrics(recorded: Iterable[Recorded], aws: Aws, *, span: Range, now: datetime) -> Metrics:
    """All charts of what stands: one call for five hundred lines, one more for each further region, and the alarms."""
    rows = list(recorded)
    end = int(now.timestamp())
    start = (end - span.seconds) // span.period * span.period
    charts = [one for one in charts_of(rows) if span.seconds >= one.period * 2]
    by_region = groupby(sorted(charts, key=lambda one: one.region), key=lambda one: one.region)
    regions = {region: list(some) for region, some in by_region}
    with ThreadPoolExecutor(max_workers=len(regions) + 1) as pool:
        alarms = pool.submit(read_alarms, rows, aws)
        answers = {
            region: pool.submit(_measured, some, aws.in_region(region), span, start, end)
            for region, some in regions.items()
        }
        told = alarms.result()
        measured = {one.chart.key: one for answer in answers.values() for one in answer.result()}
    return Metrics(
        range=span,
        start=datetime.fromtimestamp(start, now.tzinfo),
        end=now,
        charts=tuple(_with_thresholds(measured[one.key], told.alarms) for one in charts),
        alarms=told,
    )


def _measured(charts: list[Chart], aws: Aws, span: Range, start: int, end: int) -> list[Measured]:
    asked = {f"l{number}": line for number, line in enumerate(line for one in charts for line in one.lines)}
    periods = {id(line): one.period or span.period for one in charts for line in one.lines}
    queries = [query for name, line in asked.items() for query in _queries(name, line, periods[id(line)])]
    try:
        answers = _ask(aws, queries, start, end)
    except AwsError as error:
        return [Measured(chart=one, period=span.period, problem=Problem.of(error)) for one in charts]
    names = {id(line): name for name, line in asked.items()}
    return [
        _of_chart(one, one.period or span.period, [answers[names[id(line)]] for line in one.lines], end)
        for one in charts
    ]


def _queries(name: str, line: Line, period: int) -> Iterator[MetricDataQueryTypeDef]:
    if line.share_of is None:
        yield _query(name, line.metric, period)
        return
    yield _query(f"{name}part", line.metric, period, shown=False)
    yield _query(f"{name}whole", line.share_of, period, shown=False)
    # Where nothing failed AWS has no point for what failed; it is nothing, as long as there is a whole.
    yield {"Id": name, "Expression": f"100 * FILL({name}part, 0) / {name}whole", "ReturnData": True}


def _query(name: str, metric: Metric, period: int, *, shown: bool = True) -> MetricDataQueryTypeDef:
    return {
        "Id": name,
        "MetricStat": {
            "Metric": {
                "Namespace": metric.namespace,
                "MetricName": metric.name,
                "Dimensions": [{"Name": key, "Value": value} for key, value in metric.dimensions],
            },
            "Period": period,
            "Stat": metric.statistic,
        },
        "ReturnData": shown,
    }


@dataclass(kw_only=True)
class _Answer:
    """What came for one query."""

    points: dict[int, float]
    problem: Problem | None = None


def _ask(aws: Aws, queries: list[MetricDataQueryTypeDef], start: int, end: int) -> dict[str, _Answer]:
    answers: dict[str, _Answer] = {
        query["Id"]: _Answer(points={}) for query in queries if query.get("ReturnData")
    }
    for some in _batches(queries):
        for result in _pages(aws, some, start, end):
            answer = answers[result["Id"]]
            answer.points |= {
                int(at.timestamp()): value
                for at, value in zip(result["Timestamps"], result["Values"], strict=True)
            }
            if result["StatusCode"] in {"InternalError", "Forbidden"}:
                answer.problem = _refused(result)
    return answers


def _batches(queries: list[MetricDataQueryTypeDef]) -> Iterator[list[MetricDataQueryTypeDef]]:
    """At most 500 at once; an expression goes with its metrics."""
    groups: dict[str, list[MetricDataQueryTypeDef]] = {}
    for query in queries:
        groups.setdefault(query["Id"].removesuffix("part").removesuffix("whole"), []).append(query)
    lines, most = list(groups.values()), _MOST_QUERIES // 3
    for first in range(0, len(lines), most):
        yield [query for group in lines[first : first + most] for query in group]


def _pages(aws: Aws, queries: list[MetricDataQueryTypeDef], start: int, end: int) -> Iterator[Any]:
    span: dict[str, Any] = {
        "StartTime": datetime.fromtimestamp(start, UTC),
        "EndTime": datetime.fromtimestamp(end + 60, UTC),  # with the minute that is not over
        "ScanBy": "TimestampAscending",
    }
    further: dict[str, Any] = {}
    while True:
        answer = aws.cloudwatch.get_metric_data(MetricDataQueries=queries, **span, **further)
        yield from answer["MetricDataResults"]
        if not answer.get("NextToken"):
            return
        further = {"NextToken": answer["NextToken"]}


def _refused(result: Mapping[str, Any]) -> Problem:
    said = " ".join(one["Value"] for one in result.get("Messages") or ())
    return Problem(
        code=f"aws.{result['StatusCode']}",
        message=f"AWS did not give this metric: {said or result['StatusCode']}",
        hint="Try again later; a platform admin can look at the permissions of the account's role.",
    )


def _of_chart(chart: Chart, period: int, answers: list[_Answer], end: int) -> Measured:
    problem = next((one.problem for one in answers if one.problem), None)
    series = tuple(
        Series(
            label=line.label,
            points=tuple(
                (at, value * line.scale * _rate(chart, at, period, end))
                for at, value in sorted(answer.points.items())
            ),
        )
        for line, answer in zip(chart.lines, answers, strict=True)
    )
    return Measured(chart=chart, period=period, series=series, problem=problem)


def _rate(chart: Chart, at: int, period: int, end: int) -> float:
    """What makes a period's sum one of a minute; of a period that is not over, only the minutes so far count."""
    if chart.unit != "per_minute":
        return 1.0
    minutes = max(1, -(-min(period, end - at) // 60))
    return 1 / minutes


def _with_thresholds(measured: Measured, alarms: Iterable[Alarm]) -> Measured:
    """The thresholds of the alarms that watch what the chart's first line shows."""
    line = measured.chart.lines[0]
    watched = {one.watched for one in (line.metric, line.share_of) if one}
    thresholds = tuple(
        Threshold(alarm=one.title, value=one.threshold * line.scale, below=one.below)
        for one in alarms
        if set(one.watches) == watched
    )
    return Measured(
        chart=measured.chart,
        period=measured.period,
        series=measured.series,
        thresholds=thresholds,
        problem=measured.problem,
    )
