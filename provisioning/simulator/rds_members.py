"""Instances of Aurora clusters: they take storage, version, network and password from their cluster."""

from typing import Any

from moto.rds.models import rds_backends

from provisioning.simulator import rds_rules
from provisioning.simulator.operations import Call, Refusal
from provisioning.simulator.rds_rules import refuse

SERVERLESS = "db.serverless"
#: What only the cluster has.
_OF_CLUSTER = (
    "AllocatedStorage",
    "BackupRetentionPeriod",
    "DBName",
    "EngineVersion",
    "ManageMasterUserPassword",
    "MasterUserPassword",
    "MasterUsername",
    "StorageEncrypted",
    "VpcSecurityGroupIds",
)


def _cluster_of(call: Call, identifier: str) -> Any:
    found = rds_backends[call.account][call.region].clusters.get(identifier.lower())
    if found is None:
        raise Refusal("DBClusterNotFoundFault", f"DBCluster {identifier} not found.", 404)
    return found


def _check_own(call: Call, cluster: Any) -> None:
    params, engine = call.params, cluster.engine
    for name in _OF_CLUSTER:
        if params.get(name) is not None:
            raise refuse(
                f"The requested DB Instance will be a member of a DB Cluster. Set {name} for the DB Cluster.",
                "InvalidParameterCombination",
            )
    kind = call.text("DBInstanceClass")
    if kind == SERVERLESS and not cluster.serverless_v2_scaling_configuration:
        raise refuse(
            "Set the Serverless v2 scaling configuration on the parent DB cluster before creating a Serverless v2 DB "
            "instance.",
            "InvalidDBClusterStateFault",
        )
    if kind and kind != SERVERLESS:
        rds_rules.check_class(kind)
    group = rds_backends[call.account][call.region].db_parameter_groups.get(call.text("DBParameterGroupName"))
    rds_rules.check_family(group, cluster.engine_version, engine)


def check_new(call: Call) -> None:
    """Refuse what Aurora refuses of a new instance, and let moto have the name of the cluster as it keeps it."""
    identifier = call.text("DBInstanceIdentifier")
    rds_rules.check_identifier(identifier, "DBInstanceIdentifier")
    if identifier.lower() in rds_backends[call.account][call.region].databases:
        raise Refusal("DBInstanceAlreadyExists", "DB instance already exists")
    cluster = _cluster_of(call, call.text("DBClusterIdentifier"))
    call.params["DBClusterIdentifier"] = cluster.db_cluster_identifier
    tier = call.params.get("PromotionTier")
    if tier is not None and not 0 <= tier <= 15:
        raise refuse(f"Invalid promotion tier: {tier}. Valid values are 0 to 15")
    _check_own(call, cluster)


def join(call: Call, instance: Any) -> None:
    """Put a new instance where its cluster is."""
    cluster = instance.cluster
    backend = rds_backends[call.account][call.region]
    if cluster.db_subnet_group_name in backend.subnet_groups:
        instance.db_subnet_group_name = cluster.db_subnet_group_name
    zones = cluster.availability_zones
    if not call.text("AvailabilityZone") and zones:
        # Aurora spreads instances over zones.
        instance.availability_zone = zones[(len(cluster.members) - 1) % len(zones)]
    instance.ca_certificate_identifier = call.text("CACertificateIdentifier") or "rds-ca-rsa2048-g1"
    if not instance.db_parameter_group_name:
        instance.db_parameter_group_name = (
            f"default.{rds_rules.family_of(cluster.engine_version, cluster.engine)}"
        )


def check_change(call: Call, instance: Any) -> None:
    """Refuse what Aurora refuses of an instance that is there."""
    _check_own(call, instance.cluster)
