"""What is peculiar to a scaling policy of servers: it cannot be tagged, and goes with its group."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from provisioning.aws import Aws
from provisioning.kind import kind_named
from provisioning.kinds.autoscaling_policy import AutoScalingPolicyProps
from provisioning.kinds.tests.contract import Build, MakeHandle, check_contract, check_cuts, gone
from provisioning.kinds.tests.servers import Servers
from provisioning.references import JsonObject

pytestmark = pytest.mark.simulator
KIND = "autoscaling.policy"
# Properties with which it is checked in CloudFormation.
EXAMPLES: tuple[JsonObject, ...] = ({"group_name": "shop"},)


@pytest.fixture
def group(aws: Aws, build: Build) -> str:
    """The name of a group without servers."""
    servers = Servers(aws, build)
    return build("servers", servers.fleet(servers.template(), minimum=0, desired=0)).id


def test_it_is_made_changed_and_taken_away(aws: Aws, handle: MakeHandle, group: str) -> None:
    check_contract(
        aws,
        handle("scaling", KIND),
        AutoScalingPolicyProps(group_name=group),
        changes=[AutoScalingPolicyProps(group_name=group, cpu=50)],
        attributes=["arn", "name"],
        # What Auto Scaling does with the caller's rights.
        also_permitted=["cloudwatch:PutMetricAlarm", "cloudwatch:DescribeAlarms", "cloudwatch:DeleteAlarms"],
    )


def test_it_is_made_by_one_call(aws: Aws, handle: MakeHandle, group: str) -> None:
    assert check_cuts(aws, handle("scaling", KIND), AutoScalingPolicyProps(group_name=group)) == 0


def test_asked_for_twice_it_is_the_same(aws: Aws, handle: MakeHandle, group: str) -> None:
    props = AutoScalingPolicyProps(group_name=group)

    made = [kind_named(KIND).create(aws, handle("scaling", KIND), props).id for _ in range(2)]

    assert made[0] == made[1]


def test_its_alarms_come_and_go_with_it(aws: Aws, handle: MakeHandle, build: Build, group: str) -> None:
    made = build("scaling", AutoScalingPolicyProps(group_name=group))
    assert len(aws.cloudwatch.describe_alarms()["MetricAlarms"]) == 2

    kind_named(KIND).delete(aws, handle("scaling", KIND, id=made.id))

    assert aws.cloudwatch.describe_alarms()["MetricAlarms"] == []


def test_it_goes_with_its_group(aws: Aws, handle: MakeHandle, build: Build, group: str) -> None:
    build("scaling", AutoScalingPolicyProps(group_name=group))

    gone(aws, handle("servers", "autoscaling.group", id=group), "autoscaling.group")

    assert kind_named(KIND).read(aws, handle("scaling", KIND)) is None
    assert kind_named(KIND).goes_with == {"group_name"}
    assert aws.cloudwatch.describe_alarms()["MetricAlarms"] == []


@pytest.mark.parametrize("cpu", [0, 101])
def test_what_is_no_load_is_refused(cpu: float) -> None:
    with pytest.raises(ValidationError, match="cpu"):
        AutoScalingPolicyProps(group_name="servers", cpu=cpu)
