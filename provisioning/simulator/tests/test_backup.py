"""AWS Backup in the simulator: what is refused, and what a job leaves."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from provisioning.simulator.tests.clients import refusal, until

pytestmark = pytest.mark.simulator
Aws = Callable[[str], Any]
BUCKET = "arn:aws:s3:::orders-files"


def role(aws: Aws) -> str:
    trust = {"Effect": "Allow", "Principal": {"Service": "backup.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    made = aws("iam").create_role(RoleName="backups", AssumeRolePolicyDocument=document)
    return str(made["Role"]["Arn"])


def plan(**rule: object) -> dict[str, Any]:
    daily = {"RuleName": "daily", "TargetBackupVaultName": "vault", **rule}
    return {"BackupPlan": {"BackupPlanName": "plan", "Rules": [daily]}}


def test_a_vault_that_is_not_there_is_denied_and_one_that_is_not_empty_stays(aws: Aws) -> None:
    backup = aws("backup")
    assert refusal(backup.describe_backup_vault, BackupVaultName="vault") == "AccessDeniedException"
    backup.create_backup_vault(BackupVaultName="vault")
    assert refusal(backup.create_backup_vault, BackupVaultName="vault") == "AlreadyExistsException"
    backup.update_region_settings(ResourceTypeOptInPreference={"S3": True})
    ask = {"BackupVaultName": "vault", "ResourceArn": BUCKET, "IamRoleArn": role(aws)}
    job = backup.start_backup_job(**ask)["BackupJobId"]

    def state() -> Any:
        return backup.describe_backup_job(BackupJobId=job)["State"]

    assert until(state, "COMPLETED")[-1] == "COMPLETED"
    (point,) = backup.list_recovery_points_by_backup_vault(BackupVaultName="vault")["RecoveryPoints"]
    assert (point["ResourceType"], point["Status"]) == ("S3", "COMPLETED")
    assert refusal(backup.delete_backup_vault, BackupVaultName="vault") == "InvalidRequestException"
    which = {"BackupVaultName": "vault", "RecoveryPointArn": point["RecoveryPointArn"]}
    backup.delete_recovery_point(**which)
    until(lambda: backup.describe_backup_vault(BackupVaultName="vault")["NumberOfRecoveryPoints"], 0)
    assert refusal(backup.describe_recovery_point, **which) == "ResourceNotFoundException"
    backup.delete_backup_vault(BackupVaultName="vault")


def test_what_nobody_looks_after_is_not_backed_up(aws: Aws) -> None:
    backup = aws("backup")
    backup.create_backup_vault(BackupVaultName="vault")
    ask = {"BackupVaultName": "vault", "ResourceArn": BUCKET, "IamRoleArn": role(aws)}
    assert refusal(backup.start_backup_job, **ask) == "InvalidRequestException"
    wrong = {"ResourceTypeOptInPreference": {"Paper": True}}
    assert refusal(backup.update_region_settings, **wrong) == "InvalidParameterValueException"


@pytest.mark.parametrize(
    "rule",
    [
        {"TargetBackupVaultName": "none"},
        {"StartWindowMinutes": 10},
        {"Lifecycle": {"MoveToColdStorageAfterDays": 30, "DeleteAfterDays": 60}},
    ],
)
def test_a_plan_that_could_not_run_is_refused(aws: Aws, rule: dict[str, object]) -> None:
    backup = aws("backup")
    backup.create_backup_vault(BackupVaultName="vault")
    assert refusal(backup.create_backup_plan, **plan(**rule)) == "InvalidParameterValueException"


def test_a_plan_stays_while_it_selects_something(aws: Aws) -> None:
    backup = aws("backup")
    backup.create_backup_vault(BackupVaultName="vault")
    made = backup.create_backup_plan(**plan())["BackupPlanId"]
    wanted = {"SelectionName": "files", "IamRoleArn": role(aws), "Resources": [BUCKET]}
    selected = backup.create_backup_selection(BackupPlanId=made, BackupSelection=wanted)["SelectionId"]
    assert refusal(backup.delete_backup_plan, BackupPlanId=made) == "InvalidRequestException"
    backup.delete_backup_selection(BackupPlanId=made, SelectionId=selected)
    backup.delete_backup_plan(BackupPlanId=made)
    assert refusal(backup.get_backup_plan, BackupPlanId=made) == "ResourceNotFoundException"


def test_what_the_simulator_does_not_have_is_said_so(aws: Aws) -> None:
    ask = {"RecoveryPointArn": "arn:aws:backup:eu-west-1:1:recovery-point:1", "Metadata": {}}
    assert refusal(aws("backup").start_restore_job, **ask) == "NotImplementedInSimulator"
