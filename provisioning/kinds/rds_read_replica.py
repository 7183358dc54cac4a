"""A read replica of a PostgreSQL database: a copy that follows it and answers queries, here or in another region."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from provisioning.errors import InvalidSpec
from provisioning.kind import Expected, Handle, Kind, Observed, Props, Status, register
from provisioning.names import Naming
from provisioning.pricing import HOURS_A_MONTH, Band, CostLine, Usage
from provisioning.properties import Unordered, has_reference, without_reordered
from provisioning.rds_deletion import delete_database
from provisioning.rds_instances import (
    GP3_BASELINE,
    attributes_in_template,
    gp3_baseline,
    grew,
    in_template,
    observed_instance,
    storage_refusal,
    told_of,
    unwanted_logs,
)
from provisioning.references import JsonObject, JsonValue
from provisioning.template_parts import Form, Part, Place

if TYPE_CHECKING:
    from provisioning.aws import Aws


class ReadReplicaProps(Props):
    """`source`: the id of a database in the same region, or the ARN of one in another, which takes a
    `subnet_group_name` of its own (AWS refuses one in the same region) and a key there: RDS's own.

    `parameter_group_name` empty: that of the source, or RDS's default in another region. Storage in GB, at least that
    of the source. The password of the source must not be managed by RDS, which AWS refuses.
    What has one allowed value is so always: it is a property so that a change made elsewhere is seen and undone.
    """

    source: str = Field(min_length=1)
    instance_class: Annotated[str, StringConstraints(pattern=r"^db\.[a-z0-9]+\.[a-z0-9]+$")] = "db.t3.small"
    allocated_storage: Annotated[int, Field(ge=20, le=65_536)] = 20
    max_allocated_storage: Annotated[int, Field(ge=0, le=65_536)] = 0
    storage_type: Literal["gp2", "gp3"] = "gp3"
    multi_az: bool = False
    elsewhere: bool = False
    subnet_group_name: str = ""
    parameter_group_name: str = ""
    security_group_ids: Annotated[Unordered, Field(min_length=1, max_length=5)]
    performance_insights: bool = True
    deletion_protection: bool = False
    log_exports: Annotated[tuple[Literal["postgresql", "upgrade"], ...], Field(max_length=2)] = (
        "postgresql",
    )
    encrypted: Literal[True] = True
    public: Literal[False] = False
    copies_tags: Literal[True] = True
    minor_upgrades: Literal[True] = True

    @model_validator(mode="after")
    def _where_it_is(self) -> Self:
        if self.elsewhere != bool(self.subnet_group_name):
            raise ValueError(
                "A replica in another region needs a subnet group there; beside its source AWS refuses one."
            )
        if not has_reference(self.source) and self.source.startswith("arn:") != self.elsewhere:
            raise ValueError(
                "A source in another region is named by its ARN, one in the same region by its id."
            )
        return self

    @model_validator(mode="after")
    def _room_to_grow(self) -> Self:
        if self.max_allocated_storage and self.max_allocated_storage * 10 < self.allocated_storage * 11:
            raise ValueError("max_allocated_storage is 10 % above the storage allocated at least, or 0.")
        return self


@register
class ReadReplica(Kind[ReadReplicaProps]):
    """https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstanceReadReplica.html

    No token: found by its name. It has no backups and no last snapshot of its own. AWS promotes it when its source is
    deleted, so it goes first; one that was promoted follows nobody any more and is replaced.
    """

    name = "rds.read_replica"
    title = "RDS read replica"
    naming = Naming(limit=60)
    expected = Expected(create=1200, update=480, delete=300)
    patience = 4800
    replace_on = frozenset({"source", "encrypted", "elsewhere"})
    holds = frozenset({"source", "subnet_group_name", "parameter_group_name", "security_group_ids"})
    billed = True
    outage: ClassVar[Mapping[str, str]] = {
        "instance_class": "The replica restarts: queries sent to it fail for minutes.",
        "storage_type": "None, but the replica is slower for hours and its storage can't be changed for six.",
        "allocated_storage": "None, but storage can't be changed again for six hours.",
        "parameter_group_name": "None until the replica restarts, which it needs for the group to take effect.",
        "source": "The replica is replaced: queries sent to it fail until the new one has caught up.",
    }
    permissions = (
        "rds:CreateDBInstanceReadReplica",
        "rds:AddTagsToResource",
        "rds:DescribeDBInstances",
        "rds:ModifyDBInstance",
        "rds:DeleteDBInstance",
        "kms:DescribeKey",
        "kms:CreateGrant",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeSubnets",
        "ec2:DescribeVpcs",
    )
    linked_roles = ("rds.amazonaws.com",)
    props = ReadReplicaProps

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        name = handle.id or handle.name
        listed = aws.listed(aws.rds.describe_db_instances, "DBInstances")
        instance = next((one for one in listed if one["DBInstanceIdentifier"] == name), None)
        return observed_instance(instance, _props(instance)) if instance is not None else None

    def create(self, aws: Aws, handle: Handle, props: ReadReplicaProps) -> Observed:
        wishes = _wishes(handle, props)
        if props.elsewhere:
            wishes |= {
                "DBSubnetGroupName": props.subnet_group_name,
                "KmsKeyId": "alias/aws/rds",
                "SourceRegion": props.source.split(":")[3],
            }
        instance = aws.rds.create_db_instance_read_replica(**wishes)["DBInstance"]
        return Observed(id=instance["DBInstanceIdentifier"], status=Status.PENDING)

    def update(self, aws: Aws, handle: Handle, props: ReadReplicaProps, observed: Observed) -> Observed:
        asked: dict[str, Any] = {}
        for name in self.differences(props.dump(), observed):
            if name in _CHANGES:
                asked |= _CHANGES[name](props)
        if "CloudwatchLogsExportConfiguration" in asked:
            off = unwanted_logs(props.log_exports, observed)
            asked["CloudwatchLogsExportConfiguration"] |= {"DisableLogTypes": off}
        if asked:
            aws.rds.modify_db_instance(DBInstanceIdentifier=observed.id, ApplyImmediately=True, **asked)
        return Observed(id=observed.id, status=Status.PENDING, attributes=observed.attributes)

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        """A replica has no last snapshot: what is in it is in its source."""
        protected = handle.attributes.get("deletion_protection") == "true"
        return delete_database(aws, handle.id or handle.name, None, protected=protected)

    def differences(self, wanted: JsonObject, observed: Observed) -> dict[str, tuple[JsonValue, JsonValue]]:
        """As everywhere, but what is inherited from the source is none, nor storage that grew by itself."""
        differences = without_reordered(super().differences(wanted, observed))
        return {
            name: (now, asked)
            for name, (now, asked) in differences.items()
            if not (name in _INHERITED and not asked) and not grew(wanted, name, now, asked)
        }

    def check_change(self, before: ReadReplicaProps, after: ReadReplicaProps) -> InvalidSpec | None:
        return storage_refusal(before.allocated_storage, after.allocated_storage)

    def cost(self, props: ReadReplicaProps, usage: Usage, region: str) -> Iterator[CostLine]:
        zones = "multi" if props.multi_az else "single"
        yield CostLine.fixed(
            f"RDS/pg_{props.instance_class}_{zones}",
            HOURS_A_MONTH,
            "Read replica",
            f"{props.instance_class} x {HOURS_A_MONTH} h",
        )
        least, most = Decimal(props.allocated_storage), Decimal(props.max_allocated_storage)
        yield CostLine.range(
            f"RDS/storage_{props.storage_type}_{zones}",
            Band(floor=least, expected=least, ceiling=max(least, most)),
            "Replica storage",
            f"{props.allocated_storage} GB of {props.storage_type}",
        )

    def cloudformation(self, place: Place, props: ReadReplicaProps) -> Form:
        wishes = {**_wishes(place, props)}
        if props.parameter_group_name:
            wishes["DBParameterGroupName"] = props.parameter_group_name
        return Form(
            parts=(Part(type="AWS::RDS::DBInstance", properties=in_template(wishes), kept="Delete"),),
            attributes=attributes_in_template(deletion_protection=props.deletion_protection),
        )


_INHERITED = frozenset({"subnet_group_name", "parameter_group_name"})
_CHANGES: Mapping[str, Callable[[ReadReplicaProps], dict[str, Any]]] = {
    "instance_class": lambda p: {"DBInstanceClass": p.instance_class},
    "allocated_storage": lambda p: {
        "AllocatedStorage": p.allocated_storage,
        **gp3_baseline(p.storage_type, p.allocated_storage),
    },
    "max_allocated_storage": lambda p: {
        # ModifyDBInstance: equal to the allocated storage switches automatic growth off.
        "MaxAllocatedStorage": p.max_allocated_storage or p.allocated_storage
    },
    "storage_type": lambda p: {
        "StorageType": p.storage_type,
        **gp3_baseline(p.storage_type, p.allocated_storage),
    },
    "multi_az": lambda p: {"MultiAZ": p.multi_az},
    "parameter_group_name": lambda p: {"DBParameterGroupName": p.parameter_group_name},
    "security_group_ids": lambda p: {"VpcSecurityGroupIds": list(p.security_group_ids)},
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
# A parameter group can only be given to a replica that stands (CreateDBInstanceReadReplica, "DBParameterGroupName").
_AT_ONCE = tuple(name for name in _CHANGES if name not in {"parameter_group_name", "log_exports"})


def _wishes(handle: Handle, props: ReadReplicaProps) -> dict[str, Any]:
    wishes: dict[str, Any] = {
        "DBInstanceIdentifier": handle.name,
        "SourceDBInstanceIdentifier": props.source,
        "EnableCloudwatchLogsExports": list(props.log_exports),
        "Tags": handle.tag_list,
    }
    for name in _AT_ONCE:
        wishes |= _CHANGES[name](props)
    for only_later in (*GP3_BASELINE, *([] if props.max_allocated_storage else ["MaxAllocatedStorage"])):
        wishes.pop(only_later, None)
    return wishes


def _props(instance: Any) -> JsonObject:
    source = instance.get("ReadReplicaSourceDBInstanceIdentifier", "")
    return told_of(instance) | {"source": source, "elsewhere": source.startswith("arn:")}
