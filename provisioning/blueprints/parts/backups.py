"""Backups: the schedule of AWS Backup, and what is kept in a second region."""

from __future__ import annotations

from typing import Literal

from provisioning.blueprints.options import BackupOptions
from provisioning.kinds.backup_plan import PlanProps
from provisioning.kinds.backup_selection import SelectionProps
from provisioning.kinds.backup_vault import VaultProps
from provisioning.kinds.iam_role import RoleProps
from provisioning.kinds.iam_role_policy import RolePolicyProps, Statement
from provisioning.kinds.rds_backup_replication import BackupReplicationProps
from provisioning.kinds.s3_bucket import BucketProps
from provisioning.kinds.s3_replication import ReplicationProps
from provisioning.references import ref
from provisioning.resource import Resource

_MANAGED = "arn:aws:iam::aws:policy"
_OF_DATABASES = f"{_MANAGED}/service-role/AWSBackupServiceRolePolicyForBackup"
_OF_BUCKETS = f"{_MANAGED}/AWSBackupServiceRolePolicyForS3Backup"
# However long backups are kept here: AWS changes it only by giving up all copies and making them anew.
_COPIED_DAYS = 7
Database = Literal["RDS", "Aurora"]


def scheduled_backups(
    options: BackupOptions, *, database: Database, copied_to: str = ""
) -> tuple[Resource, ...]:
    """A vault, the plan that fills it, and what the plan is about: the database, and the files where that is chosen.
    `copied_to`: a region with a second vault, which gets a copy of each backup. Nothing where nothing is scheduled."""
    if not options.scheduled:
        return ()
    days = 7 * options.backup_weeks
    files: tuple[Literal["S3"], ...] = ("S3",) if options.backup_files else ()
    vault = VaultProps(contents=(database, *files))
    copy = _vault_of(copied_to)
    return (
        Resource(
            key="backup-role",
            title="Role of AWS Backup",
            props=RoleProps(
                service="backup.amazonaws.com",
                description="AWS Backup",
                managed_policy_arns=(_OF_DATABASES, *((_OF_BUCKETS,) if files else ())),
            ),
        ),
        # AWS deletes a backup by the role that made it: the vault has to be empty before the role goes.
        Resource(key="backup-vault", title="Backup vault", props=vault, after=("backup-role",)),
        *(
            (
                Resource(
                    key=copy,
                    title="Backup vault in another region",
                    region=copied_to,
                    props=vault,
                    after=("backup-role",),
                ),
            )
            if copied_to
            else ()
        ),
        Resource(
            key="backup-plan",
            title="Backup plan",
            props=PlanProps(
                vault_name=ref("backup-vault", "name"),
                weekly=options.scheduled_backups == "weekly",
                retention_days=days,
                copy_vault_arn=ref(copy, "arn") if copied_to else "",
                copy_retention_days=days if copied_to else 0,
            ),
        ),
        Resource(
            key="backup-selection",
            title="What is backed up",
            props=SelectionProps(
                plan_id=ref("backup-plan"),
                role_arn=ref("backup-role", "arn"),
                resource_arns=(ref("database", "arn"), *((ref("files", "arn"),) if files else ())),
                resource_types=(database, *files),
            ),
        ),
    )


def backup_outputs(options: BackupOptions) -> dict[str, str]:
    """Where scheduled backups are."""
    return {"backup_vault": "${backup-vault.name}"} if options.scheduled else {}


def database_copies(region: str) -> tuple[Resource, ...]:
    """RDS's own backups, copied to the other region as they are made."""
    if not region:
        return ()
    return (
        Resource(
            key=f"database-copies-{region}",
            title="Database backups in another region",
            region=region,
            props=BackupReplicationProps(source_arn=ref("database", "arn"), retention=_COPIED_DAYS),
        ),
    )


def file_copies(region: str, *, prefix: str) -> tuple[Resource, ...]:
    """A bucket in the other region that gets what is written to that of the files from then on."""
    if not region:
        return ()
    copy = _bucket_of(region)
    return (
        Resource(
            key=copy,
            title="S3 bucket for copies of files",
            region=region,
            props=BucketProps(contents="copies"),
        ),
        Resource(
            key="copying-role",
            title="Role that copies files",
            props=RoleProps(service="s3.amazonaws.com", description="Copies files to another region"),
        ),
        Resource(
            key="copying-policy",
            title="Role policy: reading files, writing copies",
            props=RolePolicyProps(role_name=ref("copying-role", "name"), statements=_copying_takes(copy)),
        ),
        Resource(
            key="file-copying",
            title="Copying of files to another region",
            props=ReplicationProps(
                bucket=ref("files", "name"),
                destination_arn=ref(copy, "arn"),
                destination_region=region,
                role_arn=ref("copying-role", "arn"),
                prefix=prefix,
            ),
            after=("copying-policy",),
        ),
    )


def copy_outputs(region: str) -> dict[str, str]:
    """Where copies are."""
    return {"files_copy": ref(_bucket_of(region), "name"), "copy_region": region} if region else {}


# Another region is another thing: the old one goes, where AWS has it.
def _vault_of(region: str) -> str:
    return f"backup-vault-{region}"


def _bucket_of(region: str) -> str:
    return f"files-copy-{region}"


def _copying_takes(copy: str) -> tuple[Statement, ...]:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/setting-repl-config-perm-overview.html"""
    files = ref("files", "arn")
    return (
        Statement(actions=("s3:GetReplicationConfiguration", "s3:ListBucket"), resources=(files,)),
        Statement(
            actions=(
                "s3:GetObjectVersionForReplication",
                "s3:GetObjectVersionAcl",
                "s3:GetObjectVersionTagging",
            ),
            resources=(f"{files}/*",),
        ),
        Statement(
            actions=("s3:ReplicateObject", "s3:ReplicateDelete", "s3:ReplicateTags"),
            resources=(f"{ref(copy, 'arn')}/*",),
        ),
    )
