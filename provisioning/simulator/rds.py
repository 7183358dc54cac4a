"""RDS: instances are created, changed and deleted over minutes, and refuse what their state does not allow."""

import secrets
import string
from typing import Any

from moto.ec2.models import ec2_backends
from moto.rds.models import RDSBackend, rds_backends

from provisioning.simulator import (
    interfaces,
    rds_groups,
    rds_members,
    rds_replicas,
    rds_rules,
    rds_snapshots,
)
from provisioning.simulator.operations import Call, Refusal, operation, result_of
from provisioning.simulator.rds_rules import refuse
from provisioning.simulator.world import Moment, event

__all__ = ["rds_groups", "rds_snapshots"]

_OWNER = interfaces.Owner(description="RDSNetworkInterface", requester="amazon-rds")
# The last part of a creation is the first backup (RDS user guide, "Viewing DB instance status").
_BACKUP_STARTS_AT = 0.9
#: Parameters of ModifyDBInstance that wait in PendingModifiedValues until they are applied.
_PENDING = (
    "DBInstanceClass",
    "AllocatedStorage",
    "MasterUserPassword",
    "BackupRetentionPeriod",
    "MultiAZ",
    "EngineVersion",
    "StorageType",
    "Iops",
    "StorageThroughput",
    "DBSubnetGroupName",
)


def backend_of(moment: Moment) -> RDSBackend:
    """moto's databases of this account and region."""
    return rds_backends[moment.account][moment.region]


def instance_of(moment: Moment, identifier: str) -> Any:
    """moto's model of an instance, or AWS's error where there is none."""
    found = backend_of(moment).databases.get(identifier.lower())
    if found is None:
        raise Refusal("DBInstanceNotFound", f"DBInstance {identifier} not found.")
    return found


def require_state(instance: Any, *allowed: str) -> None:
    """Refuse what RDS refuses in the instance's present state."""
    if instance.status not in allowed:
        identifier = instance.db_instance_identifier
        raise Refusal(
            "InvalidDBInstanceState",
            f"Instance {identifier} is not in {' or '.join(allowed)} state; it is {instance.status}.",
        )


def place(moment: Moment, instance: Any) -> None:
    """Put the instance's network interfaces into its subnets: one, or two for Multi-AZ."""
    if getattr(instance, "interface_ids", None):
        interfaces.delete(moment, instance.interface_ids)
    group = getattr(instance, "db_subnet_group", None)
    by_zone = {subnet.availability_zone: subnet for subnet in group._subnets} if group else {}
    zones = sorted(by_zone, key=lambda zone: zone != instance.availability_zone)
    if zones and instance.availability_zone not in by_zone:
        instance.availability_zone = zones[0]
    chosen = zones[: 2 if instance.multi_az else 1]
    instance.interface_ids = [
        interfaces.create(moment, _OWNER, subnet=by_zone[zone].id, groups=instance.vpc_security_group_ids).id
        for zone in chosen
    ]
    instance.SecondaryAvailabilityZone = chosen[1] if len(chosen) > 1 else None


def begin(moment: Moment, instance: Any) -> None:
    """Let an instance that moto has made at once be `creating` for as long as RDS would take."""
    identifier = instance.db_instance_identifier
    alphabet = string.ascii_uppercase + string.digits
    instance.status = "creating"
    instance.dbi_resource_id = "db-" + "".join(secrets.choice(alphabet) for _ in range(26))
    instance.Endpoint = None
    instance.pending_modified_values = {}
    if instance.publicly_accessible is None:
        instance.publicly_accessible = _reaches_the_internet(moment, instance)
    place(moment, instance)
    whole = moment.durations.of("rds.create")
    if instance.backup_retention_period and instance.db_cluster_identifier is None:
        moment.later(whole * _BACKUP_STARTS_AT, "rds.backing-up", identifier)
    moment.later(whole, "rds.created", identifier)


