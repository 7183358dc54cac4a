"""What is peculiar to an alarm: one metric or a sum over several, and lists whose order means nothing."""

from __future__ import annotations

import time

import pytest
from pydantic import ValidationError

from provisioning.aws import Aws
from provisioning.kind import kind_named
from provisioning.kinds.cloudwatch_alarm import AlarmProps, MetricQuery
from provisioning.kinds.sns_topic import TopicProps
from provisioning.kinds.tests.contract import Build, MakeHandle, check_contract, check_cuts
from provisioning.pricing import Usage
from provisioning.references import JsonObject

KIND = "cloudwatch.alarm"
# Properties with which it is checked in CloudFormation.
EXAMPLES: tuple[JsonObject, ...] = (
    {
        "namespace": "AWS/ECS",
        "metric_name": "CPUUtilization",
        "dimensions": {"ClusterName": "shop"},
        "statistic": "Average",
        "threshold": 80,
        "topic_arns": ["arn:aws:sns:us-east-1:123456789012:shop-alarms"],
    },
    {
        "namespace": "AWS/ECS",
        "metric_name": "CPUUtilization",
        "dimensions": {"ClusterName": "shop"},
        "extended_statistic": "p95",
        "threshold": 80,
    },
    {
        "queries": [
            {"id": "errors", "namespace": "AWS/ApplicationELB", "metric_name": "HTTPCode_Target_5XX_Count"},
            {"id": "requests", "namespace": "AWS/ApplicationELB", "metric_name": "RequestCount"},
        ],
        "expression": "100 * errors / requests",
        "threshold": 5,
        "description": "Errors",
    },
)
BALANCER = {"LoadBalancer": "app/shop/1"}


def _cpu(**changes: object) -> AlarmProps:
    wanted = {
        "namespace": "AWS/ECS",
        "metric_name": "CPUUtilization",
        "dimensions": {"ClusterName": "shop", "ServiceName": "blue"},
        "statistic": "Average",
        "evaluation_periods": 5,
        "threshold": 80,
    }
    return AlarmProps.model_validate({**wanted, **changes})


def _errors(**changes: object) -> AlarmProps:
    queries = [
        MetricQuery(
            id=name, namespace="AWS/ApplicationELB", metric_name=metric, dimensions=BALANCER, statistic="Sum"
        )
        for name, metric in {"errors": "HTTPCode_Target_5XX_Count", "requests": "RequestCount"}.items()
    ]
    wanted = {"queries": queries, "expression": "100 * errors / requests", "threshold": 5}
    return AlarmProps.model_validate({**wanted, **changes})


@pytest.mark.simulator
def test_an_alarm_of_one_metric_is_made_changed_and_taken_away(
    aws: Aws, handle: MakeHandle, build: Build
) -> None:
    topic = build("alarm-topic", TopicProps()).id
    changes = [
        _cpu(threshold=0.1, comparison="LessThanThreshold", treat_missing="breaching"),
        _cpu(statistic="", extended_statistic="p95", period=300, evaluation_periods=1),
        _cpu(topic_arns=[topic], description="CPU above 80 %"),
    ]

    check_contract(
        aws,
        handle("alarm-cpu", KIND),
        _cpu(),
        changes=changes,
        attributes=["name", "arn"],
        also_permitted=["cloudwatch:TagResource"],  # PutMetricAlarm with tags
    )


@pytest.mark.simulator
def test_an_alarm_of_a_share_is_made_changed_and_taken_away(aws: Aws, handle: MakeHandle) -> None:
    changes = [
        _errors(period=120),
        _errors(expression="errors / requests", threshold=0.05),
        _cpu(),
        _errors(),
    ]

    check_contract(aws, handle("alarm-errors", KIND), _errors(), changes=changes)


@pytest.mark.simulator
@pytest.mark.parametrize("props", [_cpu(), _errors()])
def test_it_is_made_by_one_call(aws: Aws, handle: MakeHandle, props: AlarmProps) -> None:
    assert check_cuts(aws, handle("alarm", KIND), props) == 0


