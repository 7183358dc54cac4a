"""RDS in the simulator: time, values that read back, refusals."""

from collections.abc import Callable
from typing import Any

import pytest

from provisioning.simulator.tests.clients import refusal, until
from provisioning.simulator.tests.networks import Network, database, make_network

pytestmark = pytest.mark.simulator
Aws = Callable[[str], Any]


def look(rds: Any) -> Callable[[], dict[str, Any]]:
    return lambda: rds.describe_db_instances(DBInstanceIdentifier="orders")["DBInstances"][0]


def status(rds: Any) -> Callable[[], str]:
    return lambda: look(rds)()["DBInstanceStatus"]


def subnet_group(aws: Aws, network: Network) -> None:
    aws("rds").create_db_subnet_group(
        DBSubnetGroupName="data", DBSubnetGroupDescription="data", SubnetIds=list(network.subnets)
    )


def test_a_new_instance_is_created_backed_up_and_then_available_with_an_address(aws: Aws) -> None:
    rds = aws("rds")
    made = rds.create_db_instance(**database())["DBInstance"]
    assert made["DBInstanceStatus"] == "creating"
    assert "Endpoint" not in made
    assert until(status(rds), "available") == ["creating", "backing-up", "available"]
    assert look(rds)()["Endpoint"]["Port"] == 5432


def test_what_was_asked_for_reads_back(aws: Aws, network: Network) -> None:
    rds = aws("rds")
    subnet_group(aws, network)
    rds.create_db_parameter_group(
        DBParameterGroupName="own", DBParameterGroupFamily="postgres16", Description="own"
    )
    rds.create_db_instance(
        **database(
            MultiAZ=True,
            StorageEncrypted=True,
            EnablePerformanceInsights=True,
            CopyTagsToSnapshot=True,
            DeletionProtection=True,
            DBSubnetGroupName="data",
            DBParameterGroupName="own",
        )
    )
    found = look(rds)()
    assert found["EngineVersion"].startswith("16.")
    assert (found["PerformanceInsightsEnabled"], found["PerformanceInsightsRetentionPeriod"]) == (True, 7)
    assert (found["MultiAZ"], found["StorageEncrypted"], found["DeletionProtection"]) == (True, True, True)
    assert (found["CopyTagsToSnapshot"], found["StorageType"], found["Iops"]) == (True, "gp3", 3000)
    assert found["DBParameterGroups"][0]["DBParameterGroupName"] == "own"
    assert found["MasterUserSecret"]["SecretArn"].startswith("arn:aws:secretsmanager:")
    assert {found["AvailabilityZone"], found["SecondaryAvailabilityZone"]} == {"eu-west-1a", "eu-west-1b"}


def test_a_change_reads_available_first_then_modifying_and_shows_its_values_at_the_end(aws: Aws) -> None:
    rds = aws("rds")
    rds.create_db_instance(**database())
    until(status(rds), "available")
    changed = rds.modify_db_instance(
        DBInstanceIdentifier="orders", DBInstanceClass="db.t3.medium", ApplyImmediately=True
    )["DBInstance"]
    assert (changed["DBInstanceStatus"], changed["DBInstanceClass"]) == ("available", "db.t3.small")
    assert changed["PendingModifiedValues"] == {"DBInstanceClass": "db.t3.medium"}
    until(status(rds), "modifying")
    assert (
        refusal(rds.modify_db_instance, DBInstanceIdentifier="orders", MultiAZ=True)
        == "InvalidDBInstanceState"
    )
    assert refusal(rds.delete_db_instance, DBInstanceIdentifier="orders", SkipFinalSnapshot=True) == (
        "InvalidDBInstanceState"
    )
    until(status(rds), "available")
    assert (look(rds)()["DBInstanceClass"], look(rds)()["PendingModifiedValues"]) == ("db.t3.medium", {})