def _reaches_the_internet(moment: Moment, instance: Any) -> bool:
    """CreateDBInstance, "PubliclyAccessible": where nobody says, the internet gateway of the network decides."""
    group = getattr(instance, "db_subnet_group", None)
    if group is None:
        return True  # the default VPC has one
    gateways = ec2_backends[moment.account][moment.region].internet_gateways.values()
    return any(gateway.vpc is not None and gateway.vpc.id == group.vpc_id for gateway in gateways)


def _keep_insights(call: Call, instance: Any) -> None:
    params = call.params
    insights = bool(params.get("EnablePerformanceInsights"))
    instance.performance_insights_enabled = insights
    if insights:
        instance.performance_insights_retention_period = params.get("PerformanceInsightsRetentionPeriod") or 7
        instance.performance_insights_kms_key_id = params.get("PerformanceInsightsKMSKeyId") or _own_key(call)


def _keep_what_moto_drops(call: Call, instance: Any) -> None:
    params = call.params
    if instance.storage_encrypted and not params.get("KmsKeyId"):
        instance.kms_key_id = _own_key(call)
    if instance.storage_type == "gp3":
        instance.iops = instance.iops or 3000
        instance.storage_throughput = params.get("StorageThroughput") or 125
    instance.ca_certificate_identifier = params.get("CACertificateIdentifier") or "rds-ca-rsa2048-g1"
    instance.license_model = params.get("LicenseModel") or "postgresql-license"


def _own_key(moment: Moment) -> str:
    return f"arn:aws:kms:{moment.region}:{moment.account}:key/{'0' * 8}-aws-managed-rds"


def _check_new(call: Call) -> None:
    params = call.params
    identifier = call.text("DBInstanceIdentifier")
    rds_rules.check_identifier(identifier, "DBInstanceIdentifier")
    if identifier.lower() in backend_of(call).databases:
        raise Refusal("DBInstanceAlreadyExists", "DB instance already exists")
    rds_rules.check_class(call.text("DBInstanceClass"))
    params["EngineVersion"] = rds_rules.resolve_version(call.text("EngineVersion"))
    rds_rules.check_storage(params)
    rds_rules.check_backups(params)
    rds_rules.check_user(params)
    rds_rules.check_password(params)
    rds_rules.check_groups(call)
    group = backend_of(call).db_parameter_groups.get(call.text("DBParameterGroupName"))
    rds_rules.check_family(group, params["EngineVersion"])


@operation("rds", "CreateDBInstance")
def create_db_instance(call: Call) -> object:
    """Refuse what RDS refuses; then `creating`, `backing-up`, `available`."""
    of_cluster = bool(call.text("DBClusterIdentifier"))
    if of_cluster:
        rds_members.check_new(call)
    elif call.text("Engine") == "postgres":
        _check_new(call)
    call.params["DBInstanceIdentifier"] = call.text("DBInstanceIdentifier").lower()
    answer = call.forward()
    instance = result_of(answer)["DBInstance"]
    rds_snapshots.drop_automated(call, instance)
    _keep_insights(call, instance)
    if of_cluster:
        rds_members.join(call, instance)
    else:
        _keep_what_moto_drops(call, instance)
    begin(call, instance)
    return answer


@event("rds.backing-up")
def backing_up(moment: Moment, identifier: str) -> None:
    """The first backup of a new instance begins."""
    instance = backend_of(moment).databases.get(identifier)
    if instance is not None and instance.status == "creating":
        instance.status = "backing-up"
        instance.__dict__.pop("Endpoint", None)


@event("rds.created")
def created(moment: Moment, identifier: str) -> None:
    """A new instance is ready."""
    instance = backend_of(moment).databases.get(identifier)
    if instance is None or instance.status not in ("creating", "backing-up"):
        return
    instance.status = "available"
    instance.__dict__.pop("Endpoint", None)
    if instance.backup_retention_period and instance.db_cluster_identifier is None:
        instance.save_automated_backup()


