"""An RDS database of PostgreSQL: encrypted, never public, its password known to Secrets Manager alone."""

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
from provisioning.preflight import Finding
from provisioning.pricing import HOURS_A_MONTH, Band, CostLine, Usage
from provisioning.properties import Unordered, has_reference, without_reordered
from provisioning.rds_deletion import delete_database
from provisioning.rds_instances import (
    GP3_BASELINE,
    TAG_SECRET,
    attributes_in_template,
    can_be_ordered,
    copies_in_template,
    gp3_baseline,
    grew,
    in_template,
    observed_instance,
    storage_refusal,
    told_of,
    unwanted_logs,
    write_new_password,
)
from provisioning.references import JsonObject, JsonValue
from provisioning.template_parts import Form, Part, Place, Told

if TYPE_CHECKING:
    from provisioning.aws import Aws


class DBInstanceProps(Props):
    """`engine_version`: a major ("17") or at least a minor ("17.4"); RDS applies newer minors by itself.
    Storage in GB; `max_allocated_storage` 0 switches its automatic growth off; `backup_retention` in days.
    `managed_password`: RDS makes and rotates the password, which AWS does not do for a database with read replicas or
    in a blue/green deployment; else `password_secret_arn` is the secret that gets it.

    What has one allowed value is so always: it is a property so that a change made elsewhere is seen and undone.
    """

    engine_version: Annotated[str, StringConstraints(pattern=r"^\d{2}(\.\d{1,2})?$")] = "17"
    instance_class: Annotated[str, StringConstraints(pattern=r"^db\.[a-z0-9]+\.[a-z0-9]+$")] = "db.t3.small"
    allocated_storage: Annotated[int, Field(ge=20, le=65_536)] = 20
    max_allocated_storage: Annotated[int, Field(ge=0, le=65_536)] = 0
    storage_type: Literal["gp2", "gp3"] = "gp3"
    multi_az: bool = False
    db_name: Annotated[str, StringConstraints(min_length=1, max_length=63)] = "app"
    master_username: Annotated[str, StringConstraints(min_length=1, max_length=16)] = "app"
    subnet_group_name: str
    parameter_group_name: str
    security_group_ids: Annotated[Unordered, Field(min_length=1, max_length=5)]
    backup_retention: Annotated[int, Field(ge=0, le=35)] = 7
    performance_insights: bool = True
    deletion_protection: bool = True
    log_exports: Annotated[tuple[Literal["postgresql", "upgrade"], ...], Field(max_length=2)] = (
        "postgresql",
    )
    encrypted: Literal[True] = True
    public: Literal[False] = False
    managed_password: bool = True
    password_secret_arn: str = ""
    copies_tags: Literal[True] = True
    minor_upgrades: Literal[True] = True

    @field_validator("engine_version")
    @classmethod
    def _supported(cls, version: str) -> str:
        if not postgres.is_offered(version):
            raise ValueError(
                f"PostgreSQL {version} is not offered: RDS supports {postgres.OLDEST_MAJOR} to "
                f"{postgres.NEWEST_MAJOR} at no extra charge; older ones are in extended support, which costs "
                "146 USD a month on two vCPUs."
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
    def _one_password(self) -> Self:
        if self.managed_password == bool(self.password_secret_arn):
            raise ValueError("The password is either managed by RDS or kept in a secret that is named.")
        return self

    @model_validator(mode="after")
    def _room_to_grow(self) -> Self:
        most, now = self.max_allocated_storage, self.allocated_storage
        # RDS User Guide, "Storage autoscaling": the threshold is at least 10 % above what is allocated.
        if most and most * 10 < now * 11:
            raise ValueError(
                f"max_allocated_storage of {most} GB is less than 10 % above the {now} GB allocated: "
                "raise it, or set 0 for no automatic growth."
            )
        return self


@register
class DBInstance(Kind[DBInstanceProps]):
    """https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html

    No token: found by its name. Deleting it deletes its automated backups too, unless a last snapshot was asked
    for in a state in which AWS can't take one: then they are what is left of the data.
    """

    name = "rds.db_instance"
    title = "RDS database"
    naming = Naming(limit=60)  # 63, less what RDS adds when it swaps names (blue/green: "-old1")
    expected = Expected(create=720, update=480, delete=300)
    patience = 4800  # a big one that changes its class or is deleted with a last snapshot
    replace_on = frozenset({"db_name", "master_username", "encrypted"})
    holds = frozenset(
        {"subnet_group_name", "parameter_group_name", "security_group_ids", "password_secret_arn"}
    )
    billed = True
    stateful = True
    outage: ClassVar[Mapping[str, str]] = {
        "engine_version": "The database restarts: minutes for a minor version, up to an hour for a major one.",
        "instance_class": "The database restarts: one to two minutes with Multi-AZ, up to ten without.",
        "storage_type": "None, but the database is slower for hours and its storage can't be changed for six.",
        "allocated_storage": "None, but storage can't be changed again for six hours.",
        "multi_az": "None, but the database is slower while the standby is filled.",
        "subnet_group_name": "The database is unreachable for minutes while it moves to the other network.",
        "parameter_group_name": "None until the database restarts, which it needs for the group to take effect.",
        "backup_retention": "Between 0 and any other number the database restarts for a minute.",
        "db_name": "The database is replaced: its data is lost unless restored from a backup.",
        "master_username": "The database is replaced: its data is lost unless restored from a backup.",
        "encrypted": "The database is replaced: its data is lost unless restored from a backup.",
    }
    permissions = (
        "rds:CreateDBInstance",
        "rds:AddTagsToResource",
        "rds:RemoveTagsFromResource",
        "rds:DescribeDBInstances",
        "rds:DescribeOrderableDBInstanceOptions",
        "rds:ModifyDBInstance",
        "rds:DeleteDBInstance",
        "rds:CreateDBSnapshot",
        "rds:DescribeDBSnapshots",
        "secretsmanager:CreateSecret",
        "secretsmanager:PutSecretValue",
        "secretsmanager:TagResource",
        "kms:DescribeKey",
        "kms:CreateGrant",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeSubnets",
        "ec2:DescribeVpcs",
    )
    linked_roles = ("rds.amazonaws.com",)
    checked = True
    props = DBInstanceProps

    def preflight(self, aws: Aws, handle: Handle, props: DBInstanceProps, count: int) -> Finding:
        return can_be_ordered(aws, "postgres", props.instance_class, props.engine_version)

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        name = handle.id or handle.name
        listed = aws.listed(aws.rds.describe_db_instances, "DBInstances")
        instance = next((one for one in listed if one["DBInstanceIdentifier"] == name), None)
        return observed_instance(instance, _props(instance)) if instance is not None else None

    def create(self, aws: Aws, handle: Handle, props: DBInstanceProps) -> Observed:
        wishes = _wishes(handle, props) | _password(aws, props)
        instance = aws.rds.create_db_instance(**wishes)["DBInstance"]
        return Observed(id=instance["DBInstanceIdentifier"], status=Status.PENDING)

    def update(self, aws: Aws, handle: Handle, props: DBInstanceProps, observed: Observed) -> Observed:
        asked: dict[str, Any] = {}
        differences = self.differences(props.dump(), observed)
        for name in differences:
            if name in _CHANGES:
                asked |= _CHANGES[name](props)
        if "CloudwatchLogsExportConfiguration" in asked:
            off = unwanted_logs(props.log_exports, observed)
            asked["CloudwatchLogsExportConfiguration"] |= {"DisableLogTypes": off}
        if _PASSWORD & differences.keys():
            asked |= {"ManageMasterUserPassword": props.managed_password, **_password(aws, props)}
        if asked:
            aws.rds.modify_db_instance(DBInstanceIdentifier=observed.id, ApplyImmediately=True, **asked)
        if _PASSWORD & differences.keys():
            _note_secret(aws, observed, props)
        return Observed(id=observed.id, status=Status.PENDING, attributes=observed.attributes)

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        protected = handle.attributes.get("deletion_protection") == "true"
        return delete_database(aws, handle.id or handle.name, final_name, protected=protected)

    def differences(self, wanted: JsonObject, observed: Observed) -> dict[str, tuple[JsonValue, JsonValue]]:
        differences = without_reordered(super().differences(wanted, observed))
        return {
            name: (now, asked)
            for name, (now, asked) in differences.items()
            if not (name == "engine_version" and postgres.is_at_least(str(now), str(asked)))
            and not grew(wanted, name, now, asked)
        }

    def check_change(self, before: DBInstanceProps, after: DBInstanceProps) -> InvalidSpec | None:
        """What AWS refuses, or rounds, when a database goes from one to the other."""
        storage = storage_refusal(before.allocated_storage, after.allocated_storage)
        if storage is not None:
            return storage
        if postgres.major(after.engine_version) < postgres.major(before.engine_version):
            return _refused("engine_version", "PostgreSQL can't go back to an older major version.")
        if before.multi_az and after.subnet_group_name != before.subnet_group_name:
            return _refused("subnet_group_name", "A Multi-AZ database can't move to another network.")
        return None

    def cost(self, props: DBInstanceProps, usage: Usage, region: str) -> Iterator[CostLine]:
        zones = "multi" if props.multi_az else "single"
        words = "with a standby" if props.multi_az else "without a standby"
        yield CostLine.fixed(
            f"RDS/pg_{props.instance_class}_{zones}",
            HOURS_A_MONTH,
            "Database instance",
            f"{props.instance_class} {words} x {HOURS_A_MONTH} h",
        )
        least, most = Decimal(props.allocated_storage), Decimal(props.max_allocated_storage)
        yield CostLine.range(
            f"RDS/storage_{props.storage_type}_{zones}",
            Band(floor=least, expected=least, ceiling=max(least, most)),
            "Database storage",
            f"{props.allocated_storage} GB of {props.storage_type}, backups of the same size included",
        )
        if props.managed_password:
            yield CostLine.fixed("SecretsManager/secret", 1, "Secret", "The password of the database")

    def cloudformation(self, place: Place, props: DBInstanceProps) -> Form:
        password = f"{{{{resolve:secretsmanager:{props.password_secret_arn}:SecretString:password}}}}"
        secret = (
            {"ManageMasterUserPassword": True} if props.managed_password else {"MasterUserPassword": password}
        )
        wishes = {**_wishes(place, props), **secret, **copies_in_template(place)}
        told = Told("MasterUserSecret.SecretArn") if props.managed_password else props.password_secret_arn
        return Form(
            parts=(Part(type="AWS::RDS::DBInstance", properties=in_template(wishes), kept="Snapshot"),),
            attributes={
                **attributes_in_template(deletion_protection=props.deletion_protection),
                "secret_arn": told,
            },
        )


_CHANGES: Mapping[str, Callable[[DBInstanceProps], dict[str, Any]]] = {
    "engine_version": lambda p: {"EngineVersion": p.engine_version, "AllowMajorVersionUpgrade": True},
    "instance_class": lambda p: {"DBInstanceClass": p.instance_class},
    "allocated_storage": lambda p: {
        "AllocatedStorage": p.allocated_storage,
        **gp3_baseline(p.storage_type, p.allocated_storage),
    },
    "storage_type": lambda p: {
        "StorageType": p.storage_type,
        **gp3_baseline(p.storage_type, p.allocated_storage),
    },
    "max_allocated_storage": lambda p: {
        # ModifyDBInstance: equal to the allocated storage switches automatic growth off.
        "MaxAllocatedStorage": p.max_allocated_storage or p.allocated_storage
    },
    "multi_az": lambda p: {"MultiAZ": p.multi_az},
    "subnet_group_name": lambda p: {
        "DBSubnetGroupName": p.subnet_group_name,
        "VpcSecurityGroupIds": list(p.security_group_ids),
    },
    "parameter_group_name": lambda p: {"DBParameterGroupName": p.parameter_group_name},
    "security_group_ids": lambda p: {"VpcSecurityGroupIds": list(p.security_group_ids)},
    "backup_retention": lambda p: {"BackupRetentionPeriod": p.backup_retention},
    "performance_insights": lambda p: {
        "EnablePerformanceInsights": p.performance_insights,
        # Seven days are free of charge.
        **({"PerformanceInsightsRetentionPeriod": 7} if p.performance_insights else {}),
    },
    "deletion_protection": lambda p: {"DeletionProtection": p.deletion_protection},
    "log_exports": lambda p: {"CloudwatchLogsExportConfiguration": {"EnableLogTypes": list(p.log_exports)}},
    "public": lambda p: {"PubliclyAccessible": p.public},
    "copies_tags": lambda p: {"CopyTagsToSnapshot": p.copies_tags},
    "minor_upgrades": lambda p: {"AutoMinorVersionUpgrade": p.minor_upgrades},
}

_PASSWORD = frozenset({"managed_password", "password_secret_arn"})


def _wishes(handle: Handle, props: DBInstanceProps) -> dict[str, Any]:
    """What a new one is asked for, but for its password."""
    wishes: dict[str, Any] = {
        "DBInstanceIdentifier": handle.name,
        "Engine": "postgres",
        "DBName": props.db_name,
        "MasterUsername": props.master_username,
        "StorageEncrypted": True,
        "EnableCloudwatchLogsExports": list(props.log_exports),
        # At the end of standard support RDS upgrades instead of charging for extended support.
        "EngineLifecycleSupport": "open-source-rds-extended-support-disabled",
        "Tags": [*handle.tag_list, *_secret_tag(props)],
    }
    for change in _CHANGES.values():
        wishes |= change(props)
    if not props.max_allocated_storage:
        del wishes["MaxAllocatedStorage"]
    for only_later in ("AllowMajorVersionUpgrade", "CloudwatchLogsExportConfiguration", *GP3_BASELINE):
        wishes.pop(only_later, None)
    return wishes


def _password(aws: Aws, props: DBInstanceProps) -> dict[str, Any]:
    if props.managed_password:
        return {"ManageMasterUserPassword": True}
    return {"MasterUserPassword": write_new_password(aws, props.password_secret_arn, props.master_username)}


def _secret_tag(props: DBInstanceProps) -> list[Any]:
    return [{"Key": TAG_SECRET, "Value": props.password_secret_arn}] if props.password_secret_arn else []


def _note_secret(aws: Aws, observed: Observed, props: DBInstanceProps) -> None:
    arn = observed.attributes["arn"]
    if props.managed_password:
        aws.rds.remove_tags_from_resource(ResourceName=arn, TagKeys=[TAG_SECRET])
    else:
        aws.rds.add_tags_to_resource(ResourceName=arn, Tags=_secret_tag(props))


def _props(instance: Any) -> JsonObject:
    told = told_of(instance)
    told |= {
        "engine_version": instance["EngineVersion"],
        "master_username": instance["MasterUsername"],
        "backup_retention": instance["BackupRetentionPeriod"],
        "managed_password": "MasterUserSecret" in instance,
        "password_secret_arn": tags_of(instance, "TagList").get(TAG_SECRET, ""),
    }
    return told | ({"db_name": instance["DBName"]} if "DBName" in instance else {})


def _refused(field: str, why: str) -> InvalidSpec:
    hint = "Restore a backup into another environment instead."
    return InvalidSpec(why, code="spec.change_refused", hint=hint, field=field)
