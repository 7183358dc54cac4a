"""A CloudWatch alarm: says on a topic that a metric, or a sum over several, is past a limit."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from provisioning.aws import Aws, found
from provisioning.kind import Handle, Kind, Observed, Props, register
from provisioning.lookup import tags_of
from provisioning.names import Naming
from provisioning.pricing import CostLine, Usage
from provisioning.references import JsonObject, JsonValue
from provisioning.template_parts import REF, Form, Part, Place, Told, given

if TYPE_CHECKING:
    from mypy_boto3_cloudwatch.type_defs import (
        MetricDataQueryTypeDef,
        MetricTypeDef,
        PutMetricAlarmInputTypeDef,
    )

Statistic = Literal["Average", "Sum", "Minimum", "Maximum", "SampleCount"]
Comparison = Literal[
    "GreaterThanThreshold",
    "GreaterThanOrEqualToThreshold",
    "LessThanThreshold",
    "LessThanOrEqualToThreshold",
]
Missing = Literal["missing", "notBreaching", "breaching", "ignore"]
_RESULT = "result"


class MetricQuery(BaseModel):
    """One metric of a sum: `id` is its name in the expression; `statistic` may be a percentile such as "p95"."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str = Field(pattern=r"^[a-z][a-zA-Z0-9_]*$", max_length=255)
    namespace: str
    metric_name: str
    dimensions: dict[str, str] = {}
    statistic: str = "Sum"


class AlarmProps(Props):
    """Either one metric (`namespace`, `metric_name`, `dimensions`, and `statistic` or a percentile in
    `extended_statistic`) or `queries` with an `expression` over their ids.

    `period` in seconds: 10, 20, 30 or whole minutes; the alarm goes off after `evaluation_periods` of them past
    `threshold`, which is in the metric's own unit.
    """

    namespace: str = ""
    metric_name: str = ""
    dimensions: dict[str, str] = {}
    statistic: Statistic | Literal[""] = ""
    extended_statistic: str = Field(default="", pattern=r"^(p\d{1,2}(\.\d{1,10})?|p100)?$")
    queries: tuple[MetricQuery, ...] = ()
    expression: str = ""
    period: int = 60
    evaluation_periods: int = Field(default=1, ge=1)
    threshold: float
    comparison: Comparison = "GreaterThanThreshold"
    treat_missing: Missing = "missing"
    topic_arns: tuple[str, ...] = Field(default=(), max_length=5)
    description: str = Field(default="", max_length=1024)

    @model_validator(mode="after")
    def _watches_one_thing(self) -> AlarmProps:
        if bool(self.queries) != bool(self.expression):
            raise ValueError("expression: metric math needs queries and an expression over them")
        if self.expression and (self.metric_name or self.statistic or self.extended_statistic):
            raise ValueError("queries: an alarm watches either one metric or an expression")
        if not self.expression and not (self.namespace and self.metric_name):
            raise ValueError("metric_name: name a metric and its namespace, or queries with an expression")
        if not self.expression and bool(self.statistic) == bool(self.extended_statistic):
            raise ValueError("statistic: give either a statistic or a percentile")
        return self

    @model_validator(mode="after")
    def _period_exists(self) -> AlarmProps:
        if self.period not in (10, 20, 30) and (self.period < 60 or self.period % 60):
            raise ValueError("period: 10, 20, 30 or whole minutes in seconds")
        if self.period * self.evaluation_periods > 7 * 86400:
            raise ValueError("evaluation_periods: CloudWatch looks back seven days at most")
        return self


@register
class Alarm(Kind[AlarmProps]):
    """https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html (writes over what has
    the name; takes tags only when it is new). One list answers for all alarms of an environment.
    Attributes: id (the name), name, arn."""

    name = "cloudwatch.alarm"
    title = "Alarm"
    naming = Naming(limit=255)
    permissions = (
        "cloudwatch:PutMetricAlarm",
        "cloudwatch:TagResource",
        "cloudwatch:DescribeAlarms",
        "cloudwatch:ListTagsForResource",
        "cloudwatch:DeleteAlarms",
    )
    billed = True
    props = AlarmProps

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        alarms = aws.listed(
            aws.cloudwatch.describe_alarms, "MetricAlarms", AlarmNamePrefix=_shared_prefix(handle)
        )
        alarm = next((one for one in alarms if one["AlarmName"] == handle.name), None)
        if alarm is None:
            return None
        arn = alarm["AlarmArn"]
        return Observed(
            id=handle.name,
            props=_told(alarm),
            attributes={"id": handle.name, "name": handle.name, "arn": arn},
            tags=_tags(aws, handle, arn),
        )

    def create(self, aws: Aws, handle: Handle, props: AlarmProps) -> Observed:
        request = _request(handle, props)
        request["Tags"] = handle.tag_list
        aws.cloudwatch.put_metric_alarm(**request)
        return _named(aws, handle)

    def update(self, aws: Aws, handle: Handle, props: AlarmProps, observed: Observed) -> Observed:
        aws.cloudwatch.put_metric_alarm(**_request(handle, props))
        return _named(aws, handle)

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        found(aws.gathered, aws.cloudwatch.delete_alarms, "AlarmNames", handle.name, most=100)
        return True

    def differences(self, wanted: JsonObject, observed: Observed) -> dict[str, tuple[JsonValue, JsonValue]]:
        """As everywhere, but the order of topics and queries means nothing."""
        return {
            name: (now, wanted[name])
            for name, now in observed.props.items()
            if name in wanted and _unordered(now) != _unordered(wanted[name])
        }

    def cost(self, props: AlarmProps, usage: Usage, region: str) -> Iterator[CostLine]:
        """One alarm for each metric that is looked at (CloudWatch pricing, "Alarms")."""
        metrics = max(1, len(props.queries))
        item = "alarm_standard" if props.period >= 60 else "alarm_high_resolution"
        yield CostLine.fixed(f"CloudWatch/{item}", metrics, "Alarm", f"{metrics} metric(s)")

    def cloudformation(self, place: Place, props: AlarmProps) -> Form:
        properties = given({**_request(place, props), "Tags": place.tag_list})
        return Form(
            parts=(Part(type="AWS::CloudWatch::Alarm", properties=properties),),
            attributes={"id": REF, "name": REF, "arn": Told("Arn")},
        )


