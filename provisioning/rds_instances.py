"""What a database and its read replicas have alike: AWS's states, what it tells of them, and their own passwords."""

from __future__ import annotations

import json
import secrets
import string
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from provisioning.errors import InvalidSpec
from provisioning.kind import Observed, Status
from provisioning.lookup import tags_of
from provisioning.preflight import Finding, PreflightFailed
from provisioning.references import JsonObject, JsonValue
from provisioning.template_parts import REF, Attribute, Place, Told, given, partition

if TYPE_CHECKING:
    from provisioning.aws import Aws

#: On a database whose password RDS does not manage: the secret that holds it.
TAG_SECRET = "andamio:secret"  # noqa: S105 # a tag

# RDS User Guide, "Viewing Amazon RDS DB instance status". People can use the database in these.
_USABLE = frozenset({"available", "backing-up", "storage-optimization", "storage-full", "stopped"})
_GOING = frozenset({"deleting", "delete-precheck"})
_BROKEN = frozenset(
    "failed incompatible-create incompatible-network incompatible-option-group incompatible-parameters "
    "incompatible-restore insufficient-capacity inaccessible-encryption-credentials "
    "inaccessible-encryption-credentials-recoverable restore-error".split()
)
GP3_BASELINE = {"Iops": 12_000, "StorageThroughput": 500}
"""IOPS and MiB/s of gp3 from 400 GB on."""
_ALPHABET = string.ascii_letters + string.digits


def can_be_ordered(aws: Aws, engine: str, instance_class: str, version: str = "") -> Finding:
    """Whether RDS has such instances in this region. Raises PreflightFailed when it has none.

    Only a whole version ("17.4") is asked for: RDS lists none under a major one.
    """
    exact = {"EngineVersion": version} if "." in version else {}
    offered = _offered(aws, Engine=engine, DBInstanceClass=instance_class, **exact)
    what = f"{instance_class} with {_ENGINES[engine]} {version}".strip()
    if offered:
        zones = {zone["Name"] for one in offered for zone in one["AvailabilityZones"]}
        return Finding(note=f"{what} can be had in {len(zones)} zones")
    if not _offered(aws, Engine=engine):
        return Finding(note=f"RDS does not tell whether {what} can be had", warning=True)
    raise PreflightFailed(
        f"RDS has no {what} in {aws.region}.",
        code="preflight.not_offered",
        hint="Choose another class or version and ask again. Nothing was made.",
    )


def _offered(aws: Aws, **filters: str) -> list[Any]:
    call = aws.rds.describe_orderable_db_instance_options
    answer = aws.recent(call, seconds=300, Vpc=True, MaxRecords=100, **filters)
    return list(answer["OrderableDBInstanceOptions"])


_ENGINES = {"postgres": "PostgreSQL", "aurora-postgresql": "Aurora PostgreSQL"}


def observed_instance(instance: Any, props: JsonObject) -> Observed:
    """An instance as AWS describes it, with the properties that its kind reads from it."""
    status, reason = _status(instance)
    return Observed(
        id=instance["DBInstanceIdentifier"],
        status=status,
        reason=reason,
        props=props,
        attributes=_attributes(instance),
        tags=tags_of(instance, "TagList"),
    )


def told_of(instance: Any) -> JsonObject:
    """The properties that both kinds have."""
    allocated, most = instance["AllocatedStorage"], instance.get("MaxAllocatedStorage")
    groups = instance["DBParameterGroups"]
    told: JsonObject = {
        "instance_class": instance["DBInstanceClass"],
        "allocated_storage": allocated,
        "max_allocated_storage": 0 if most in {None, allocated} else most,
        "storage_type": instance["StorageType"],
        "multi_az": instance["MultiAZ"],
        "subnet_group_name": instance["DBSubnetGroup"]["DBSubnetGroupName"],
        "parameter_group_name": groups[0]["DBParameterGroupName"],
        "security_group_ids": sorted(one["VpcSecurityGroupId"] for one in instance["VpcSecurityGroups"]),
        "deletion_protection": instance["DeletionProtection"],
        "log_exports": sorted(instance.get("EnabledCloudwatchLogsExports") or []),
        "encrypted": instance["StorageEncrypted"],
        "public": instance["PubliclyAccessible"],
        "copies_tags": instance["CopyTagsToSnapshot"],
        "minor_upgrades": instance["AutoMinorVersionUpgrade"],
    }
    if "PerformanceInsightsEnabled" in instance:
        told["performance_insights"] = instance["PerformanceInsightsEnabled"]
    return told


