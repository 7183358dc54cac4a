"""What is peculiar to a target group: how it asks for health, and how long it lets a task finish."""

from __future__ import annotations

import time

import pytest
from pydantic import ValidationError

from provisioning.aws import Aws
from provisioning.errors import AlreadyExists, Busy
from provisioning.kind import kind_named
from provisioning.kinds.elbv2_listener import ListenerProps, WeightedTarget
from provisioning.kinds.elbv2_target_group import TargetGroupProps
from provisioning.kinds.tests.contract import Build, MakeHandle, check_contract, check_cuts
from provisioning.kinds.tests.network import Network
from provisioning.references import JsonObject

pytestmark = pytest.mark.simulator
KIND = "elbv2.target_group"
# Properties with which it is checked in CloudFormation.
EXAMPLES: tuple[JsonObject, ...] = ({"vpc_id": "vpc-0a1b2c3d4e5f60718", "port": 8000},)


@pytest.fixture
def network(aws: Aws, build: Build) -> Network:
    return Network(aws, build)


def test_it_is_made_changed_and_taken_away(aws: Aws, handle: MakeHandle, network: Network) -> None:
    changes = [
        network.targets(health_path="/health/", health_codes="200-399"),
        network.targets(health_interval=30, healthy_threshold=5, unhealthy_threshold=2),
        network.targets(health_interval=5),
        network.targets(deregistration_delay=300),
        network.targets(deregistration_delay=0),
    ]

    check_contract(
        aws,
        handle("blue", KIND),
        network.targets(),
        changes=changes,
        attributes=["arn", "name", "full_name"],
        also_permitted=["elasticloadbalancing:AddTags"],  # CreateTargetGroup with tags
    )


def test_a_cut_before_its_delay_is_set_is_repaired(aws: Aws, handle: MakeHandle, network: Network) -> None:
    assert check_cuts(aws, handle("blue", KIND), network.targets()) == 1


def test_with_the_delay_that_aws_gives_it_is_made_by_one_call(
    aws: Aws, handle: MakeHandle, network: Network
) -> None:
    assert check_cuts(aws, handle("blue", KIND), network.targets(deregistration_delay=300)) == 0


def test_its_full_name_is_that_of_its_metrics(build: Build, network: Network) -> None:
    made = build("blue", network.targets())

    assert made.attributes["full_name"].startswith(f"targetgroup/{made.attributes['name']}/")


def test_a_foreign_one_of_its_name_is_not_taken(aws: Aws, handle: MakeHandle, network: Network) -> None:
    ours = handle("blue", KIND)
    aws.elbv2.create_target_group(
        Name=ours.name, Protocol="HTTP", Port=80, VpcId=network.vpc_id, TargetType="ip"
    )

    with pytest.raises(AlreadyExists):
        kind_named(KIND).create(aws, ours, network.targets())

    found = kind_named(KIND).read(aws, ours)
    assert found is not None and not ours.owns(found.tags)
    assert found.props["port"] == 80


def test_while_a_listener_forwards_to_it_its_deletion_is_tried_again_later(
    aws: Aws, handle: MakeHandle, build: Build, network: Network
) -> None:
    balancer = build("load-balancer", network.balancer()).id
    blue = build("blue", network.targets()).id
    forward = (WeightedTarget(target_group_arn=blue),)
    build("listener", ListenerProps(load_balancer_arn=balancer, port=80, forward=forward))

    with pytest.raises(Busy):
        kind_named(KIND).delete(aws, handle("blue", KIND, id=blue))


def test_all_of_them_come_from_one_list(aws: Aws, handle: MakeHandle, build: Build, network: Network) -> None:
    made = {colour: build(colour, network.targets()).id for colour in ("blue", "green")}
    poll = aws.since(time.monotonic())
    before = aws.connection.calls

    for colour, arn in made.items():
        assert kind_named(KIND).read(poll, handle(colour, KIND, id=arn)) is not None

    assert aws.connection.calls - before == 3  # the list, and the delay of each


@pytest.mark.parametrize("interval", [5, 15, 300])
def test_an_answer_may_take_less_than_the_time_between_two_questions(network: Network, interval: int) -> None:
    assert 2 <= network.targets(health_interval=interval).health_timeout < interval


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"health_path": "health"}, "health_path"),
        ({"health_codes": "OK"}, "health_codes"),
        ({"health_interval": 4}, "health_interval"),
        ({"healthy_threshold": 1}, "healthy_threshold"),
        ({"deregistration_delay": 3601}, "deregistration_delay"),
    ],
)
def test_what_aws_refuses_is_refused_before(changes: dict[str, object], word: str) -> None:
    with pytest.raises(ValidationError, match=word):
        TargetGroupProps.model_validate({"vpc_id": "vpc-1", "port": 8000, **changes})