def _check_change(call: Call, instance: Any) -> None:
    params = call.params
    rds_rules.check_upgrade(params, now=instance.engine_version)
    rds_rules.check_growth(params, now=instance.allocated_storage)
    rds_rules.check_backups(params)
    rds_rules.check_password(params)
    rds_replicas.check_password(call, instance)
    rds_rules.check_groups(call)
    if params.get("DBInstanceClass"):
        rds_rules.check_class(params["DBInstanceClass"])
    if params.get("BackupRetentionPeriod") == 0 and instance.replicas:
        raise refuse(
            "Backups cannot be turned off while there are read replicas.", "InvalidParameterCombination"
        )
    group = backend_of(call).db_parameter_groups.get(call.text("DBParameterGroupName"))
    rds_rules.check_family(group, params.get("EngineVersion") or instance.engine_version)


def _current(instance: Any, name: str) -> object:
    attribute = {
        "DBInstanceClass": "db_instance_class",
        "AllocatedStorage": "allocated_storage",
        "BackupRetentionPeriod": "backup_retention_period",
        "MultiAZ": "multi_az",
        "EngineVersion": "engine_version",
        "StorageType": "storage_type",
        "Iops": "iops",
        "StorageThroughput": "storage_throughput",
    }.get(name)
    return getattr(instance, attribute) if attribute else None


@operation("rds", "ModifyDBInstance")
def modify_db_instance(call: Call) -> object:
    """Some values change at once; the others wait in PendingModifiedValues until the change is carried out."""
    instance = instance_of(call, call.text("DBInstanceIdentifier"))
    require_state(instance, "available", "storage-optimization")
    if instance.pending_modified_values and getattr(instance, "being_modified", False):
        raise Refusal("InvalidDBInstanceState", "Database instance is not in available state.")
    if instance.db_cluster_identifier is None:
        _check_change(call, instance)
    else:
        rds_members.check_change(call, instance)
    wanted = {name: call.params.pop(name) for name in _PENDING if call.params.get(name) is not None}
    changes = {name: value for name, value in wanted.items() if value != _current(instance, name)}
    call.params["DBInstanceIdentifier"] = instance.db_instance_identifier
    groups_changed = call.params.get("VpcSecurityGroupIds")
    answer = call.forward()
    _keep_changed_insights(call, instance)
    if groups_changed:
        interfaces.regroup(call, instance.interface_ids, groups_changed)
    if changes:
        _plan_change(call, instance, changes)
    return answer


def _keep_changed_insights(call: Call, instance: Any) -> None:
    enabled = call.params.get("EnablePerformanceInsights")
    if enabled is None:
        return
    instance.performance_insights_enabled = enabled
    days = (call.params.get("PerformanceInsightsRetentionPeriod") or 7) if enabled else None
    instance.performance_insights_retention_period = days
    instance.performance_insights_kms_key_id = _own_key(call) if enabled else None


def _plan_change(call: Call, instance: Any, changes: dict[str, Any]) -> None:
    shown = {name: "****" if name == "MasterUserPassword" else value for name, value in changes.items()}
    instance.pending_modified_values = {**instance.pending_modified_values, **shown}
    instance.changes_to_make = {**getattr(instance, "changes_to_make", {}), **changes}
    if call.params.get("ApplyImmediately"):
        instance.being_modified = True
        lag = call.durations.of("rds.modify-lag")
        call.later(lag, "rds.modifying", instance.db_instance_identifier)
        call.later(lag + call.durations.of("rds.modify"), "rds.modified", instance.db_instance_identifier)


@event("rds.modifying")
def modifying(moment: Moment, identifier: str) -> None:
    """RDS begins with a change that it took on some seconds ago."""
    instance = backend_of(moment).databases.get(identifier)
    if instance is not None and instance.status == "available":
        instance.status = "modifying"


@event("rds.modified")
def modified(moment: Moment, identifier: str) -> None:
    """A change is done: the values are the new ones, and nothing is pending."""
    instance: Any = backend_of(moment).databases.get(identifier)
    if instance is None or instance.status not in ("modifying", "available"):
        return
    changes = instance.changes_to_make
    instance.changes_to_make, instance.pending_modified_values = {}, {}
    instance.being_modified = False
    backend_of(moment).modify_db_instance(identifier, rds_rules.as_moto_keywords(changes))
    if {"MultiAZ", "DBSubnetGroupName"} & changes.keys():
        place(moment, instance)
    instance.status = "available"


