"""RDS read replicas: what a source must be like, what a replica has of its own, and what happens when one goes."""

from typing import Any

from moto.rds.models import rds_backends

from provisioning.simulator import rds, rds_rules, rds_snapshots
from provisioning.simulator.operations import Call, Refusal, operation, result_of
from provisioning.simulator.rds_rules import refuse
from provisioning.simulator.world import Moment


def _source_of(call: Call) -> Any:
    name = call.text("SourceDBInstanceIdentifier")
    region = name.split(":")[3] if name.startswith("arn:") else call.region
    found = rds_backends[call.account][region].databases.get(name.rsplit(":", 1)[-1].lower())
    if found is None:
        raise Refusal("DBInstanceNotFound", f"DBInstance {name} not found.")
    return found


def _check(call: Call, source: Any) -> None:
    if source.manage_master_user_password:
        raise refuse(
            f"Creating read replicas for source instance with engine {source.engine} where ManageMasterUserPassword is "
            "enabled is not supported."
        )
    elsewhere = source.region != call.region
    if call.text("DBSubnetGroupName") and not elsewhere:
        raise Refusal(
            "DBSubnetGroupNotAllowedFault",
            "The DBSubnetGroup shouldn't be specified while creating read replicas in the region of the source.",
        )
    if elsewhere and call.text("DBSubnetGroupName") not in rds.backend_of(call).subnet_groups:
        text = f"DB subnet group {call.text('DBSubnetGroupName')} not found."
        raise Refusal("DBSubnetGroupNotFoundFault", text)
    if elsewhere and source.storage_encrypted and not call.text("KmsKeyId"):
        raise refuse(
            "Cannot create an encrypted cross-region read replica without a KMS key of this region.",
            "InvalidParameterCombination",
        )
    if call.text("DBParameterGroupName"):
        raise refuse(
            "A parameter group can't be specified during Read Replica creation for the following DB engine: "
            f"{source.engine}",
            "InvalidParameterCombination",
        )
    rds_rules.check_class(call.text("DBInstanceClass") or source.db_instance_class)
    rds_rules.check_groups(call)


@operation("rds", "CreateDBInstanceReadReplica")
def create_read_replica(call: Call) -> object:
    """`creating` for as long as an instance takes."""
    target = call.text("DBInstanceIdentifier").lower()
    rds_rules.check_identifier(target, "DBInstanceIdentifier")
    if target in rds.backend_of(call).databases:
        raise Refusal("DBInstanceAlreadyExists", "DB instance already exists")
    source = _source_of(call)
    _check(call, source)
    rds_snapshots.check_source(call)
    # moto would look for it where the source is.
    subnets = call.params.pop("DBSubnetGroupName", None)
    answer = call.forward()
    replica: Any = result_of(answer)["DBInstance"]
    _make_its_own(call, replica, source)
    if subnets:
        _place(call, replica, subnets)
    rds.begin(call, replica)
    return answer


def _make_its_own(call: Call, replica: Any, source: Any) -> None:
    """moto copies the source, down to the very lists that hang on it."""
    params = call.params
    same_region = source.region == call.region
    replica.source_db_instance_identifier = (
        source.db_instance_identifier if same_region else source.db_instance_arn
    )
    replica.tags = [{"Key": tag["Key"], "Value": tag["Value"]} for tag in call.items("Tags")]
    replica.manage_master_user_password, replica.master_user_secret = False, None
    replica.deletion_protection = bool(params.get("DeletionProtection"))
    replica.multi_az = bool(params.get("MultiAZ"))
    replica.backup_retention_period = 0
    replica.interface_ids, replica.changes_to_make = [], {}
    replica.enabled_cloudwatch_logs_exports = call.items("EnableCloudwatchLogsExports")
    insights = bool(params.get("EnablePerformanceInsights"))
    replica.performance_insights_enabled = insights
    if params.get("AllocatedStorage"):
        replica.allocated_storage = params["AllocatedStorage"]
    replica.max_allocated_storage = params.get("MaxAllocatedStorage") or replica.allocated_storage


def _place(call: Call, replica: Any, subnets: str) -> None:
    """Put a replica into the network that it was given in its own region."""
    group = rds.backend_of(call).subnet_groups[subnets]
    replica.db_subnet_group = group
    replica.db_parameter_group_name = None  # that of its source is not there
    replica.availability_zone = group._subnets[0].availability_zone


def part(moment: Moment, instance: Any) -> None:
    """Before an instance goes: its source forgets it, and its own replicas are promoted."""
    if instance.is_replica:
        source = instance.source_db_instance_identifier or ""
        region = source.split(":")[3] if source.startswith("arn:") else moment.region
        names = {instance.db_instance_identifier, instance.db_instance_arn}
        followed = rds_backends[moment.account][region].databases.get(source.rsplit(":", 1)[-1])
        if followed is not None:
            followed.replicas = [name for name in followed.replicas if name not in names]
        instance.is_replica = False
    for name in instance.replicas:
        region = name.split(":")[3] if name.startswith("arn:") else moment.region
        replica = rds_backends[moment.account][region].databases.get(name.rsplit(":", 1)[-1])
        if replica is not None:
            replica.is_replica, replica.source_db_instance_identifier = False, None
    instance.replicas = []


def check_password(call: Call, instance: Any) -> None:
    """Refuse a password of its own for a replica, and one that RDS manages for a source."""
    if instance.is_replica and (
        call.params.get("MasterUserPassword") or call.params.get("ManageMasterUserPassword")
    ):
        raise refuse(
            f"Cannot change master user password on an RDS {instance.engine} Read Replica because it uses physical "
            "replication and therefore cannot differ from its parent.",
            "InvalidParameterCombination",
        )
    if instance.replicas and call.params.get("ManageMasterUserPassword"):
        raise refuse("ManageMasterUserPassword isn't supported for an instance with read replicas.")
