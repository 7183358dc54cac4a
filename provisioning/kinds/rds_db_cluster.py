"""An Aurora PostgreSQL cluster: storage that grows by itself, capacity that follows the load, down to none."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, StringConstraints, field_validator, model_validator

from provisioning import postgres
from provisioning.errors import InvalidSpec
from provisioning.kind import Expected, Handle, Kind, Observed, Props, Status, register
from provisioning.lookup import tags_of
from provisioning.names import Naming
from provisioning.pricing import HOURS_A_MONTH, Band, CostLine, Usage
from provisioning.properties import Unordered, has_reference, without_reordered
from provisioning.rds_cluster_deletion import delete_cluster
from provisioning.references import JsonObject, JsonValue
from provisioning.template_parts import REF, Form, Part, Place, Told

if TYPE_CHECKING:
    from provisioning.aws import Aws

# Aurora User Guide, "Viewing DB cluster status". The cluster can be used, or rests, in these.
_USABLE = frozenset({"available", "backing-up", "stopped", "storage-optimization"})
_BROKEN = frozenset({"failed", "cloning-failed", "migration-failed", "incompatible-parameters"})
_Capacity = Annotated[float, Field(ge=0, le=256, multiple_of=0.5)]


class DBClusterProps(Props):
    """`engine_version`: a major ("17") or at least a minor ("17.4"); Aurora applies newer minors by itself.
    Capacity in ACU (2 GiB of memory and what goes with it) of each instance; with a minimum of 0 an instance that
    nobody used for `auto_pause` seconds rests until somebody connects. `members` is for the price alone.

    What has one allowed value is so always: it is a property so that a change made elsewhere is seen and undone.
    """

    engine_version: Annotated[str, StringConstraints(pattern=r"^\d{2}(\.\d{1,2})?$")] = "17"
    db_name: Annotated[str, StringConstraints(min_length=1, max_length=63)] = "app"
    master_username: Annotated[str, StringConstraints(min_length=1, max_length=16)] = "app"
    subnet_group_name: str
    parameter_group_name: str
    security_group_ids: Annotated[Unordered, Field(min_length=1, max_length=5)]
    min_capacity: _Capacity = 0.5
    max_capacity: Annotated[_Capacity, Field(ge=1)] = 4
    auto_pause: Annotated[int, Field(ge=300, le=86_400)] = 300
    backup_retention: Annotated[int, Field(ge=1, le=35)] = 7
    deletion_protection: bool = True
    log_exports: Annotated[tuple[Literal["postgresql", "instance"], ...], Field(max_length=2)] = (
        "postgresql",
    )
    members: Annotated[int, Field(ge=1, le=16)] = 1
    encrypted: Literal[True] = True
    managed_password: Literal[True] = True
    copies_tags: Literal[True] = True

    @field_validator("engine_version")
    @classmethod
    def _supported(cls, version: str) -> str:
        if not postgres.is_offered_by_aurora(version):
            raise ValueError(
                f"Aurora PostgreSQL {version} is not offered: {postgres.OLDEST_MAJOR} to "
                f"{postgres.NEWEST_AURORA_MAJOR} are in standard support."
            )
        return version

    @field_validator("db_name", "master_username")
    @classmethod
    def _unreserved(cls, value: str) -> str:
        if has_reference(value):
            return value
        if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", value):
            raise ValueError("Letters, digits and underscores only, a letter first.")
        if postgres.is_reserved(value):
            raise ValueError(f"{value!r} is a reserved word of PostgreSQL or RDS.")
        return value

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.min_capacity > self.max_capacity:
            raise ValueError(
                f"min_capacity: {self.min_capacity} ACU are more than the most, {self.max_capacity}"
            )
        return self


@register
class DBCluster(Kind[DBClusterProps]):
    """https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBCluster.html

    No token: found by its name. It serves nobody until it has an instance (`rds.cluster_instance`), and goes after the
    last one. Deleting it deletes its automated backups too. Attributes: id, name, arn, resource_id, address,
    reader_address, port, deletion_protection, secret_arn.
    """

    name = "rds.db_cluster"
    title = "Aurora cluster"
    naming = Naming(limit=60)  # 63, less what RDS adds when it swaps names (blue/green: "-old1")
    expected = Expected(create=120, update=60, delete=180)
    patience = 3600  # an upgrade, or a deletion with a last snapshot
    replace_on = frozenset({"db_name", "master_username", "encrypted", "subnet_group_name"})
    holds = frozenset({"subnet_group_name", "parameter_group_name", "security_group_ids"})
    billed = True
    stateful = True
    outage: ClassVar[Mapping[str, str]] = {
        "engine_version": "The database restarts: a minute for a minor version, longer for a major one.",
        "parameter_group_name": "None until the database restarts, which it needs for the group to take effect.",
        "min_capacity": "None. From 0 the first connection after a rest waits for about 15 seconds.",
        "subnet_group_name": "The database is replaced: its data is lost unless restored from a backup.",
        "db_name": "The database is replaced: its data is lost unless restored from a backup.",
        "master_username": "The database is replaced: its data is lost unless restored from a backup.",
        "encrypted": "The database is replaced: its data is lost unless restored from a backup.",
    }
    permissions = (
        "rds:CreateDBCluster",
        "rds:AddTagsToResource",
        "rds:DescribeDBClusters",
        "rds:ModifyDBCluster",
        "rds:DeleteDBCluster",
        "rds:CreateDBClusterSnapshot",
        "rds:DescribeDBClusterSnapshots",
        "secretsmanager:CreateSecret",
        "secretsmanager:TagResource",
        "kms:DescribeKey",
        "kms:CreateGrant",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeSubnets",
        "ec2:DescribeVpcs",
    )
    linked_roles = ("rds.amazonaws.com",)
    props = DBClusterProps

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        name = handle.id or handle.name
        listed = aws.listed(aws.rds.describe_db_clusters, "DBClusters")
        cluster = next((one for one in listed if one["DBClusterIdentifier"] == name), None)
        return _observed(cluster) if cluster is not None else None

    def create(self, aws: Aws, handle: Handle, props: DBClusterProps) -> Observed:
        cluster = aws.rds.create_db_cluster(**_wishes(handle, props))["DBCluster"]
        return Observed(id=cluster["DBClusterIdentifier"], status=Status.PENDING)

    def update(self, aws: Aws, handle: Handle, props: DBClusterProps, observed: Observed) -> Observed:
        asked: dict[str, Any] = {}
        for name in self.differences(props.dump(), observed):
            if name in _CHANGES:
                asked |= _CHANGES[name](props)
        if "CloudwatchLogsExportConfiguration" in asked:
            asked["CloudwatchLogsExportConfiguration"] |= _unwanted_logs(props, observed)
        if asked:
            aws.rds.modify_db_cluster(DBClusterIdentifier=observed.id, ApplyImmediately=True, **asked)
        return Observed(id=observed.id, status=Status.PENDING, attributes=observed.attributes)

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        protected = handle.attributes.get("deletion_protection") == "true"
        return delete_cluster(aws, handle.id or handle.name, final_name, protected=protected)

    def differences(self, wanted: JsonObject, observed: Observed) -> dict[str, tuple[JsonValue, JsonValue]]:
        differences = without_reordered(super().differences(wanted, observed))
        now, asked = differences.get("engine_version", ("", ""))
        if asked and postgres.is_at_least(str(now), str(asked)):
            del differences["engine_version"]
        return differences

    def check_change(self, before: DBClusterProps, after: DBClusterProps) -> InvalidSpec | None:
        if postgres.major(after.engine_version) >= postgres.major(before.engine_version):
            return None
        return InvalidSpec(
            "PostgreSQL can't go back to an older major version.",
            code="spec.change_refused",
            hint="Restore a backup into another environment instead.",
            field="engine_version",
        )

    def cost(self, props: DBClusterProps, usage: Usage, region: str) -> Iterator[CostLine]:
        """Capacity of all members while they are awake, storage, and what is read from and written to it."""
        least, most = Decimal(str(props.min_capacity)), Decimal(str(props.max_capacity))
        members, awake = props.members, HOURS_A_MONTH if least else usage.active_hours
        average = min(max(usage.average_acu, least * members), most * members)
        capacity = Band(
            floor=least * members * HOURS_A_MONTH,
            expected=average * awake,
            ceiling=most * members * HOURS_A_MONTH,
        )
        why = f"{props.min_capacity:g} to {props.max_capacity:g} ACU each, {average} on average for {awake} h"
        yield CostLine.range("Aurora/pg_serverless_v2_acu", capacity, "Database capacity", why)
        stored = f"{usage.db_storage_gb} GB, backups of the same size included"
        yield CostLine.usage("Aurora/storage_standard", usage.db_storage_gb, "Database storage", stored)
        yield CostLine.usage(
            "Aurora/io_standard", usage.db_io, "Database reads and writes", f"{usage.db_io} I/O requests"
        )
        yield CostLine.fixed("SecretsManager/secret", 1, "Secret", "The password of the database")

    def cloudformation(self, place: Place, props: DBClusterProps) -> Form:
        return Form(
            parts=(Part(type="AWS::RDS::DBCluster", properties=_wishes(place, props), kept="Snapshot"),),
            attributes={
                "id": REF,
                "name": REF,
                "arn": Told("DBClusterArn"),
                "resource_id": Told("DBClusterResourceId"),
                "address": Told("Endpoint.Address"),
                "reader_address": Told("ReadEndpoint.Address"),
                "port": Told("Endpoint.Port"),
                "deletion_protection": str(props.deletion_protection).lower(),
                "secret_arn": Told("MasterUserSecret.SecretArn"),
            },
        )


def _capacity(props: DBClusterProps) -> dict[str, Any]:
    limits: dict[str, Any] = {"MinCapacity": props.min_capacity, "MaxCapacity": props.max_capacity}
    return limits if props.min_capacity else {**limits, "SecondsUntilAutoPause": props.auto_pause}


_CHANGES: Mapping[str, Callable[[DBClusterProps], dict[str, Any]]] = {
    "engine_version": lambda p: {"EngineVersion": p.engine_version, "AllowMajorVersionUpgrade": True},
    "parameter_group_name": lambda p: {"DBClusterParameterGroupName": p.parameter_group_name},
    "security_group_ids": lambda p: {"VpcSecurityGroupIds": list(p.security_group_ids)},
    **dict.fromkeys(
        ("min_capacity", "max_capacity", "auto_pause"),
        lambda p: {"ServerlessV2ScalingConfiguration": _capacity(p)},
    ),
    "backup_retention": lambda p: {"BackupRetentionPeriod": p.backup_retention},
    "deletion_protection": lambda p: {"DeletionProtection": p.deletion_protection},
    "log_exports": lambda p: {"CloudwatchLogsExportConfiguration": {"EnableLogTypes": list(p.log_exports)}},
    "managed_password": lambda p: {"ManageMasterUserPassword": p.managed_password},
    "copies_tags": lambda p: {"CopyTagsToSnapshot": p.copies_tags},
}


def _unwanted_logs(props: DBClusterProps, observed: Observed) -> dict[str, list[str]]:
    now = observed.props.get("log_exports")
    listed = now if isinstance(now, list) else []
    return {"DisableLogTypes": [str(log) for log in listed if log not in props.log_exports]}


def _observed(cluster: Any) -> Observed:
    status, reason = _status(cluster)
    return Observed(
        id=cluster["DBClusterIdentifier"],
        status=status,
        reason=reason,
        props=_props(cluster),
        attributes=_attributes(cluster),
        tags=tags_of(cluster, "TagList"),
    )


def _status(cluster: Any) -> tuple[Status, str]:
    """A cluster with instances holds data and is never called failed: failed things are taken away and made anew."""
    status, pending = cluster["Status"], sorted(cluster.get("PendingModifiedValues") or {})
    if status == "deleting":
        return Status.DELETING, status
    if status in _BROKEN and not cluster.get("DBClusterMembers"):
        return Status.FAILED, status
    if status not in _USABLE:
        return Status.PENDING, status
    if pending:
        return Status.PENDING, f"{status}, changing {', '.join(pending)}"
    return Status.READY, status


def _props(cluster: Any) -> JsonObject:
    capacity = cluster.get("ServerlessV2ScalingConfiguration") or {}
    told: JsonObject = {
        "engine_version": cluster["EngineVersion"],
        "master_username": cluster["MasterUsername"],
        "subnet_group_name": cluster["DBSubnetGroup"],
        "parameter_group_name": cluster["DBClusterParameterGroup"],
        "security_group_ids": sorted(one["VpcSecurityGroupId"] for one in cluster["VpcSecurityGroups"]),
        "min_capacity": capacity.get("MinCapacity", -1),
        "max_capacity": capacity.get("MaxCapacity", -1),
        "backup_retention": cluster["BackupRetentionPeriod"],
        "deletion_protection": cluster["DeletionProtection"],
        "log_exports": sorted(cluster.get("EnabledCloudwatchLogsExports") or []),
        "encrypted": cluster["StorageEncrypted"],
        "managed_password": "MasterUserSecret" in cluster,
        "copies_tags": cluster["CopyTagsToSnapshot"],
    }
    # Told only where there is something to pause.
    optional = {"auto_pause": capacity.get("SecondsUntilAutoPause"), "db_name": cluster.get("DatabaseName")}
    return told | {name: value for name, value in optional.items() if value is not None}


def _attributes(cluster: Any) -> dict[str, str]:
    name = cluster["DBClusterIdentifier"]
    attributes = {
        "id": name,
        "name": name,
        "arn": cluster["DBClusterArn"],
        "resource_id": cluster["DbClusterResourceId"],
        "address": cluster.get("Endpoint") or "",
        "reader_address": cluster.get("ReaderEndpoint") or "",
        "port": str(cluster.get("Port") or ""),
        "deletion_protection": str(cluster["DeletionProtection"]).lower(),
        "secret_arn": (cluster.get("MasterUserSecret") or {}).get("SecretArn", ""),
    }
    return {key: value for key, value in attributes.items() if value}


def _wishes(handle: Handle, props: DBClusterProps) -> dict[str, Any]:
    """What a new one is asked for."""
    wishes: dict[str, Any] = {
        "DBClusterIdentifier": handle.name,
        "Engine": "aurora-postgresql",
        "DatabaseName": props.db_name,
        "MasterUsername": props.master_username,
        "StorageEncrypted": True,
        "DBSubnetGroupName": props.subnet_group_name,
        "EnableCloudwatchLogsExports": list(props.log_exports),
        # At the end of standard support RDS upgrades instead of charging for extended support.
        "EngineLifecycleSupport": "open-source-rds-extended-support-disabled",
        "Tags": handle.tag_list,
    }
    for change in _CHANGES.values():
        wishes |= change(props)
    for only_later in ("AllowMajorVersionUpgrade", "CloudwatchLogsExportConfiguration"):
        wishes.pop(only_later, None)
    return wishes
