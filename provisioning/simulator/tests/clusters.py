"""Aurora clusters for tests: their parameters, and one that is there with an instance."""

from collections.abc import Callable
from typing import Any

from provisioning.simulator.tests.clients import until


def cluster(**changes: object) -> dict[str, Any]:
    """Parameters of an Aurora Serverless v2 cluster."""
    return {
        "DBClusterIdentifier": "orders",
        "Engine": "aurora-postgresql",
        "EngineVersion": "16",
        "MasterUsername": "portal",
        "ManageMasterUserPassword": True,
        "StorageEncrypted": True,
        "BackupRetentionPeriod": 7,
        "ServerlessV2ScalingConfiguration": {"MinCapacity": 0.5, "MaxCapacity": 4},
        **changes,
    }


def member(**changes: object) -> dict[str, Any]:
    """Parameters of an instance of it."""
    return {
        "DBInstanceIdentifier": "orders-1",
        "DBClusterIdentifier": "orders",
        "Engine": "aurora-postgresql",
        "DBInstanceClass": "db.serverless",
        **changes,
    }


def status(rds: Any) -> Callable[[], str]:
    """What state the cluster is in; "gone" when it is not there."""

    def look() -> str:
        found = rds.describe_db_clusters()["DBClusters"]
        return str(found[0]["Status"]) if found else "gone"

    return look


def member_status(rds: Any, name: str = "orders-1") -> Callable[[], str]:
    """What state an instance is in; "gone" when it is not there."""

    def look() -> str:
        found = rds.describe_db_instances()["DBInstances"]
        return next(
            (str(one["DBInstanceStatus"]) for one in found if one["DBInstanceIdentifier"] == name), "gone"
        )

    return look


def ready_cluster(rds: Any) -> None:
    """A cluster and an instance, both available."""
    rds.create_db_cluster(**cluster())
    until(status(rds), "available")
    rds.create_db_instance(**member())
    until(member_status(rds), "available")
