"""Aurora in the simulator: clusters and their instances over time, capacity, snapshots, what is refused."""

from collections.abc import Callable
from typing import Any

import pytest

from provisioning.simulator.tests.clients import refusal, until
from provisioning.simulator.tests.clusters import cluster, member, member_status, ready_cluster, status
from provisioning.simulator.tests.networks import Network

pytestmark = pytest.mark.simulator
Aws = Callable[[str], Any]


@pytest.fixture
def rds(aws: Aws) -> Any:
    return aws("rds")


def told(rds: Any) -> dict[str, Any]:
    found: dict[str, Any] = rds.describe_db_clusters()["DBClusters"][0]
    return found


def test_a_new_cluster_is_created_over_time_and_reads_back(aws: Aws, rds: Any, network: Network) -> None:
    subnets = list(network.subnets)
    rds.create_db_subnet_group(DBSubnetGroupName="data", DBSubnetGroupDescription="d", SubnetIds=subnets)
    rds.create_db_cluster_parameter_group(
        DBClusterParameterGroupName="own", DBParameterGroupFamily="aurora-postgresql16", Description="own"
    )
    group = aws("ec2").create_security_group(VpcId=network.vpc, GroupName="d", Description="d")["GroupId"]
    made = rds.create_db_cluster(
        **cluster(
            DBSubnetGroupName="data",
            DBClusterParameterGroupName="own",
            VpcSecurityGroupIds=[group],
            DeletionProtection=True,
            CopyTagsToSnapshot=True,
            EnableCloudwatchLogsExports=["postgresql"],
        )
    )["DBCluster"]
    assert made["Status"] == "creating"
    assert until(status(rds), "available") == ["creating", "available"]
    now = told(rds)
    assert now["EngineVersion"].startswith("16.") and now["StorageType"] == "aurora"
    assert now["ServerlessV2ScalingConfiguration"] == {"MinCapacity": 0.5, "MaxCapacity": 4.0}
    assert (now["DBSubnetGroup"], now["DBClusterParameterGroup"]) == ("data", "own")
    assert (now["DeletionProtection"], now["CopyTagsToSnapshot"]) == (True, True)
    assert now["MasterUserSecret"]["SecretArn"].startswith("arn:aws:secretsmanager:")
    assert refusal(rds.delete_db_subnet_group, DBSubnetGroupName="data") == "InvalidDBSubnetGroupStateFault"
    kept = {"DBClusterParameterGroupName": "own"}
    assert refusal(rds.delete_db_cluster_parameter_group, **kept) == "InvalidDBParameterGroupState"


