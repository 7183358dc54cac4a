"""What is peculiar to a cache: its states, and changes that AWS takes one at a time."""

from __future__ import annotations

import time
from decimal import Decimal

import pytest
from pydantic import ValidationError

from provisioning.aws import Aws
from provisioning.errors import Busy
from provisioning.kind import Observed, Status, kind_named
from provisioning.kinds.ec2_subnet import SubnetProps
from provisioning.kinds.ec2_vpc import VpcProps
from provisioning.kinds.elasticache_replication_group import ReplicationGroupProps
from provisioning.kinds.elasticache_subnet_group import CacheSubnetGroupProps
from provisioning.kinds.tests.contract import Build, MakeHandle, check_contract, check_cuts
from provisioning.kinds.tests.scripted_query import answer, refusal, scripted
from provisioning.pricing import Usage
from provisioning.references import JsonObject

KIND = "elasticache.replication_group"
# Properties with which it is checked in CloudFormation.
EXAMPLES: tuple[JsonObject, ...] = (
    {"subnet_group_name": "shop", "security_group_ids": ["sg-0a1b2c3d4e5f60718"]},
    {
        "engine": "valkey",
        "engine_version": "8.0",
        "parameter_group_name": "default.valkey8",
        "replicas": 1,
        "automatic_failover": True,
        "snapshot_retention": 7,
        "subnet_group_name": "shop",
        "security_group_ids": ["sg-0a1b2c3d4e5f60718"],
    },
)


def _props(**changes: object) -> ReplicationGroupProps:
    fixed = {"subnet_group_name": "subnets", "security_group_ids": ["sg-1"]}
    return ReplicationGroupProps.model_validate({**fixed, **changes})


@pytest.fixture
def props(build: Build) -> ReplicationGroupProps:
    vpc = build("vpc", VpcProps())
    subnet = SubnetProps(vpc_id=vpc.id, cidr_block="10.0.0.0/24", availability_zone="us-east-1a")
    group = CacheSubnetGroupProps(subnet_ids=(build("private-a", subnet).id,))
    return _props(subnet_group_name=build("cache-subnets", group).id)


def test_it_is_made_changed_and_taken_away(
    aws: Aws, handle: MakeHandle, props: ReplicationGroupProps
) -> None:
    changes = (
        {"node_type": "cache.t3.small", "snapshot_retention": 3},
        {"replicas": 1, "automatic_failover": True},
        {"replicas": 0, "automatic_failover": False, "description": "Sessions"},
        {"security_group_ids": ("sg-2", "sg-3")},
        {"engine": "valkey", "engine_version": "8.0", "parameter_group_name": "default.valkey8"},
    )

    check_contract(
        aws,
        handle("cache", KIND),
        props,
        changes=[props.model_copy(update=change) for change in changes],
        attributes=["name", "arn", "address", "port"],
        also_permitted=[
            "elasticache:AddTagsToResource",  # a creation with tags
            "elasticache:ListTagsForResource",  # whose a group is that is not marked
            "elasticache:CreateSnapshot",  # a last snapshot
        ],
    )


def test_it_is_made_by_one_call(aws: Aws, handle: MakeHandle, props: ReplicationGroupProps) -> None:
    assert check_cuts(aws, handle("cache", KIND), props) == 0


def test_all_environments_share_two_lists(
    aws: Aws, handle: MakeHandle, build: Build, props: ReplicationGroupProps
) -> None:
    build("cache", props)
    build("cache", props, stack="sstrange")
    poll = aws.since(time.monotonic())
    before = aws.connection.calls

    mine = kind_named(KIND).read(poll, handle("cache", KIND))
    theirs = kind_named(KIND).read(poll, handle("cache", KIND, stack="sstrange"))

    assert mine is not None and theirs is not None and mine.id != theirs.id
    assert aws.connection.calls - before == 2


def test_a_cache_of_the_same_name_that_somebody_else_made_is_not_ours(aws: Aws, handle: MakeHandle) -> None:
    ours = handle("cache", KIND)
    aws.elasticache.create_replication_group(
        ReplicationGroupId=ours.name,
        ReplicationGroupDescription="By hand",
        CacheNodeType="cache.t3.micro",
        EngineVersion="7.1",
        CacheSubnetGroupName="default",
        SecurityGroupIds=["sg-1"],
        CacheParameterGroupName="default.redis7",
        SnapshotRetentionLimit=0,
        TransitEncryptionEnabled=False,
        AtRestEncryptionEnabled=False,
    )

    found = kind_named(KIND).read(aws, ours)

    assert found is not None and not ours.owns(found.tags)


def _group(status: str, extra: str = "", failover: str = "disabled") -> tuple[int, str]:
    fields = {
        "ReplicationGroupId": "shop-sabcdefg-cache",
        "Description": "Cache (andamio sabcdefg/cache)",
        "Status": status,
        "AutomaticFailover": failover,
        "CacheNodeType": "cache.t3.micro",
        "SnapshotRetentionLimit": "0",
        "TransitEncryptionEnabled": "true",
        "AtRestEncryptionEnabled": "true",
        "ARN": "arn:aws:elasticache:us-east-1:123456789012:replicationgroup:shop-sabcdefg-cache",
    }
    nodes = "<MemberClusters><ClusterId>shop-sabcdefg-cache-001</ClusterId></MemberClusters>"
    text = "".join(f"<{key}>{value}</{key}>" for key, value in fields.items()) + nodes + extra
    listed = f"<ReplicationGroups><ReplicationGroup>{text}</ReplicationGroup></ReplicationGroups>"
    return answer("DescribeReplicationGroups", listed)


