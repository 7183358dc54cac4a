"""An instance of an Aurora cluster: the first is the one that writes, others read and stand in for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field

from provisioning.aws import found
from provisioning.kind import Expected, Handle, Kind, Observed, Props, Status, register
from provisioning.names import Naming
from provisioning.preflight import Finding
from provisioning.rds_instances import attributes_in_template, can_be_ordered, observed_instance
from provisioning.references import JsonObject, JsonValue
from provisioning.template_parts import Form, Part, Place, given

if TYPE_CHECKING:
    from provisioning.aws import Aws


class ClusterInstanceProps(Props):
    """`promotion_tier`: the lower, the sooner it stands in for the one that writes; in the tiers 0 and 1 it has as much
    capacity as that one. `zone` empty lets AWS choose one. Its price is with the cluster."""

    cluster_name: str
    promotion_tier: Annotated[int, Field(ge=0, le=15)] = 1
    zone: str = ""
    performance_insights: bool = True
    instance_class: Literal["db.serverless"] = "db.serverless"
    public: Literal[False] = False
    minor_upgrades: Literal[True] = True


@register
class ClusterInstance(Kind[ClusterInstanceProps]):
    """https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html

    No token: found by its name. It holds no data: that is the cluster's. Attributes: id, name, arn, resource_id,
    address, port.
    """

    name = "rds.cluster_instance"
    title = "Aurora instance"
    naming = Naming(limit=60)
    expected = Expected(create=480, update=120, delete=300)
    patience = 3600
    replace_on = frozenset({"cluster_name", "zone"})
    holds = frozenset({"cluster_name"})
    billed = True
    outage = {"zone": "A second one takes over in seconds; a single one is away for minutes."}
    permissions = (
        "rds:CreateDBInstance",
        "rds:AddTagsToResource",
        "rds:DescribeDBInstances",
        "rds:DescribeOrderableDBInstanceOptions",
        "rds:ModifyDBInstance",
        "rds:DeleteDBInstance",
        "kms:DescribeKey",
        "kms:CreateGrant",
    )
    linked_roles = ("rds.amazonaws.com",)
    checked = checked_together = True  # they are all of one class
    props = ClusterInstanceProps

    def preflight(self, aws: Aws, handle: Handle, props: ClusterInstanceProps, count: int) -> Finding:
        return can_be_ordered(aws, "aurora-postgresql", props.instance_class)

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        name = handle.id or handle.name
        listed = aws.listed(aws.rds.describe_db_instances, "DBInstances")
        instance = next((one for one in listed if one["DBInstanceIdentifier"] == name), None)
        return observed_instance(instance, _told(instance)) if instance is not None else None

    def create(self, aws: Aws, handle: Handle, props: ClusterInstanceProps) -> Observed:
        zone: Any = {"AvailabilityZone": props.zone} if props.zone else {}
        instance = aws.rds.create_db_instance(
            DBInstanceIdentifier=handle.name,
            DBClusterIdentifier=props.cluster_name,
            Engine="aurora-postgresql",
            DBInstanceClass=props.instance_class,
            Tags=handle.tag_list,
            **_settings(props),
            **zone,
        )["DBInstance"]
        return Observed(id=instance["DBInstanceIdentifier"], status=Status.PENDING)

    def update(self, aws: Aws, handle: Handle, props: ClusterInstanceProps, observed: Observed) -> Observed:
        aws.rds.modify_db_instance(
            DBInstanceIdentifier=observed.id, ApplyImmediately=True, **_settings(props)
        )
        return Observed(id=observed.id, status=Status.PENDING, attributes=observed.attributes)

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        name = handle.id or handle.name
        # A last snapshot is the cluster's affair.
        return found(aws.rds.delete_db_instance, DBInstanceIdentifier=name, SkipFinalSnapshot=True) is None

    def differences(self, wanted: JsonObject, observed: Observed) -> dict[str, tuple[JsonValue, JsonValue]]:
        """As everywhere, but without a wish for a zone each is welcome."""
        differences = super().differences(wanted, observed)
        return {name: pair for name, pair in differences.items() if name != "zone" or pair[1]}

    def cloudformation(self, place: Place, props: ClusterInstanceProps) -> Form:
        properties = {
            "DBInstanceIdentifier": place.name,
            "DBClusterIdentifier": props.cluster_name,
            "Engine": "aurora-postgresql",
            "DBInstanceClass": props.instance_class,
            "AvailabilityZone": props.zone,
            "Tags": place.tag_list,
            **_settings(props),
        }
        return Form(
            parts=(Part(type="AWS::RDS::DBInstance", properties=given(properties), kept="Delete"),),
            attributes=attributes_in_template(deletion_protection=False),
        )


def _settings(props: ClusterInstanceProps) -> Any:
    insights: dict[str, Any] = {"EnablePerformanceInsights": props.performance_insights}
    if props.performance_insights:
        insights["PerformanceInsightsRetentionPeriod"] = 7  # free of charge
    return {
        **insights,
        "PromotionTier": props.promotion_tier,
        "PubliclyAccessible": props.public,
        "AutoMinorVersionUpgrade": props.minor_upgrades,
    }


def _told(instance: Any) -> JsonObject:
    told: JsonObject = {
        "cluster_name": instance.get("DBClusterIdentifier", ""),
        "instance_class": instance["DBInstanceClass"],
        "promotion_tier": instance.get("PromotionTier", 1),
        "zone": instance.get("AvailabilityZone", ""),
        "public": instance["PubliclyAccessible"],
        "minor_upgrades": instance["AutoMinorVersionUpgrade"],
    }
    if "PerformanceInsightsEnabled" in instance:
        told["performance_insights"] = instance["PerformanceInsightsEnabled"]
    return told
