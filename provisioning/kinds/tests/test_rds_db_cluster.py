"""What is peculiar to an Aurora cluster: capacity down to none, instances that keep it, and how it is taken away."""

from __future__ import annotations

import time
from dataclasses import replace
from decimal import Decimal

import pytest
from pydantic import ValidationError

from provisioning.aws import Aws
from provisioning.errors import AlreadyExists, Busy
from provisioning.inspect.sweep import sweep
from provisioning.kind import Handle, Status, kind_named
from provisioning.kinds.rds_db_cluster import DBCluster, DBClusterProps, _status
from provisioning.kinds.tests.aurora import Aurora
from provisioning.kinds.tests.contract import (
    STACK,
    Build,
    MakeHandle,
    check_contract,
    check_cuts,
    gone,
    settled,
)
from provisioning.pricing import CostLine, Usage
from provisioning.references import JsonObject

pytestmark = pytest.mark.simulator
KIND = "rds.db_cluster"
# Properties with which it is checked in CloudFormation.
EXAMPLES: tuple[JsonObject, ...] = (
    {
        "subnet_group_name": "shop",
        "parameter_group_name": "shop",
        "security_group_ids": ["sg-0a1b2c3d4e5f60718"],
    },
    {
        "engine_version": "16.4",
        "min_capacity": 0,
        "max_capacity": 8,
        "log_exports": ["postgresql", "instance"],
        "subnet_group_name": "shop",
        "parameter_group_name": "shop",
        "security_group_ids": ["sg-0a1b2c3d4e5f60718"],
    },
)
NEW = {
    "subnet_group_name": "${subnets.name}",
    "parameter_group_name": "${settings.name}",
    "security_group_ids": ["${group.id}"],
}


def _props(**changes: object) -> DBClusterProps:
    return DBClusterProps.model_validate({**NEW, **changes})


@pytest.fixture
def aurora(aws: Aws, build: Build) -> Aurora:
    return Aurora(aws, build)


def test_it_is_made_changed_and_taken_away(aws: Aws, handle: MakeHandle, aurora: Aurora) -> None:
    changes: tuple[JsonObject, ...] = (
        {"min_capacity": 0, "max_capacity": 8, "auto_pause": 600},
        {"min_capacity": 1, "max_capacity": 8, "backup_retention": 14},
        {"deletion_protection": True, "log_exports": []},
        {"deletion_protection": True, "log_exports": ["instance", "postgresql"]},
    )

    check_contract(
        aws,
        handle("database", KIND),
        aurora.props(),
        changes=[aurora.props(**change) for change in changes],
        attributes=["name", "arn", "address", "reader_address", "port", "secret_arn", "resource_id"],
        also_permitted=[
            "rds:AddTagsToResource",  # a creation with tags
            "rds:CreateDBClusterSnapshot",  # a last snapshot
            "rds:DescribeDBClusterSnapshots",
            "secretsmanager:CreateSecret",  # RDS with the caller's rights
            "secretsmanager:TagResource",
            "kms:DescribeKey",
            "kms:CreateGrant",
            "ec2:DescribeSecurityGroups",
            "ec2:DescribeSubnets",
            "ec2:DescribeVpcs",
        ],
    )


def test_it_is_made_by_one_call(aws: Aws, handle: MakeHandle, aurora: Aurora) -> None:
    assert check_cuts(aws, handle("database", KIND), aurora.props()) == 0


def test_what_people_opened_by_hand_is_closed_again(
    aws: Aws, handle: MakeHandle, build: Build, aurora: Aurora
) -> None:
    props = aurora.props(deletion_protection=True)
    cluster = handle("database", KIND, id=build("database", props).id)
    aws.rds.modify_db_cluster(
        DBClusterIdentifier=str(cluster.id), DeletionProtection=False, CopyTagsToSnapshot=False
    )
    now = kind_named(KIND).read(aws, cluster)
    assert now is not None
    assert set(kind_named(KIND).differences(props.dump(), now)) == {"deletion_protection", "copies_tags"}

    kind_named(KIND).update(aws, cluster, props, now)

    settled(aws, cluster, props)


def test_a_foreign_cluster_of_its_name_is_not_taken(aws: Aws, handle: MakeHandle, aurora: Aurora) -> None:
    ours = handle("database", KIND)
    kind_named(KIND).create(aws, replace(ours, tags={"Owner": "somebody"}), aurora.props())

    with pytest.raises(AlreadyExists):
        kind_named(KIND).create(aws, ours, aurora.props())

    found = kind_named(KIND).read(aws, ours)
    assert found is not None and not ours.owns(found.tags)


def test_it_goes_after_its_instances_only(aws: Aws, handle: MakeHandle, aurora: Aurora) -> None:
    cluster = handle("database", KIND, id=aurora.cluster().id)

    with pytest.raises(Busy):
        kind_named(KIND).delete(aws, cluster)

    gone(aws, handle("writer", "rds.cluster_instance"), "rds.cluster_instance")
    gone(aws, cluster, KIND)


