"""What is peculiar to a security group."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from pydantic import ValidationError

from provisioning.aws import Aws
from provisioning.errors import AlreadyExists
from provisioning.kind import kind_named
from provisioning.kinds.ec2_security_group import IngressRule, SecurityGroupProps
from provisioning.kinds.ec2_vpc import VpcProps
from provisioning.kinds.tests.contract import Build, MakeHandle, check_contract, check_cuts, settled
from provisioning.references import JsonObject

KIND = "ec2.security_group"
# Properties with which it is checked in CloudFormation.
EXAMPLES: tuple[JsonObject, ...] = (
    {
        "vpc_id": "vpc-0a1b2c3d4e5f60718",
        "description": "Web",
        "ingress": [
            {"port": 443, "cidr": "0.0.0.0/0", "description": "The internet"},
            {"port": 8000, "group_id": "sg-0a1b2c3d4e5f60718"},
        ],
    },
    {"vpc_id": "vpc-0a1b2c3d4e5f60718", "description": "Closed"},
)


@pytest.fixture
def vpc_id(build: Build) -> str:
    return build("vpc", VpcProps()).id


@pytest.fixture
def balancer(build: Build, vpc_id: str) -> str:
    """The id of the group of the load balancer, which rules may name."""
    return build("balancer-group", SecurityGroupProps(vpc_id=vpc_id, description="Load balancer")).id


def group(vpc_id: str, *rules: IngressRule) -> SecurityGroupProps:
    return SecurityGroupProps(vpc_id=vpc_id, description="Tasks of shop", ingress=rules)


def test_its_rules_change_in_place(aws: Aws, handle: MakeHandle, vpc_id: str, balancer: str) -> None:
    web = IngressRule(port=443, cidr="0.0.0.0/0", description="Everybody")
    plain = IngressRule(port=80, cidr="0.0.0.0/0")
    task = IngressRule(port=8000, group_id=balancer)
    names = IngressRule(protocol="udp", port=53, cidr="10.0.0.0/16")

    check_contract(
        aws,
        handle("tasks", KIND),
        group(vpc_id, web, task),
        changes=[
            group(vpc_id, web, plain, task),
            group(vpc_id, names),
            group(vpc_id),
            group(vpc_id, IngressRule(port=8000, cidr="10.0.0.0/16"), plain),
            group(vpc_id, IngressRule(port=8000, group_id=balancer), plain),
            group(vpc_id, IngressRule(port=8000, group_id=balancer), plain, web),
            group(vpc_id, IngressRule(port=443, cidr="0.0.0.0/0", description="The world")),
        ],
        also_permitted=[
            "ec2:CreateTags",  # a creation with tags
        ],
    )


def test_a_cut_before_its_rules_is_repaired(aws: Aws, handle: MakeHandle, vpc_id: str, balancer: str) -> None:
    props = group(vpc_id, IngressRule(port=443, cidr="0.0.0.0/0"), IngressRule(port=8000, group_id=balancer))

    assert check_cuts(aws, handle("tasks", KIND), props) == 1


def test_the_order_of_its_rules_means_nothing(build: Build, vpc_id: str) -> None:
    rules = [IngressRule(port=port, cidr="10.0.0.0/16") for port in (443, 80, 8000)]
    made = build("tasks", group(vpc_id, *rules))

    other_way_round = group(vpc_id, *reversed(rules)).dump()
    assert not kind_named(KIND).differences(other_way_round, made)
    recorded = replace(made, props=other_way_round)
    assert not kind_named(KIND).differences(group(vpc_id, *rules).dump(), recorded)


def test_what_somebody_opened_by_hand_is_seen_and_closed(
    aws: Aws, handle: MakeHandle, build: Build, vpc_id: str
) -> None:
    props = group(vpc_id, IngressRule(port=443, cidr="10.0.0.0/16"))
    made = build("tasks", props)
    known = handle("tasks", KIND, id=made.id)
    aws.ec2.authorize_security_group_ingress(
        GroupId=made.id,
        IpPermissions=[
            {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 1024, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]},
            {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "192.0.2.0/24"}]},
            {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "Ipv6Ranges": [{"CidrIpv6": "::/0"}]},
            {"IpProtocol": "icmp", "FromPort": -1, "ToPort": -1, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]},
        ],
    )

    opened = kind_named(KIND).read(aws, known)
    assert opened is not None
    ingress = opened.props["ingress"]
    assert isinstance(ingress, list) and len(ingress) == 5
    kind_named(KIND).update(aws, known, props, opened)

    settled(aws, known, props)


def test_everything_may_still_go_out(aws: Aws, build: Build, vpc_id: str) -> None:
    made = build("tasks", group(vpc_id))

    egress = aws.ec2.describe_security_groups(GroupIds=[made.id])["SecurityGroups"][0]["IpPermissionsEgress"]

    assert [rule["IpProtocol"] for rule in egress] == ["-1"]


def test_making_it_a_second_time_says_that_the_name_is_taken(
    aws: Aws, handle: MakeHandle, build: Build, vpc_id: str
) -> None:
    build("tasks", group(vpc_id))

    with pytest.raises(AlreadyExists):
        kind_named(KIND).create(aws, handle("tasks", KIND), group(vpc_id))


def test_a_name_that_looks_like_an_id_is_changed(aws: Aws, handle: MakeHandle, vpc_id: str) -> None:
    made = kind_named(KIND).create(aws, handle("tasks", KIND, name="sg-sabcdefg-tasks"), group(vpc_id))

    groups = aws.ec2.describe_security_groups(GroupIds=[made.id])["SecurityGroups"]
    assert groups[0]["GroupName"] == "a-sg-sabcdefg-tasks"


def test_all_groups_of_an_environment_are_read_by_one_call(
    aws: Aws, handle: MakeHandle, build: Build, vpc_id: str
) -> None:
    keys = ("balancer", "tasks", "database", "cache")
    for key in keys:
        build(key, group(vpc_id))
    plan = aws.since(time.monotonic())
    before = aws.connection.calls

    ids = {read.id for key in keys if (read := kind_named(KIND).read(plan, handle(key, KIND)))}

    assert len(ids) == 4
    assert aws.connection.calls - before == 1


def test_a_foreign_group_of_the_same_name_is_not_ours(
    aws: Aws, handle: MakeHandle, build: Build, vpc_id: str
) -> None:
    wanted = handle("tasks", KIND)
    build("tasks", group(vpc_id), stack="sstrange", name=wanted.name)

    with pytest.raises(AlreadyExists):
        kind_named(KIND).create(aws, wanted, group(vpc_id))

    assert kind_named(KIND).read(aws, wanted) is None


@pytest.mark.parametrize(
    "rule",
    [
        {"port": 443},
        {"port": 443, "cidr": "0.0.0.0/0", "group_id": "sg-1"},
        {"port": 70000, "cidr": "0.0.0.0/0"},
        {"port": 443, "cidr": "10.0.0.1/24"},
        {"port": 443, "cidr": "0.0.0.0/0", "description": "naïve"},
        {"port": 443, "cidr": "0.0.0.0/0", "description": "a" * 256},
        {"port": 443, "cidr": "0.0.0.0/0", "protocol": "icmp"},
    ],
)
def test_rules_that_aws_refuses_are_refused(rule: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        IngressRule.model_validate(rule)


def test_the_same_rule_twice_is_refused_whatever_it_is_called() -> None:
    twice = [{"port": 80, "cidr": "10.0.0.0/8", "description": text} for text in ("one", "two")]

    with pytest.raises(ValidationError, match="opened twice"):
        SecurityGroupProps.model_validate({"vpc_id": "v", "description": "d", "ingress": twice})


def test_rules_may_name_groups_that_are_not_made_yet() -> None:
    rule = IngressRule(port=5432, group_id="${tasks-group.id}")

    assert rule.dump()["group_id"] == "${tasks-group.id}"
