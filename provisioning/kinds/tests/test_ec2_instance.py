"""What is peculiar to a server: it starts and goes in its own time, and its token stays with its grave."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from pydantic import ValidationError

from provisioning.aws import Aws
from provisioning.errors import NotYet
from provisioning.kind import Observed, Status, kind_named
from provisioning.kinds.ec2_instance import InstanceProps
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
from provisioning.pricing import Usage
from provisioning.references import JsonObject

pytestmark = pytest.mark.simulator
KIND = "ec2.instance"
# Properties with which it is checked in CloudFormation.
EXAMPLES: tuple[JsonObject, ...] = (
    {
        "launch_template_id": "lt-0a1b2c3d4e5f60718",
        "launch_template_version": "1",
        "subnet_id": "subnet-0a1b2c3d4e5f60711",
        "security_group_ids": ["sg-0a1b2c3d4e5f60718"],
        "public_ip": True,
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


def test_it_is_made_changed_and_taken_away(
    aws: Aws, handle: MakeHandle, servers: Servers, template: Observed
) -> None:
    changes = [servers.instance(template, security_group_ids=(servers.group("one"), servers.group("two")))]

    check_contract(
        aws,
        handle("server", KIND),
        servers.instance(template),
        changes=changes,
        attributes=["private_ip"],
        # What RunInstances does with the caller's rights.
        also_permitted=["ec2:CreateTags", "ssm:GetParameters", "ec2:DescribeInstanceTypeOfferings"],
    )


def test_it_is_made_by_one_call(aws: Aws, handle: MakeHandle, servers: Servers, template: Observed) -> None:
    assert check_cuts(aws, handle("server", KIND), servers.instance(template)) == 0


def test_it_is_pending_then_ready_and_deleting_before_it_is_gone(
    aws: Aws, handle: MakeHandle, servers: Servers, template: Observed
) -> None:
    server, kind, props = handle("server", KIND), kind_named(KIND), servers.instance(template)

    made = kind.create(aws, server, props)

    assert made.status is Status.PENDING
    known = replace(server, id=made.id)
    assert settled(aws, known, props).status is Status.READY
    assert kind.delete(aws, known) is False
    going = kind.read(aws, known)
    assert going is not None and going.status is Status.DELETING


def test_asked_for_twice_it_is_the_same(
    aws: Aws, handle: MakeHandle, servers: Servers, template: Observed
) -> None:
    props = servers.instance(template)

    made = [kind_named(KIND).create(aws, handle("server", KIND), props).id for _ in range(2)]

    assert made[0] == made[1]


def test_after_one_that_is_gone_another_is_made_with_the_next_token(
    aws: Aws, handle: MakeHandle, servers: Servers, template: Observed
) -> None:
    server, kind, props = handle("server", KIND), kind_named(KIND), servers.instance(template)
    first = kind.create(aws, server, props)
    gone(aws, replace(server, id=first.id), KIND)

    second = [kind.create(aws, server, props).id for _ in range(2)]

    assert second[0] == second[1] != first.id


def test_another_version_of_its_template_replaces_it(
    aws: Aws, build: Build, handle: MakeHandle, servers: Servers, template: Observed
) -> None:
    build("server", servers.instance(template))
    now = kind_named(KIND).read(aws, handle("server", KIND))

    assert now is not None
    wanted = servers.instance(template, launch_template_version="2").dump()
    assert kind_named(KIND).differences(wanted, now) == {"launch_template_version": ("1", "2")}
    assert "launch_template_version" in kind_named(KIND).replace_on


@pytest.mark.parametrize("public", [True, False])
def test_it_has_a_public_address_where_one_is_wanted(
    aws: Aws, build: Build, servers: Servers, template: Observed, public: bool
) -> None:
    ready = build("server", servers.instance(template, public_ip=public))

    assert ("public_ip" in ready.attributes) is public
    assert ready.props["public_ip"] is public


def test_its_disk_is_encrypted_and_goes_with_it(
    aws: Aws, build: Build, handle: MakeHandle, servers: Servers, template: Observed
) -> None:
    made = build("server", servers.instance(template))
    (volume,) = aws.ec2.describe_volumes()["Volumes"]
    assert volume["Encrypted"] and volume["VolumeType"] == "gp3" and volume["Size"] == 16
    assert {"Key": "Application", "Value": "shop"} in volume["Tags"]

    gone(aws, handle("server", KIND, id=made.id), KIND)

    assert aws.ec2.describe_volumes()["Volumes"] == []


def test_one_that_somebody_stopped_counts_as_it_is(
    aws: Aws, build: Build, handle: MakeHandle, servers: Servers, template: Observed
) -> None:
    props = servers.instance(template)
    made = build("server", props)
    aws.ec2.stop_instances(InstanceIds=[made.id])

    now = settled(aws, handle("server", KIND, id=made.id), props)

    assert now.reason == "stopped"


def test_a_profile_that_ec2_does_not_know_yet_is_waited_for(
    aws: Aws, handle: MakeHandle, servers: Servers
) -> None:
    template = servers.template(instance_profile="made-a-second-ago")

    with pytest.raises(NotYet):
        kind_named(KIND).create(aws, handle("server", KIND), servers.instance(template))


def test_it_costs_its_hours_its_disk_and_its_address() -> None:
    props = InstanceProps.model_validate(
        {
            "launch_template_id": "lt-1",
            "launch_template_version": "1",
            "subnet_id": "subnet-1",
            "security_group_ids": ("sg-1",),
            "public_ip": True,
            "instance_type": "t3.micro",
            "volume_gb": 16,
        }
    )
    kind = kind_named(KIND)

    lines = {line.sku: line.quantity.expected for line in kind.cost(props, Usage(), REGION)}

    assert lines == {
        "EC2/t3.micro": Decimal(730),
        "EBS/gp3": Decimal(16),
        "VPC/public_ipv4": Decimal(730),
    }
    with_its_own = props.model_copy(update={"elastic_ip": True})
    assert "VPC/public_ipv4" not in {line.sku for line in kind.cost(with_its_own, Usage(), REGION)}
    unknown = props.model_copy(update={"instance_type": None})
    assert list(kind.cost(unknown, Usage(), REGION)) == []


def test_it_needs_a_group_and_a_version() -> None:
    with pytest.raises(ValidationError, match="security_group_ids"):
        InstanceProps(
            launch_template_id="lt-1", launch_template_version="1", subnet_id="s", security_group_ids=()
        )
    with pytest.raises(ValidationError, match="launch_template_version"):
        InstanceProps(
            launch_template_id="lt-1", launch_template_version="", subnet_id="s", security_group_ids=("sg",)
        )
