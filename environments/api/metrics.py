"""The calls about what AWS measures."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TypeVar

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router, Schema

from environments import watching
from environments.api.access import caller_of, one_of
from environments.choices import Scope
from environments.errors import InvalidInput
from environments.models import Environment
from environments.watching import USUAL_RANGE, NoAnswer
from provisioning.errors import brief
from provisioning.inspect.alarms import Alarms, Problem
from provisioning.inspect.metrics import RANGES, Measured, Metrics

router = Router()

T = TypeVar("T", bound=Metrics | Alarms)


class ProblemOut(Schema):
    """Why AWS does not tell something."""

    code: str
    message: str
    hint: str


class PointOut(Schema):
    """A value; where there is none, nothing was measured."""

    at: datetime
    value: float


class SeriesOut(Schema):
    """A line of a chart: a statistic of a metric."""

    label: str
    namespace: str
    metric: str
    dimensions: dict[str, str]
    statistic: str
    points: list[PointOut]


class ThresholdOut(Schema):
    """From where on an alarm goes off, in the unit of the chart."""

    alarm: str
    value: float
    below: bool


class ChartOut(Schema):
    """What one metric of a resource says. `unit`: percent, count, per_minute, seconds or bytes; `period` in seconds."""

    key: str
    tier: str
    title: str
    resource: str
    unit: str
    period: int
    series: list[SeriesOut]
    thresholds: list[ThresholdOut]
    problem: ProblemOut | None


class MetricsOut(Schema):
    """An environment over a range of time."""

    range: str
    start: datetime
    end: datetime
    charts: list[ChartOut]


class AlarmOut(Schema):
    """An alarm. `state`: ok, alarm, insufficient (no data), or missing (AWS has none of its name)."""

    key: str
    title: str
    name: str
    state: str
    since: datetime | None
    reason: str
    threshold: float
    below: bool
    seconds: int
    topics: list[str]


class SubscriptionOut(Schema):
    """Who hears of a topic; nobody does before the address has `confirmed`."""

    topic: str
    protocol: str
    endpoint: str
    confirmed: bool


class AlarmsOut(Schema):
    """All alarms, who is told, and what AWS does not tell."""

    alarms: list[AlarmOut]
    subscriptions: list[SubscriptionOut]
    problems: list[ProblemOut]


@router.get("/environments/{slug}/metrics", response=MetricsOut, summary="Read the metrics of an environment")
def read_metrics(request: HttpRequest, slug: str, range: str = USUAL_RANGE) -> MetricsOut:
    """What CloudWatch measured over `1h`, `3h`, `1d` or `1w`, as the page shows it, at most a minute old. A metric that
    AWS does not tell has a `problem` instead of points; if AWS tells nothing, the answer is 502. Scope: `read`."""
    environment = _environment(request, slug)
    if range not in RANGES:
        raise InvalidInput(
            _("There is no range %(name)s.") % {"name": brief(range)},
            hint=_("Choose one of: %(names)s.") % {"names": ", ".join(RANGES)},
            field="range",
        )
    return _metrics(_answer(watching.metrics_of(environment, range)))


@router.get("/environments/{slug}/alarms", response=AlarmsOut, summary="Read the alarms of an environment")
def read_alarms(request: HttpRequest, slug: str) -> Alarms:
    """How they stand, since when and why, and who is told, at most a minute old. Scope: `read`."""
    return _answer(watching.alarms_of(_environment(request, slug)))


def _environment(request: HttpRequest, slug: str) -> Environment:
    by = caller_of(request, Scope.READ)
    return one_of(Environment.objects.visible_to(by.person).for_list().newest_first(), slug=slug)


def _answer(found: T | Problem) -> T:
    if isinstance(found, Problem):
        raise NoAnswer.because(found)
    return found


def _metrics(found: Metrics) -> MetricsOut:
    return MetricsOut(
        range=found.range.name,
        start=found.start,
        end=found.end,
        charts=[_chart(one) for one in found.charts],
    )


def _chart(one: Measured) -> ChartOut:
    chart = one.chart
    return ChartOut(
        key=chart.key,
        tier=chart.tier,
        title=chart.title,
        resource=chart.subject,
        unit=chart.unit,
        period=one.period,
        series=[
            SeriesOut(
                label=series.label,
                namespace=line.metric.namespace,
                metric=line.metric.name,
                dimensions=dict(line.metric.dimensions),
                statistic=line.metric.statistic,
                points=[
                    PointOut(at=datetime.fromtimestamp(at, UTC), value=value) for at, value in series.points
                ],
            )
            for line, series in zip(chart.lines, one.series, strict=bool(one.series))
        ],
        thresholds=[
            ThresholdOut(alarm=limit.alarm, value=limit.value, below=limit.below) for limit in one.thresholds
        ],
        problem=ProblemOut(code=one.problem.code, message=one.problem.message, hint=one.problem.hint)
        if one.problem
        else None,
    )
