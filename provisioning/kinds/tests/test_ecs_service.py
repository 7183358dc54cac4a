"""What is peculiar to a service: deployments that take their time, fail, and are rolled back."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

import pytest
from pydantic import ValidationError

from provisioning.aws import Aws
from provisioning.errors import AlreadyExists, NotYet
from provisioning.kind import TAG_KEY, TAG_STACK, Handle, Observed, Status, kind_named
from provisioning.kinds.ecs_service import Capacity, ServiceProps
from provisioning.kinds.elbv2_listener import ListenerProps, WeightedTarget
from provisioning.kinds.tests.contract import (
    STACK,
    Build,
    MakeHandle,
    check_contract,
    gone,
    settled,
)
from provisioning.kinds.tests.network import Network
from provisioning.pricing import Usage
from provisioning.references import JsonObject

KIND = "ecs.service"
# Properties with which it is checked in CloudFormation.
EXAMPLES: tuple[JsonObject, ...] = (
    {
        "cluster_name": "shop",
        "task_definition_arn": "arn:aws:ecs:us-east-1:123456789012:task-definition/shop:1",
        "subnet_ids": ["subnet-0a1b2c3d4e5f60711", "subnet-0a1b2c3d4e5f60712"],
        "security_group_ids": ["sg-0a1b2c3d4e5f60718"],
        "target_group_arn": "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/shop/1",
    },
    {
        "cluster_name": "shop",
        "task_definition_arn": "arn:aws:ecs:us-east-1:123456789012:task-definition/shop:1",
        "subnet_ids": ["subnet-0a1b2c3d4e5f60711"],
        "security_group_ids": ["sg-0a1b2c3d4e5f60718"],
        "public_ip": True,
        "registry_arn": "arn:aws:servicediscovery:us-east-1:123456789012:service/srv-0123456789abcdef",
    },
)
simulated = pytest.mark.simulator


@pytest.fixture
def network(aws: Aws, build: Build) -> Network:
    return Network(aws, build)


def _until(aws: Aws, handle: Handle, wanted: Callable[[Observed], bool], *, seconds: float = 30) -> Observed:
    limit = time.monotonic() + seconds
    while True:
        now = kind_named(KIND).read(aws, handle)
        assert now is not None
        if wanted(now):
            return now
        assert time.monotonic() < limit, (now.status, now.reason)
        time.sleep(0.02)


@simulated
def test_it_is_made_changed_and_taken_away(
    aws: Aws, handle: MakeHandle, build: Build, network: Network
) -> None:
    first, second = network.definition(), network.definition("next", "nginx:2")
    balancer = build("load-balancer", network.balancer()).id
    groups = {name: build(name, network.targets()).id for name in ("blue", "green")}
    forward = tuple(WeightedTarget(target_group_arn=arn) for arn in groups.values())
    build("listener", ListenerProps(load_balancer_arn=balancer, port=80, forward=forward))
    other = network.group("other")
    changes = [
        network.service(second),
        network.service(second, security_group_ids=(network.group_id, other)),
        network.service(second, minimum_healthy=50, maximum=150),
        network.service(second, target_group_arn=groups["blue"]),
        network.service(second, target_group_arn=groups["green"], grace_period=10),
    ]

    check_contract(
        aws,
        handle("service-blue", KIND),
        network.service(first),
        changes=changes,
        attributes=["arn", "name"],
        also_permitted=[
            "ecs:TagResource",  # CreateService with tags
            # Why the tasks of a failed deployment stopped.
            "ecs:ListTasks",
            "ecs:DescribeTasks",
            "servicequotas:GetServiceQuota",  # of one whose capacity is told
        ],
    )


@simulated
def test_it_is_made_by_one_call(aws: Aws, handle: MakeHandle, network: Network) -> None:
    props = network.service(network.definition(), desired_count=0)

    made = kind_named(KIND).create(aws, handle("service-blue", KIND), props)

    assert made.status is Status.PENDING
    known = handle("service-blue", KIND, id=made.id)
    settled(aws, known, props)
    gone(aws, known, KIND)


@simulated
def test_asked_for_twice_it_is_the_same(aws: Aws, handle: MakeHandle, network: Network) -> None:
    service, props = handle("service-blue", KIND), network.service(network.definition())

    made = [kind_named(KIND).create(aws, service, props).id for _ in range(2)]

    assert made[0] == made[1]


@simulated
def test_a_service_of_its_name_that_was_asked_for_otherwise_is_not_taken(
    aws: Aws, handle: MakeHandle, network: Network
) -> None:
    ours, props = handle("service-blue", KIND), network.service(network.definition(), desired_count=0)
    aws.ecs.create_service(
        cluster=props.cluster_name,
        serviceName=ours.name,
        taskDefinition=props.task_definition_arn,
        desiredCount=0,
        networkConfiguration={"awsvpcConfiguration": {"subnets": list(network.subnet_ids)}},
    )

    with pytest.raises(AlreadyExists):
        kind_named(KIND).create(aws, ours, props)

    found = kind_named(KIND).read(aws, ours)
    assert found is not None and not ours.owns(found.tags)


@simulated
def test_it_is_ready_when_all_its_tasks_run_and_its_tasks_have_its_tags(
    aws: Aws, handle: MakeHandle, network: Network
) -> None:
    service, props = handle("service-blue", KIND), network.service(network.definition(), desired_count=2)
    made = kind_named(KIND).create(aws, service, props)
    known = replace(service, id=made.id)
    assert made.status is Status.PENDING

    settled(aws, known, props)

    tasks = aws.ecs.list_tasks(cluster=props.cluster_name, serviceName=service.name)["taskArns"]
    described = aws.ecs.describe_tasks(cluster=props.cluster_name, tasks=tasks, include=["TAGS"])["tasks"]
    assert len(described) == 2
    for task in described:
        tags = {tag["key"]: tag["value"] for tag in task["tags"]}
        assert (tags[TAG_STACK], tags[TAG_KEY]) == (STACK, "service-blue")


@simulated
def test_how_many_tasks_auto_scaling_has_started_is_no_difference_and_outlives_an_update(
    aws: Aws, handle: MakeHandle, build: Build, network: Network
) -> None:
    props = network.service(network.definition(), desired_count=1)
    made = build("service-blue", props)
    known = handle("service-blue", KIND, id=made.id)
    aws.ecs.update_service(cluster=props.cluster_name, service=made.id, desiredCount=3)
    now = settled(aws, known, props)
    next_one = network.service(network.definition("next", "nginx:2"), desired_count=1)

    kind_named(KIND).update(aws, known, next_one, now)

    settled(aws, known, next_one)
    (service,) = aws.ecs.describe_services(cluster=props.cluster_name, services=[made.id])["services"]
    assert service["desiredCount"] == 3


@simulated
def test_a_first_deployment_that_fails_says_why(aws: Aws, handle: MakeHandle, network: Network) -> None:
    props = network.service(network.definition(image="nginx:broken"))
    made = kind_named(KIND).create(aws, handle("service-blue", KIND), props)

    failed = _until(aws, handle("service-blue", KIND, id=made.id), lambda now: now.status is Status.FAILED)

    assert "ECS deployment circuit breaker: tasks failed to start." in failed.reason
    assert "Last stopped task: Task failed" in failed.reason
    assert not failed.undone


@simulated
def test_a_service_that_failed_is_mended_by_another_deployment(
    aws: Aws, handle: MakeHandle, network: Network
) -> None:
    broken = network.service(network.definition(image="nginx:broken"))
    known = handle(
        "service-blue", KIND, id=kind_named(KIND).create(aws, handle("service-blue", KIND), broken).id
    )
    failed = _until(aws, known, lambda now: now.status is Status.FAILED)
    mended = network.service(network.definition("next", "nginx:2"))

    kind_named(KIND).update(aws, known, mended, failed)

    settled(aws, known, mended)


@simulated
def test_a_deployment_that_was_rolled_back_never_makes_a_service_that_serves_look_failed(
    aws: Aws, handle: MakeHandle, build: Build, network: Network
) -> None:
    good = network.service(network.definition(), desired_count=2)
    made = build("service-blue", good)
    known, kind = handle("service-blue", KIND, id=made.id), kind_named(KIND)
    bad = network.service(network.definition("next", "nginx:broken"))
    kind.update(aws, known, bad, made)
    seen: list[Observed] = []

    def over(now: Observed) -> bool:
        seen.append(now)
        return now.undone and now.status is Status.READY

    after = _until(aws, known, over)

    assert {now.status for now in seen} <= {Status.PENDING, Status.READY}
    assert "rolled back" in after.reason and "Last stopped task" in after.reason
    assert set(kind.differences(bad.dump(), after)) == {"task_definition_arn"}
    assert kind.differences(good.dump(), after) == {}


@simulated
def test_the_deployment_after_a_rolled_back_one_is_judged_by_itself(
    aws: Aws, handle: MakeHandle, build: Build, network: Network
) -> None:
    made = build("service-blue", network.service(network.definition()))
    known, kind = handle("service-blue", KIND, id=made.id), kind_named(KIND)
    kind.update(aws, known, network.service(network.definition("bad", "nginx:broken")), made)
    undone = _until(aws, known, lambda now: now.undone and now.status is Status.READY)
    mended = network.service(network.definition("next", "nginx:2"))

    kind.update(aws, known, mended, undone)

    assert not settled(aws, known, mended).undone


@simulated
def test_a_name_that_drains_can_be_taken_later(
    aws: Aws, handle: MakeHandle, build: Build, network: Network
) -> None:
    props = network.service(network.definition())
    made = build("service-blue", props)
    known, kind = handle("service-blue", KIND, id=made.id), kind_named(KIND)
    assert kind.delete(aws, known) is False
    draining = kind.read(aws, known)
    assert draining is None or draining.status is Status.DELETING

    try:
        again = kind.create(aws, handle("service-blue", KIND), props)
    except NotYet:
        _gone_at_last(aws, known)
        again = kind.create(aws, handle("service-blue", KIND), props)

    settled(aws, handle("service-blue", KIND, id=again.id), props)


def _gone_at_last(aws: Aws, known: Handle) -> None:
    limit = time.monotonic() + 30
    while kind_named(KIND).read(aws, known) is not None:
        assert time.monotonic() < limit
        time.sleep(0.02)


@simulated
def test_without_its_cluster_it_is_gone(aws: Aws, handle: MakeHandle) -> None:
    known = handle("service-blue", KIND, id="arn:aws:ecs:us-east-1:123456789012:service/none/blue")

    assert kind_named(KIND).read(aws, known) is None
    assert kind_named(KIND).delete(aws, known) is True


@simulated
def test_the_order_of_subnets_means_nothing(build: Build, network: Network) -> None:
    made = build("service-blue", network.service(network.definition(), desired_count=0))

    turned = network.service(network.definition(), subnet_ids=network.subnet_ids[::-1], desired_count=0)

    assert set(kind_named(KIND).differences(turned.dump(), made)) <= {"task_definition_arn"}


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"minimum_healthy": 100, "maximum": 100}, "maximum"),
        ({"subnet_ids": ()}, "subnet_ids"),
        ({"security_group_ids": [f"sg-{number}" for number in range(6)]}, "security_group_ids"),
        ({"capacity": {"cpu": 256, "memory": 512, "minimum": 3, "maximum": 2}}, "minimum"),
    ],
)
def test_what_ecs_refuses_is_refused_before(changes: dict[str, object], word: str) -> None:
    wanted = {
        "cluster_name": "shop",
        "task_definition_arn": "shop:1",
        "subnet_ids": ["subnet-1"],
        "security_group_ids": ["sg-1"],
    }
    with pytest.raises(ValidationError, match=word):
        ServiceProps.model_validate({**wanted, **changes})


def test_it_costs_by_the_tasks_between_its_limits() -> None:
    capacity = Capacity(cpu=512, memory=1024, minimum=2, maximum=10, architecture="ARM64")
    props = ServiceProps(
        cluster_name="shop",
        task_definition_arn="shop:1",
        subnet_ids=("subnet-1",),
        security_group_ids=("sg-1",),
        public_ip=True,
        capacity=capacity,
    )

    lines = list(kind_named(KIND).cost(props, Usage(average_tasks=Decimal(3)), "us-east-1"))

    quantities = {
        line.sku: (line.quantity.floor, line.quantity.expected, line.quantity.ceiling) for line in lines
    }
    half = Decimal("0.5") * 730
    assert quantities == {
        "Fargate/linux_arm_vcpu": (2 * half, 3 * half, 10 * half),
        "Fargate/linux_arm_gb": (2 * 730, 3 * 730, 10 * 730),
        "VPC/public_ipv4": (2 * 730, 3 * 730, 10 * 730),
    }


def test_without_a_capacity_it_has_no_price() -> None:
    props = ServiceProps(
        cluster_name="shop", task_definition_arn="a", subnet_ids=("b",), security_group_ids=("c",)
    )

    assert list(kind_named(KIND).cost(props, Usage(), "us-east-1")) == []
