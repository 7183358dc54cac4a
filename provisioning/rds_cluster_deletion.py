"""Deleting an Aurora cluster: what protects it, its last snapshot, and being asked twice."""

from __future__ import annotations

from typing import Any

from provisioning.aws import Aws, found
from provisioning.errors import AlreadyExists, AwsError, Busy


def delete_cluster(aws: Aws, name: str, snapshot_name: str | None, *, protected: bool = False) -> bool:
    """Ask AWS to delete the cluster, with a last snapshot when it has a name. True when there is nothing (any more).

    `protected`: whether it was when it was last looked at; it spares a refusal. Its instances must be on their way out
    already. Raises Busy while the cluster, or the snapshot of an earlier attempt, can't be touched.
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


def _deleted(aws: Aws, name: str, **wish: Any) -> bool:
    """Ask for the deletion, without protection where there is one. True when nothing is left."""
    try:
        return found(aws.rds.delete_db_cluster, DBClusterIdentifier=name, **wish) is None
    except AwsError as error:
        if not _is_protection(error):
            raise
    _unprotect(aws, name)
    try:
        return found(aws.rds.delete_db_cluster, DBClusterIdentifier=name, **wish) is None
    except AwsError as error:
        if not _is_protection(error):
            raise
        # The modification takes effect in a moment: to be asked again.
        raise Busy(
            service="rds",
            operation="delete_db_cluster",
            aws_code=error.aws_code,
            aws_message=error.aws_message,
        ) from error


def _unprotect(aws: Aws, name: str) -> None:
    aws.rds.modify_db_cluster(DBClusterIdentifier=name, DeletionProtection=False, ApplyImmediately=True)


def _is_protection(error: AwsError) -> bool:
    return error.aws_code == "InvalidParameterCombination" and "protect" in error.aws_message.lower()


def _is_last_snapshot_of(aws: Aws, name: str, snapshot_name: str) -> bool:
    """Whether an earlier attempt left this snapshot of this very cluster. Raises Busy while it is being taken."""
    described = found(aws.rds.describe_db_clusters, DBClusterIdentifier=name)
    listed = found(aws.rds.describe_db_cluster_snapshots, DBClusterSnapshotIdentifier=snapshot_name)
    if described is None or listed is None:
        return False
    cluster, snapshot = described["DBClusters"][0], listed["DBClusterSnapshots"][0]
    if snapshot.get("DbClusterResourceId") != cluster["DbClusterResourceId"]:
        return False
    if snapshot["Status"] == "creating":
        raise Busy(
            service="rds",
            operation="delete_db_cluster",
            aws_code="DBClusterSnapshotAlreadyExistsFault",
            aws_message=f"The last snapshot {snapshot_name} is still being taken.",
        )
    return bool(snapshot["Status"] == "available")