def _delete_until_gone(aws: Aws, cluster: Handle, snapshot: str) -> None:
    limit = time.monotonic() + 30
    while kind_named(KIND).read(aws, cluster) is not None:
        assert time.monotonic() < limit
        try:
            kind_named(KIND).delete(aws, cluster, final_name=snapshot)
        except Busy:
            time.sleep(0.02)


def test_a_protected_one_leaves_a_last_snapshot_however_often_it_is_asked(
    aws: Aws, handle: MakeHandle, build: Build, aurora: Aurora
) -> None:
    made = build("database", aurora.props(deletion_protection=True))
    cluster = replace(handle("database", KIND, id=made.id), attributes=made.attributes)

    _delete_until_gone(aws, cluster, "shop-database-last")

    (snapshot,) = aws.rds.describe_db_cluster_snapshots()["DBClusterSnapshots"]
    assert snapshot["DBClusterSnapshotIdentifier"] == "shop-database-last"
    assert snapshot["DbClusterResourceId"] == made.attributes["resource_id"]
    left = {one.arn.split(":")[5]: one.kept for one in sweep(aws, STACK)}
    assert left["cluster-snapshot"] is True


def test_a_snapshot_of_another_cluster_is_not_taken_for_the_last_one(
    aws: Aws, handle: MakeHandle, build: Build, aurora: Aurora
) -> None:
    other = build("other", aurora.props()).id
    aws.rds.create_db_cluster_snapshot(
        DBClusterIdentifier=other, DBClusterSnapshotIdentifier="shop-database-last"
    )
    cluster = handle("database", KIND, id=build("database", aurora.props()).id)

    with pytest.raises(AlreadyExists):
        kind_named(KIND).delete(aws, cluster, final_name="shop-database-last")


@pytest.mark.parametrize(
    ("status", "members", "expected"),
    [
        ("creating", [], Status.PENDING),
        ("upgrading", ["writer"], Status.PENDING),
        ("a-status-of-next-year", [], Status.PENDING),
        ("available", [], Status.READY),
        ("backing-up", ["writer"], Status.READY),
        ("deleting", [], Status.DELETING),
        ("failed", [], Status.FAILED),
        ("failed", ["writer"], Status.PENDING),
    ],
)
def test_a_state_of_aws_is_one_of_ours_and_one_with_instances_never_counts_as_failed(
    status: str, members: list[str], expected: Status
) -> None:
    assert _status({"Status": status, "DBClusterMembers": members})[0] is expected


@pytest.mark.parametrize(
    ("field", "value", "word"),
    [
        ("engine_version", "13", "standard support"),
        ("engine_version", "18", "not offered"),
        ("min_capacity", 0.7, "multiple"),
        ("min_capacity", 5, "more than"),
        ("max_capacity", 0.5, "1"),
        ("max_capacity", 257, "256"),
        ("auto_pause", 299, "300"),
        ("backup_retention", 0, "1"),
        ("db_name", "user", "reserved"),
        ("master_username", "rdsadmin", "reserved"),
        ("security_group_ids", [], "at least 1"),
        ("encrypted", False, "True"),
    ],
)
def test_what_aurora_refuses_is_refused_before(field: str, value: object, word: str) -> None:
    with pytest.raises(ValidationError, match=word):
        _props(**{field: value})


def test_newer_minor_versions_are_welcome_and_older_majors_refused() -> None:
    older = DBCluster().check_change(_props(engine_version="17"), _props(engine_version="16.4"))

    assert older is not None and older.field == "engine_version"
    assert DBCluster().check_change(_props(engine_version="16"), _props(engine_version="17")) is None


def _lines(props: DBClusterProps, usage: Usage) -> dict[str, CostLine]:
    return {line.sku: line for line in DBCluster().cost(props, usage, "us-east-1")}


def test_capacity_costs_what_all_instances_have_while_they_are_awake() -> None:
    usage = Usage(average_acu=Decimal(2), active_hours=Decimal(100), db_storage_gb=Decimal(30), db_io=7)

    resting = _lines(_props(min_capacity=0, max_capacity=4), usage)
    steady = _lines(_props(min_capacity=1, max_capacity=4, members=3), usage)

    acu = "Aurora/pg_serverless_v2_acu"
    assert resting[acu].quantity.expected == Decimal(200)
    assert (resting[acu].quantity.floor, resting[acu].quantity.ceiling) == (Decimal(0), Decimal(4 * 730))
    assert (steady[acu].quantity.floor, steady[acu].quantity.expected) == (Decimal(3 * 730), Decimal(3 * 730))
    assert resting["Aurora/storage_standard"].quantity.expected == Decimal(30)
    assert resting["Aurora/io_standard"].quantity.expected == Decimal(7)
    assert "SecretsManager/secret" in resting
