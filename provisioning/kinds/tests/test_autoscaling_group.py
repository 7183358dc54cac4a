"""What is peculiar to a group of servers: who owns their number, how they are replaced, and when they are gone."""

from __future__ import annotations

import time
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from provisioning.aws import Aws
from provisioning.errors import AlreadyExists, NotYet
from provisioning.kind import Observed, Status, kind_named
from provisioning.kinds.autoscaling_group import AutoScalingGroupProps
from provisioning.kinds.elbv2_listener import ListenerProps, WeightedTarget
from provisioning.kinds.tests.contract import (
    REGION,
    Build,
    MakeHandle,
    check_contract,
    check_cuts,
    gone,
    settled,
)
from provisioning.kinds.tests.servers import Servers
from provisioning.pricing import Band, Usage
from provisioning.references import JsonObject

pytestmark = pytest.mark.simulator
KIND = "autoscaling.group"
# Properties with which it is checked in CloudFormation.
EXAMPLES: tuple[JsonObject, ...] = (
    {
        "launch_template_id": "lt-0a1b2c3d4e5f60718",
        "launch_template_version": "1",
        "subnet_ids": ["subnet-0a1b2c3d4e5f60711"],
    },
    {
        "launch_template_id": "lt-0a1b2c3d4e5f60718",
        "launch_template_version": "2",
        "subnet_ids": ["subnet-0a1b2c3d4e5f60711", "subnet-0a1b2c3d4e5f60712"],
        "target_group_arns": ["arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/shop/1"],
        "minimum": 2,
        "maximum": 6,
        "desired": 2,
    },
)


@pytest.fixture
def servers(aws: Aws, build: Build) -> Servers:
    """Where servers can be made."""
    return Servers(aws, build)


@pytest.fixture
def template(servers: Servers) -> Observed:
    """A launch template."""
    return servers.template()


@pytest.fixture
def targets(build: Build, servers: Servers) -> str:
    """A target group of instances that a load balancer sends requests to."""
    arn = build("targets", servers.targets(target_type="instance")).id
    balancer = build("balancer", servers.balancer())
    listener = ListenerProps(
        load_balancer_arn=balancer.id, port=80, forward=(WeightedTarget(target_group_arn=arn),)
    )
    build("listener", listener)
    return arn


def _until(aws: Aws, handle: Any, wanted: str) -> Observed:
    """Reads until the reason holds these words."""
    limit = time.monotonic() + 20
    while True:
        now = kind_named(KIND).read(aws, handle)
        assert now is not None
        if wanted in now.reason:
            return now
        assert time.monotonic() < limit, now
        time.sleep(0.02)


def _servers(aws: Aws, name: str) -> list[Any]:
    groups = aws.ec2_autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=[name])
    return list(groups["AutoScalingGroups"][0]["Instances"])


def test_it_is_made_changed_and_taken_away(
    aws: Aws, build: Build, handle: MakeHandle, servers: Servers, template: Observed, targets: str
) -> None:
    second = kind_named("ec2.launch_template").update(
        aws,
        handle("template", "ec2.launch_template", id=template.id),
        servers.template_props("nginx:2"),
        template,
    )
    changes = [
        servers.fleet(template, maximum=3),
        servers.fleet(template, maximum=3, grace_period=60, warmup=20, subnet_ids=servers.subnet_ids[:1]),
        servers.fleet(template, maximum=3, target_group_arns=(targets,)),
        servers.fleet(second, maximum=3, target_group_arns=(targets,)),
        servers.fleet(second, maximum=3),
    ]

    check_contract(
        aws,
        handle("servers", KIND),
        servers.fleet(template),
        changes=changes,
        attributes=["name", "arn"],
        # What Auto Scaling does with the caller's rights.
        also_permitted=[
            "autoscaling:CreateOrUpdateTags",
            "ec2:RunInstances",
            "ec2:CreateTags",
            "ssm:GetParameters",
        ],
    )


def test_it_is_made_by_one_call(aws: Aws, handle: MakeHandle, servers: Servers, template: Observed) -> None:
    assert check_cuts(aws, handle("servers", KIND), servers.fleet(template)) == 0


def test_it_is_ready_when_all_servers_pass_the_checks_of_the_load_balancer(
    aws: Aws, build: Build, servers: Servers, template: Observed, targets: str
) -> None:
    build("servers", servers.fleet(template, target_group_arns=(targets,), desired=2, maximum=2))

    health = aws.elbv2.describe_target_health(TargetGroupArn=targets)["TargetHealthDescriptions"]
    assert [one["TargetHealth"]["State"] for one in health] == ["healthy"] * 2
    found = aws.ec2_autoscaling.describe_auto_scaling_groups()["AutoScalingGroups"][0]
    assert found["HealthCheckType"] == "ELB"


