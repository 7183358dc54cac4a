"""Parameters of RDS's groups, of instances and of clusters: written by twenties, compared with the defaults."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from provisioning.references import JsonObject, JsonValue

if TYPE_CHECKING:
    from provisioning.aws import Aws

T = TypeVar("T")

# AWS lists as set by a user only what differs from the family's own value, so that a wish for that very value
# would look unfulfilled for ever. From PostgreSQL 15 on RDS itself asks for TLS, from 17 on Aurora does.
_DEFAULTS: Mapping[str, str] = {"rds.force_ssl": "1"}
_DEFAULTS_SINCE = {"postgres": 15, "aurora-postgresql": 17}


@dataclass(frozen=True, kw_only=True)
class GroupCalls:
    """The calls about the parameters of one sort of group, and how they name it. (`Any`: each has its own types.)"""

    name: str
    describe: Callable[..., Any]
    modify: Callable[..., Any]
    reset: Callable[..., Any]


def fill(calls: GroupCalls, name: str, parameters: Mapping[str, str]) -> None:
    """Set the parameters of a new group: nothing uses it yet, so that what waits for a restart is in force from the
    first start."""
    for some in _by_twenties(sorted(parameters.items())):
        settings = [_setting(parameter, value, "pending-reboot") for parameter, value in some]
        calls.modify(**{calls.name: name}, Parameters=settings)


def change(aws: Aws, calls: GroupCalls, name: str, wanted: Mapping[str, str], now: JsonValue) -> None:
    """Set what differs, and take back to the family's own value what is not wanted any more."""
    current: Mapping[str, object] = now if isinstance(now, dict) else {}
    changed = {parameter: value for parameter, value in wanted.items() if current.get(parameter) != value}
    dropped = [parameter for parameter in current if parameter not in wanted]
    methods = dict(_methods(aws, calls, name, [*changed, *dropped]))
    for some in _by_twenties(sorted(changed.items())):
        settings = [_setting(parameter, value, methods.get(parameter)) for parameter, value in some]
        calls.modify(**{calls.name: name}, Parameters=settings)
    for names in _by_twenties(sorted(dropped)):
        settings = [_setting(parameter, None, methods.get(parameter)) for parameter in names]
        calls.reset(**{calls.name: name}, ResetAllParameters=False, Parameters=settings)


def set_by_user(aws: Aws, calls: GroupCalls, name: str) -> JsonObject:
    """What differs from the family's own values."""
    listed = aws.listed(calls.describe, "Parameters", **{calls.name: name}, Source="user")
    return {one["ParameterName"]: one["ParameterValue"] for one in listed if "ParameterValue" in one}


def are_as_wanted(family: str, now: JsonValue, wanted: JsonValue) -> bool:
    """Whether what differs is only what the family has anyway."""
    if not isinstance(now, dict) or not isinstance(wanted, dict):
        return False
    return now == {
        name: value for name, value in wanted.items() if name in now or not _is_default(family, name, value)
    }


def _is_default(family: str, name: str, value: object) -> bool:
    match = re.fullmatch(r"(.*?)(\d+)", family)
    since = _DEFAULTS_SINCE.get(match[1]) if match else None
    recent = match is not None and since is not None and int(match[2]) >= since
    return recent and _DEFAULTS.get(name) == value


def _by_twenties(items: Sequence[T]) -> Iterator[Sequence[T]]:
    """Twenty parameters are all that one call takes (ModifyDBParameterGroup, "Parameters")."""
    for start in range(0, len(items), 20):
        yield items[start : start + 20]


def _methods(aws: Aws, calls: GroupCalls, name: str, parameters: list[str]) -> Iterator[tuple[str, str]]:
    """How each parameter can be applied. Static ones refuse "immediate", dynamic ones need it to change at once."""
    for some in _by_twenties(parameters):
        filters = [{"Name": "parameter-name", "Values": list(some)}]
        for one in aws.listed(calls.describe, "Parameters", **{calls.name: name}, Filters=filters):
            dynamic = one.get("ApplyType") == "dynamic"
            yield one["ParameterName"], "immediate" if dynamic else "pending-reboot"


def _setting(name: str, value: str | None, method: str | None) -> dict[str, str]:
    setting = {"ParameterName": name, "ApplyMethod": method or "pending-reboot"}
    return setting if value is None else {**setting, "ParameterValue": value}
