"""AWS Backup: vaults, plans and selections, and which services are looked after; plans do not run by themselves."""

import json
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from moto.core.resource_tagging import TaggedResource
from moto.iam.models import iam_backends

from provisioning.simulator.operations import Call, Refusal, operation
from provisioning.simulator.tagged import tagged
from provisioning.simulator.world import Moment

# What AWS Backup looks after in a new account without being told (developer guide, "Getting started").
_TYPES = (
    "Aurora",
    "DocumentDB",
    "DynamoDB",
    "EBS",
    "EC2",
    "EFS",
    "FSx",
    "Neptune",
    "RDS",
    "Redshift",
    "S3",
    "Storage Gateway",
    "VirtualMachine",
)
_OFF_AT_FIRST = frozenset({"S3", "VirtualMachine"})
_COLD_AT_LEAST_DAYS = 90


@dataclass(kw_only=True)
class Vault:
    """A vault; its recovery points by their ARN."""

    said: dict[str, Any]
    tags: dict[str, str]
    points: dict[str, dict[str, Any]] = field(default_factory=dict)


@dataclass(kw_only=True)
class Plan:
    """A plan with its selections by their id."""

    said: dict[str, Any]
    tags: dict[str, str]
    rules: dict[str, Any]
    selections: dict[str, dict[str, Any]] = field(default_factory=dict)


@dataclass(kw_only=True)
class Backups:
    """Of one account and region."""

    vaults: dict[str, Vault] = field(default_factory=dict)
    plans: dict[str, Plan] = field(default_factory=dict)
    opted_in: dict[str, bool] = field(
        default_factory=lambda: {name: name not in _OFF_AT_FIRST for name in _TYPES}
    )


def of(moment: Moment) -> Backups:
    """The notes of this account and region."""
    return moment.notes(Backups)


def refuse(message: str, code: str = "InvalidParameterValueException") -> Refusal:
    """An error of AWS Backup."""
    return Refusal(code, message)


def vault_named(call: Call, name: str) -> Vault:
    """A vault, or the denial with which AWS answers for one that is not there."""
    found = of(call).vaults.get(name)
    if found is None:
        raise refuse("Insufficient privileges to perform this action.", "AccessDeniedException")
    return found


def _plan_of(call: Call) -> Plan:
    found = of(call).plans.get(call.text("BackupPlanId"))
    if found is None:
        raise refuse("Backup Plan with given ID not found.", "ResourceNotFoundException")
    return found


@operation("backup", "CreateBackupVault")
def create_vault(call: Call) -> object:
    """The same token gives the same vault."""
    name = call.text("BackupVaultName")
    there = of(call).vaults.get(name)
    if there is None:
        said = {
            "BackupVaultName": name,
            "BackupVaultArn": f"arn:aws:backup:{call.region}:{call.account}:backup-vault:{name}",
            "CreationDate": call.now,
            "CreatorRequestId": call.text("CreatorRequestId"),
            "EncryptionKeyArn": call.text("EncryptionKeyArn")
            or f"arn:aws:kms:{call.region}:{call.account}:key/aws-managed-backup",
        }
        there = of(call).vaults[name] = Vault(said=said, tags=dict(call.params.get("BackupVaultTags") or {}))
    elif not call.text("CreatorRequestId") or there.said["CreatorRequestId"] != call.text("CreatorRequestId"):
        raise refuse("Backup vault with the same name already exists", "AlreadyExistsException")
    return _told(there)


def _told(vault: Vault) -> dict[str, Any]:
    return {**vault.said, "NumberOfRecoveryPoints": len(vault.points), "Locked": False}


@operation("backup", "DescribeBackupVault")
def describe_vault(call: Call) -> object:
    """One vault."""
    return _told(vault_named(call, call.text("BackupVaultName")))


@operation("backup", "ListBackupVaults")
def list_vaults(call: Call) -> object:
    """All of the region."""
    return {"BackupVaultList": [_told(one) for one in of(call).vaults.values()]}


@operation("backup", "DeleteBackupVault")
def delete_vault(call: Call) -> object:
    """Refused while anything is in it."""
    name = call.text("BackupVaultName")
    if vault_named(call, name).points:
        text = "Backup vault cannot be deleted because it contains recovery points."
        raise refuse(text, "InvalidRequestException")
    del of(call).vaults[name]
    return {}


def _check_lifecycle(lifecycle: Any) -> None:
    keep, cold = (lifecycle or {}).get("DeleteAfterDays"), (lifecycle or {}).get("MoveToColdStorageAfterDays")
    if keep is not None and cold is not None and keep < cold + _COLD_AT_LEAST_DAYS:
        raise refuse(
            "DeleteAfterDays cannot be less than 90 days apart from MoveToColdStorageAfterDays.",
        )


def _checked(call: Call, plan: dict[str, Any]) -> dict[str, Any]:
    rules = []
    for rule in plan["Rules"]:
        if rule["TargetBackupVaultName"] not in of(call).vaults:
            raise refuse(f"Backup vault {rule['TargetBackupVaultName']} does not exist.")
        start, end = rule.get("StartWindowMinutes") or 480, rule.get("CompletionWindowMinutes") or 10_080
        if start < 60 or end < start + 60:
            raise refuse("The start window is an hour at least, and the completion window an hour longer.")
        _check_lifecycle(rule.get("Lifecycle"))
        for copy in rule.get("CopyActions") or []:
            _check_lifecycle(copy.get("Lifecycle"))
        rules.append({"RuleId": str(uuid.uuid4()), **rule})
    return {**plan, "Rules": rules}


