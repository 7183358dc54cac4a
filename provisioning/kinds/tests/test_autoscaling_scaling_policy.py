"""What is peculiar to a scaling policy: it cannot be tagged, and the alarms that AWS makes for it are AWS's."""

from __future__ import annotations

import time

import pytest
from pydantic import ValidationError

from provisioning.aws import Aws
from provisioning.kind import kind_named
from provisioning.kinds.autoscaling_scalable_target import ScalableTargetProps
from provisioning.kinds.autoscaling_scaling_policy import ScalingPolicyProps
from provisioning.kinds.tests.contract import Build, MakeHandle, check_contract, check_cuts
from provisioning.kinds.tests.network import Network
from provisioning.references import JsonObject

pytestmark = pytest.mark.simulator
KIND = "autoscaling.scaling_policy"
# Properties with which it is checked in CloudFormation.
EXAMPLES: tuple[JsonObject, ...] = (
    {"resource_id": "service/shop/blue", "metric": "ECSServiceAverageMemoryUtilization"},
)


@pytest.fixture
def target(aws: Aws, build: Build) -> str:
    """The id of the limits of a service without tasks."""
    network = Network(aws, build)
    service = build("blue", network.service(network.definition(), desired_count=0))
    _, cluster, name = service.id.rsplit("/", 2)
    limits = ScalableTargetProps(cluster_name=cluster, service_name=name, min_capacity=0, max_capacity=4)
    return build("scaling", limits).id


def test_it_is_made_changed_and_taken_away(aws: Aws, handle: MakeHandle, target: str) -> None:
    changes = [
        ScalingPolicyProps(resource_id=target, target_value=50),
        ScalingPolicyProps(resource_id=target, metric="ECSServiceAverageMemoryUtilization"),
        ScalingPolicyProps(resource_id=target, scale_out_cooldown=60, scale_in_cooldown=600),
    ]

    check_contract(
        aws,
        handle("scaling-cpu", KIND),
        ScalingPolicyProps(resource_id=target),
        changes=changes,
        attributes=["arn", "name"],
        # What Application Auto Scaling does with the caller's rights.
        also_permitted=[
            "cloudwatch:PutMetricAlarm",
            "cloudwatch:DescribeAlarms",
            "cloudwatch:DeleteAlarms",
        ],
    )


def test_it_is_made_by_one_call(aws: Aws, handle: MakeHandle, target: str) -> None:
    assert check_cuts(aws, handle("scaling-cpu", KIND), ScalingPolicyProps(resource_id=target)) == 0


def test_asked_for_twice_it_is_the_same(aws: Aws, handle: MakeHandle, target: str) -> None:
    props = ScalingPolicyProps(resource_id=target)

    made = [kind_named(KIND).create(aws, handle("scaling-cpu", KIND), props).id for _ in range(2)]

    assert made[0] == made[1]


def test_policies_of_another_name_stay(aws: Aws, handle: MakeHandle, build: Build, target: str) -> None:
    made = build("scaling-cpu", ScalingPolicyProps(resource_id=target))
    build("scaling-memory", ScalingPolicyProps(resource_id=target))

    kind_named(KIND).delete(aws, handle("scaling-cpu", KIND, id=made.id))

    assert kind_named(KIND).read(aws, handle("scaling-cpu", KIND)) is None
    assert kind_named(KIND).read(aws, handle("scaling-memory", KIND)) is not None


def test_its_alarms_come_and_go_with_it(aws: Aws, handle: MakeHandle, build: Build, target: str) -> None:
    made = build("scaling-cpu", ScalingPolicyProps(resource_id=target))
    alarms = aws.cloudwatch.describe_alarms()["MetricAlarms"]
    assert len(alarms) == 2

    kind_named(KIND).delete(aws, handle("scaling-cpu", KIND, id=made.id))

    assert aws.cloudwatch.describe_alarms()["MetricAlarms"] == []


def test_all_of_them_come_from_one_list(aws: Aws, handle: MakeHandle, build: Build, target: str) -> None:
    for name in ("cpu", "memory"):
        build(f"scaling-{name}", ScalingPolicyProps(resource_id=target))
    poll = aws.since(time.monotonic())
    before = aws.connection.calls

    for name in ("cpu", "memory"):
        assert kind_named(KIND).read(poll, handle(f"scaling-{name}", KIND)) is not None

    assert aws.connection.calls - before == 1


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"target_value": 0}, "target_value"),
        ({"target_value": 101}, "target_value"),
        ({"metric": "ALBRequestCountPerTarget"}, "metric"),
        ({"scale_in_cooldown": -1}, "scale_in_cooldown"),
    ],
)
def test_what_is_no_load_is_refused(changes: dict[str, object], word: str) -> None:
    with pytest.raises(ValidationError, match=word):
        ScalingPolicyProps.model_validate({"resource_id": "service/a/b", **changes})
