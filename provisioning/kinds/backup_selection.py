"""What a plan of AWS Backup backs up: things by their ARNs, or whatever carries a tag."""

from __future__ import annotations

import shlex
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from provisioning.aws import Aws, found
from provisioning.kind import Handle, Kind, Observed, Props, register
from provisioning.names import Naming
from provisioning.properties import Unordered, has_reference, without_reordered
from provisioning.references import JsonObject, JsonValue
from provisioning.template_parts import Form, Part, Place, Told


class SelectionProps(Props):
    """Either `resource_arns` or `tag_key` with `tag_value`. `resource_types`: AWS Backup's names of the services that
    are backed up ("RDS", "S3", "Aurora"), which it has to be told to look after in this account and region: without
    that it backs up nothing and says nothing. `role_arn`: a role that backup.amazonaws.com takes on."""

    plan_id: str
    role_arn: str
    resource_arns: Unordered = ()
    tag_key: str = ""
    tag_value: str = ""
    resource_types: Annotated[Unordered, Field(min_length=1)]

    @model_validator(mode="after")
    def _something_is_selected(self) -> Self:
        if bool(self.resource_arns) == bool(self.tag_key):
            raise ValueError("Name what is backed up either by its ARNs or by a tag.")
        if bool(self.tag_key) != bool(self.tag_value):
            raise ValueError("A tag has a key and a value.")
        return self


@register
class Selection(Kind[SelectionProps]):
    """https://docs.aws.amazon.com/aws-backup/latest/devguide/API_CreateBackupSelection.html

    The token makes a second creation answer with the first. It can't be changed or tagged: the id is ours,
    "<plan>/<name>". The services are switched on for the whole account and region, and stay so. Attributes: id,
    selection_id.
    """

    name = "backup.selection"
    title = "Backup selection"
    naming = Naming(limit=50)
    replace_on = frozenset({"plan_id", "role_arn", "resource_arns", "tag_key", "tag_value"})
    holds = frozenset({"plan_id"})
    permissions = (
        "backup:CreateBackupSelection",
        "backup:ListBackupSelections",
        "backup:GetBackupSelection",
        "backup:DeleteBackupSelection",
        "backup:DescribeRegionSettings",
        "backup:UpdateRegionSettings",
    )
    passes_roles_to = ("backup.amazonaws.com",)
    props = SelectionProps

    def identify(self, handle: Handle, wanted: JsonObject) -> str | None:
        plan = str(wanted.get("plan_id", ""))
        return None if has_reference(plan) else f"{plan}/{handle.name}"

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        selection = _found(aws, handle)
        if selection is None or handle.id is None:
            return None
        said = selection["BackupSelection"]
        tag: Any = next(iter(said.get("ListOfTags") or []), {})
        told: JsonObject = {
            "plan_id": selection["BackupPlanId"],
            "role_arn": said["IamRoleArn"],
            "resource_arns": sorted(said.get("Resources") or []),
            "tag_key": tag.get("ConditionKey", ""),
            "tag_value": tag.get("ConditionValue", ""),
            "resource_types": [name for name, on in sorted(_opted_in(aws).items()) if on],
        }
        attributes = {"id": handle.id, "selection_id": selection["SelectionId"]}
        return Observed(id=handle.id, props=told, attributes=attributes, tags=handle.tags)

    def create(self, aws: Aws, handle: Handle, props: SelectionProps) -> Observed:
        _opt_in(aws, props)
        answer = aws.backup.create_backup_selection(
            BackupPlanId=props.plan_id,
            BackupSelection=_wanted(handle, props),
            CreatorRequestId=handle.token,
        )
        identity = f"{props.plan_id}/{handle.name}"
        attributes = {"id": identity, "selection_id": answer["SelectionId"]}
        return Observed(id=identity, attributes=attributes, tags=handle.tags)

    def update(self, aws: Aws, handle: Handle, props: SelectionProps, observed: Observed) -> Observed:
        _opt_in(aws, props)
        return observed

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        selection = _found(aws, handle)
        if selection is not None:
            which = {name: selection[name] for name in ("BackupPlanId", "SelectionId")}
            found(aws.backup.delete_backup_selection, **which)
        return True

    def differences(self, wanted: JsonObject, observed: Observed) -> dict[str, tuple[JsonValue, JsonValue]]:
        """As everywhere, but services that others switched on are none."""
        found_ones = without_reordered(super().differences(wanted, observed))
        now, asked = found_ones.get("resource_types", ([], []))
        if isinstance(now, list) and isinstance(asked, list) and {*map(str, asked)} <= {*map(str, now)}:
            found_ones.pop("resource_types", None)
        return found_ones

    def cloudformation(self, place: Place, props: SelectionProps) -> Form:
        properties = {"BackupPlanId": props.plan_id, "BackupSelection": _wanted(place, props)}
        services = ",".join(f"{name}=true" for name in props.resource_types)
        return Form(
            parts=(Part(type="AWS::Backup::BackupSelection", properties=properties),),
            attributes={"id": f"{props.plan_id}/{place.name}", "selection_id": Told("SelectionId")},
            first=(
                "CloudFormation cannot switch on which services AWS Backup looks after in the account, and it backs up"
                f" nothing of others: aws backup update-region-settings --region {place.region}"
                f" --resource-type-opt-in-preference {shlex.quote(services)}"
            ),
        )


def _found(aws: Aws, handle: Handle) -> Any:
    """The selection of this name in its plan, as AWS has it, or None."""
    if handle.id is None:
        return None
    plan_id, name = handle.id.split("/", 1)
    call = aws.backup.list_backup_selections
    listed = found(aws.listed, call, "BackupSelectionsList", BackupPlanId=plan_id) or []
    meant = next((one for one in listed if one["SelectionName"] == name), None)
    if meant is None:
        return None
    return found(aws.backup.get_backup_selection, BackupPlanId=plan_id, SelectionId=meant["SelectionId"])


def _opted_in(aws: Aws) -> dict[str, bool]:
    return dict(aws.backup.describe_region_settings()["ResourceTypeOptInPreference"])


def _opt_in(aws: Aws, props: SelectionProps) -> None:
    there = _opted_in(aws)
    wanted = {**there, **dict.fromkeys(props.resource_types, True)}
    if wanted != there:
        aws.backup.update_region_settings(ResourceTypeOptInPreference=wanted)


def _wanted(handle: Handle, props: SelectionProps) -> Any:
    wanted: dict[str, Any] = {"SelectionName": handle.name, "IamRoleArn": props.role_arn}
    if props.resource_arns:
        return {**wanted, "Resources": list(props.resource_arns)}
    condition = {"ConditionKey": props.tag_key, "ConditionValue": props.tag_value}
    return {**wanted, "ListOfTags": [{"ConditionType": "STRINGEQUALS", **condition}]}