@operation("backup", "CreateBackupPlan")
def create_plan(call: Call) -> object:
    """The same token gives the same plan; names may be taken twice."""
    token = call.text("CreatorRequestId")
    for plan in of(call).plans.values():
        if token and plan.said["CreatorRequestId"] == token:
            return plan.said
    rules = _checked(call, call.params["BackupPlan"])
    identity = str(uuid.uuid4())
    said = {
        "BackupPlanId": identity,
        "BackupPlanArn": f"arn:aws:backup:{call.region}:{call.account}:backup-plan:{identity}",
        "CreationDate": call.now,
        "VersionId": uuid.uuid4().hex,
        "CreatorRequestId": token,
    }
    tags = dict(call.params.get("BackupPlanTags") or {})
    of(call).plans[identity] = Plan(said=said, tags=tags, rules=rules)
    return said


@operation("backup", "UpdateBackupPlan")
def update_plan(call: Call) -> object:
    """The whole plan, as a new version."""
    plan = _plan_of(call)
    plan.rules = _checked(call, call.params["BackupPlan"])
    plan.said["VersionId"] = uuid.uuid4().hex
    return plan.said


@operation("backup", "GetBackupPlan")
def get_plan(call: Call) -> object:
    """One plan in its newest version."""
    plan = _plan_of(call)
    return {**plan.said, "BackupPlan": plan.rules}


@operation("backup", "ListBackupPlans")
def list_plans(call: Call) -> object:
    """Those that are not deleted."""
    plans = of(call).plans.values()
    return {"BackupPlansList": [{**one.said, "BackupPlanName": one.rules["BackupPlanName"]} for one in plans]}


@operation("backup", "DeleteBackupPlan")
def delete_plan(call: Call) -> object:
    """Refused while it has selections."""
    plan = _plan_of(call)
    if plan.selections:
        text = "Related backup plan selections must be deleted prior to backup plan deletion"
        raise refuse(text, "InvalidRequestException")
    del of(call).plans[plan.said["BackupPlanId"]]
    return {**plan.said, "DeletionDate": call.now}


def check_role(call: Call, arn: str) -> None:
    """Refuse a role that AWS Backup could not take on."""
    roles: Any = iam_backends[call.account]["aws"].roles.values()
    role = next((one for one in roles if one.arn == arn), None)
    trusted = json.dumps(role.assume_role_policy_document) if role else ""
    if "backup.amazonaws.com" not in trusted:
        raise refuse(f"IAM Role {arn} cannot be assumed by AWS Backup")


@operation("backup", "CreateBackupSelection")
def create_selection(call: Call) -> object:
    """The same token gives the same selection."""
    plan, token = _plan_of(call), call.text("CreatorRequestId")
    for one in plan.selections.values():
        if token and one["CreatorRequestId"] == token:
            return one
    wanted = dict(call.params["BackupSelection"])
    check_role(call, wanted["IamRoleArn"])
    if not any(wanted.get(name) for name in ("Resources", "ListOfTags", "Conditions", "NotResources")):
        raise refuse("Invalid selection: no resources and no conditions.")
    if any(
        one["BackupSelection"]["SelectionName"] == wanted["SelectionName"] for one in plan.selections.values()
    ):
        raise refuse("Backup selection with the same name already exists", "AlreadyExistsException")
    identity = str(uuid.uuid4())
    plan.selections[identity] = {
        "SelectionId": identity,
        "BackupPlanId": plan.said["BackupPlanId"],
        "CreationDate": call.now,
        "CreatorRequestId": token,
        "BackupSelection": wanted,
    }
    return plan.selections[identity]


@operation("backup", "GetBackupSelection")
def get_selection(call: Call) -> object:
    """One selection."""
    return _selection_of(call)


def _selection_of(call: Call) -> dict[str, Any]:
    found = _plan_of(call).selections.get(call.text("SelectionId"))
    if found is None:
        raise refuse("Backup selection with given ID not found.", "ResourceNotFoundException")
    return found


@operation("backup", "ListBackupSelections")
def list_selections(call: Call) -> object:
    """Those of a plan."""
    listed = [{**one, **one["BackupSelection"]} for one in _plan_of(call).selections.values()]
    return {"BackupSelectionsList": listed}


@operation("backup", "DeleteBackupSelection")
def delete_selection(call: Call) -> object:
    """What it selected is not backed up any more."""
    _selection_of(call)
    del _plan_of(call).selections[call.text("SelectionId")]
    return {}


@operation("backup", "DescribeRegionSettings")
def describe_settings(call: Call) -> object:
    """Which services are looked after."""
    return {"ResourceTypeOptInPreference": dict(of(call).opted_in)}


@operation("backup", "UpdateRegionSettings")
def update_settings(call: Call) -> object:
    """Names that AWS Backup does not know are refused."""
    wanted = dict(call.params.get("ResourceTypeOptInPreference") or {})
    unknown = sorted(set(wanted) - set(_TYPES))
    if unknown:
        raise refuse(f"Invalid resource type: {', '.join(unknown)}")
    of(call).opted_in.update(wanted)
    return {}


@operation("backup", "ListTags")
def list_tags(call: Call) -> object:
    """Of a vault or a plan."""
    arn = call.text("ResourceArn")
    for resource in tagged_backups(call):
        if resource.arn == arn:
            return {"Tags": dict(resource.tags)}
    raise refuse("Resource not found.", "ResourceNotFoundException")


@tagged
def tagged_backups(moment: Moment) -> Iterator[TaggedResource]:
    """For the tagging API."""
    for vault in of(moment).vaults.values():
        yield TaggedResource(vault.said["BackupVaultArn"], vault.tags, "backup:backup-vault")
    for plan in of(moment).plans.values():
        yield TaggedResource(plan.said["BackupPlanArn"], plan.tags, "backup:backup-plan")
