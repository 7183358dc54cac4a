"""What is peculiar to a vault: AWS denies access to one that is not there, and deletes none that holds anything."""

from __future__ import annotations

import time
from typing import Any

import pytest

from provisioning.aws import Aws
from provisioning.errors import AlreadyExists, Busy
from provisioning.kind import kind_named
from provisioning.kinds.backup_vault import VaultProps
from provisioning.kinds.iam_role import RoleProps
from provisioning.kinds.tests.contract import Build, MakeHandle, check_contract, check_cuts
from provisioning.pricing import Usage
from provisioning.references import JsonObject

pytestmark = pytest.mark.simulator
KIND = "backup.vault"
# Properties with which it is checked in CloudFormation.
EXAMPLES: tuple[JsonObject, ...] = ({},)


def test_it_is_made_and_taken_away(aws: Aws, handle: MakeHandle) -> None:
    check_contract(
        aws,
        handle("vault", KIND),
        VaultProps(),
        attributes=["name", "arn"],
        also_permitted=[
            "backup:TagResource",  # a creation with tags
            "backup:DeleteRecoveryPoint",  # what is in it
            "backup-storage:MountCapsule",  # a creation, with the caller's rights
            "kms:CreateGrant",
            "kms:DescribeKey",
            "kms:GenerateDataKey",
            "kms:Decrypt",
        ],
    )


def test_it_is_made_by_one_call(aws: Aws, handle: MakeHandle) -> None:
    assert check_cuts(aws, handle("vault", KIND), VaultProps()) == 0


def test_a_foreign_vault_of_its_name_is_not_taken(aws: Aws, handle: MakeHandle) -> None:
    ours = handle("vault", KIND)
    aws.backup.create_backup_vault(BackupVaultName=ours.name)

    with pytest.raises(AlreadyExists):
        kind_named(KIND).create(aws, ours, VaultProps())

    found = kind_named(KIND).read(aws, ours)
    assert found is not None and not ours.owns(found.tags)


def test_it_goes_when_what_is_in_it_has_gone(aws: Aws, handle: MakeHandle, build: Build) -> None:
    name = build("vault", VaultProps()).id
    role = build("backups", RoleProps(service="backup.amazonaws.com")).attributes["arn"]
    job: Any = aws.backup.start_backup_job(
        BackupVaultName=name, ResourceArn="arn:aws:rds:us-east-1:123456789012:db:orders", IamRoleArn=role
    )
    limit = time.monotonic() + 30
    while aws.backup.describe_backup_job(BackupJobId=job["BackupJobId"])["State"] != "COMPLETED":
        assert time.monotonic() < limit
        time.sleep(0.05)
    vault = handle("vault", KIND, id=name)

    with pytest.raises(Busy):
        kind_named(KIND).delete(aws, vault)

    while aws.backup.list_recovery_points_by_backup_vault(BackupVaultName=name)["RecoveryPoints"]:
        assert time.monotonic() < limit
        time.sleep(0.05)
    assert kind_named(KIND).delete(aws, vault) is True
    assert kind_named(KIND).read(aws, vault) is None


def test_what_is_kept_costs_where_it_is_kept() -> None:
    props = VaultProps(contents=("RDS", "S3"))

    database, files = kind_named(KIND).cost(props, Usage(), "eu-west-1")

    assert (database.sku, int(database.quantity.expected)) == ("AWSBackup/rds_snapshot", 75)
    assert (files.sku, int(files.quantity.expected)) == ("AWSBackup/s3_warm", 50)
    assert {database.region, files.region} == {"eu-west-1"}