def test_protection_changes_at_once_and_without_immediate_application_the_rest_waits(aws: Aws) -> None:
    rds = aws("rds")
    rds.create_db_instance(**database(DeletionProtection=True))
    until(status(rds), "available")
    assert refusal(rds.delete_db_instance, DBInstanceIdentifier="orders", SkipFinalSnapshot=True) == (
        "InvalidParameterCombination"
    )
    rds.modify_db_instance(DBInstanceIdentifier="orders", DeletionProtection=False, AllocatedStorage=40)
    found = look(rds)()
    assert (found["DeletionProtection"], found["AllocatedStorage"]) == (False, 20)
    assert found["PendingModifiedValues"] == {"AllocatedStorage": 40}


def test_a_deletion_decides_on_a_final_snapshot_takes_its_time_and_leaves_the_snapshot(aws: Aws) -> None:
    rds = aws("rds")
    rds.create_db_instance(**database())
    assert refusal(rds.delete_db_instance, DBInstanceIdentifier="orders", SkipFinalSnapshot=True) == (
        "InvalidDBInstanceState"
    )
    until(status(rds), "available")
    assert refusal(rds.delete_db_instance, DBInstanceIdentifier="orders") == "InvalidParameterCombination"
    rds.delete_db_instance(DBInstanceIdentifier="orders", FinalDBSnapshotIdentifier="last")
    assert status(rds)() == "deleting"
    until(lambda: refusal_of_look(rds), "DBInstanceNotFound")
    snapshots = rds.describe_db_snapshots()["DBSnapshots"]
    assert [(one["DBSnapshotIdentifier"], one["Status"]) for one in snapshots] == [("last", "available")]


def refusal_of_look(rds: Any) -> str:
    found = [one["DBInstanceIdentifier"] for one in rds.describe_db_instances()["DBInstances"]]
    return "" if found else refusal(rds.describe_db_instances, DBInstanceIdentifier="orders")


def test_a_snapshot_takes_a_while_and_can_be_restored_from(aws: Aws) -> None:
    rds = aws("rds")
    rds.create_db_instance(**database())
    until(status(rds), "available")
    rds.create_db_snapshot(DBInstanceIdentifier="orders", DBSnapshotIdentifier="before")
    assert status(rds)() == "backing-up"
    restore = {"DBInstanceIdentifier": "copy", "DBSnapshotIdentifier": "before"}
    assert refusal(rds.restore_db_instance_from_db_snapshot, **restore) == "InvalidDBSnapshotState"
    find = {"DBSnapshotIdentifier": "before"}
    until(lambda: rds.describe_db_snapshots(**find)["DBSnapshots"][0]["Status"], "available")
    made = rds.restore_db_instance_from_db_snapshot(**restore)["DBInstance"]
    assert made["DBInstanceStatus"] == "creating"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"DBInstanceIdentifier": "9lives"}, "InvalidParameterValue"),
        ({"DBInstanceIdentifier": "a" * 64}, "InvalidParameterValue"),
        ({"DBInstanceIdentifier": "two--hyphens"}, "InvalidParameterValue"),
        ({"DBInstanceClass": "db.zz.micro"}, "InvalidParameterValue"),
        ({"EngineVersion": "99.9"}, "InvalidParameterCombination"),
        ({"AllocatedStorage": 5}, "InvalidParameterValue"),
        ({"BackupRetentionPeriod": 99}, "InvalidParameterValue"),
        ({"MasterUsername": "rdsadmin"}, "InvalidParameterValue"),
        ({"MasterUserPassword": "long-enough"}, "InvalidParameterCombination"),
        ({"ManageMasterUserPassword": False, "MasterUserPassword": "a/@"}, "InvalidParameterValue"),
        ({"ManageMasterUserPassword": False}, "MissingParameter"),
        ({"VpcSecurityGroupIds": ["sg-12345678"]}, "InvalidParameterValue"),
        ({"DBSubnetGroupName": "nowhere"}, "DBSubnetGroupNotFoundFault"),
        ({"PerformanceInsightsRetentionPeriod": 8}, "InvalidParameterValue"),
    ],
)
def test_what_rds_does_not_take_is_refused(aws: Aws, change: dict[str, object], code: str) -> None:
    assert refusal(aws("rds").create_db_instance, **database(**change)) == code


def test_a_name_that_is_taken_is_refused(aws: Aws) -> None:
    aws("rds").create_db_instance(**database())
    assert refusal(aws("rds").create_db_instance, **database()) == "DBInstanceAlreadyExists"


