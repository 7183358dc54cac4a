"""What is peculiar to an RDS database: its states, its versions, and how it is taken away."""

from __future__ import annotations

import json
import time
from decimal import Decimal

import pytest
from pydantic import ValidationError

from provisioning.aws import Aws
from provisioning.kind import Observed, Status, kind_named
from provisioning.kinds.ec2_subnet import SubnetProps
from provisioning.kinds.ec2_vpc import VpcProps
from provisioning.kinds.rds_db_instance import DBInstance, DBInstanceProps
from provisioning.kinds.rds_db_parameter_group import DBParameterGroupProps
from provisioning.kinds.rds_db_subnet_group import DBSubnetGroupProps
from provisioning.kinds.tests.contract import Build, MakeHandle, check_contract, check_cuts, settled
from provisioning.kinds.tests.rds_answers import instance, listed
from provisioning.kinds.tests.scripted_query import answer, scripted
from provisioning.pricing import CostLine, Usage
from provisioning.references import JsonObject

KIND = "rds.db_instance"
# Properties with which it is checked in CloudFormation.
EXAMPLES: tuple[JsonObject, ...] = (
    {
        "subnet_group_name": "shop",
        "parameter_group_name": "shop",
        "security_group_ids": ["sg-0a1b2c3d4e5f60718"],
    },
    {
        "engine_version": "16.4",
        "allocated_storage": 400,
        "max_allocated_storage": 1000,
        "multi_az": True,
        "log_exports": ["postgresql", "upgrade"],
        "managed_password": False,
        "password_secret_arn": "arn:aws:secretsmanager:us-east-1:123456789012:secret:shop-a1b2c3",
        "subnet_group_name": "shop",
        "parameter_group_name": "shop",
        "security_group_ids": ["sg-0a1b2c3d4e5f60718"],
    },
)
NEW = {"subnet_group_name": "${subnets.name}", "parameter_group_name": "${settings.name}"}


def _props(**changes: object) -> DBInstanceProps:
    return DBInstanceProps.model_validate({**NEW, "security_group_ids": ["${group.id}"], **changes})


@pytest.fixture
def props(aws: Aws, build: Build) -> DBInstanceProps:
    vpc = build("vpc", VpcProps())
    subnets = [
        SubnetProps(vpc_id=vpc.id, cidr_block=f"10.0.{number}.0/24", availability_zone=f"us-east-1{zone}")
        for number, zone in enumerate("ab")
    ]
    ids = tuple(build(f"private-{number}", one).id for number, one in enumerate(subnets))
    groups = aws.ec2.describe_security_groups(Filters=[{"Name": "vpc-id", "Values": [vpc.id]}])
    return DBInstanceProps(
        subnet_group_name=build("database-subnets", DBSubnetGroupProps(subnet_ids=ids)).id,
        parameter_group_name=build("database-settings", DBParameterGroupProps()).id,
        security_group_ids=(groups["SecurityGroups"][0]["GroupId"],),
    )


def test_it_is_made_changed_and_taken_away(
    aws: Aws, handle: MakeHandle, build: Build, props: DBInstanceProps
) -> None:
    other = build("other-settings", DBParameterGroupProps()).id
    changes = (
        {"allocated_storage": 40},
        {"allocated_storage": 40, "max_allocated_storage": 100},
        {"allocated_storage": 40, "instance_class": "db.t3.medium", "multi_az": True},
        {"allocated_storage": 40, "parameter_group_name": other, "backup_retention": 14},
        {"allocated_storage": 40, "deletion_protection": False},
        {"allocated_storage": 40, "log_exports": ("postgresql", "upgrade")},
        {"allocated_storage": 40, "engine_version": "18"},
    )

    check_contract(
        aws,
        handle("database", KIND),
        props,
        changes=[props.model_copy(update=change) for change in changes],
        attributes=["name", "arn", "address", "port", "secret_arn", "resource_id"],
        also_permitted=[
            "rds:AddTagsToResource",  # a creation with tags
            "rds:RemoveTagsFromResource",  # a password of its own
            "secretsmanager:PutSecretValue",
            "rds:CreateDBSnapshot",  # a last snapshot
            "rds:DescribeDBSnapshots",
            "secretsmanager:CreateSecret",  # RDS with the caller's rights
            "secretsmanager:TagResource",
            "kms:DescribeKey",
            "kms:CreateGrant",
            "ec2:DescribeSecurityGroups",
            "ec2:DescribeSubnets",
            "ec2:DescribeVpcs",
        ],
    )


def test_it_is_made_by_one_call(aws: Aws, handle: MakeHandle, props: DBInstanceProps) -> None:
    assert check_cuts(aws, handle("database", KIND), props) == 0


