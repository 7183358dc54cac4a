"""CloudWatch metrics: what AWS measures of the things that live here and what callers put, period by period."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from moto.cloudwatch.models import MetricAggregatedDatum, cloudwatch_backends

from provisioning.simulator import cloudwatch_math
from provisioning.simulator.cloudwatch_curves import MINUTE, Sample, load_at
from provisioning.simulator.cloudwatch_sources import source_of
from provisioning.simulator.operations import Call, Refusal, operation
from provisioning.simulator.world import Moment

_MOST_QUERIES = 500
_LOOKS = 4  # at a thing within a long period
#: Time of a period's start -> its value.
Points = dict[int, float]


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A metric, and what of its values in each period."""

    namespace: str
    name: str
    dimensions: Mapping[str, str]
    period: int
    statistic: str


@dataclass(frozen=True, kw_only=True)
class Span:
    """From a time up to another one that is not in it any more, in epoch seconds."""

    start: float
    end: float


def points_of(moment: Moment, wanted: Wanted, span: Span) -> Points:
    """Its values; where there is nothing to tell there is no point."""
    merged = samples_of(moment, wanted, span)
    return {at: statistic_of(each, wanted.statistic) for at, each in sorted(merged.items())}


def samples_of(moment: Moment, wanted: Wanted, span: Span) -> dict[int, list[Sample]]:
    """What there is in each period that begins in the span, up to this moment."""
    found: dict[int, list[Sample]] = {}
    for at, sample in (*_measured(moment, wanted, span), *_put(moment, wanted, span)):
        found.setdefault(int(at // wanted.period * wanted.period), []).append(sample)
    return found


def _measured(moment: Moment, wanted: Wanted, span: Span) -> Iterable[tuple[float, Sample]]:
    source = source_of(wanted.namespace, wanted.dimensions)
    thing = source.find(moment, wanted.dimensions) if source else None
    if source is None or thing is None or wanted.name not in source.metrics:
        return
    tell = source.metrics[wanted.name][1]
    step = max(thing.every, wanted.period // _LOOKS // MINUTE * MINUTE)
    # A point bears the time at which its period begins, which may be before the thing began.
    first = max(_floor(span.start, wanted.period), _floor(thing.born, step))
    end = min(span.end, moment.now)
    at = float(-(-first // step) * step)
    while at < end:
        sample = tell(thing, load_at(moment, thing.names, at))
        if sample is not None:
            yield at, _many(sample, step // MINUTE) if thing.every == MINUTE else sample
        at += step


def _many(sample: Sample, minutes: int) -> Sample:
    """What stands for several minutes that are alike."""
    return Sample(
        count=sample.count * minutes, total=sample.total * minutes, low=sample.low, high=sample.high
    )


def _put(moment: Moment, wanted: Wanted, span: Span) -> Iterable[tuple[float, Sample]]:
    start = _floor(span.start, wanted.period)
    data: list[Any] = cloudwatch_backends[moment.account][moment.region].metric_data
    for one in data:
        if (one.namespace, one.name) != (wanted.namespace, wanted.name):
            continue
        at = epoch(one.timestamp)
        if start <= at < span.end and {d.name: d.value for d in one.dimensions} == dict(wanted.dimensions):
            if isinstance(one, MetricAggregatedDatum):
                yield at, Sample(count=one.sample_count, total=one.sum, low=one.min, high=one.max)
            else:
                yield at, Sample(count=1, total=one.value, low=one.value, high=one.value)


def statistic_of(samples: list[Sample], statistic: str) -> float:
    """One of CloudWatch's statistics; a percentile lies between the average and the greatest."""
    count, total = sum(one.count for one in samples), sum(one.total for one in samples)
    low, high = min(one.low for one in samples), max(one.high for one in samples)
    average = total / count
    plain = {"SampleCount": count, "Sum": total, "Average": average, "Minimum": low, "Maximum": high}
    if statistic in plain:
        return plain[statistic]
    share = _percentile(statistic) / 100
    if share <= 0.5:
        return low + (average - low) * share * 2
    return average + (high - average) * (share - 0.5) * 2


def _percentile(statistic: str) -> float:
    try:
        share = float(statistic.removeprefix("p"))
    except ValueError:
        share = -1
    if not statistic.startswith("p") or not 0 <= share <= 100:
        raise Refusal("ValidationError", f"The value {statistic} for parameter Stat is not supported.")
    return share


def epoch(told: Any) -> float:
    """A time that a caller gave, in epoch seconds."""
    if isinstance(told, datetime):
        return (told if told.tzinfo else told.replace(tzinfo=UTC)).timestamp()
    if isinstance(told, str):
        return epoch(datetime.fromisoformat(told))
    return float(told)


def _floor(at: float, period: int) -> float:
    return at // period * period


def pairs(dimensions: Iterable[Any]) -> dict[str, str]:
    """Dimensions as callers give them, by name."""
    return {str(one["Name"]): str(one["Value"]) for one in dimensions or ()}


def results_of(moment: Moment, queries: list[Any], span: Span) -> dict[str, Points]:
    """Id of a query -> its points, those of expressions included."""
    known: dict[str, Points] = {}
    for query in queries:
        if stat := query.get("MetricStat"):
            metric = stat["Metric"]
            wanted = Wanted(
                namespace=metric["Namespace"],
                name=metric["MetricName"],
                dimensions=pairs(metric.get("Dimensions")),
                period=int(stat["Period"]),
                statistic=stat["Stat"],
            )
            known[query["Id"]] = points_of(moment, wanted, span)
    for query in queries:
        if query.get("Expression"):
            known[query["Id"]] = cloudwatch_math.evaluate(query["Expression"], known)
    return known


def _span(call: Call) -> Span:
    start, end = epoch(call.params["StartTime"]), epoch(call.params["EndTime"])
    if start >= end:
        raise Refusal("ValidationError", "The parameter StartTime must be less than the parameter EndTime.")
    return Span(start=start, end=end)


@operation("cloudwatch", "GetMetricData")
def get_metric_data(call: Call) -> object:
    """Up to 500 metrics and expressions at once."""
    queries = call.items("MetricDataQueries")
    if len(queries) > _MOST_QUERIES:
        raise Refusal(
            "ValidationError",
            f"The collection MetricDataQueries must not have a size greater than {_MOST_QUERIES}.",
        )
    for number, query in enumerate(queries, start=1):
        if not (query.get("MetricStat") or query.get("Expression")):
            text = f"The parameter MetricDataQueries.member.{number}.MetricStat is required.\n"
            raise Refusal("ValidationError", text)
    known = results_of(call, queries, _span(call))
    backwards = call.text("ScanBy") != "TimestampAscending"
    shown = [one for one in queries if one.get("ReturnData") is not False]
    return {"MetricDataResults": [_result(one, known[one["Id"]], backwards=backwards) for one in shown]}


def _result(query: Any, points: Points, *, backwards: bool) -> dict[str, object]:
    times = sorted(points, reverse=backwards)
    metric = query.get("MetricStat", {}).get("Metric", {})
    return {
        "Id": query["Id"],
        "Label": query.get("Label") or metric.get("MetricName") or query["Id"],
        "Timestamps": [datetime.fromtimestamp(at, UTC) for at in times],
        "Values": [points[at] for at in times],
        "StatusCode": "Complete",
    }


@operation("cloudwatch", "GetMetricStatistics")
def get_metric_statistics(call: Call) -> object:
    """The older call: several statistics of one metric."""
    plain, further = call.items("Statistics"), call.items("ExtendedStatistics")
    if not plain and not further:
        raise Refusal("InvalidParameterCombination", "Must specify either Statistics or ExtendedStatistics")
    wanted = Wanted(
        namespace=call.text("Namespace"),
        name=call.text("MetricName"),
        dimensions=pairs(call.items("Dimensions")),
        period=int(call.params["Period"]),
        statistic="",
    )
    source = source_of(wanted.namespace, wanted.dimensions)
    unit = source.metrics[wanted.name][0] if source and wanted.name in source.metrics else "None"
    told = [
        {
            "Timestamp": datetime.fromtimestamp(at, UTC),
            "Unit": unit,
            **{name: statistic_of(samples, name) for name in plain},
            "ExtendedStatistics": {name: statistic_of(samples, name) for name in further},
        }
        for at, samples in sorted(samples_of(call, wanted, _span(call)).items())
    ]
    return {"Label": wanted.name, "Datapoints": told}
