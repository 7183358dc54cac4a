"""RDS snapshots: taken over a minute or more, and needed in state `available` to restore from."""

from typing import Any

from moto.rds.models import RDSBackend, rds_backends

from provisioning.simulator.operations import Call, Refusal, operation, result_of
from provisioning.simulator.rds_rules import check_identifier, refuse
from provisioning.simulator.world import Moment, event


def _backend_of(moment: Moment) -> RDSBackend:
    return rds_backends[moment.account][moment.region]


def drop_automated(moment: Moment, instance: Any) -> None:
    """Take away the backup that moto makes at creation: RDS makes it when the instance exists."""
    snapshots = _backend_of(moment).database_snapshots
    mine = [
        key
        for key, snapshot in snapshots.items()
        if snapshot.snapshot_type == "automated"
        and snapshot.db_instance_identifier == instance.db_instance_identifier
    ]
    for key in mine:
        del snapshots[key]


def _begin(moment: Moment, snapshot: Any) -> None:
    snapshot.status = "creating"
    snapshot.percent_progress = 0
    moment.after("rds.snapshot", "rds.snapshot-taken", snapshot.db_snapshot_identifier)


@event("rds.snapshot-taken")
def snapshot_taken(moment: Moment, identifier: str) -> None:
    """A snapshot is complete."""
    snapshot: Any = _backend_of(moment).database_snapshots.get(identifier)
    if snapshot is not None:
        snapshot.status = "available"
        snapshot.percent_progress = 100


@operation("rds", "CreateDBSnapshot")
def create_db_snapshot(call: Call) -> object:
    """`creating`, then `available`; the instance reads `backing-up` meanwhile."""
    instance = _backend_of(call).databases.get(call.text("DBInstanceIdentifier").lower())
    if instance is None:
        raise Refusal("DBInstanceNotFound", f"DBInstance {call.text('DBInstanceIdentifier')} not found.")
    if instance.status != "available":
        raise Refusal(
            "InvalidDBInstanceState",
            f"Cannot create a snapshot because the database instance {instance.db_instance_identifier} is not "
            "currently in the available state.",
        )
    answer = call.forward()
    _begin(call, result_of(answer)["DBSnapshot"])
    instance.status = "backing-up"
    call.after("rds.snapshot", "rds.settled", instance.db_instance_identifier, "backing-up", "available")
    return answer


@operation("rds", "CopyDBSnapshot")
def copy_db_snapshot(call: Call) -> object:
    """A copy takes as long as a snapshot."""
    answer = call.forward()
    _begin(call, result_of(answer)["DBSnapshot"])
    return answer


@operation("rds", "DeleteDBSnapshot")
def delete_db_snapshot(call: Call) -> object:
    """Refused while the snapshot is being taken."""
    snapshot = _backend_of(call).database_snapshots.get(call.text("DBSnapshotIdentifier"))
    if snapshot is not None and snapshot.status != "available":
        raise Refusal(
            "InvalidDBSnapshotState", f"Snapshot {snapshot.db_snapshot_identifier} is not available."
        )
    return call.forward()


def take_final(call: Call, instance: Any) -> None:
    """Make the final snapshot that a deletion asks for, or refuse a deletion that does not decide."""
    name, skip = call.text("FinalDBSnapshotIdentifier"), bool(call.params.get("SkipFinalSnapshot"))
    if skip and name:
        raise refuse(
            "FinalDBSnapshotIdentifier cannot be specified when SkipFinalSnapshot is true.",
            "InvalidParameterCombination",
        )
    if skip:
        return
    if not name:
        raise refuse(
            "FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.",
            "InvalidParameterCombination",
        )
    check_identifier(name, "FinalDBSnapshotIdentifier", longest=255)
    backend = _backend_of(call)
    if name.lower() in backend.database_snapshots:
        raise Refusal(
            "DBSnapshotAlreadyExists", f"Cannot create the snapshot because one named {name} exists."
        )
    snapshot = backend.create_db_snapshot(instance.db_instance_identifier, name.lower())
    _begin(call, snapshot)


def check_source(call: Call) -> None:
    """Refuse to restore from a snapshot that is not complete, or to replicate what has no backups."""
    name = call.text("DBSnapshotIdentifier").rsplit(":", 1)[-1]
    snapshot = _backend_of(call).database_snapshots.get(name)
    if snapshot is not None and snapshot.status != "available":
        raise Refusal("InvalidDBSnapshotState", f"Snapshot {name} is not in available state.")
    source = call.text("SourceDBInstanceIdentifier")
    instance: Any = _backend_of(call).databases.get(source.lower())
    if instance is None:
        return
    if instance.status not in ("available", "backing-up"):
        raise Refusal("InvalidDBInstanceState", f"The source instance {source} is not in available state.")
    if call.operation == "CreateDBInstanceReadReplica" and not instance.backup_retention_period:
        raise Refusal(
            "InvalidDBInstanceState",
            f"Automated backups are not enabled for this database instance {source}.",
        )
