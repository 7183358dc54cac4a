"""A plan of AWS Backup: a backup every day or week, kept for so many days, and a copy elsewhere where one is wanted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from provisioning.aws import Aws, found
from provisioning.kind import Handle, Kind, Observed, Props, register
from provisioning.names import Naming
from provisioning.pricing import CostLine, Usage
from provisioning.references import JsonObject
from provisioning.template_parts import REF, Form, Part, Place, Told, given

_RULES = {False: "daily", True: "weekly"}


class PlanProps(Props):
    """`hour` (UTC) at which the backup may begin, and has two hours for it, every day or every Sunday; days count from
    the backup.
    `copy_vault_arn`: a vault, mostly in another region, that gets a copy kept for `copy_retention_days`.

    What has one allowed value is so always: it is a property so that a change made elsewhere is seen and undone.
    """

    vault_name: str
    hour: int = Field(default=3, ge=0, le=23)
    weekly: bool = False
    retention_days: int = Field(default=35, ge=1, le=36_500)
    copy_vault_arn: str = ""
    copy_retention_days: int = Field(default=0, ge=0, le=36_500)
    cold_storage: Literal[False] = False

    @model_validator(mode="after")
    def _a_copy_is_kept_for_some_time(self) -> Self:
        if bool(self.copy_vault_arn) != bool(self.copy_retention_days):
            raise ValueError("A copy needs both: a vault that gets it, and the days for which it is kept.")
        return self


@register
class Plan(Kind[PlanProps]):
    """https://docs.aws.amazon.com/aws-backup/latest/devguide/API_CreateBackupPlan.html

    The token makes a second creation answer with the first. Names are not unique: without an id it is found by its
    name and tags. It has one rule, and stays while it has selections. Attributes: id, arn, name.
    """

    name = "backup.plan"
    title = "Backup plan"
    naming = Naming(limit=50)
    holds = frozenset({"vault_name", "copy_vault_arn"})
    permissions = (
        "backup:CreateBackupPlan",
        "backup:TagResource",
        "backup:ListBackupPlans",
        "backup:ListTags",
        "backup:GetBackupPlan",
        "backup:UpdateBackupPlan",
        "backup:DeleteBackupPlan",
    )
    props = PlanProps

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        identity, tags = (handle.id, handle.tags) if handle.id else _found_by_name(aws, handle)
        plan = found(aws.backup.get_backup_plan, BackupPlanId=identity) if identity else None
        if plan is None or "DeletionDate" in plan:
            return None
        return Observed(
            id=plan["BackupPlanId"],
            props=_told(plan["BackupPlan"]["Rules"]),
            attributes=_attributes(handle, plan),
            tags=tags,
        )

    def create(self, aws: Aws, handle: Handle, props: PlanProps) -> Observed:
        answer = aws.backup.create_backup_plan(
            BackupPlan=_plan(handle, props),
            BackupPlanTags=dict(handle.tags),
            CreatorRequestId=handle.token,
        )
        return Observed(id=answer["BackupPlanId"], attributes=_attributes(handle, answer))

    def update(self, aws: Aws, handle: Handle, props: PlanProps, observed: Observed) -> Observed:
        aws.backup.update_backup_plan(BackupPlanId=observed.id, BackupPlan=_plan(handle, props))
        return observed

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        identity = handle.id or _found_by_name(aws, handle)[0]
        if identity:
            found(aws.backup.delete_backup_plan, BackupPlanId=identity)
        return True

    def cost(self, props: PlanProps, usage: Usage, region: str) -> Iterator[CostLine]:
        """The way of the copies; what is kept is the vaults'."""
        if props.copy_vault_arn:
            yield CostLine.usage(
                "AWSBackup/transfer_to_other_region",
                usage.copied_gb,
                "Transfer of backups",
                f"{usage.copied_gb} GB copied a month",
            )

    def cloudformation(self, place: Place, props: PlanProps) -> Form:
        plan = _plan(place, props)
        rules = [
            {**given(rule), "TargetBackupVault": rule["TargetBackupVaultName"]} for rule in plan.pop("Rules")
        ]
        for rule in rules:
            del rule["TargetBackupVaultName"]
        properties = {
            "BackupPlan": {**plan, "BackupPlanRule": rules},
            "BackupPlanTags": dict(place.tags),
        }
        return Form(
            parts=(Part(type="AWS::Backup::BackupPlan", properties=properties),),
            attributes={"id": REF, "arn": Told("BackupPlanArn"), "name": place.name},
        )


def _found_by_name(aws: Aws, handle: Handle) -> tuple[str, dict[str, str]]:
    """The id and the tags of the plan of this name that is ours, else of any of this name, else nothing."""
    plans = aws.listed(aws.backup.list_backup_plans, "BackupPlansList")
    named = [one for one in plans if one["BackupPlanName"] == handle.name and "DeletionDate" not in one]
    seen = [
        (one["BackupPlanId"], aws.backup.list_tags(ResourceArn=one["BackupPlanArn"]).get("Tags", {}))
        for one in named
    ]
    ours = [pair for pair in seen if handle.owns(pair[1])]
    return next(iter(ours), ("", {}))


def _attributes(handle: Handle, plan: Any) -> dict[str, str]:
    return {"id": plan["BackupPlanId"], "arn": plan["BackupPlanArn"], "name": handle.name}


def _plan(handle: Handle, props: PlanProps) -> Any:
    copy = {
        "DestinationBackupVaultArn": props.copy_vault_arn,
        "Lifecycle": {"DeleteAfterDays": props.copy_retention_days},
    }
    rule = {
        "RuleName": _RULES[props.weekly],
        "TargetBackupVaultName": props.vault_name,
        "ScheduleExpression": _schedule(props.hour, weekly=props.weekly),
        "StartWindowMinutes": 60,
        "CompletionWindowMinutes": 120,
        "Lifecycle": {"DeleteAfterDays": props.retention_days},
        "CopyActions": [copy] if props.copy_vault_arn else [],
    }
    return {"BackupPlanName": handle.name, "Rules": [rule]}


def _schedule(hour: int, *, weekly: bool) -> str:
    """https://docs.aws.amazon.com/aws-backup/latest/devguide/creating-a-backup-plan.html ("Backup frequency")"""
    return f"cron(0 {hour} ? * {'SUN' if weekly else '*'} *)"


def _told(rules: Any) -> JsonObject:
    """The one rule as it would be written here; a plan of several, or of another rhythm, tells an hour of none."""
    rule = next((one for one in rules if one["RuleName"] in _RULES.values()), rules[0])
    rhythms = {
        _schedule(hour, weekly=weekly): (hour, weekly) for hour in range(24) for weekly in (False, True)
    }
    hour, weekly = rhythms.get(str(rule.get("ScheduleExpression")), (-1, False))
    copy: Any = next(iter(rule.get("CopyActions") or []), {})
    lifecycle = rule.get("Lifecycle") or {}
    return {
        "vault_name": rule["TargetBackupVaultName"],
        "hour": hour if len(rules) == 1 else -1,
        "weekly": weekly,
        "retention_days": lifecycle.get("DeleteAfterDays", 0),
        "copy_vault_arn": copy.get("DestinationBackupVaultArn", ""),
        "copy_retention_days": (copy.get("Lifecycle") or {}).get("DeleteAfterDays", 0),
        "cold_storage": "MoveToColdStorageAfterDays" in lifecycle,
    }