def _shared_prefix(handle: Handle) -> str:
    """The name up to the stack, which all alarms of the environment share; else the whole name."""
    front, stack, _ = handle.name.partition(handle.stack)
    return front + stack


def _named(aws: Aws, handle: Handle) -> Observed:
    partition = "aws-cn" if aws.region.startswith("cn-") else "aws"
    arn = f"arn:{partition}:cloudwatch:{aws.region}:{handle.account}:alarm:{handle.name}"
    return Observed(id=handle.name, attributes={"id": handle.name, "name": handle.name, "arn": arn})


def _tags(aws: Aws, handle: Handle, arn: str) -> dict[str, str]:
    """One more call, made only while no id on record says that the alarm is ours."""
    if handle.id is not None:
        return dict(handle.tags)
    return tags_of(aws.cloudwatch.list_tags_for_resource(ResourceARN=arn))


def _request(handle: Handle, props: AlarmProps) -> PutMetricAlarmInputTypeDef:
    request: PutMetricAlarmInputTypeDef = {
        "AlarmName": handle.name,
        "AlarmDescription": props.description,
        "ActionsEnabled": True,
        "AlarmActions": list(props.topic_arns),
        "EvaluationPeriods": props.evaluation_periods,
        "Threshold": props.threshold,
        "ComparisonOperator": props.comparison,
        "TreatMissingData": props.treat_missing,
    }
    if props.expression:
        request["Metrics"] = _math(props)
        return request
    request["Namespace"] = props.namespace
    request["MetricName"] = props.metric_name
    request["Dimensions"] = _dimensions(props.dimensions)
    request["Period"] = props.period
    if props.statistic:
        request["Statistic"] = props.statistic
    if props.extended_statistic:
        request["ExtendedStatistic"] = props.extended_statistic
    return request


def _math(props: AlarmProps) -> list[MetricDataQueryTypeDef]:
    metrics: list[MetricDataQueryTypeDef] = [
        {
            "Id": query.id,
            "MetricStat": {"Metric": _metric(query), "Period": props.period, "Stat": query.statistic},
            "ReturnData": False,
        }
        for query in props.queries
    ]
    return [*metrics, {"Id": _RESULT, "Expression": props.expression, "ReturnData": True}]


def _metric(query: MetricQuery) -> MetricTypeDef:
    return {
        "Namespace": query.namespace,
        "MetricName": query.metric_name,
        "Dimensions": _dimensions(query.dimensions),
    }


def _dimensions(dimensions: dict[str, str]) -> list[Any]:
    return [{"Name": name, "Value": value} for name, value in dimensions.items()]


def _told(alarm: Any) -> JsonObject:
    metrics = alarm.get("Metrics") or []
    queries = [one for one in metrics if "MetricStat" in one]
    period = queries[0]["MetricStat"]["Period"] if queries else alarm["Period"]
    return {
        "namespace": alarm.get("Namespace") or "",
        "metric_name": alarm.get("MetricName") or "",
        "dimensions": _pairs(alarm.get("Dimensions")),
        "statistic": alarm.get("Statistic") or "",
        "extended_statistic": alarm.get("ExtendedStatistic") or "",
        "queries": [_query(one) for one in queries],
        "expression": next((one["Expression"] for one in metrics if one.get("Expression")), ""),
        "period": period,
        "evaluation_periods": alarm["EvaluationPeriods"],
        "threshold": alarm["Threshold"],
        "comparison": alarm["ComparisonOperator"],
        "treat_missing": alarm.get("TreatMissingData") or "missing",
        "topic_arns": list(alarm.get("AlarmActions") or []),
        "description": alarm.get("AlarmDescription") or "",
    }


def _query(one: Any) -> JsonObject:
    metric = one["MetricStat"]["Metric"]
    return {
        "id": one["Id"],
        "namespace": metric["Namespace"],
        "metric_name": metric["MetricName"],
        "dimensions": _pairs(metric.get("Dimensions")),
        "statistic": one["MetricStat"]["Stat"],
    }


def _pairs(dimensions: Any) -> JsonObject:
    return {one["Name"]: one["Value"] for one in dimensions or []}


def _unordered(value: JsonValue) -> JsonValue:
    return sorted(value, key=partial(json.dumps, sort_keys=True)) if isinstance(value, list) else value
