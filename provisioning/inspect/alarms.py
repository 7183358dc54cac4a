"""Alarms: what AWS says of those of an environment, and who is told of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from provisioning.aws import Aws, found
from provisioning.errors import AwsError
from provisioning.resource import Recorded

PERMISSIONS = ("cloudwatch:DescribeAlarms", "sns:ListSubscriptionsByTopic")
_MOST_NAMES = 100
Watched = tuple[str, str, frozenset[tuple[str, str]]]  # namespace, name, dimensions


@dataclass(frozen=True, kw_only=True)
class Problem:
    """Why there is no answer: AWS's code in ours, what happened, what to do."""

    code: str
    message: str
    hint: str

    @classmethod
    def of(cls, error: AwsError) -> Problem:
        """What an error of AWS comes to."""
        return cls(code=error.code, message=error.message, hint=error.hint or "")


SILENCE = Problem(
    code="aws.no_answer",
    message="AWS did not answer in time.",
    hint="Try again in a minute. If it stays so, a platform admin can look at the account.",
)


NONSENSE = Problem(
    code="aws.answer_unclear",
    message="The portal could not make sense of AWS's answer.",
    hint=SILENCE.hint,
)


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """One alarm. `state`: ok, alarm, insufficient, or missing where AWS has none of its name; `watches` what it looks
    at; `seconds`: for how long it must be so."""

    key: str
    title: str
    name: str
    state: str
    since: datetime | None = None
    reason: str = ""
    watches: tuple[Watched, ...] = ()
    threshold: float = 0.0
    below: bool = False
    seconds: int = 0
    topics: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Subscription:
    """Who hears of a topic. Until somebody follows the link in AWS's e-mail it is not `confirmed`, and nobody does."""

    topic: str
    protocol: str
    endpoint: str
    confirmed: bool


@dataclass(frozen=True, kw_only=True)
class Alarms:
    """All of an environment, or why AWS does not tell."""

    alarms: tuple[Alarm, ...] = ()
    subscriptions: tuple[Subscription, ...] = ()
    problems: tuple[Problem, ...] = ()

    @property
    def red(self) -> int:
        """How many have gone off."""
        return sum(one.state == "alarm" for one in self.alarms)


_STATES = {"OK": "ok", "ALARM": "alarm", "INSUFFICIENT_DATA": "insufficient"}


def read_alarms(recorded: Iterable[Recorded], aws: Aws) -> Alarms:
    """What AWS says of the alarms and topics on record: one call for a hundred alarms, one for each topic."""
    standing = [one for one in recorded if one.is_there and one.id]
    problems: list[Problem] = []
    alarms: tuple[Alarm, ...] = ()
    subscriptions: tuple[Subscription, ...] = ()
    try:
        alarms = tuple(_alarms([one for one in standing if one.kind == "cloudwatch.alarm"], aws))
    except AwsError as error:
        problems.append(Problem.of(error))
    try:
        topics = [str(one.id) for one in standing if one.kind == "sns.topic"]
        subscriptions = tuple(one for topic in topics for one in _subscriptions(topic, aws))
    except AwsError as error:
        problems.append(Problem.of(error))
    return Alarms(alarms=alarms, subscriptions=subscriptions, problems=tuple(problems))


def _alarms(recorded: list[Recorded], aws: Aws) -> Iterator[Alarm]:
    told: dict[str, Any] = {}
    for first in range(0, len(recorded), _MOST_NAMES):
        names = [one.name for one in recorded[first : first + _MOST_NAMES]]
        answer = aws.cloudwatch.describe_alarms(AlarmNames=names, MaxRecords=_MOST_NAMES)
        told |= {one["AlarmName"]: one for one in answer["MetricAlarms"]}
    for one in recorded:
        yield _alarm(one, told.get(one.name))


def _alarm(one: Recorded, told: Any) -> Alarm:
    title = one.title or one.key
    if told is None:
        return Alarm(key=one.key, title=title, name=one.name, state="missing")
    queries = [each["MetricStat"] for each in told.get("Metrics") or [] if "MetricStat" in each]
    metrics = [each["Metric"] for each in queries] or [told]
    period = queries[0]["Period"] if queries else told["Period"]
    return Alarm(
        key=one.key,
        title=title,
        name=one.name,
        state=_STATES.get(told["StateValue"], "insufficient"),
        since=told.get("StateUpdatedTimestamp"),
        reason=told.get("StateReason", ""),
        watches=tuple(_watched(metric) for metric in metrics),
        threshold=told["Threshold"],
        below=told["ComparisonOperator"].startswith("LessThan"),
        seconds=period * told["EvaluationPeriods"],
        topics=tuple(told.get("AlarmActions") or ()) if told.get("ActionsEnabled", True) else (),
    )


def _watched(metric: Any) -> Watched:
    pairs = frozenset((one["Name"], one["Value"]) for one in metric.get("Dimensions") or ())
    return metric["Namespace"], metric["MetricName"], pairs


def _subscriptions(topic: str, aws: Aws) -> Iterator[Subscription]:
    listed = found(aws.listed, aws.sns.list_subscriptions_by_topic, "Subscriptions", TopicArn=topic)
    for one in listed or ():
        yield Subscription(
            topic=topic,
            protocol=one["Protocol"],
            endpoint=one["Endpoint"],
            confirmed=str(one["SubscriptionArn"]).startswith("arn:"),
        )
