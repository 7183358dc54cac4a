"""Where the simulator finds Aurora clusters in moto, and what their state allows."""

from typing import Any

from moto.rds.models import DBCluster, RDSBackend, rds_backends

from provisioning.simulator.operations import Call, Refusal
from provisioning.simulator.world import Moment


def _status(self: Any) -> str:
    return str(self._status)


def _set_status(self: Any, value: str) -> None:
    self._status = value


# moto makes a cluster available when it is looked at; ours becomes so when its time has come.
DBCluster.status = property(_status, _set_status)  # type: ignore[method-assign, assignment]


def backend_of(moment: Moment) -> RDSBackend:
    """moto's databases of this account and region."""
    return rds_backends[moment.account][moment.region]


def cluster_of(call: Call) -> Any:
    """moto's model of the cluster that a call is about, or AWS's error where there is none."""
    identifier = call.text("DBClusterIdentifier").lower()
    found = backend_of(call).clusters.get(identifier)
    if found is None:
        raise Refusal("DBClusterNotFoundFault", f"DBCluster {identifier} not found.", 404)
    call.params["DBClusterIdentifier"] = identifier
    return found


def require_state(cluster: Any, *allowed: str) -> None:
    """Refuse what Aurora refuses in the cluster's present state."""
    if cluster.status not in allowed:
        raise Refusal(
            "InvalidDBClusterStateFault",
            f"DB cluster {cluster.db_cluster_identifier} is not currently in the available state; it is "
            f"{cluster.status}.",
        )
