"""Aurora clusters: created, changed and deleted over minutes, kept by their instances."""

from typing import Any

from provisioning.simulator import rds_cluster_snapshots, rds_rules
from provisioning.simulator.operations import Call, Refusal, operation, result_of
from provisioning.simulator.rds_cluster_state import backend_of, cluster_of, require_state
from provisioning.simulator.rds_rules import refuse
from provisioning.simulator.world import Moment, event

ENGINE = "aurora-postgresql"
_SECONDS_UNTIL_PAUSE = 300


def _check_capacity(params: Any) -> dict[str, Any] | None:
    """The capacity that a call asks for, as Aurora tells it."""
    wanted = params.get("ServerlessV2ScalingConfiguration")
    if wanted is None:
        return None
    least, most = wanted.get("MinCapacity"), wanted.get("MaxCapacity")
    if least is None or most is None or not 0 <= least <= most <= 256 or most < 1:
        raise refuse(
            f"Serverless v2 capacity {least} isn't valid. The minimum must be 0 to 256 and not above the maximum "
            f"of {most}, which must be 1 to 256."
        )
    if any(value * 2 != int(value * 2) for value in (least, most)):
        raise refuse("Serverless v2 capacity isn't valid. Specify it in increments of 0.5.")
    pause = wanted.get("SecondsUntilAutoPause")
    if pause is not None and (least or not 300 <= pause <= 86_400):
        raise refuse(
            "SecondsUntilAutoPause must be 300 to 86400, and can be set only with a minimum capacity of 0."
        )
    told = {"MinCapacity": float(least), "MaxCapacity": float(most)}
    return told if least else {**told, "SecondsUntilAutoPause": pause or _SECONDS_UNTIL_PAUSE}


def _check_group(call: Call, version: str) -> None:
    name = call.text("DBClusterParameterGroupName")
    if not name:
        return
    group = backend_of(call).db_cluster_parameter_groups.get(name.lower())
    if group is None and not name.startswith("default."):
        text = f"DBClusterParameterGroup not found: {name}"
        raise Refusal("DBClusterParameterGroupNotFound", text, 404)
    rds_rules.check_family(group, version, ENGINE)


def _check_new(call: Call) -> None:
    params, identifier = call.params, call.text("DBClusterIdentifier")
    rds_rules.check_identifier(identifier, "DBClusterIdentifier")
    if identifier.lower() in backend_of(call).clusters:
        raise Refusal("DBClusterAlreadyExistsFault", "DB Cluster already exists")
    params["EngineVersion"] = rds_rules.resolve_version(call.text("EngineVersion"), ENGINE)
    if params.get("BackupRetentionPeriod") == 0:
        raise refuse("Invalid backup retention period: 0. Must be between 1 and 35")
    rds_rules.check_backups(params)
    rds_rules.check_user(params)
    rds_rules.check_password(params)
    rds_rules.check_groups(call)
    _check_group(call, params["EngineVersion"])
    group = call.text("DBSubnetGroupName")
    if group and group.lower() not in backend_of(call).subnet_groups:
        raise Refusal("DBSubnetGroupNotFoundFault", f"DB subnet group '{group}' does not exist.", 404)


def begin(moment: Moment, cluster: Any) -> None:
    """Let a cluster that moto has made at once be `creating` for as long as Aurora would take."""
    cluster.status, cluster.pending_modified_values = "creating", {}
    # moto asks for a password when it restores, also where there is none that anybody knows.
    cluster.__dict__.setdefault("_master_user_password", "kept-by-rds-alone")
    moment.after("rds.cluster", "rds.cluster-settled", cluster.db_cluster_identifier, "creating", "available")


@event("rds.cluster-settled")
def settled(moment: Moment, identifier: str, meanwhile: str, then: str) -> None:
    """What was under way with a cluster is over, for its instances too where it stopped or started."""
    cluster: Any = backend_of(moment).clusters.get(identifier)
    if cluster is None or cluster.status != meanwhile:
        return
    cluster.status = then
    for member in cluster.members if meanwhile in ("stopping", "starting") else ():
        member.status = then


@operation("rds", "CreateDBCluster")
def create_db_cluster(call: Call) -> object:
    """Refuse what Aurora refuses; then `creating`, `available`, without an instance."""
    if call.text("Engine") != ENGINE:
        answer = call.forward()
        begin(call, result_of(answer)["DBCluster"])
        return answer
    _check_new(call)
    capacity = _check_capacity(call.params)
    for name in ("DBClusterIdentifier", "DBSubnetGroupName", "DBClusterParameterGroupName"):
        if call.text(name):
            call.params[name] = call.text(name).lower()
    answer = call.forward()
    cluster: Any = backend_of(call).clusters[call.params["DBClusterIdentifier"]]
    _drop_automated(call, cluster)
    cluster.serverless_v2_scaling_configuration = capacity
    cluster.storage_type = call.text("StorageType") or "aurora"
    if not call.text("DBClusterParameterGroupName"):
        cluster.parameter_group = f"default.{rds_rules.family_of(cluster.engine_version, ENGINE)}"
    begin(call, cluster)
    return answer


def _drop_automated(moment: Moment, cluster: Any) -> None:
    snapshots = backend_of(moment).cluster_snapshots
    for key in [key for key, one in snapshots.items() if one.snapshot_type == "automated"]:
        if snapshots[key].db_cluster_identifier == cluster.db_cluster_identifier:
            del snapshots[key]


