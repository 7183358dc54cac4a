"""Read replicas and copied backups in the simulator: refused where RDS refuses them."""

from collections.abc import Callable
from typing import Any

import pytest

from provisioning.simulator.launch import Simulator
from provisioning.simulator.tests.clients import client_of, refusal, until
from provisioning.simulator.tests.networks import database

pytestmark = pytest.mark.simulator
Aws = Callable[[str], Any]
OWN = {"ManageMasterUserPassword": False, "MasterUserPassword": "correct-horse", "StorageEncrypted": True}


def status(rds: Any, name: str) -> Any:
    return rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"][0]["DBInstanceStatus"]


def test_a_replica_needs_a_source_that_fits(aws: Aws) -> None:
    rds = aws("rds")
    rds.create_db_instance(**database(**OWN))
    rds.create_db_instance(**database(DBInstanceIdentifier="managed"))
    until(lambda: status(rds, "orders"), "available")
    until(lambda: status(rds, "managed"), "available")
    ask = {"DBInstanceIdentifier": "copy", "SourceDBInstanceIdentifier": "orders"}
    create = rds.create_db_instance_read_replica
    managed = {**ask, "SourceDBInstanceIdentifier": "managed"}
    assert refusal(create, **managed) == "InvalidParameterValue"
    assert refusal(create, **ask, DBSubnetGroupName="any") == "DBSubnetGroupNotAllowedFault"
    assert refusal(create, **ask, DBParameterGroupName="any") == "InvalidParameterCombination"
    made = create(**ask, Tags=[{"Key": "copy", "Value": "yes"}])["DBInstance"]
    assert (made["DBInstanceStatus"], made["TagList"]) == ("creating", [{"Key": "copy", "Value": "yes"}])
    until(lambda: status(rds, "copy"), "available")
    change = {"ApplyImmediately": True, "MasterUserPassword": "another-horse"}
    assert refusal(rds.modify_db_instance, DBInstanceIdentifier="copy", **change) == (
        "InvalidParameterCombination"
    )
    rds.delete_db_instance(DBInstanceIdentifier="orders", SkipFinalSnapshot=True)
    until(lambda: len(rds.describe_db_instances()["DBInstances"]), 2)
    found = rds.describe_db_instances(DBInstanceIdentifier="copy")["DBInstances"][0]
    assert "ReadReplicaSourceDBInstanceIdentifier" not in found, "RDS promotes it when its source goes"


def test_copied_backups_are_stopped_before_they_are_deleted(aws: Aws, simulator: Simulator) -> None:
    rds, there = aws("rds"), client_of(simulator, "rds", region="us-west-2")
    arn = rds.create_db_instance(**database(**OWN))["DBInstance"]["DBInstanceArn"]
    start = there.start_db_instance_automated_backups_replication
    assert refusal(start, SourceDBInstanceArn=arn) == "InvalidParameterCombination", "no key"
    key = "arn:aws:kms:us-west-2:123456789012:key/1"
    made = start(SourceDBInstanceArn=arn, KmsKeyId=key)["DBInstanceAutomatedBackup"]
    which = {"DBInstanceAutomatedBackupsArn": made["DBInstanceAutomatedBackupsArn"]}
    assert refusal(there.delete_db_instance_automated_backup, **which) == (
        "InvalidDBInstanceAutomatedBackupState"
    )
    assert refusal(start, SourceDBInstanceArn=arn, KmsKeyId=key) == "InvalidDBInstanceState"
    there.stop_db_instance_automated_backups_replication(SourceDBInstanceArn=arn)
    there.delete_db_instance_automated_backup(**which)
    until(lambda: there.describe_db_instance_automated_backups()["DBInstanceAutomatedBackups"], [])
