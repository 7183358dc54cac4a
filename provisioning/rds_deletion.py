"""Deleting an RDS database: what protects it, its last snapshot, and being asked twice."""

from __future__ import annotations

from typing import Any

from provisioning.aws import Aws, found
from provisioning.errors import AlreadyExists, AwsError, Busy

# DeleteDBInstance, "SkipFinalSnapshot": in these states AWS takes no last snapshot.
_NO_LAST_SNAPSHOT = frozenset({"failed", "incompatible-restore", "incompatible-network"})


def delete_database(aws: Aws, name: str, snapshot_name: str | None, *, protected: bool = False) -> bool:
    """Ask AWS to delete the database, with a last snapshot when it has a name. True when there is nothing (any more).

    `protected`: whether it was when it was last looked at; it spares a refusal.

    Its automated backups go with it, except where AWS can't take the snapshot asked for: then they are what is left
    of the data. Raises Busy while the database, or the snapshot of an earlier attempt, can't be touched.
    """
    wish = {"FinalDBSnapshotIdentifier": snapshot_name} if snapshot_name else {"SkipFinalSnapshot": True}
    if protected:
        found(_unprotect, aws, name)
    try:
        return _deleted(aws, name, **wish)
    except AlreadyExists:
        if not snapshot_name or not _is_last_snapshot_of(aws, name, snapshot_name):
            raise
        return _deleted(aws, name, SkipFinalSnapshot=True)
    except Busy:
        instance = _described(aws, name) if snapshot_name else None
        if instance is None or instance["DBInstanceStatus"] not in _NO_LAST_SNAPSHOT:
            raise
        return _deleted(aws, name, SkipFinalSnapshot=True, DeleteAutomatedBackups=False)


def _described(aws: Aws, name: str) -> Any:
    """The database as AWS has it at this moment, or None."""
    answer = found(aws.rds.describe_db_instances, DBInstanceIdentifier=name)
    return answer["DBInstances"][0] if answer else None


def _deleted(aws: Aws, name: str, **wish: Any) -> bool:
    """Ask for the deletion, without protection where there is one. True when nothing is left."""
    try:
        return found(aws.rds.delete_db_instance, DBInstanceIdentifier=name, **wish) is None
    except AwsError as error:
        if not _is_protection(error):
            raise
    _unprotect(aws, name)
    try:
        return found(aws.rds.delete_db_instance, DBInstanceIdentifier=name, **wish) is None
    except AwsError as error:
        if not _is_protection(error):
            raise
        # The modification takes effect in a moment: to be asked again.
        raise Busy(
            service="rds",
            operation="delete_db_instance",
            aws_code=error.aws_code,
            aws_message=error.aws_message,
        ) from error


def _unprotect(aws: Aws, name: str) -> None:
    aws.rds.modify_db_instance(DBInstanceIdentifier=name, DeletionProtection=False, ApplyImmediately=True)


def _is_protection(error: AwsError) -> bool:
    return error.aws_code == "InvalidParameterCombination" and "protect" in error.aws_message.lower()


def _is_last_snapshot_of(aws: Aws, name: str, snapshot_name: str) -> bool:
    """Whether an earlier attempt left this snapshot of this very database. Raises Busy while it is being taken."""
    instance = _described(aws, name)
    answer = found(aws.rds.describe_db_snapshots, DBSnapshotIdentifier=snapshot_name)
    snapshot = answer["DBSnapshots"][0] if answer else None
    if instance is None or snapshot is None or snapshot["DbiResourceId"] != instance["DbiResourceId"]:
        return False
    if snapshot["Status"] == "creating":
        raise Busy(
            service="rds",
            operation="delete_db_instance",
            aws_code="DBSnapshotAlreadyExists",
            aws_message=f"The last snapshot {snapshot_name} is still being taken.",
        )
    return bool(snapshot["Status"] == "available")
