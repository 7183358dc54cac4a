"""A DB parameter group: the settings of PostgreSQL that differ from what RDS sets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

from pydantic import Field, StringConstraints

from provisioning.aws import found
from provisioning.kind import Handle, Kind, Observed, Props, register
from provisioning.lookup import tags_of
from provisioning.marks import marked, tags_of_mark
from provisioning.names import Naming
from provisioning.references import JsonObject, JsonValue

if TYPE_CHECKING:
    from provisioning.aws import Aws

T = TypeVar("T")

# AWS lists as set by a user only what differs from the family's own value, so that a wish for that very value
# would look unfulfilled for ever. From PostgreSQL 15 on RDS itself asks for TLS.
_FAMILY_DEFAULTS: Mapping[str, str] = {"rds.force_ssl": "1"}
_DEFAULTS_SINCE = 15

_ParameterName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_.]*$", max_length=100)]


class DBParameterGroupProps(Props):
    """`parameters`: only those that are set; what is taken out falls back to RDS's own value.

    `description` can't be changed later and is not compared.
    """

    family: Annotated[str, StringConstraints(pattern=r"^postgres\d{2}$")] = "postgres17"
    description: Annotated[str, Field(min_length=1, max_length=200)] = "Settings of the database"
    parameters: dict[_ParameterName, str] = {}


@register
class DBParameterGroup(Kind[DBParameterGroupProps]):
    """https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBParameterGroup.html

    No token: found by its name. Free. Parameters are written in a second call, which `update` repeats.
    """

    name = "rds.db_parameter_group"
    title = "DB parameter group"
    naming = Naming(limit=255)
    replace_on = frozenset({"family"})
    outage = {"parameters": "Static parameters take effect when the database restarts the next time."}
    permissions = (
        "rds:CreateDBParameterGroup",
        "rds:AddTagsToResource",
        "rds:DescribeDBParameterGroups",
        "rds:DescribeDBParameters",
        "rds:ListTagsForResource",
        "rds:ModifyDBParameterGroup",
        "rds:ResetDBParameterGroup",
        "rds:DeleteDBParameterGroup",
    )
    props = DBParameterGroupProps

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        name = handle.id or handle.name
        groups = aws.listed(aws.rds.describe_db_parameter_groups, "DBParameterGroups")
        group = next((one for one in groups if one["DBParameterGroupName"] == name), None)
        if group is None:
            return None
        tags = tags_of_mark(group["Description"])
        if not handle.owns(tags):
            arn = group["DBParameterGroupArn"]
            tags = tags_of(aws.rds.list_tags_for_resource(ResourceName=arn), "TagList")
        return Observed(
            id=name,
            props={"family": group["DBParameterGroupFamily"], "parameters": _set_by_user(aws, name)},
            attributes=_attributes(group),
            tags=tags,
        )

    def create(self, aws: Aws, handle: Handle, props: DBParameterGroupProps) -> Observed:
        group = aws.rds.create_db_parameter_group(
            DBParameterGroupName=handle.name,
            DBParameterGroupFamily=props.family,
            Description=marked(handle, props.description),
            Tags=handle.tag_list,
        )["DBParameterGroup"]
        # No database uses it yet, so that what waits for a restart is in force from the first start.
        for some in _by_twenties(sorted(props.parameters.items())):
            aws.rds.modify_db_parameter_group(
                DBParameterGroupName=handle.name,
                Parameters=[_setting(name, value, "pending-reboot") for name, value in some],
            )
        return Observed(id=handle.name, attributes=_attributes(group))

    def update(self, aws: Aws, handle: Handle, props: DBParameterGroupProps, observed: Observed) -> Observed:
        now = observed.props.get("parameters")
        current: Mapping[str, object] = now if isinstance(now, dict) else {}
        changed = {name: value for name, value in props.parameters.items() if current.get(name) != value}
        dropped = [name for name in current if name not in props.parameters]
        methods = dict(_methods(aws, observed.id, [*changed, *dropped]))
        for some in _by_twenties(sorted(changed.items())):
            aws.rds.modify_db_parameter_group(
                DBParameterGroupName=observed.id,
                Parameters=[_setting(name, value, methods.get(name)) for name, value in some],
            )
        for names in _by_twenties(sorted(dropped)):
            aws.rds.reset_db_parameter_group(
                DBParameterGroupName=observed.id,
                ResetAllParameters=False,
                Parameters=[_setting(name, None, methods.get(name)) for name in names],
            )
        return observed

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        found(aws.rds.delete_db_parameter_group, DBParameterGroupName=handle.id or handle.name)
        return True

    def differences(self, wanted: JsonObject, observed: Observed) -> dict[str, tuple[JsonValue, JsonValue]]:
        differences = super().differences(wanted, observed)
        now, asked = differences.get("parameters", (None, None))
        if isinstance(now, dict) and isinstance(asked, dict):
            family = str(wanted.get("family", ""))
            if now == {
                name: value for name, value in asked.items() if not _is_default(family, name, value, now)
            }:
                del differences["parameters"]
        return differences


def _by_twenties(items: Sequence[T]) -> Iterator[Sequence[T]]:
    """Twenty parameters are all that one call takes (ModifyDBParameterGroup, "Parameters")."""
    for start in range(0, len(items), 20):
        yield items[start : start + 20]


def _is_default(family: str, name: str, value: object, now: Mapping[str, object]) -> bool:
    recent = family.removeprefix("postgres").isdigit() and int(family[-2:]) >= _DEFAULTS_SINCE
    return name not in now and recent and _FAMILY_DEFAULTS.get(name) == value


def _set_by_user(aws: Aws, name: str) -> JsonObject:
    listed = aws.listed(
        aws.rds.describe_db_parameters, "Parameters", DBParameterGroupName=name, Source="user"
    )
    return {one["ParameterName"]: one["ParameterValue"] for one in listed if "ParameterValue" in one}


def _methods(aws: Aws, name: str, parameters: list[str]) -> Iterator[tuple[str, str]]:
    """How each parameter can be applied. Static ones refuse "immediate", dynamic ones need it to change at once."""
    for some in _by_twenties(parameters):
        filters = [{"Name": "parameter-name", "Values": list(some)}]
        listed = aws.listed(
            aws.rds.describe_db_parameters, "Parameters", DBParameterGroupName=name, Filters=filters
        )
        for one in listed:
            dynamic = one.get("ApplyType") == "dynamic"
            yield one["ParameterName"], "immediate" if dynamic else "pending-reboot"


def _setting(name: str, value: str | None, method: str | None) -> Any:
    setting = {"ParameterName": name, "ApplyMethod": method or "pending-reboot"}
    return setting if value is None else {**setting, "ParameterValue": value}


def _attributes(group: Any) -> dict[str, str]:
    name = group["DBParameterGroupName"]
    return {"id": name, "name": name, "arn": group["DBParameterGroupArn"]}