def grew(wanted: JsonObject, name: str, now: JsonValue, asked: JsonValue) -> bool:
    """Whether this difference is storage that grew by itself, as it was meant to."""
    larger = isinstance(now, int) and isinstance(asked, int) and now > asked
    return name == "allocated_storage" and bool(wanted.get("max_allocated_storage")) and larger


def gp3_baseline(storage_type: str, allocated: int) -> dict[str, int]:
    """What a change of gp3 storage has to repeat from 400 GB on, and AWS refuses below (RDS User Guide, "gp3")."""
    return GP3_BASELINE if storage_type == "gp3" and allocated >= 400 else {}


def storage_refusal(before: int, after: int) -> InvalidSpec | None:
    """Why AWS does not change the storage from one number of GB to another."""
    least = -(-before * 11 // 10)
    if after < before:
        return _too_little("Storage of a database can't shrink.", before)
    if before < after < least:
        return _too_little("Storage grows by 10 % or more at a time.", least)
    return None


def _too_little(why: str, least: int) -> InvalidSpec:
    hint = f"Ask for at least {least} GB."
    return InvalidSpec(why, code="spec.change_refused", hint=hint, field="allocated_storage")


def unwanted_logs(wanted: tuple[str, ...], observed: Observed) -> list[str]:
    """Log exports that are on and should not be."""
    now = observed.props.get("log_exports")
    return [str(log) for log in now if log not in wanted] if isinstance(now, list) else []


def in_template(wishes: Mapping[str, Any]) -> dict[str, Any]:
    """What is asked for when one is made, as CloudFormation takes it."""
    renames = {"VpcSecurityGroupIds": "VPCSecurityGroups"}
    plain = {renames.get(name, name): value for name, value in wishes.items()}
    return given({**plain, "AllocatedStorage": str(plain["AllocatedStorage"])})


def copies_in_template(place: Place) -> dict[str, Any]:
    """Copies of backups in another region are there settings of the database itself."""
    for user in place.users:
        if user.kind.name == "rds.backup_replication":
            key = f"arn:{partition(user.region)}:kms:{user.region}:{place.account}:alias/aws/rds"
            return {
                "AutomaticBackupReplicationRegion": user.region,
                "AutomaticBackupReplicationRetentionPeriod": user.props.dump()["retention"],
                "AutomaticBackupReplicationKmsKeyId": key,
            }
    return {}


def attributes_in_template(*, deletion_protection: bool) -> dict[str, Attribute]:
    """What others may refer to."""
    return {
        "id": REF,
        "name": REF,
        "arn": Told("DBInstanceArn"),
        "resource_id": Told("DbiResourceId"),
        "address": Told("Endpoint.Address"),
        "port": Told("Endpoint.Port"),
        "deletion_protection": str(deletion_protection).lower(),
    }


def write_new_password(aws: Aws, secret_arn: str, username: str) -> str:
    """A new password, written into the secret before RDS gets it: whatever is cut off, what was written last is what
    RDS was asked for last. It is on no record of ours, and is never read back."""
    password = "".join(secrets.choice(_ALPHABET) for _ in range(40))
    aws.secretsmanager.put_secret_value(
        SecretId=secret_arn, SecretString=json.dumps({"username": username, "password": password})
    )
    return password


def _status(instance: Any) -> tuple[Status, str]:
    """A database that once ran is never called failed, however broken: failed things are taken away and made anew."""
    status, endpoint = instance["DBInstanceStatus"], instance.get("Endpoint")
    pending = sorted(instance.get("PendingModifiedValues") or {})
    if status in _GOING:
        return Status.DELETING, status
    if status in _BROKEN and endpoint is None:
        return Status.FAILED, status
    if status not in _USABLE or endpoint is None:
        return Status.PENDING, status
    if pending:
        return Status.PENDING, f"{status}, changing {', '.join(pending)}"
    return Status.READY, status


def _attributes(instance: Any) -> dict[str, str]:
    name = instance["DBInstanceIdentifier"]
    endpoint = instance.get("Endpoint") or {}
    managed = (instance.get("MasterUserSecret") or {}).get("SecretArn", "")
    attributes = {
        "id": name,
        "name": name,
        "arn": instance["DBInstanceArn"],
        "resource_id": instance["DbiResourceId"],
        "address": endpoint.get("Address", ""),
        "port": str(endpoint.get("Port", "")),
        "deletion_protection": str(instance["DeletionProtection"]).lower(),
        "secret_arn": managed or tags_of(instance, "TagList").get(TAG_SECRET, ""),
    }
    return {key: value for key, value in attributes.items() if value}