def test_instances_are_where_their_cluster_is_and_keep_it(aws: Aws, rds: Any, network: Network) -> None:
    subnets = list(network.subnets)
    rds.create_db_subnet_group(DBSubnetGroupName="data", DBSubnetGroupDescription="d", SubnetIds=subnets)
    group = aws("ec2").create_security_group(VpcId=network.vpc, GroupName="d", Description="d")["GroupId"]
    rds.create_db_cluster(**cluster(DBSubnetGroupName="data", VpcSecurityGroupIds=[group]))
    until(status(rds), "available")
    rds.create_db_instance(**member(EnablePerformanceInsights=True))
    rds.create_db_instance(**member(DBInstanceIdentifier="orders-2", PromotionTier=2))
    assert until(member_status(rds), "available") == ["creating", "available"]
    until(member_status(rds, "orders-2"), "available")
    first, second = rds.describe_db_instances()["DBInstances"]
    assert first["PerformanceInsightsEnabled"] is True and first["DBSubnetGroup"]["VpcId"] == network.vpc
    assert first["AvailabilityZone"] != second["AvailabilityZone"]
    members = {one["DBInstanceIdentifier"]: one["IsClusterWriter"] for one in told(rds)["DBClusterMembers"]}
    assert members == {"orders-1": True, "orders-2": False}
    assert refusal(aws("ec2").delete_security_group, GroupId=group) == "DependencyViolation"
    gone = {"DBClusterIdentifier": "orders", "SkipFinalSnapshot": True}
    assert refusal(rds.delete_db_cluster, **gone) == "InvalidDBClusterStateFault"
    for name in ("orders-2", "orders-1"):
        rds.delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=True)
    rds.delete_db_cluster(**gone)
    until(status(rds), "gone")
    assert member_status(rds)() == "gone"
    aws("ec2").delete_security_group(GroupId=group)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"DBClusterIdentifier": "two--hyphens"}, "InvalidParameterValue"),
        ({"EngineVersion": "99.9"}, "InvalidParameterCombination"),
        ({"BackupRetentionPeriod": 0}, "InvalidParameterValue"),
        ({"MasterUsername": "rdsadmin"}, "InvalidParameterValue"),
        ({"VpcSecurityGroupIds": ["sg-1"]}, "InvalidParameterValue"),
        ({"DBSubnetGroupName": "none"}, "DBSubnetGroupNotFoundFault"),
        ({"DBClusterParameterGroupName": "none"}, "DBClusterParameterGroupNotFound"),
        (
            {"ServerlessV2ScalingConfiguration": {"MinCapacity": 50, "MaxCapacity": 1}},
            "InvalidParameterValue",
        ),
        (
            {"ServerlessV2ScalingConfiguration": {"MinCapacity": 0.7, "MaxCapacity": 1}},
            "InvalidParameterValue",
        ),
    ],
)
def test_what_aurora_refuses_is_refused(rds: Any, changes: dict[str, Any], code: str) -> None:
    assert refusal(rds.create_db_cluster, **cluster(**changes)) == code


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"DBClusterIdentifier": "none"}, "DBClusterNotFoundFault"),
        ({"AllocatedStorage": 20}, "InvalidParameterCombination"),
        ({"MasterUsername": "portal"}, "InvalidParameterCombination"),
        ({"DBInstanceClass": "db.zz.micro"}, "InvalidParameterValue"),
        ({"PromotionTier": 16}, "InvalidParameterValue"),
    ],
)
def test_what_an_instance_of_a_cluster_cannot_have_is_refused(
    rds: Any, changes: dict[str, Any], code: str
) -> None:
    rds.create_db_cluster(**cluster())
    assert refusal(rds.create_db_instance, **member(**changes)) == code


def test_capacity_changes_at_once_and_only_zero_pauses(rds: Any) -> None:
    rds.create_db_cluster(**cluster())
    until(status(rds), "available")

    def scale(**capacity: float) -> dict[str, Any]:
        rds.modify_db_cluster(DBClusterIdentifier="orders", ServerlessV2ScalingConfiguration=capacity)
        found: dict[str, Any] = told(rds)["ServerlessV2ScalingConfiguration"]
        return found

    assert scale(MinCapacity=0, MaxCapacity=8) == {
        "MinCapacity": 0.0,
        "MaxCapacity": 8.0,
        "SecondsUntilAutoPause": 300,
    }
    assert scale(MinCapacity=0, MaxCapacity=8, SecondsUntilAutoPause=900)["SecondsUntilAutoPause"] == 900
    assert scale(MinCapacity=1, MaxCapacity=8) == {"MinCapacity": 1.0, "MaxCapacity": 8.0}
    pausing = {"MinCapacity": 1, "MaxCapacity": 8, "SecondsUntilAutoPause": 900}
    asked = {"DBClusterIdentifier": "orders", "ServerlessV2ScalingConfiguration": pausing}
    assert refusal(rds.modify_db_cluster, **asked) == "InvalidParameterValue"


def test_logs_are_exported_and_not_any_more(rds: Any) -> None:
    rds.create_db_cluster(**cluster(EnableCloudwatchLogsExports=["postgresql"]))
    until(status(rds), "available")
    change = {"EnableLogTypes": ["instance"], "DisableLogTypes": ["postgresql"]}
    rds.modify_db_cluster(DBClusterIdentifier="orders", CloudwatchLogsExportConfiguration=change)
    assert told(rds)["EnabledCloudwatchLogsExports"] == ["instance"]