@operation("rds", "ModifyDBCluster")
def modify_db_cluster(call: Call) -> object:
    """Most values change at once; another version waits in PendingModifiedValues until the upgrade is over."""
    cluster = cluster_of(call)
    if cluster.engine != ENGINE:
        return call.forward()
    require_state(cluster, "available", "stopped")
    params = call.params
    rds_rules.check_upgrade(params, now=cluster.engine_version, engine=ENGINE)
    rds_rules.check_backups(params)
    rds_rules.check_password(params)
    rds_rules.check_groups(call)
    _check_group(call, params.get("EngineVersion") or cluster.engine_version)
    capacity, version = _check_capacity(params), params.pop("EngineVersion", None)
    params.pop("ServerlessV2ScalingConfiguration", None)
    logs, status = params.pop("CloudwatchLogsExportConfiguration", None) or {}, cluster.status
    call.forward()
    cluster.status = status
    _export_logs(cluster, logs)
    if capacity is not None:
        cluster.serverless_v2_scaling_configuration = capacity
    if version and version != cluster.engine_version:
        cluster.pending_modified_values = {"EngineVersion": version}
        lag = call.durations.of("rds.modify-lag")
        name = cluster.db_cluster_identifier
        call.later(lag, "rds.cluster-settled", name, "available", "upgrading")
        call.later(lag + call.durations.of("rds.modify"), "rds.cluster-upgraded", name, version)
    return {"DBCluster": cluster}


def _export_logs(cluster: Any, change: Any) -> None:
    unwanted = set(change.get("DisableLogTypes") or [])
    wanted = {*cluster.enabled_cloudwatch_logs_exports, *(change.get("EnableLogTypes") or [])}
    cluster.enabled_cloudwatch_logs_exports = sorted(wanted - unwanted)


@event("rds.cluster-upgraded")
def upgraded(moment: Moment, identifier: str, version: str) -> None:
    """Another version runs in all instances of a cluster."""
    cluster: Any = backend_of(moment).clusters.get(identifier)
    if cluster is not None and cluster.status == "upgrading":
        cluster.engine_version, cluster.pending_modified_values = version, {}
        cluster.status = "available"


@operation("rds", "DeleteDBCluster")
def delete_db_cluster(call: Call) -> object:
    """`deleting` for minutes, after a final snapshot where one is asked for; kept by instances that stay."""
    cluster = cluster_of(call)
    if cluster.deletion_protection:
        raise refuse(
            "Cannot delete protected Cluster, please disable deletion protection and try again.",
            "InvalidParameterCombination",
        )
    if any(member.status != "deleting" for member in cluster.members):
        raise Refusal(
            "InvalidDBClusterStateFault",
            "Cluster cannot be deleted, it still contains DB instances in non-deleting state.",
        )
    require_state(cluster, "available", "stopped")
    rds_cluster_snapshots.take_final(call, cluster)
    cluster.status = "deleting"
    call.after("rds.cluster-delete", "rds.cluster-deleted", cluster.db_cluster_identifier)
    return {"DBCluster": cluster}


@event("rds.cluster-deleted")
def deleted(moment: Moment, identifier: str) -> None:
    """A cluster is gone, with its secret and its automated backups, once its last instance is."""
    cluster: Any = backend_of(moment).clusters.get(identifier)
    if cluster is None:
        return
    if cluster.members:
        moment.after("rds.modify-lag", "rds.cluster-deleted", identifier)
        return
    _drop_automated(moment, cluster)
    backend_of(moment).delete_db_cluster(identifier)


def _pass(call: Call, *, needs: str, meanwhile: str, then: str) -> object:
    cluster = cluster_of(call)
    require_state(cluster, needs)
    cluster.status = meanwhile
    for member in cluster.members:
        member.status = meanwhile
    duration = "rds.stop" if meanwhile == "stopping" else "rds.start"
    call.after(duration, "rds.cluster-settled", cluster.db_cluster_identifier, meanwhile, then)
    return {"DBCluster": cluster}


@operation("rds", "StopDBCluster")
def stop_db_cluster(call: Call) -> object:
    """`stopping`, then `stopped`, with all instances."""
    return _pass(call, needs="available", meanwhile="stopping", then="stopped")


@operation("rds", "StartDBCluster")
def start_db_cluster(call: Call) -> object:
    """`starting`, then `available`, with all instances."""
    return _pass(call, needs="stopped", meanwhile="starting", then="available")


@operation("rds", "RestoreDBClusterFromSnapshot", "RestoreDBClusterToPointInTime")
def restore_db_cluster(call: Call) -> object:
    """A copy is created as slowly as a cluster is, without an instance; its snapshot must be complete."""
    identifier = call.text("DBClusterIdentifier").lower()
    rds_rules.check_identifier(identifier, "DBClusterIdentifier")
    if identifier in backend_of(call).clusters:
        raise Refusal("DBClusterAlreadyExistsFault", "DB Cluster already exists")
    name = call.text("SnapshotIdentifier").rsplit(":", 1)[-1]
    snapshot: Any = backend_of(call).cluster_snapshots.get(name)
    if snapshot is not None and snapshot.status != "available":
        raise Refusal("InvalidDBClusterSnapshotStateFault", f"Snapshot {name} is not in available state.")
    capacity = _check_capacity(call.params)
    answer = call.forward()
    cluster: Any = backend_of(call).clusters[result_of(answer)["DBCluster"].db_cluster_identifier]
    cluster.deletion_protection = bool(call.params.get("DeletionProtection"))
    if capacity is not None:
        cluster.serverless_v2_scaling_configuration = capacity
    begin(call, cluster)
    return answer
