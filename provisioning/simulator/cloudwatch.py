"""CloudWatch alarms: without data at first, then as what they watch says, looked at when somebody asks."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from operator import ge, gt, le, lt
from typing import Any

from moto.cloudwatch.models import cloudwatch_backends

from provisioning.simulator.cloudwatch_metrics import Points, Span, Wanted, epoch, points_of, results_of
from provisioning.simulator.operations import Call, operation
from provisioning.simulator.world import Moment

_COMPARISONS: dict[str, tuple[Callable[[float, float], bool], str]] = {
    "GreaterThanThreshold": (gt, "greater than"),
    "GreaterThanOrEqualToThreshold": (ge, "greater than or equal to"),
    "LessThanThreshold": (lt, "less than"),
    "LessThanOrEqualToThreshold": (le, "less than or equal to"),
}
_FURTHER = 2  # periods before those that count, out of which CloudWatch takes what is missing
_BACK = 60  # periods at most that are looked through when nobody asked for long
_LEAST_SECONDS = 1.0


@dataclass(kw_only=True)
class Looks:
    """When each alarm was looked at, by name: real seconds."""

    at: dict[str, float] = field(default_factory=dict)

    def forget_since(self, at: float) -> None:
        """What happened since then is to be looked at again."""
        self.at = {name: min(seen, at) for name, seen in self.at.items()}


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What an alarm is to be, and CloudWatch's sentence for it."""

    state: str
    reason: str
    recent: tuple[float, ...] = ()


@operation("cloudwatch", "PutMetricAlarm")
def put_metric_alarm(call: Call) -> object:
    """New alarms start as INSUFFICIENT_DATA; changed ones keep their state until they are looked at."""
    backend = cloudwatch_backends[call.account][call.region]
    name = call.text("AlarmName")
    known: Any = backend.alarms.get(name)
    answer = call.forward()
    alarm: Any = backend.alarms[name]
    alarm.state_value = known.state_value if known is not None else "INSUFFICIENT_DATA"
    if known is not None:
        alarm.state_reason = known.state_reason
        alarm.state_updated_timestamp = known.state_updated_timestamp
    _seen(call)[name] = call.now
    return answer


@operation("cloudwatch", "SetAlarmState")
def set_alarm_state(call: Call) -> object:
    """It stays so until the alarm is looked at the next time."""
    answer = call.forward()
    _seen(call)[call.text("AlarmName")] = call.now
    return answer


@operation("cloudwatch", "PutMetricData")
def put_metric_data(call: Call) -> object:
    """Alarms may see it at once."""
    answer = call.forward()
    told = [one["Timestamp"] for one in call.items("MetricData") if one.get("Timestamp")]
    call.notes(Looks).forget_since(min((epoch(at) for at in told), default=call.now - 60))
    return answer


@operation("cloudwatch", "DescribeAlarms", "DescribeAlarmsForMetric")
def describe_alarms(call: Call) -> object:
    """Those that are asked for, as their metrics stand."""
    for alarm in _asked_for(call):
        look_at(call, alarm)
    return call.forward()


def _asked_for(call: Call) -> Iterable[Any]:
    names, prefix = call.items("AlarmNames"), call.text("AlarmNamePrefix")
    alarms: list[Any] = list(cloudwatch_backends[call.account][call.region].alarms.values())
    named = [one for one in alarms if not names or one.name in names]
    return [one for one in named if one.name.startswith(prefix) and one.rule is None]


def _seen(moment: Moment) -> dict[str, float]:
    return moment.notes(Looks).at


def look_at(moment: Moment, alarm: Any) -> None:
    """Bring an alarm to what its metrics say, through all changes since it was last looked at."""
    seen = _seen(moment).setdefault(alarm.name, moment.now)
    if moment.now - seen < max(_LEAST_SECONDS, moment.durations.of("cloudwatch.evaluate")):
        return
    _seen(moment)[alarm.name] = moment.now
    period = _period(alarm)
    first = max(seen, moment.now - _BACK * period)
    reach = (alarm.evaluation_periods + _FURTHER) * period
    points = _points(moment, alarm, Span(start=first - reach, end=moment.now))
    for at in _times(first, moment.now, period):
        _turn(alarm, _verdict(alarm, points, at, period), at)


