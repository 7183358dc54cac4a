"""A vault of AWS Backup: where backups of an environment, or copies of them from elsewhere, are kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from provisioning.aws import Aws, found
from provisioning.errors import AwsError, Busy
from provisioning.kind import Expected, Handle, Kind, Observed, Props, register
from provisioning.names import Naming
from provisioning.pricing import CostLine, Usage
from provisioning.template_parts import REF, Form, Part, Place, Told

_GOING = "DELETING"
_BILLED = {"RDS": "rds_snapshot", "Aurora": "aurora_snapshot", "S3": "s3_warm"}


class VaultProps(Props):
    """What is in it is encrypted under a key of AWS's own. `contents`: of which services, in the words of AWS Backup,
    which only the price follows from."""

    contents: tuple[Literal["RDS", "Aurora", "S3"], ...] = ()


@register
class Vault(Kind[VaultProps]):
    """https://docs.aws.amazon.com/aws-backup/latest/devguide/API_CreateBackupVault.html

    The token makes a second creation answer with the first; it is found by its name on the list of all vaults, since
    AWS denies access to one that is not there. Taken away, it takes its recovery points along: AWS deletes none of
    them by itself. Attributes: id (the name), name, arn.
    """

    name = "backup.vault"
    title = "Backup vault"
    naming = Naming(limit=50)
    expected = Expected(delete=60)
    patience = 3600
    billed = True
    stateful = True
    loses = "All scheduled backups go with their vault."
    linked_roles = ("backup.amazonaws.com",)
    permissions = (
        "backup:CreateBackupVault",
        "backup:TagResource",
        "backup:ListBackupVaults",
        "backup:ListTags",
        "backup:ListRecoveryPointsByBackupVault",
        "backup:DeleteRecoveryPoint",
        "backup:DeleteBackupVault",
        "backup-storage:MountCapsule",
        "kms:CreateGrant",
        "kms:DescribeKey",
        "kms:GenerateDataKey",
        "kms:Decrypt",
    )
    props = VaultProps

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        vault = _find(aws, handle)
        if vault is None:
            return None
        arn = vault["BackupVaultArn"]
        tags = handle.tags if handle.id else aws.backup.list_tags(ResourceArn=arn).get("Tags", {})
        return Observed(id=handle.name, attributes=_attributes(handle, arn), tags=tags)

    def create(self, aws: Aws, handle: Handle, props: VaultProps) -> Observed:
        answer = aws.backup.create_backup_vault(
            BackupVaultName=handle.name, BackupVaultTags=dict(handle.tags), CreatorRequestId=handle.token
        )
        return Observed(id=handle.name, attributes=_attributes(handle, answer["BackupVaultArn"]))

    def update(self, aws: Aws, handle: Handle, props: VaultProps, observed: Observed) -> Observed:
        return observed

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        if _find(aws, handle) is None:
            return True
        for point in _points(aws, handle):
            if point["Status"] != _GOING:
                found(
                    aws.backup.delete_recovery_point,
                    BackupVaultName=handle.name,
                    RecoveryPointArn=point["RecoveryPointArn"],
                )
        try:
            found(aws.backup.delete_backup_vault, BackupVaultName=handle.name)
        except AwsError as error:
            if error.aws_code != "InvalidRequestException":
                raise
            # Its recovery points are on their way out: to be asked again.
            raise Busy(
                service="backup",
                operation="delete_backup_vault",
                aws_code=error.aws_code,
                aws_message=error.aws_message,
            ) from error
        return True

    def cost(self, props: VaultProps, usage: Usage, region: str) -> Iterator[CostLine]:
        for service in props.contents:
            of_files = service == "S3"
            kept = usage.storage_gb if of_files else usage.backup_gb
            why = f"{kept} GB of files" if of_files else f"{kept} GB of the database"
            yield CostLine.usage(f"AWSBackup/{_BILLED[service]}", kept, "Kept backups", why).billed_in(region)

    def cloudformation(self, place: Place, props: VaultProps) -> Form:
        properties = {"BackupVaultName": place.name, "BackupVaultTags": dict(place.tags)}
        return Form(
            parts=(Part(type="AWS::Backup::BackupVault", properties=properties, kept="Retain"),),
            attributes={"id": REF, "name": REF, "arn": Told("BackupVaultArn")},
        )


def _find(aws: Aws, handle: Handle) -> Any:
    vaults = aws.listed(aws.backup.list_backup_vaults, "BackupVaultList")
    return next((one for one in vaults if one["BackupVaultName"] == handle.name), None)


def _points(aws: Aws, handle: Handle) -> list[Any]:
    call = aws.backup.list_recovery_points_by_backup_vault
    return aws.listed(call, "RecoveryPoints", BackupVaultName=handle.name)


def _attributes(handle: Handle, arn: str) -> dict[str, str]:
    return {"id": handle.name, "name": handle.name, "arn": arn}
