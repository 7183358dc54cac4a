"""What is peculiar to scaling limits: they belong to a service, and registering again changes them."""

from __future__ import annotations

import time

import pytest
from pydantic import ValidationError

from provisioning.aws import Aws
from provisioning.errors import NotYet
from provisioning.kind import kind_named
from provisioning.kinds.autoscaling_scalable_target import ScalableTargetProps
from provisioning.kinds.autoscaling_scaling_policy import ScalingPolicyProps
from provisioning.kinds.tests.contract import Build, MakeHandle, check_contract, check_cuts
from provisioning.kinds.tests.network import Network
from provisioning.references import JsonObject

pytestmark = pytest.mark.simulator
KIND = "autoscaling.scalable_target"
# Properties with which it is checked in CloudFormation.
EXAMPLES: tuple[JsonObject, ...] = (
    {"cluster_name": "shop", "service_name": "blue", "min_capacity": 2, "max_capacity": 10},
)


@pytest.fixture
def props(aws: Aws, build: Build) -> ScalableTargetProps:
    """Limits of a service without tasks."""
    network = Network(aws, build)
    service = build("blue", network.service(network.definition(), desired_count=0))
    _, cluster, name = service.id.rsplit("/", 2)
    return ScalableTargetProps(cluster_name=cluster, service_name=name, min_capacity=0, max_capacity=4)


def _limited(props: ScalableTargetProps, least: int, most: int) -> ScalableTargetProps:
    return props.model_copy(update={"min_capacity": least, "max_capacity": most})


def test_they_are_made_changed_and_taken_away(
    aws: Aws, handle: MakeHandle, props: ScalableTargetProps
) -> None:
    check_contract(
        aws,
        handle("scaling", KIND),
        props,
        changes=[_limited(props, 1, 4), _limited(props, 0, 10)],
        also_permitted=[
            "application-autoscaling:TagResource",  # RegisterScalableTarget with tags
            # What Application Auto Scaling does with the caller's rights.
            "ecs:DescribeServices",
            "ecs:UpdateService",
        ],
    )


def test_they_are_made_by_one_call(aws: Aws, handle: MakeHandle, props: ScalableTargetProps) -> None:
    assert check_cuts(aws, handle("scaling", KIND), props) == 0


def test_changing_them_leaves_their_tags(
    aws: Aws, handle: MakeHandle, build: Build, props: ScalableTargetProps
) -> None:
    made = build("scaling", props)

    kind_named(KIND).update(aws, handle("scaling", KIND, id=made.id), _limited(props, 0, 2), made)

    assert kind_named(KIND).read(aws, handle("scaling", KIND)) is not None


def test_limits_of_others_are_not_taken(aws: Aws, handle: MakeHandle, props: ScalableTargetProps) -> None:
    aws.autoscaling.register_scalable_target(
        ServiceNamespace="ecs",
        ResourceId=props.resource_id,
        ScalableDimension="ecs:service:DesiredCount",
        MinCapacity=1,
        MaxCapacity=1,
    )

    assert kind_named(KIND).read(aws, handle("scaling", KIND)) is None


def test_their_policies_go_with_them(
    aws: Aws, handle: MakeHandle, build: Build, props: ScalableTargetProps
) -> None:
    made = build("scaling", props)
    build("scaling-cpu", ScalingPolicyProps(resource_id=made.id))

    kind_named(KIND).delete(aws, handle("scaling", KIND, id=made.id))

    left = aws.autoscaling.describe_scaling_policies(ServiceNamespace="ecs")["ScalingPolicies"]
    assert left == []


def test_before_the_service_is_seen_another_attempt_is_worth_while(
    aws: Aws, handle: MakeHandle, props: ScalableTargetProps
) -> None:
    unseen = props.model_copy(update={"service_name": "unseen"})

    with pytest.raises(NotYet):
        kind_named(KIND).create(aws, handle("scaling", KIND), unseen)


def test_all_of_them_come_from_one_list(
    aws: Aws, handle: MakeHandle, build: Build, props: ScalableTargetProps
) -> None:
    made = build("scaling", props)
    poll = aws.since(time.monotonic())
    before = aws.connection.calls

    assert kind_named(KIND).read(poll, handle("scaling", KIND, id=made.id)) is not None
    assert kind_named(KIND).read(poll, handle("other", KIND, id="service/none/none")) is None

    assert aws.connection.calls - before == 1


def test_more_at_least_than_at_most_is_refused() -> None:
    with pytest.raises(ValidationError, match="min_capacity"):
        ScalableTargetProps(cluster_name="a", service_name="b", min_capacity=3, max_capacity=2)