def _times(first: float, now: float, period: int) -> Iterator[float]:
    at = (first // period + 1) * period
    while at < now:
        yield at
        at += period
    yield now


def _turn(alarm: Any, verdict: Verdict, at: float) -> None:
    if verdict.state == alarm.state_value:
        return
    data = {
        "version": "1.0",
        "queryDate": datetime.fromtimestamp(at, UTC).isoformat(),
        "period": _period(alarm),
        "recentDatapoints": verdict.recent,
        "threshold": alarm.threshold,
    }
    alarm.update_state(verdict.reason, json.dumps(data), verdict.state)
    alarm.state_updated_timestamp = datetime.fromtimestamp(at, UTC)
    alarm.state_transitioned_timestamp = alarm.state_updated_timestamp


def _period(alarm: Any) -> int:
    periods = [one.metric_stat.period for one in alarm.metric_data_queries if one.metric_stat]
    return int(alarm.period or max(map(int, periods), default=60))


def _points(moment: Moment, alarm: Any, span: Span) -> Points:
    if not alarm.metric_data_queries:
        wanted = Wanted(
            namespace=alarm.namespace,
            name=alarm.metric_name,
            dimensions={one.name: one.value for one in alarm.dimensions},
            period=_period(alarm),
            statistic=alarm.statistic or alarm.extended_statistic,
        )
        return points_of(moment, wanted, span)
    queries = [_query(one) for one in alarm.metric_data_queries]
    shown = next(one["Id"] for one in queries if one["ReturnData"] is not False)
    return results_of(moment, queries, span)[shown]


def _query(one: Any) -> dict[str, Any]:
    told: dict[str, Any] = {"Id": one.id, "Expression": one.expression, "ReturnData": one.return_data}
    if one.metric_stat:
        metric = one.metric_stat.metric
        told["MetricStat"] = {
            "Metric": {
                "Namespace": metric.namespace,
                "MetricName": metric.metric_name,
                "Dimensions": [{"Name": pair.name, "Value": pair.value} for pair in metric.dimensions],
            },
            "Period": one.metric_stat.period,
            "Stat": one.metric_stat.stat,
        }
    return told


def _verdict(alarm: Any, points: Points, at: float, period: int) -> Verdict:
    """CloudWatch User Guide, "How alarm state is evaluated when data is missing"."""
    needed = alarm.evaluation_periods
    latest = int(at // period * period) - (period if at % period == 0 else 0)
    times = [latest - period * back for back in range(needed + _FURTHER)]
    recent = [(time, points[time]) for time in times if time in points][:needed]
    breaches, words = _COMPARISONS[alarm.comparison_operator]
    bad = [value for _, value in recent if breaches(value, alarm.threshold)]
    missing = needed - len(recent)
    wanted = alarm.datapoints_to_alarm or needed
    state = _state(alarm, bad=len(bad), good=len(recent) - len(bad), missing=missing, wanted=wanted)
    return Verdict(
        state=state,
        reason=_reason(alarm, state, recent, words),
        recent=tuple(value for _, value in recent),
    )


def _state(alarm: Any, *, bad: int, good: int, missing: int, wanted: int) -> str:
    treated = alarm.treat_missing_data or "missing"
    if treated == "breaching":
        bad += missing
    if treated == "notBreaching":
        good += missing
    if bad >= wanted:
        return "ALARM"
    if good > alarm.evaluation_periods - wanted:
        return "OK"
    if treated == "ignore":
        return str(alarm.state_value)
    return "ALARM" if bad else "INSUFFICIENT_DATA"


def _reason(alarm: Any, state: str, recent: list[tuple[int, float]], words: str) -> str:
    """CloudWatch's own sentences."""
    if not recent and state == "INSUFFICIENT_DATA":
        return f"Insufficient Data: {alarm.evaluation_periods} datapoints were unknown."
    if not recent:
        count, sort = alarm.evaluation_periods, "Breaching" if state == "ALARM" else "NonBreaching"
        return (
            f"Threshold Crossed: no datapoints were received for {count} periods and {count} missing datapoints were "
            f"treated as [{sort}]."
        )
    shown = ", ".join(
        f"{value} ({datetime.fromtimestamp(at, UTC):%d/%m/%y %H:%M:%S})" for at, value in reversed(recent)
    )
    noun, verb = ("1 datapoint", "was") if len(recent) == 1 else (f"{len(recent)} datapoints", "were")
    no = "" if state == "ALARM" else "not "
    return f"Threshold Crossed: {noun} [{shown}] {verb} {no}{words} the threshold ({float(alarm.threshold)})."
