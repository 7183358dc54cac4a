"""Snapshots of Aurora clusters: taken over a minute or more, and needed in state `available` to restore from."""

from typing import Any

from provisioning.simulator.operations import Call, Refusal, operation, result_of
from provisioning.simulator.rds_cluster_state import backend_of, cluster_of, require_state
from provisioning.simulator.rds_rules import check_identifier, refuse
from provisioning.simulator.world import Moment, event


def _begin(moment: Moment, snapshot: Any) -> None:
    snapshot.status, snapshot.percent_progress = "creating", 0
    # What a snapshot was taken of is told by an id that no other cluster will ever have.
    snapshot.db_cluster_resource_id = snapshot.cluster.db_cluster_resource_id
    moment.after("rds.snapshot", "rds.cluster-snapshot-taken", snapshot.db_cluster_snapshot_identifier)


@event("rds.cluster-snapshot-taken")
def snapshot_taken(moment: Moment, identifier: str) -> None:
    """A snapshot is complete."""
    snapshot: Any = backend_of(moment).cluster_snapshots.get(identifier)
    if snapshot is not None:
        snapshot.status, snapshot.percent_progress = "available", 100


def _check_name(call: Call, name: str, parameter: str) -> None:
    check_identifier(name, parameter, longest=255)
    if name.lower() in backend_of(call).cluster_snapshots:
        raise Refusal(
            "DBClusterSnapshotAlreadyExistsFault",
            f"Cannot create the snapshot because one named {name} exists.",
        )


@operation("rds", "CreateDBClusterSnapshot")
def create_db_cluster_snapshot(call: Call) -> object:
    """`creating`, then `available`; of a cluster that is available."""
    cluster = cluster_of(call)
    require_state(cluster, "available")
    _check_name(call, call.text("DBClusterSnapshotIdentifier"), "DBClusterSnapshotIdentifier")
    call.params["DBClusterSnapshotIdentifier"] = call.text("DBClusterSnapshotIdentifier").lower()
    answer = call.forward()
    _begin(call, result_of(answer)["DBClusterSnapshot"])
    return answer


@operation("rds", "DeleteDBClusterSnapshot")
def delete_db_cluster_snapshot(call: Call) -> object:
    """Refused while the snapshot is being taken."""
    name = call.text("DBClusterSnapshotIdentifier")
    snapshot: Any = backend_of(call).cluster_snapshots.get(name)
    if snapshot is not None and snapshot.status != "available":
        raise Refusal("InvalidDBClusterSnapshotStateFault", f"Snapshot {name} is not available.")
    return call.forward()


def take_final(call: Call, cluster: Any) -> None:
    """Make the final snapshot that a deletion asks for, or refuse a deletion that does not decide."""
    name, skip = call.text("FinalDBSnapshotIdentifier"), bool(call.params.get("SkipFinalSnapshot"))
    if skip == bool(name):
        raise refuse(
            "FinalDBSnapshotIdentifier cannot be specified when SkipFinalSnapshot is true."
            if skip
            else "FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.",
            "InvalidParameterCombination",
        )
    if skip:
        return
    _check_name(call, name, "FinalDBSnapshotIdentifier")
    backend = backend_of(call)
    _begin(call, backend.create_db_cluster_snapshot(cluster.db_cluster_identifier, name.lower()))