@pytest.mark.simulator
def test_changing_it_leaves_its_tags(aws: Aws, handle: MakeHandle, build: Build) -> None:
    made = build("alarm-cpu", _cpu())
    kind, alarm = kind_named(KIND), handle("alarm-cpu", KIND, id=made.id)

    kind.update(aws, alarm, _cpu(threshold=90), made)

    found = kind.read(aws, handle("alarm-cpu", KIND))
    assert found is not None and alarm.owns(found.tags)


@pytest.mark.simulator
def test_what_create_tells_of_it_is_what_read_tells(aws: Aws, handle: MakeHandle) -> None:
    made = kind_named(KIND).create(aws, handle("alarm-cpu", KIND), _cpu())

    found = kind_named(KIND).read(aws, handle("alarm-cpu", KIND))

    assert found is not None and found.attributes == made.attributes


@pytest.mark.simulator
def test_the_order_of_topics_and_metrics_means_nothing(aws: Aws, handle: MakeHandle, build: Build) -> None:
    topics = [build(f"topic-{number}", TopicProps()).id for number in range(2)]
    build("alarm", _errors(topic_arns=topics))

    now = kind_named(KIND).read(aws, handle("alarm", KIND))

    assert now is not None
    turned = _errors(topic_arns=topics[::-1], queries=_errors().queries[::-1])
    assert kind_named(KIND).differences(turned.dump(), now) == {}


@pytest.mark.simulator
def test_a_foreign_alarm_of_its_name_is_not_ours(aws: Aws, handle: MakeHandle) -> None:
    ours = handle("alarm-cpu", KIND)
    aws.cloudwatch.put_metric_alarm(
        AlarmName=ours.name,
        Namespace="AWS/EC2",
        MetricName="CPUUtilization",
        Statistic="Average",
        Period=60,
        EvaluationPeriods=1,
        Threshold=1,
        ComparisonOperator="GreaterThanThreshold",
    )

    found = kind_named(KIND).read(aws, ours)

    assert found is not None and not ours.owns(found.tags)


@pytest.mark.simulator
def test_all_alarms_of_an_environment_share_one_list(aws: Aws, handle: MakeHandle, build: Build) -> None:
    made = [build(f"alarm-{number}", _cpu()) for number in range(3)]
    poll = aws.since(time.monotonic())
    before = aws.connection.calls

    for number, one in enumerate(made):
        assert kind_named(KIND).read(poll, handle(f"alarm-{number}", KIND, id=one.id)) is not None

    assert aws.connection.calls - before == 1


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"statistic": ""}, "statistic"),
        ({"extended_statistic": "p95"}, "statistic"),
        ({"extended_statistic": "p101", "statistic": ""}, "extended_statistic"),
        ({"metric_name": ""}, "metric_name"),
        ({"expression": "a + b"}, "expression"),
        ({"queries": _errors().queries, "expression": "errors"}, "queries"),
        ({"period": 45}, "period"),
        ({"period": 3600, "evaluation_periods": 169}, "seven days"),
        ({"topic_arns": [str(number) for number in range(6)]}, "topic_arns"),
    ],
)
def test_what_cloudwatch_refuses_is_refused_before(changes: dict[str, object], word: str) -> None:
    with pytest.raises(ValidationError, match=word):
        _cpu(**changes)


@pytest.mark.parametrize(
    ("props", "item", "metrics"),
    [
        (_cpu(), "CloudWatch/alarm_standard", 1),
        (_cpu(period=30), "CloudWatch/alarm_high_resolution", 1),
        (_errors(), "CloudWatch/alarm_standard", 2),
    ],
)
def test_it_costs_by_the_metrics_that_it_looks_at(props: AlarmProps, item: str, metrics: int) -> None:
    (line,) = kind_named(KIND).cost(props, Usage(), "us-east-1")

    assert (line.sku, int(line.quantity.expected)) == (item, metrics)