def test_an_upgrade_takes_its_time_and_only_goes_up(rds: Any) -> None:
    ready_cluster(rds)
    up = {"DBClusterIdentifier": "orders", "EngineVersion": "17", "ApplyImmediately": True}
    assert refusal(rds.modify_db_cluster, **up) == "InvalidParameterCombination"
    rds.modify_db_cluster(**up, AllowMajorVersionUpgrade=True)
    assert told(rds)["PendingModifiedValues"]["EngineVersion"].startswith("17.")
    until(status(rds), "upgrading")
    assert refusal(rds.modify_db_cluster, DBClusterIdentifier="orders") == "InvalidDBClusterStateFault"
    until(status(rds), "available")
    assert told(rds)["EngineVersion"].startswith("17.")
    down = {**up, "EngineVersion": "16", "AllowMajorVersionUpgrade": True}
    assert refusal(rds.modify_db_cluster, **down) == "InvalidParameterCombination"


def test_a_deletion_decides_about_the_last_snapshot_which_can_be_restored(rds: Any) -> None:
    rds.create_db_cluster(**cluster(DeletionProtection=True))
    until(status(rds), "available")
    gone = {"DBClusterIdentifier": "orders"}
    last = {**gone, "FinalDBSnapshotIdentifier": "last"}
    assert refusal(rds.delete_db_cluster, **last) == "InvalidParameterCombination"
    rds.modify_db_cluster(**gone, DeletionProtection=False)
    assert refusal(rds.delete_db_cluster, **gone) == "InvalidParameterCombination"
    resource = told(rds)["DbClusterResourceId"]
    rds.delete_db_cluster(**last)
    until(status(rds), "gone")

    def snapshot() -> dict[str, Any]:
        found: dict[str, Any] = rds.describe_db_cluster_snapshots()["DBClusterSnapshots"][0]
        return found

    until(lambda: snapshot()["Status"], "available")
    assert snapshot()["DbClusterResourceId"] == resource
    rds.restore_db_cluster_from_snapshot(**gone, SnapshotIdentifier="last", Engine="aurora-postgresql")
    assert until(status(rds), "available") == ["creating", "available"]
    assert told(rds)["DBClusterMembers"] == []


def test_a_cluster_stops_and_starts_with_its_instances(rds: Any) -> None:
    ready_cluster(rds)
    rds.stop_db_cluster(DBClusterIdentifier="orders")
    assert until(status(rds), "stopped") == ["stopping", "stopped"]
    assert member_status(rds)() == "stopped"
    rds.start_db_cluster(DBClusterIdentifier="orders")
    until(status(rds), "available")
    assert member_status(rds)() == "available"


def test_settings_of_a_cluster_are_taken_back_to_those_of_its_family(rds: Any) -> None:
    group = {"DBClusterParameterGroupName": "own"}
    rds.create_db_cluster_parameter_group(
        **group, DBParameterGroupFamily="aurora-postgresql17", Description="own"
    )
    setting = {"ParameterName": "log_statement", "ParameterValue": "ddl", "ApplyMethod": "immediate"}
    rds.modify_db_cluster_parameter_group(**group, Parameters=[setting])
    (found,) = rds.describe_db_cluster_parameters(**group, Source="user")["Parameters"]
    assert (found["ParameterName"], found["ParameterValue"]) == ("log_statement", "ddl")
    rds.reset_db_cluster_parameter_group(**group, Parameters=[{"ParameterName": "log_statement"}])
    assert rds.describe_db_cluster_parameters(**group, Source="user")["Parameters"] == []
    other = {**group, "DBParameterGroupFamily": "postgres-of-mine", "Description": "own"}
    assert refusal(rds.create_db_cluster_parameter_group, **other) == "InvalidParameterValue"


def test_the_tagging_api_sees_clusters_their_instances_and_settings(aws: Aws, rds: Any) -> None:
    tags = [{"Key": "stack", "Value": "one"}]
    rds.create_db_cluster(**cluster(Tags=tags))
    rds.create_db_instance(**member(Tags=tags))
    rds.create_db_cluster_parameter_group(
        DBClusterParameterGroupName="own",
        DBParameterGroupFamily="aurora-postgresql17",
        Description="own",
        Tags=tags,
    )

    found = aws("resourcegroupstaggingapi").get_resources(TagFilters=[{"Key": "stack"}])

    arns = [one["ResourceARN"] for one in found["ResourceTagMappingList"]]
    assert sorted(arn.split(":")[5] for arn in arns) == ["cluster", "cluster-pg", "db"]
