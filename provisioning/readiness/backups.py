"""The last of part 4: what can be brought back, and what cannot be lost by one mistake."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from provisioning.aws import found
from provisioning.readiness import reads
from provisioning.readiness.answer import Answer, met, not_needed, unmet
from provisioning.readiness.item import Fix, Item, Part, Scene, listing, modify_database, named

KEPT_DAYS = 7
_RECENT = timedelta(days=1)


def judge_backups(database: Any) -> Answer:
    """How long automated backups are kept."""
    if database is None:
        return not_needed("It has no database.")
    days = int(database.get("BackupRetentionPeriod", 0))
    if not days:
        return unmet("Automated backups are off.")
    kept = "1 day" if days == 1 else f"{days} days"
    if days < KEPT_DAYS:
        return unmet(f"Backups are kept for {kept}, in the guide for {KEPT_DAYS}.")
    return met(f"Backups are kept for {kept}.")


def judge_recent(database: Any, now: datetime) -> Answer:
    """Whether yesterday can be brought back."""
    if database is None:
        return not_needed("It has no database.")
    latest = database.get("LatestRestorableTime")
    if latest is None:
        return unmet("AWS has no backup yet.")
    moment = f"{latest.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    words = f"It can be restored as it was up to {moment}."
    return met(words) if now - latest <= _RECENT else unmet(words)


def judge_versioning(status: Mapping[str, str]) -> Answer:
    """Bucket -> status of its versioning."""
    if not status:
        return not_needed("It has no bucket.")
    off = [name for name, told in status.items() if told != "Enabled"]
    names = listing(off or status)
    return unmet(f"Keeps no former versions: {names}.") if off else met(f"Keeps former versions: {names}.")


def judge_lifecycle(rules: Mapping[str, list[Any]]) -> Answer:
    """Bucket -> rules of its lifecycle."""
    if not rules:
        return not_needed("It has no bucket.")
    without = [name for name, told in rules.items() if not any(one["Status"] == "Enabled" for one in told)]
    names = listing(without or rules)
    return unmet(f"Without lifecycle rules: {names}.") if without else met(f"With lifecycle rules: {names}.")


def judge_protection(database: Any) -> Answer:
    """Whether one call can delete the database."""
    if database is None:
        return not_needed("It has no database.")
    if database.get("DeletionProtection"):
        return met("AWS refuses to delete the database.")
    return unmet("One call deletes the database.")


def judge_copies(places: Mapping[str, str], *, first: bool) -> Answer:
    """What is copied to another region -> which."""
    if places:
        told = listing(f"{what} ({region})" for what, region in places.items())
        return met(f"Copied to another region: {told}.")
    if first:
        return not_needed("Copies in another region are for what people rely on.")
    return unmet("Everything is in one region.")


def _versioning(scene: Scene) -> Answer:
    status = {}
    for one in reads.buckets(scene):
        told = reads.got(one, scene.of(one).s3.get_bucket_versioning, Bucket=one.name)
        status[one.name] = str(told.get("Status", "Off"))
    return judge_versioning(status)


def _lifecycle(scene: Scene) -> Answer:
    rules = {}
    for one in reads.buckets(scene):
        told = found(scene.of(one).s3.get_bucket_lifecycle_configuration, Bucket=one.name)
        rules[one.name] = list(told["Rules"]) if told else []
    return judge_lifecycle(rules)


def _copies(scene: Scene) -> Answer:
    places = {}
    for one in scene.all_of("rds.backup_replication"):
        aws = scene.of(one)
        backups = aws.listed(aws.rds.describe_db_instance_automated_backups, "DBInstanceAutomatedBackups")
        reads.there(one, named(backups, "DBInstanceAutomatedBackupsArn", [one.id or ""]))
        places["PostgreSQL"] = one.region
    for one in scene.all_of("backup.vault"):
        if one.region not in ("", scene.spec.region):
            aws = scene.of(one)
            vaults = aws.listed(aws.backup.list_backup_vaults, "BackupVaultList")
            reads.there(one, named(vaults, "BackupVaultName", [one.name]))
            places["AWS Backup"] = one.region
    for one in scene.all_of("s3.replication"):
        bucket = (one.id or "").partition("/")[0]
        told = reads.got(one, scene.of(one).s3.get_bucket_replication, Bucket=bucket)
        rules = told["ReplicationConfiguration"]["Rules"]
        if any(rule["Status"] == "Enabled" for rule in rules):
            places[bucket] = str(one.props["destination_region"])
    return judge_copies(places, first=scene.is_first_version)


_DATABASE = ("rds:DescribeDBInstances", "rds:DescribeDBClusters")

ITEMS = (
    Item(
        key="backups",
        part=Part.SECURITY,
        title="Automated backups",
        why="A mistake is often found only after days; what is older than the oldest backup is gone.",
        fix=Fix(
            at_least={"backup_days": KEPT_DAYS},
            commands=modify_database(f"--backup-retention-period {KEPT_DAYS}"),
        ),
        probe=lambda scene: judge_backups(reads.database(scene)),
        permissions=_DATABASE,
    ),
    Item(
        key="recent-backup",
        part=Part.SECURITY,
        title="A recent backup",
        why="Backups that are on and do not happen are found when they are needed.",
        fix=Fix(hint="Look at the database's events in the RDS console."),
        probe=lambda scene: judge_recent(reads.database(scene), datetime.now(UTC)),
        permissions=_DATABASE,
    ),
    Item(
        key="versioning",
        part=Part.SECURITY,
        title="Bucket keeps former versions",
        why="A file that is written over or deleted by mistake is still there.",
        fix=Fix(
            commands={
                "s3.bucket": "aws s3api put-bucket-versioning --bucket ${files.name} "
                "--versioning-configuration Status=Enabled"
            }
        ),
        probe=_versioning,
        permissions=("s3:GetBucketVersioning",),
    ),
    Item(
        key="lifecycle",
        part=Part.SECURITY,
        title="Bucket has lifecycle rules",
        why="Former versions and uploads that broke off cost as much as what is used.",
        fix=Fix(hint="Add a rule in the S3 console that ends former versions and uploads that broke off."),
        probe=_lifecycle,
        permissions=("s3:GetLifecycleConfiguration",),
    ),
    Item(
        key="deletion-protection",
        part=Part.SECURITY,
        title="Database is protected against deletion",
        why="Without it one wrong line in a script takes all data away.",
        fix=Fix(commands=modify_database("--deletion-protection")),
        probe=lambda scene: judge_protection(reads.database(scene)),
        permissions=_DATABASE,
    ),
    Item(
        key="snapshots",
        part=Part.SECURITY,
        title="A snapshot is taken before important deployments",
        why="A migration that goes wrong is undone by it, and by nothing else.",
        fix=Fix(hint="Make it a step of the release."),
    ),
    Item(
        key="restore",
        part=Part.SECURITY,
        title="A restore was tried",
        why="Only then is it known that it works, and how long it takes.",
        fix=Fix(hint="Restore to another database, ask it something, note how long it took, delete it."),
    ),
    Item(
        key="copies",
        part=Part.SECURITY,
        title="Copies in another region",
        why="A region seldom fails, and then everything in it is away at once.",
        fix=Fix(opens="copy_region", hint="Choose the region that gets the copies."),
        probe=_copies,
        permissions=(
            "rds:DescribeDBInstanceAutomatedBackups",
            "backup:ListBackupVaults",
            "s3:GetReplicationConfiguration",
        ),
    ),
)
