"""Jobs of AWS Backup and what they leave: recovery points, which take their time to come and to go."""

import uuid
from dataclasses import dataclass, field
from typing import Any

from provisioning.simulator.backup import check_role, of, refuse, vault_named
from provisioning.simulator.operations import Call, operation
from provisioning.simulator.world import Moment, event

# The service in an ARN, and what AWS Backup calls its things.
_TYPES = {
    "rds:db": "RDS",
    "rds:cluster": "Aurora",
    "s3": "S3",
    "dynamodb": "DynamoDB",
    "elasticfilesystem": "EFS",
    "ec2:instance": "EC2",
    "ec2:volume": "EBS",
}


@dataclass(kw_only=True)
class Jobs:
    """Backup jobs of one account and region, by their id."""

    by_id: dict[str, dict[str, Any]] = field(default_factory=dict)


def _type_of(arn: str) -> str:
    parts = arn.split(":", 5)
    if len(parts) < 6:
        raise refuse(f"Invalid ARN: {arn}. Provide a valid ARN.")
    noun = parts[5].split(":")[0].split("/")[0]
    found = _TYPES.get(f"{parts[2]}:{noun}") or _TYPES.get(parts[2])
    if found is None:
        raise refuse(f"Unsupported resource type: {parts[2]}")
    return found


@operation("backup", "StartBackupJob")
def start_backup(call: Call) -> object:
    """`CREATED`, `RUNNING`, `COMPLETED`; a service that is not looked after is refused."""
    vault = vault_named(call, call.text("BackupVaultName"))
    arn = call.text("ResourceArn")
    kind = _type_of(arn)
    if not of(call).opted_in[kind]:
        raise refuse(f"Resource type {kind} is not enabled.", "InvalidRequestException")
    check_role(call, call.text("IamRoleArn"))
    jobs, token = call.notes(Jobs).by_id, call.text("IdempotencyToken")
    for job in jobs.values():
        if token and job["IdempotencyToken"] == token:
            return job
    identity = str(uuid.uuid4())
    point = f"arn:aws:backup:{call.region}:{call.account}:recovery-point:{uuid.uuid4()}"
    jobs[identity] = {
        "BackupJobId": identity,
        "AccountId": call.account,
        "BackupVaultName": call.text("BackupVaultName"),
        "BackupVaultArn": vault.said["BackupVaultArn"],
        "RecoveryPointArn": point,
        "ResourceArn": arn,
        "ResourceType": kind,
        "IamRoleArn": call.text("IamRoleArn"),
        "CreationDate": call.now,
        "State": "CREATED",
        "PercentDone": "0.0",
        "IdempotencyToken": token,
        "Lifecycle": dict(call.params.get("Lifecycle") or {}),
    }
    call.after("backup.start", "backup.running", identity)
    call.after("backup.run", "backup.completed", identity)
    return jobs[identity]


@event("backup.running")
def running(moment: Moment, identity: str) -> None:
    """A job has begun."""
    moment.notes(Jobs).by_id[identity]["State"] = "RUNNING"


@event("backup.completed")
def completed(moment: Moment, identity: str) -> None:
    """A job is done, and its recovery point is in the vault; without a vault it has failed."""
    job = moment.notes(Jobs).by_id[identity]
    vault = of(moment).vaults.get(job["BackupVaultName"])
    if vault is None:
        job.update(State="FAILED", StatusMessage="The vault is not there any more.")
        return
    job.update(State="COMPLETED", PercentDone="100.0", CompletionDate=moment.now)
    names = ("RecoveryPointArn", "ResourceArn", "ResourceType", "IamRoleArn", "Lifecycle", "CreationDate")
    vault.points[job["RecoveryPointArn"]] = {
        **{name: job[name] for name in names},
        "BackupVaultName": job["BackupVaultName"],
        "BackupVaultArn": job["BackupVaultArn"],
        "Status": "COMPLETED",
        "CompletionDate": moment.now,
        "IsEncrypted": True,
    }


@operation("backup", "DescribeBackupJob")
def describe_job(call: Call) -> object:
    """One job."""
    job = call.notes(Jobs).by_id.get(call.text("BackupJobId"))
    if job is None:
        raise refuse("Backup job not found.", "ResourceNotFoundException")
    return job


@operation("backup", "ListBackupJobs")
def list_jobs(call: Call) -> object:
    """By vault, state and thing."""
    wanted = {
        "BackupVaultName": call.text("ByBackupVaultName"),
        "State": call.text("ByState"),
        "ResourceArn": call.text("ByResourceArn"),
    }
    jobs = [
        job
        for job in call.notes(Jobs).by_id.values()
        if all(value in ("", job[name]) for name, value in wanted.items())
    ]
    return {"BackupJobs": jobs}


@operation("backup", "ListRecoveryPointsByBackupVault")
def list_points(call: Call) -> object:
    """What is in a vault."""
    points = vault_named(call, call.text("BackupVaultName")).points.values()
    arn = call.text("ByResourceArn")
    return {"RecoveryPoints": [one for one in points if arn in ("", one["ResourceArn"])]}


def _point_of(call: Call) -> dict[str, Any]:
    found = vault_named(call, call.text("BackupVaultName")).points.get(call.text("RecoveryPointArn"))
    if found is None:
        raise refuse("Recovery point not found.", "ResourceNotFoundException")
    return found


@operation("backup", "DescribeRecoveryPoint")
def describe_point(call: Call) -> object:
    """One recovery point."""
    return _point_of(call)


@operation("backup", "DeleteRecoveryPoint")
def delete_point(call: Call) -> object:
    """`DELETING`, then gone."""
    point = _point_of(call)
    if point["Status"] == "DELETING":
        raise refuse("The recovery point is being deleted.", "InvalidRequestException")
    point["Status"] = "DELETING"
    call.after("backup.delete", "backup.deleted", point["BackupVaultName"], point["RecoveryPointArn"])
    return {}


@event("backup.deleted")
def deleted(moment: Moment, vault: str, arn: str) -> None:
    """A recovery point is gone."""
    if vault in of(moment).vaults:
        of(moment).vaults[vault].points.pop(arn, None)
