"""What is peculiar to copied backups: they are asked for where they go, and deleted after they were stopped."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from provisioning.aws import Aws
from provisioning.errors import AwsError
from provisioning.kind import Status, kind_named
from provisioning.kinds.rds_backup_replication import FIRST_COPY, BackupReplicationProps
from provisioning.kinds.tests.contract import Build, MakeHandle, check_contract, check_cuts
from provisioning.pricing import Usage
from provisioning.references import JsonObject

pytestmark = pytest.mark.simulator
KIND = "rds.backup_replication"
# Properties with which it is checked in CloudFormation.
EXAMPLES: tuple[JsonObject, ...] = ({"source_arn": "arn:aws:rds:us-west-2:123456789012:db:shop"},)


@pytest.fixture
def source_arn(aws: Aws) -> str:
    """A database in another region."""
    there = aws.in_region("us-west-2")
    made = there.rds.create_db_instance(
        DBInstanceIdentifier="orders",
        DBInstanceClass="db.t3.small",
        Engine="postgres",
        AllocatedStorage=20,
        MasterUsername="app",
        ManageMasterUserPassword=True,
        StorageEncrypted=True,
        BackupRetentionPeriod=7,
    )
    return made["DBInstance"]["DBInstanceArn"]


def test_it_is_made_and_taken_away(aws: Aws, handle: MakeHandle, source_arn: str) -> None:
    check_contract(
        aws,
        handle("backup-copies", KIND),
        BackupReplicationProps(source_arn=source_arn),
        attributes=["arn"],
        also_permitted=["rds:AddTagsToResource", "kms:CreateGrant"],
    )


def test_a_cut_before_the_start_leaves_nothing_and_a_lost_answer_is_found(
    aws: Aws, handle: MakeHandle, source_arn: str
) -> None:
    props = BackupReplicationProps(source_arn=source_arn)

    assert check_cuts(aws, handle("backup-copies", KIND), props) == 1


def test_it_is_ready_while_the_first_backup_is_still_on_its_way(
    aws: Aws, handle: MakeHandle, source_arn: str
) -> None:
    made = kind_named(KIND).create(
        aws, handle("backup-copies", KIND), BackupReplicationProps(source_arn=source_arn)
    )

    assert (made.status, made.reason) == (Status.READY, FIRST_COPY)


def test_copies_that_somebody_stopped_are_a_difference(
    aws: Aws, handle: MakeHandle, build: Build, source_arn: str
) -> None:
    props = BackupReplicationProps(source_arn=source_arn)
    made = build("backup-copies", props)
    aws.rds.stop_db_instance_automated_backups_replication(SourceDBInstanceArn=source_arn)

    now = kind_named(KIND).read(aws, handle("backup-copies", KIND, id=made.id))

    assert now is not None and now.reason == "retained"
    assert set(kind_named(KIND).differences(props.dump(), now)) == {"source_arn"}


def test_a_database_of_the_same_region_is_refused(aws: Aws, handle: MakeHandle, source_arn: str) -> None:
    there = aws.in_region("us-west-2")

    with pytest.raises(AwsError, match="another region"):
        kind_named(KIND).create(
            there, handle("backup-copies", KIND), BackupReplicationProps(source_arn=source_arn)
        )


def test_what_aws_refuses_is_refused_before() -> None:
    with pytest.raises(ValidationError, match="ARN"):
        BackupReplicationProps(source_arn="orders")
    with pytest.raises(ValidationError, match="35"):
        BackupReplicationProps(source_arn="${database.arn}", retention=36)


def test_storage_and_transfer_cost() -> None:
    props = BackupReplicationProps(source_arn="${database.arn}")

    lines = list(kind_named(KIND).cost(props, Usage(), "eu-west-1"))

    assert [line.sku for line in lines] == [
        "RDS/backup_storage_over_100pct",
        "RDS/backup_transfer_to_other_region",
    ]
