"""RDS automated backups that are copied into another region: asked for, listed, stopped and deleted there."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from moto.core.resource_tagging import TaggedResource
from moto.rds.models import rds_backends

from provisioning.simulator.operations import Call, Refusal, operation, result_of
from provisioning.simulator.rds_rules import refuse
from provisioning.simulator.tagged import tagged
from provisioning.simulator.world import Moment, event


@dataclass(kw_only=True)
class BackupCopies:
    """Those of one region, by their ARN, as RDS describes them."""

    by_arn: dict[str, dict[str, Any]] = field(default_factory=dict)


def _source(moment: Moment, arn: str) -> Any:
    parts = arn.split(":")
    found = rds_backends[moment.account][parts[3]].databases.get(parts[-1]) if len(parts) == 7 else None
    if found is None:
        raise Refusal("DBInstanceNotFound", f"DBInstance {arn} not found.")
    return found


def _check(call: Call, source: Any) -> None:
    if source.region == call.region:
        raise refuse("The source DB instance must be in another region than the one that gets its backups.")
    if not source.backup_retention_period:
        raise Refusal(
            "InvalidDBInstanceState", "Automated backups are not enabled for the source DB instance."
        )
    if source.storage_encrypted and not call.text("KmsKeyId").startswith("arn:"):
        raise refuse("Encrypted instances require a valid KMS key ID", "InvalidParameterCombination")
    if not 1 <= int(call.params.get("BackupRetentionPeriod") or 7) <= 35:
        raise refuse("Retention period must be between 1 and 35.")


@operation("rds", "StartDBInstanceAutomatedBackupsReplication")
def start_replication(call: Call) -> object:
    """`pending` until the first backup has arrived, then `replicating`."""
    source_arn = call.text("SourceDBInstanceArn")
    source = _source(call, source_arn)
    _check(call, source)
    copies = call.notes(BackupCopies).by_arn
    if any(one["DBInstanceArn"] == source_arn and one["Status"] != "retained" for one in copies.values()):
        raise Refusal(
            "InvalidDBInstanceState", f"Automated backups of {source_arn} are copied to this region already."
        )
    arn = f"arn:aws:rds:{call.region}:{call.account}:auto-backup:ab-{secrets.token_hex(13)}"
    copies[arn] = {
        "DBInstanceArn": source_arn,
        "DbiResourceId": source.dbi_resource_id,
        "DBInstanceIdentifier": source.db_instance_identifier,
        "Region": source.region,
        "Status": "pending",
        "Engine": source.engine,
        "EngineVersion": source.engine_version,
        "AllocatedStorage": source.allocated_storage,
        "Encrypted": source.storage_encrypted,
        "KmsKeyId": call.text("KmsKeyId"),
        "BackupRetentionPeriod": int(call.params.get("BackupRetentionPeriod") or 7),
        "DBInstanceAutomatedBackupsArn": arn,
        "TagList": [{"Key": tag["Key"], "Value": tag["Value"]} for tag in call.items("Tags")],
    }
    call.after("rds.snapshot", "rds.backup-copied", arn)
    return {"DBInstanceAutomatedBackup": copies[arn]}


@event("rds.backup-copied")
def copied(moment: Moment, arn: str) -> None:
    """The first backup has arrived."""
    copy = moment.notes(BackupCopies).by_arn.get(arn)
    if copy is not None and copy["Status"] == "pending":
        copy["Status"] = "replicating"


@operation("rds", "StopDBInstanceAutomatedBackupsReplication")
def stop_replication(call: Call) -> object:
    """What was copied is retained."""
    source_arn = call.text("SourceDBInstanceArn")
    _source(call, source_arn)
    for copy in call.notes(BackupCopies).by_arn.values():
        if copy["DBInstanceArn"] == source_arn and copy["Status"] in ("pending", "replicating"):
            copy["Status"] = "retained"
            return {"DBInstanceAutomatedBackup": copy}
    raise Refusal("InvalidDBInstanceState", f"Automated backups of {source_arn} are not copied here.")


@operation("rds", "DeleteDBInstanceAutomatedBackup")
def delete_backup(call: Call) -> object:
    """Refused while backups are still being copied."""
    copies = call.notes(BackupCopies).by_arn
    arn = call.text("DBInstanceAutomatedBackupsArn")
    if arn not in copies:
        raise Refusal("DBInstanceAutomatedBackupNotFound", f"Automated backup {arn} not found.")
    if copies[arn]["Status"] != "retained":
        raise Refusal("InvalidDBInstanceAutomatedBackupState", f"{arn} is {copies[arn]['Status']}.")
    copies[arn]["Status"] = "deleting"
    call.after("rds.snapshot", "rds.backup-copy-deleted", arn)
    return {"DBInstanceAutomatedBackup": copies[arn]}


@event("rds.backup-copy-deleted")
def copy_deleted(moment: Moment, arn: str) -> None:
    """A copy is gone."""
    moment.notes(BackupCopies).by_arn.pop(arn, None)


@operation("rds", "DescribeDBInstanceAutomatedBackups")
def describe_backups(call: Call) -> object:
    """Those that were copied here, after those of this region's own databases."""
    answer = call.forward()
    own = list(result_of(answer)["DBInstanceAutomatedBackups"])
    name, arn = call.text("DBInstanceIdentifier"), call.text("DBInstanceAutomatedBackupsArn")
    copies = [
        copy
        for key, copy in call.notes(BackupCopies).by_arn.items()
        if name in ("", copy["DBInstanceIdentifier"]) and arn in ("", key)
    ]
    return {"DBInstanceAutomatedBackups": [*([] if arn else own), *copies]}


@tagged
def tagged_copies(moment: Moment) -> Iterator[TaggedResource]:
    """For the tagging API."""
    for arn, copy in moment.notes(BackupCopies).by_arn.items():
        tags = {tag["Key"]: tag["Value"] for tag in copy["TagList"]}
        yield TaggedResource(arn, tags, "rds:auto-backup")