@operation("rds", "DeleteDBInstance")
def delete_db_instance(call: Call) -> object:
    """`deleting` for minutes, after a final snapshot where one is asked for; then gone."""
    instance = instance_of(call, call.text("DBInstanceIdentifier"))
    identifier = instance.db_instance_identifier
    if instance.status == "deleting":
        raise Refusal("InvalidDBInstanceState", f"Instance {identifier} is already being deleted.")
    if instance.deletion_protection:
        raise refuse(
            "Cannot delete protected DB Instance, please disable deletion protection and try again.",
            "InvalidParameterCombination",
        )
    require_state(instance, "available", "stopped", "failed", "storage-full", "storage-optimization")
    if instance.db_cluster_identifier is None:
        rds_snapshots.take_final(call, instance)
    instance.status = "deleting"
    keep_backups = call.params.get("DeleteAutomatedBackups") is False
    call.after("rds.delete", "rds.deleted", identifier, "keep" if keep_backups else "drop")
    return {"DBInstance": instance}


@event("rds.deleted")
def deleted(moment: Moment, identifier: str, backups: str) -> None:
    """An instance is gone, with its interfaces, its secret and (unless kept) its automated backups."""
    instance: Any = backend_of(moment).databases.get(identifier)
    if instance is None:
        return
    instance.deletion_protection = False
    rds_replicas.part(moment, instance)
    interfaces.delete(moment, getattr(instance, "interface_ids", []))
    backend_of(moment).delete_db_instance(
        identifier, skip_final_snapshot=True, delete_automated_backups=backups == "drop"
    )


def _pass_through(call: Call, *, needs: str, meanwhile: str, then: str) -> object:
    instance = instance_of(call, call.text("DBInstanceIdentifier"))
    require_state(instance, needs)
    instance.status = meanwhile
    duration = {"rebooting": "rds.reboot", "stopping": "rds.stop", "starting": "rds.start"}[meanwhile]
    call.after(duration, "rds.settled", instance.db_instance_identifier, meanwhile, then)
    return {"DBInstance": instance}


@operation("rds", "RebootDBInstance")
def reboot_db_instance(call: Call) -> object:
    """`rebooting`, then `available`."""
    return _pass_through(call, needs="available", meanwhile="rebooting", then="available")


@operation("rds", "StopDBInstance")
def stop_db_instance(call: Call) -> object:
    """`stopping`, then `stopped`."""
    return _pass_through(call, needs="available", meanwhile="stopping", then="stopped")


@operation("rds", "StartDBInstance")
def start_db_instance(call: Call) -> object:
    """`starting`, then `available`."""
    return _pass_through(call, needs="stopped", meanwhile="starting", then="available")


@event("rds.settled")
def settled(moment: Moment, identifier: str, meanwhile: str, then: str) -> None:
    """A reboot, stop, start or backup is over."""
    instance = backend_of(moment).databases.get(identifier)
    if instance is not None and instance.status == meanwhile:
        instance.status = then


@operation("rds", "RestoreDBInstanceFromDBSnapshot", "RestoreDBInstanceToPointInTime")
def make_from_another(call: Call) -> object:
    """A copy is created as slowly as an instance is; overrides that moto loses are kept."""
    target = call.text("TargetDBInstanceIdentifier") or call.text("DBInstanceIdentifier")
    rds_rules.check_identifier(target, "DBInstanceIdentifier")
    if target.lower() in backend_of(call).databases:
        raise Refusal("DBInstanceAlreadyExists", "DB instance already exists")
    rds_snapshots.check_source(call)
    answer = call.forward()
    instance: Any = result_of(answer)["DBInstance"]
    instance.deletion_protection = bool(call.params.get("DeletionProtection"))
    if call.params.get("MultiAZ") is not None:
        instance.multi_az = call.params["MultiAZ"]
    instance.interface_ids = []
    begin(call, instance)
    return answer