def test_while_a_server_fails_them_it_is_pending(
    aws: Aws, handle: MakeHandle, servers: Servers, targets: str
) -> None:
    broken = servers.template(image="nginx:broken")
    group = handle("servers", KIND)
    kind_named(KIND).create(
        aws, group, servers.fleet(broken, target_group_arns=(targets,), grace_period=7200)
    )

    now = _until(aws, group, "0 of 1 servers pass the load balancer's checks")

    assert now.status is Status.PENDING


def test_its_servers_carry_the_tags(aws: Aws, build: Build, servers: Servers, template: Observed) -> None:
    build("servers", servers.fleet(template))

    (instance,) = aws.ec2.describe_instances()["Reservations"][0]["Instances"]
    tags = {tag["Key"]: tag["Value"] for tag in instance["Tags"]}
    assert tags["andamio:key"] == "servers" and tags["Application"] == "shop"


def test_how_many_there_are_is_left_to_scaling(
    aws: Aws, build: Build, handle: MakeHandle, servers: Servers, template: Observed
) -> None:
    props = servers.fleet(template, maximum=4)
    made = build("servers", props)
    aws.ec2_autoscaling.set_desired_capacity(AutoScalingGroupName=made.id, DesiredCapacity=3)

    now = settled(aws, handle("servers", KIND, id=made.id), props)

    assert len(_servers(aws, made.id)) == 3
    assert "desired" not in now.props
    kind_named(KIND).update(aws, handle("servers", KIND, id=made.id), servers.fleet(template, maximum=5), now)
    assert aws.ec2_autoscaling.describe_auto_scaling_groups()["AutoScalingGroups"][0]["DesiredCapacity"] == 3


def test_another_limit_replaces_no_server_and_another_template_all(
    aws: Aws, build: Build, handle: MakeHandle, servers: Servers, template: Observed
) -> None:
    made = build("servers", servers.fleet(template, minimum=2, desired=2, maximum=2))
    group, kind = handle("servers", KIND, id=made.id), kind_named(KIND)
    before = {one["InstanceId"] for one in _servers(aws, made.id)}
    wider = servers.fleet(template, minimum=2, desired=2, maximum=4)
    kind.update(aws, group, wider, made)
    now = settled(aws, group, wider)
    assert {one["InstanceId"] for one in _servers(aws, made.id)} == before
    version = aws.ec2.create_launch_template_version(
        LaunchTemplateId=template.id, SourceVersion="1", LaunchTemplateData={}
    )["LaunchTemplateVersion"]["VersionNumber"]
    newer = wider.model_copy(update={"launch_template_version": str(version)})

    after = kind.update(aws, group, newer, now)

    assert after.status is Status.PENDING
    settled(aws, group, newer)
    left = [one for one in _servers(aws, made.id) if one["LifecycleState"] == "InService"]
    assert {one["LaunchTemplate"]["Version"] for one in left} == {str(version)} and len(left) == 2
    assert not {one["InstanceId"] for one in left} & before


def test_a_template_whose_servers_do_not_answer_is_taken_back_and_the_old_ones_serve(
    aws: Aws, build: Build, handle: MakeHandle, servers: Servers, template: Observed, targets: str
) -> None:
    good = servers.fleet(template, target_group_arns=(targets,), grace_period=10)
    made = build("servers", good)
    group, kind = handle("servers", KIND, id=made.id), kind_named(KIND)
    before = {one["InstanceId"] for one in _servers(aws, made.id)}
    broken = kind_named("ec2.launch_template").update(
        aws,
        handle("template", "ec2.launch_template", id=template.id),
        servers.template_props("nginx:broken"),
        template,
    )
    wanted = servers.fleet(broken, target_group_arns=(targets,), grace_period=10)

    kind.update(aws, group, wanted, made)

    now = _until(aws, group, "The instance refresh ended as Failed")
    assert now.undone and "did not become healthy" in now.reason
    assert kind.differences(wanted.dump(), now).keys() == {"launch_template_version"}
    settled(aws, group, good)
    assert {
        one["InstanceId"] for one in _servers(aws, made.id) if one["LifecycleState"] == "InService"
    } == before