def test_storage_only_grows_and_by_a_tenth_and_versions_only_rise(aws: Aws) -> None:
    rds = aws("rds")
    rds.create_db_instance(**database(AllocatedStorage=100))
    until(status(rds), "available")
    for change in (
        {"AllocatedStorage": 50},
        {"AllocatedStorage": 105},
        {"EngineVersion": "15"},
        {"EngineVersion": "17"},
    ):
        code = refusal(rds.modify_db_instance, DBInstanceIdentifier="orders", **change)
        assert code == "InvalidParameterCombination", change


def test_a_subnet_group_needs_two_zones_and_stays_while_it_is_used(aws: Aws, network: Network) -> None:
    rds = aws("rds")
    one_zone = {
        "DBSubnetGroupName": "small",
        "DBSubnetGroupDescription": "x",
        "SubnetIds": [network.subnets[0]],
    }
    assert refusal(rds.create_db_subnet_group, **one_zone) == "DBSubnetGroupDoesNotCoverEnoughAZs"
    subnet_group(aws, network)
    rds.create_db_instance(**database(DBSubnetGroupName="data"))
    assert refusal(rds.delete_db_subnet_group, DBSubnetGroupName="data") == "InvalidDBSubnetGroupStateFault"
    until(status(rds), "available")
    rds.delete_db_instance(DBInstanceIdentifier="orders", SkipFinalSnapshot=True)
    until(lambda: refusal_of_look(rds), "DBInstanceNotFound")
    rds.delete_db_subnet_group(DBSubnetGroupName="data")


def test_a_subnet_group_takes_other_subnets(aws: Aws, network: Network) -> None:
    rds = aws("rds")
    subnet_group(aws, network)
    other = make_network(aws("ec2"), attached=False)
    rds.modify_db_subnet_group(DBSubnetGroupName="data", SubnetIds=list(other.subnets))
    group = rds.describe_db_subnet_groups(DBSubnetGroupName="data")["DBSubnetGroups"][0]
    assert {one["SubnetIdentifier"] for one in group["Subnets"]} == set(other.subnets)


def test_a_parameter_group_fits_its_family_and_stays_while_it_is_used(aws: Aws) -> None:
    rds = aws("rds")
    group = {"DBParameterGroupName": "own", "Description": "own"}
    assert refusal(rds.create_db_parameter_group, **group, DBParameterGroupFamily="postgres99") == (
        "InvalidParameterValue"
    )
    rds.create_db_parameter_group(**group, DBParameterGroupFamily="postgres15")
    assert (
        refusal(rds.create_db_instance, **database(DBParameterGroupName="own"))
        == "InvalidParameterCombination"
    )
    rds.create_db_instance(**database(DBParameterGroupName="own", EngineVersion="15"))
    assert (
        refusal(rds.delete_db_parameter_group, DBParameterGroupName="own") == "InvalidDBParameterGroupState"
    )


def test_an_instance_stops_and_starts(aws: Aws) -> None:
    rds = aws("rds")
    rds.create_db_instance(**database())
    until(status(rds), "available")
    rds.stop_db_instance(DBInstanceIdentifier="orders")
    assert until(status(rds), "stopped") == ["stopping", "stopped"]
    rds.start_db_instance(DBInstanceIdentifier="orders")
    assert until(status(rds), "available") == ["starting", "available"]


@pytest.mark.parametrize(
    ("attached", "wish", "public"),
    [
        (False, {}, False),
        (True, {}, True),
        (False, {"PubliclyAccessible": True}, True),
        (True, {"PubliclyAccessible": False}, False),
    ],
)
def test_whether_it_is_public_is_always_told_and_where_nobody_says_an_internet_gateway_decides(
    aws: Aws, attached: bool, wish: dict[str, bool], public: bool
) -> None:
    rds = aws("rds")
    subnet_group(aws, make_network(aws("ec2"), attached=attached))
    made = rds.create_db_instance(**database(DBSubnetGroupName="data", **wish))["DBInstance"]
    assert (made["PubliclyAccessible"], look(rds)()["PubliclyAccessible"]) == (public, public)
