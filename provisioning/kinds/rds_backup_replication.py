"""The automated backups of a database, copied as they are made into the region where this stands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import Field, field_validator

from provisioning.aws import Aws, found
from provisioning.kind import Expected, Handle, Kind, Observed, Props, Status, register
from provisioning.lookup import tags_of
from provisioning.pricing import CostLine, Usage
from provisioning.properties import has_reference
from provisioning.template_parts import Form, Place

_KEY = "alias/aws/rds"
_COPYING = frozenset({"replicating", "active"})
_STARTING = frozenset({"pending", "creating"})
FIRST_COPY = "the first backup is still being copied"


class BackupReplicationProps(Props):
    """`source_arn`: a database in another region, with backups and encrypted; `retention` in days."""

    source_arn: str
    retention: int = Field(default=7, ge=1, le=35)

    @field_validator("source_arn")
    @classmethod
    def _an_arn(cls, arn: str) -> str:
        if not has_reference(arn) and not arn.startswith("arn:"):
            raise ValueError("A database in another region is named by its ARN.")
        return arn


@register
class BackupReplication(Kind[BackupReplicationProps]):
    """https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_StartDBInstanceAutomatedBackupsReplication.html

    Asked for in the region that gets the copies, where they are encrypted under RDS's own key. No token: a second
    start for the same database is refused, and tags tell whose it is. It counts as ready once it is under way: the
    first copy may take hours. Taken away, it is stopped and what was copied is deleted. Attributes: id (the ARN of
    the copied backups), arn.
    """

    name = "rds.backup_replication"
    title = "Backups in another region"
    expected = Expected(create=30, delete=60)
    patience = 3600
    replace_on = frozenset({"source_arn", "retention"})
    holds = frozenset({"source_arn"})
    exclusive = True
    billed = True
    stateful = True
    loses = "What was copied of the database's backups to the other region goes."
    permissions = (
        "rds:StartDBInstanceAutomatedBackupsReplication",
        "rds:AddTagsToResource",
        "rds:DescribeDBInstanceAutomatedBackups",
        "rds:StopDBInstanceAutomatedBackupsReplication",
        "rds:DeleteDBInstanceAutomatedBackup",
        "kms:DescribeKey",
        "kms:CreateGrant",
    )
    props = BackupReplicationProps

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        backup = _find(aws, handle)
        return _observed(backup) if backup is not None else None

    def create(self, aws: Aws, handle: Handle, props: BackupReplicationProps) -> Observed:
        key = aws.kms.describe_key(KeyId=_KEY)["KeyMetadata"]["Arn"]
        answer = aws.rds.start_db_instance_automated_backups_replication(
            SourceDBInstanceArn=props.source_arn,
            BackupRetentionPeriod=props.retention,
            KmsKeyId=key,
            SourceRegion=props.source_arn.split(":")[3],
            Tags=handle.tag_list,
        )
        return _observed(answer["DBInstanceAutomatedBackup"])

    def update(self, aws: Aws, handle: Handle, props: BackupReplicationProps, observed: Observed) -> Observed:
        return observed

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        backup = _find(aws, handle)
        if backup is None:
            return True
        if backup["Status"] in _COPYING | _STARTING:
            # Its source may be gone already, which stops it too.
            found(
                aws.rds.stop_db_instance_automated_backups_replication,
                SourceDBInstanceArn=backup["DBInstanceArn"],
            )
        arn = backup["DBInstanceAutomatedBackupsArn"]
        found(aws.rds.delete_db_instance_automated_backup, DBInstanceAutomatedBackupsArn=arn)
        return False

    def cost(self, props: BackupReplicationProps, usage: Usage, region: str) -> Iterator[CostLine]:
        """What is kept there, and the way there, which the region of the source bills."""
        yield CostLine.usage(
            "RDS/backup_storage_over_100pct",
            usage.db_storage_gb,
            "Copied backups",
            f"{usage.db_storage_gb} GB, as much as the database",
        ).billed_in(region)
        yield CostLine.usage(
            "RDS/backup_transfer_to_other_region",
            usage.copied_gb,
            "Transfer of backups",
            f"{usage.copied_gb} GB copied a month",
        )

    def cloudformation(self, place: Place, props: BackupReplicationProps) -> Form:
        return Form(remark="CloudFormation has this as settings of the database whose backups are copied.")


def _find(aws: Aws, handle: Handle) -> Any:
    """The copied backups that `handle` means; those of databases of this region are on the same list."""
    listed = aws.listed(aws.rds.describe_db_instance_automated_backups, "DBInstanceAutomatedBackups")
    copied = [one for one in listed if one["DBInstanceArn"].split(":")[3] != aws.region]
    return next((one for one in copied if _is_meant(one, handle)), None)


def _is_meant(backup: Any, handle: Handle) -> bool:
    if handle.id is not None:
        return bool(backup["DBInstanceAutomatedBackupsArn"] == handle.id)
    return handle.owns(tags_of(backup, "TagList"))


def _observed(backup: Any) -> Observed:
    arn, status = backup["DBInstanceAutomatedBackupsArn"], backup["Status"]
    told = {"source_arn": backup["DBInstanceArn"], "retention": backup["BackupRetentionPeriod"]}
    state = Status.DELETING if status == "deleting" else Status.READY
    if status not in _COPYING | _STARTING | {"deleting"}:
        told["source_arn"] = ""  # "retained": nothing is copied any more, and only a new start would
    return Observed(
        id=arn,
        status=state,
        reason=FIRST_COPY if status in _STARTING else status,
        props=told,
        attributes={"id": arn, "arn": arn},
        tags=tags_of(backup, "TagList"),
    )