def test_one_that_can_start_no_server_fails_and_is_mended_by_another_template(
    aws: Aws, handle: MakeHandle, servers: Servers
) -> None:
    aws.iam.create_instance_profile(InstanceProfileName="passing")
    template = servers.template(instance_profile="passing")
    group, kind = handle("servers", KIND), kind_named(KIND)
    made = kind.create(aws, group, servers.fleet(template, minimum=0, desired=0))
    aws.iam.delete_instance_profile(InstanceProfileName="passing")
    aws.ec2_autoscaling.set_desired_capacity(AutoScalingGroupName=made.id, DesiredCapacity=1)

    limit = time.monotonic() + 20
    while (now := kind.read(aws, group)) is not None and now.status is not Status.FAILED:
        assert now.status is Status.PENDING and time.monotonic() < limit
        time.sleep(0.02)

    assert now is not None and "Invalid IAM Instance Profile name" in now.reason
    mended = servers.fleet(servers.template("another"))
    kind.update(aws, group, mended, now)
    settled(aws, group, mended)


def test_a_profile_that_ec2_does_not_know_yet_is_waited_for(
    aws: Aws, handle: MakeHandle, servers: Servers
) -> None:
    template = servers.template(instance_profile="made-a-second-ago")

    with pytest.raises(NotYet):
        kind_named(KIND).create(aws, handle("servers", KIND), servers.fleet(template))


def test_it_is_gone_when_its_servers_are_gone(
    aws: Aws, build: Build, handle: MakeHandle, servers: Servers, template: Observed
) -> None:
    made = build("servers", servers.fleet(template, desired=2, maximum=2))
    group = handle("servers", KIND, id=made.id)

    assert kind_named(KIND).delete(aws, group) is False

    now = kind_named(KIND).read(aws, group)
    assert now is not None and now.status is Status.DELETING
    gone(aws, group, KIND)
    states = {
        one["State"]["Name"]
        for reservation in aws.ec2.describe_instances()["Reservations"]
        for one in reservation["Instances"]
    }
    assert states == {"terminated"}


def test_servers_that_outlive_the_group_are_waited_for(
    aws: Aws, build: Build, handle: MakeHandle, servers: Servers, template: Observed
) -> None:
    group = handle("servers", KIND, id="forgotten")
    props = servers.instance(template)
    made = build("server", props)
    aws.ec2.create_tags(
        Resources=[made.id], Tags=[{"Key": "aws:autoscaling:groupName", "Value": "forgotten"}]
    )

    now = kind_named(KIND).read(aws, group)

    assert now is not None and now.status is Status.DELETING
    assert kind_named(KIND).delete(aws, group) is False
    gone(aws, handle("server", "ec2.instance", id=made.id), "ec2.instance")
    assert kind_named(KIND).delete(aws, group) is True


def test_a_foreign_group_of_its_name_is_not_taken(
    aws: Aws, handle: MakeHandle, servers: Servers, template: Observed
) -> None:
    ours = handle("servers", KIND)
    aws.ec2_autoscaling.create_auto_scaling_group(
        AutoScalingGroupName=ours.name,
        LaunchTemplate={"LaunchTemplateId": template.id},
        MinSize=0,
        MaxSize=0,
        VPCZoneIdentifier=servers.subnet_ids[0],
    )

    with pytest.raises(AlreadyExists):
        kind_named(KIND).create(aws, ours, servers.fleet(template))

    found = kind_named(KIND).read(aws, ours)
    assert found is not None and not ours.owns(found.tags)


def _unplaced(**changes: object) -> AutoScalingGroupProps:
    wanted = {"launch_template_id": "lt-1", "launch_template_version": "1", "subnet_ids": ("subnet-1",)}
    return AutoScalingGroupProps.model_validate({**wanted, **changes})


def test_it_costs_what_its_servers_cost() -> None:
    capacity = {"instance_type": "t3.small", "volume_gb": 16, "public_ip": True}
    props = _unplaced(minimum=1, desired=2, maximum=4, capacity=capacity)

    lines = {
        line.sku: line.quantity
        for line in kind_named(KIND).cost(props, Usage(average_tasks=Decimal(2)), REGION)
    }

    assert set(lines) == {"EC2/t3.small", "EBS/gp3", "VPC/public_ipv4"}
    assert lines["EC2/t3.small"] == Band(floor=Decimal(730), expected=Decimal(1460), ceiling=Decimal(2920))
    assert lines["EBS/gp3"].expected == 32
    assert list(kind_named(KIND).cost(_unplaced(), Usage(), REGION)) == []


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"minimum": 3, "desired": 2, "maximum": 4}, "desired"),
        ({"desired": 5, "maximum": 4}, "desired"),
        ({"subnet_ids": ()}, "subnet_ids"),
        ({"launch_template_version": ""}, "launch_template_version"),
        ({"grace_period": -1}, "grace_period"),
        ({"capacity": {"instance_type": "small", "volume_gb": 8}}, "instance_type"),
    ],
)
def test_what_cannot_be_is_refused(changes: dict[str, object], word: str) -> None:
    with pytest.raises(ValidationError, match=word):
        _unplaced(**changes)