def test_what_people_opened_by_hand_is_closed_again(
    aws: Aws, handle: MakeHandle, build: Build, props: DBInstanceProps
) -> None:
    name = build("database", props).id
    aws.rds.modify_db_instance(
        DBInstanceIdentifier=name, PubliclyAccessible=True, DeletionProtection=False, ApplyImmediately=True
    )
    database = handle("database", KIND, id=name)
    kind = kind_named(KIND)
    now = kind.read(aws, database)
    assert now is not None
    assert set(kind.differences(props.dump(), now)) == {"public", "deletion_protection"}

    kind.update(aws, database, props, now)

    settled(aws, database, props)


def test_no_password_is_ever_asked_for_or_told(
    aws: Aws, handle: MakeHandle, build: Build, props: DBInstanceProps
) -> None:
    made = build("database", props)

    assert "assword" not in str(
        {key: value for key, value in made.props.items() if not key.startswith(("managed_pass", "password_"))}
    )
    assert made.attributes["secret_arn"].startswith("arn:aws:secretsmanager:us-east-1:")


def test_a_password_of_its_own_is_written_into_a_secret_and_told_to_nobody(
    aws: Aws, handle: MakeHandle, build: Build, props: DBInstanceProps
) -> None:
    arn = aws.secretsmanager.create_secret(Name="database")["ARN"]
    own = props.model_copy(update={"managed_password": False, "password_secret_arn": arn})

    made = build("database", own)

    assert made.attributes["secret_arn"] == arn
    kept = json.loads(aws.secretsmanager.get_secret_value(SecretId=arn)["SecretString"])
    assert kept["username"] == "app" and len(kept["password"]) == 40
    assert kept["password"] not in str(made)
    database, kind = handle("database", KIND, id=made.id), kind_named(KIND)
    kind.update(aws, database, props, made)
    managed = settled(aws, database, props)
    assert managed.attributes["secret_arn"] != arn
    kind.update(aws, database, own, managed)
    assert settled(aws, database, own).attributes["secret_arn"] == arn


def test_a_last_snapshot_is_taken_when_it_has_a_name(
    aws: Aws, handle: MakeHandle, build: Build, props: DBInstanceProps
) -> None:
    name = build("database", props).id

    database = handle("database", KIND, id=name)

    kind_named(KIND).delete(aws, database, final_name="shop-database-last")

    limit = time.monotonic() + 30
    while kind_named(KIND).read(aws, database) is not None:
        assert time.monotonic() < limit
        time.sleep(0.05)
    snapshot = aws.rds.describe_db_snapshots(DBSnapshotIdentifier="shop-database-last")["DBSnapshots"][0]
    assert snapshot["DBInstanceIdentifier"] == name


def _read(handle: MakeHandle, body: str) -> Observed:
    with scripted({"DescribeDBInstances": listed(body)}) as (aws, _):
        found = kind_named(KIND).read(aws, handle("database", KIND))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("creating", Status.PENDING),
        ("modifying", Status.PENDING),
        ("rebooting", Status.PENDING),
        ("a-status-of-next-year", Status.PENDING),
        ("backing-up", Status.READY),
        ("available", Status.READY),
        ("storage-optimization", Status.READY),
        ("deleting", Status.DELETING),
    ],
)
def test_a_state_of_aws_is_one_of_ours(handle: MakeHandle, status: str, expected: Status) -> None:
    assert _read(handle, instance(status)).status is expected


@pytest.mark.parametrize("status", ["failed", "incompatible-network", "insufficient-capacity"])
def test_a_database_that_never_ran_has_failed(handle: MakeHandle, status: str) -> None:
    found = _read(handle, instance(status, ran=False))

    assert (found.status, found.reason) == (Status.FAILED, status)


@pytest.mark.parametrize("status", ["failed", "incompatible-network", "incompatible-parameters"])
def test_a_database_that_ran_never_counts_as_failed_because_that_would_replace_it(
    handle: MakeHandle, status: str
) -> None:
    found = _read(handle, instance(status))

    assert (found.status, found.reason) == (Status.PENDING, status)


def test_available_is_not_the_end_while_a_change_is_pending(handle: MakeHandle) -> None:
    pending = "<PendingModifiedValues><DBInstanceClass>db.t3.medium</DBInstanceClass></PendingModifiedValues>"

    found = _read(handle, instance("available", extra=pending))

    assert found.status is Status.PENDING
    assert found.reason == "available, changing DBInstanceClass"


