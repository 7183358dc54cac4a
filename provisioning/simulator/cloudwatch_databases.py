"""The metrics of RDS: instances, and clusters of Aurora with the capacity that they take."""

from collections.abc import Mapping
from typing import Any

from moto.rds.models import rds_backends

from provisioning.simulator.cloudwatch_curves import level, timed
from provisioning.simulator.cloudwatch_things import Metrics, Thing, born_of, strain
from provisioning.simulator.world import Moment

_GIB = 1024.0**3
# GiB of memory by the size of a class; of every further size twice as much.
_MEMORY = {"micro": 1, "small": 2, "medium": 4, "large": 8, "xlarge": 16, "2xlarge": 32, "4xlarge": 64}
_CONNECTIONS_AN_ACU = 189
_ANSWERING = frozenset(
    {"available", "modifying", "backing-up", "upgrading", "configuring-enhanced-monitoring"}
)


def _connections(thing: Thing, load: float) -> float:
    return round(thing.numbers["connections"] * (0.05 + 0.82 * load))


def _free(thing: Thing, load: float) -> float:
    return thing.numbers["storage"] * max(0.02, 0.78 - 0.06 * load - 3.4 * strain(load))


INSTANCE: Metrics = {
    "CPUUtilization": ("Percent", lambda _, load: level(3 + 92 * load)),
    "DatabaseConnections": ("Count", lambda thing, load: level(_connections(thing, load), 0)),
    "FreeStorageSpace": ("Bytes", lambda thing, load: level(_free(thing, load), 0.001)),
    "FreeableMemory": (
        "Bytes",
        lambda thing, load: level(thing.numbers["memory"] * (0.6 - 0.5 * load), 0.01),
    ),
    "ReadLatency": ("Seconds", lambda _, load: timed(60, 0.0006 + 0.003 * load + 0.8 * strain(load))),
    "WriteLatency": ("Seconds", lambda _, load: timed(60, 0.0012 + 0.004 * load + 0.8 * strain(load))),
    "ReadIOPS": ("Count/Second", lambda _, load: level(2 + 160 * load)),
    "WriteIOPS": ("Count/Second", lambda _, load: level(4 + 90 * load)),
}
CLUSTER: Metrics = {
    "ACUUtilization": ("Percent", lambda _, load: level(4 + 90 * load)),
    "ServerlessDatabaseCapacity": (
        "Count",
        lambda thing, load: level(
            max(thing.numbers["least"], thing.numbers["most"] * (0.04 + 0.9 * load)), 0.02
        ),
    ),
    "VolumeBytesUsed": ("Bytes", lambda _, load: level(2.4 * _GIB, 0)),
}


def instance(moment: Moment, dimensions: Mapping[str, str]) -> Thing | None:
    """A database, or an instance of a cluster."""
    databases = rds_backends[moment.account][moment.region].databases
    found: Any = databases.get(dimensions["DBInstanceIdentifier"])
    if found is None or found.status not in _ANSWERING:
        return None
    name = found.db_instance_identifier
    return Thing(born=born_of(found, moment, "created"), names=(name,), numbers=_numbers(moment, found))


def cluster(moment: Moment, dimensions: Mapping[str, str]) -> Thing | None:
    """A cluster of Aurora."""
    found: Any = rds_backends[moment.account][moment.region].clusters.get(dimensions["DBClusterIdentifier"])
    if found is None or found.status not in _ANSWERING:
        return None
    least, most = _capacity(found)
    return Thing(
        born=born_of(found, moment, "created"),
        names=(found.db_cluster_identifier,),
        numbers={"least": least, "most": most},
    )


def _capacity(cluster: Any) -> tuple[float, float]:
    told = getattr(cluster, "serverless_v2_scaling_configuration", None) or {}
    pairs = {str(name).lower().replace("_", ""): float(value or 0) for name, value in dict(told).items()}
    return pairs.get("mincapacity", 0.5), pairs.get("maxcapacity", 4.0)


def _numbers(moment: Moment, found: Any) -> dict[str, float]:
    size = str(found.db_instance_class).rpartition(".")[2]
    if size == "serverless":
        clusters = rds_backends[moment.account][moment.region].clusters
        _, most = _capacity(clusters.get(found.db_cluster_identifier))
        memory, connections = most * 2 * _GIB, most * _CONNECTIONS_AN_ACU
    else:
        memory = _MEMORY.get(size, 64) * _GIB
        connections = (memory * 0.95 - _GIB / 4) / 9_531_392
    return {
        "memory": memory,
        "connections": min(connections, 5000),
        "storage": float(found.allocated_storage or 10) * _GIB,
    }