def _node(version: str, *, group: str = "shop-sabcdefg-cache") -> str:
    return (
        f"<CacheCluster><ReplicationGroupId>{group}</ReplicationGroupId><EngineVersion>{version}</EngineVersion>"
        "<CacheSubnetGroupName>subnets</CacheSubnetGroupName><SecurityGroups><member>"
        "<SecurityGroupId>sg-1</SecurityGroupId></member></SecurityGroups><CacheParameterGroup>"
        "<CacheParameterGroupName>default.redis7</CacheParameterGroupName></CacheParameterGroup></CacheCluster>"
    )


def _read(handle: MakeHandle, group: tuple[int, str], *nodes: str) -> Observed:
    listed = f"<CacheClusters>{''.join(nodes)}</CacheClusters>"
    script = {
        "DescribeReplicationGroups": group,
        "DescribeCacheClusters": answer("DescribeCacheClusters", listed),
    }
    with scripted(script) as (aws, _):
        found = kind_named(KIND).read(aws, handle("cache", KIND))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("creating", Status.PENDING),
        ("modifying", Status.PENDING),
        ("available", Status.READY),
        ("snapshotting", Status.READY),
        ("deleting", Status.DELETING),
        ("create-failed", Status.FAILED),
    ],
)
def test_a_state_of_aws_is_one_of_ours(handle: MakeHandle, status: str, expected: Status) -> None:
    assert _read(handle, _group(status)).status is expected


def test_available_is_not_the_end_while_a_change_is_pending(handle: MakeHandle) -> None:
    status = "<AutomaticFailoverStatus>enabled</AutomaticFailoverStatus>"
    pending = f"<PendingModifiedValues>{status}</PendingModifiedValues>"

    assert _read(handle, _group("available", pending)).status is Status.PENDING
    assert _read(handle, _group("available", failover="enabling")).status is Status.PENDING


def test_everything_that_aws_tells_is_as_wanted(handle: MakeHandle) -> None:
    engine = "<Engine>redis</Engine>"

    found = _read(handle, _group("available", engine), _node("7.1.0"), _node("6.2.6", group="other"))

    assert set(found.props) == set(_props().dump())
    assert kind_named(KIND).differences(_props().dump(), found) == {}


def test_a_version_is_reached_when_the_last_node_has_it(handle: MakeHandle) -> None:
    found = _read(handle, _group("available"), _node("7.1.0"), _node("7.0.7"))

    assert found.props["engine_version"] == "7.0"


def _script() -> dict[str, tuple[int, str] | list[tuple[int, str]]]:
    names = ("ModifyReplicationGroup", "IncreaseReplicaCount", "DecreaseReplicaCount")
    return {name: answer(name, "") for name in names}


def test_failover_goes_on_after_the_first_replica_and_off_before_the_last(handle: MakeHandle) -> None:
    safe, alone = _props(replicas=1, automatic_failover=True), _props()
    now_alone = Observed(id="cache", props={"replicas": 0, "automatic_failover": False})
    now_safe = Observed(id="cache", props={"replicas": 1, "automatic_failover": True})
    with scripted(_script()) as (aws, asked):
        kind_named(KIND).update(aws, handle("cache", KIND), safe, now_alone)
        kind_named(KIND).update(aws, handle("cache", KIND), alone, now_safe)

    assert [operation for operation, _ in asked] == [
        "IncreaseReplicaCount",
        "ModifyReplicationGroup",
        "ModifyReplicationGroup",
        "DecreaseReplicaCount",
    ]


def test_a_group_busy_with_the_first_change_is_asked_for_the_second_later(handle: MakeHandle) -> None:
    wanted = _props(replicas=1, automatic_failover=True)
    script = _script() | {"ModifyReplicationGroup": refusal("InvalidReplicationGroupState")}
    with scripted(script) as (aws, _), pytest.raises(Busy):
        now = Observed(id="cache", props={"replicas": 0, "automatic_failover": False})
        kind_named(KIND).update(aws, handle("cache", KIND), wanted, now)

    with scripted(_script()) as (aws, asked):
        later = Observed(id="cache", props={"replicas": 1, "automatic_failover": False})
        kind_named(KIND).update(aws, handle("cache", KIND), wanted, later)
    assert [operation for operation, _ in asked] == ["ModifyReplicationGroup"]


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"automatic_failover": True}, "replica"),
        ({"engine_version": "99.9"}, "not offered"),
        ({"engine": "valkey", "engine_version": "8.0"}, r"default\.valkey8"),
        ({"node_type": "t3.micro"}, "pattern"),
        ({"replicas": 6}, "5"),
        ({"snapshot_retention": 36}, "35"),
    ],
)
def test_what_aws_refuses_is_refused_before(changes: dict[str, object], word: str) -> None:
    with pytest.raises(ValidationError, match=word):
        _props(**changes)


def test_every_node_costs() -> None:
    lines = list(kind_named(KIND).cost(_props(replicas=2), Usage.of_phase("production"), "us-east-1"))

    assert [(line.sku, line.quantity.expected) for line in lines] == [
        ("ElastiCache/redis_cache.t3.micro", Decimal(2190))
    ]


@pytest.mark.parametrize(
    ("before", "after", "field"),
    [
        ({"engine_version": "7.1"}, {"engine_version": "7.0"}, "engine_version"),
        (
            {"engine": "valkey", "engine_version": "8.0", "parameter_group_name": "default.valkey8"},
            {},
            "engine",
        ),
        (
            {},
            {"engine": "valkey", "engine_version": "7.2", "parameter_group_name": "default.valkey7"},
            None,
        ),
        ({"engine_version": "7.0"}, {"engine_version": "7.1"}, None),
    ],
)
def test_a_cache_goes_forward_only(
    before: dict[str, object], after: dict[str, object], field: str | None
) -> None:
    refused = kind_named(KIND).check_change(_props(**before), _props(**after))

    assert (refused.field if refused else None) == field