def test_everything_that_aws_tells_is_as_wanted(handle: MakeHandle) -> None:
    wanted = _props(subnet_group_name="subnets", parameter_group_name="settings", security_group_ids=["sg-1"])

    found = _read(handle, instance("available"))

    assert set(found.props) == set(wanted.dump())
    assert kind_named(KIND).differences(wanted.dump(), found) == {}


def test_storage_that_grew_by_itself_is_no_difference_unless_growth_is_off(handle: MakeHandle) -> None:
    grown = instance("available").replace("<AllocatedStorage>20<", "<AllocatedStorage>40<")
    found = _read(handle, grown + "<MaxAllocatedStorage>100</MaxAllocatedStorage>")
    same = {
        "subnet_group_name": "subnets",
        "parameter_group_name": "settings",
        "security_group_ids": ["sg-1"],
    }
    growing = _props(**same, max_allocated_storage=100)

    assert kind_named(KIND).differences(growing.dump(), found) == {}
    assert set(kind_named(KIND).differences(_props(**same).dump(), found)) == {
        "allocated_storage",
        "max_allocated_storage",
    }


@pytest.mark.parametrize(
    ("now", "wanted", "differs"),
    [("17.4", "17", False), ("17.4", "17.2", False), ("17.4", "17.5", True), ("16.9", "17", True)],
)
def test_newer_minor_versions_are_welcome(now: str, wanted: str, differs: bool) -> None:
    told = Observed(id="database", props={"engine_version": now})

    found = kind_named(KIND).differences(_props(engine_version=wanted).dump(), told)

    assert bool(found) is differs


@pytest.mark.parametrize(
    ("field", "value", "word"),
    [
        ("engine_version", "13", "extended support"),
        ("engine_version", "19", "not offered"),
        ("instance_class", "t3.small", "pattern"),
        ("allocated_storage", 19, "20"),
        ("max_allocated_storage", 21, "10 %"),
        ("backup_retention", 36, "35"),
        ("db_name", "user", "reserved"),
        ("db_name", "2fast", "letter first"),
        ("master_username", "rdsadmin", "reserved"),
        ("master_username", "pg_owner", "reserved"),
        ("security_group_ids", [], "at least 1"),
        ("managed_password", False, "secret that is named"),
        ("password_secret_arn", "arn:x", "secret that is named"),
        ("public", True, "False"),
        ("encrypted", False, "True"),
    ],
)
def test_what_aws_refuses_is_refused_before(field: str, value: object, word: str) -> None:
    with pytest.raises(ValidationError, match=word):
        _props(**{field: value})


@pytest.mark.parametrize(
    ("before", "after", "field"),
    [
        ({"allocated_storage": 50}, {"allocated_storage": 20}, "allocated_storage"),
        ({"allocated_storage": 50}, {"allocated_storage": 54}, "allocated_storage"),
        ({"engine_version": "17"}, {"engine_version": "16.4"}, "engine_version"),
        ({"multi_az": True}, {"multi_az": True, "subnet_group_name": "other"}, "subnet_group_name"),
        ({"allocated_storage": 50}, {"allocated_storage": 55}, None),
        ({"engine_version": "16"}, {"engine_version": "17"}, None),
    ],
)
def test_changes_that_aws_refuses_are_named(
    before: dict[str, object], after: dict[str, object], field: str | None
) -> None:
    refused = DBInstance().check_change(_props(**before), _props(**after))

    assert (refused.field if refused else None) == field


def _lines(props: DBInstanceProps) -> list[CostLine]:
    return list(kind_named(KIND).cost(props, Usage.of_phase("production"), "us-east-1"))


def test_a_standby_and_room_to_grow_cost() -> None:
    lines = _lines(_props(multi_az=True, allocated_storage=50, max_allocated_storage=100))

    assert [line.sku for line in lines] == [
        "RDS/pg_db.t3.small_multi",
        "RDS/storage_gp3_multi",
        "SecretsManager/secret",
    ]
    assert lines[0].quantity.expected == Decimal(730)
    assert (lines[1].quantity.floor, lines[1].quantity.ceiling) == (Decimal(50), Decimal(100))


def test_growing_past_400_gb_asks_for_what_gp3_has_there(handle: MakeHandle) -> None:
    told = Observed(id="database", props={"allocated_storage": 200})
    script = {
        "ModifyDBInstance": answer("ModifyDBInstance", f"<DBInstance>{instance('modifying')}</DBInstance>")
    }
    with scripted(script) as (aws, asked):
        kind_named(KIND).update(aws, handle("database", KIND), _props(allocated_storage=400), told)
        kind_named(KIND).update(aws, handle("database", KIND), _props(allocated_storage=300), told)

    assert asked[0][1]["Iops"] == "12000" and asked[0][1]["ApplyImmediately"] == "true"
    assert "Iops" not in asked[1][1]
