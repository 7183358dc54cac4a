"""Items of the checklist, and what a probe knows before it asks AWS."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from provisioning.aws import Aws
from provisioning.readiness.answer import Answer
from provisioning.references import JsonValue, is_resolved, resolve
from provisioning.resource import Recorded, attributes_of
from provisioning.spec import Spec


class Part(StrEnum):
    """The four parts of the checklist, in its order."""

    SETUP = "setup"
    APPLICATION = "application"
    MONITORING = "monitoring"
    SECURITY = "security"


@dataclass(frozen=True, kw_only=True)
class Scene:
    """One environment: what was asked for, what the journal remembers of it, and AWS to ask how it really is."""

    spec: Spec
    recorded: tuple[Recorded, ...]
    aws: Aws

    def all_of(self, *kinds: str) -> tuple[Recorded, ...]:
        """Everything of these kinds that AWS may have."""
        return tuple(one for one in self.recorded if one.kind in kinds and one.is_there)

    def one_of(self, *kinds: str) -> Recorded | None:
        """The first of these kinds."""
        return next(iter(self.all_of(*kinds)), None)

    def at(self, key: str) -> Recorded | None:
        """The one with this key."""
        return next((one for one in self.recorded if one.key == key and one.is_there), None)

    def of(self, one: Recorded) -> Aws:
        """AWS in the region of a thing."""
        return self.aws.in_region(one.region)

    @property
    def is_first_version(self) -> bool:
        """Whether the guide asks less of it: one zone, few servers, basic logs."""
        return self.spec.phase == "mvp"

    @property
    def is_large(self) -> bool:
        """Whether the guide asks more of it: replicas, tracing, dashboards."""
        return self.spec.phase == "scaling"


@dataclass(frozen=True, kw_only=True)
class Fix:
    """What sets it right: `options` to ask for in a change, and those that must be `at_least` so much, as far as the
    architecture has them; `opens`: the option of the form that a person fills in; `hint` says what a person does;
    `commands` do it by hand, for a thing of this kind, with references to what stands."""

    options: Mapping[str, JsonValue] = field(default_factory=dict)
    at_least: Mapping[str, int] = field(default_factory=dict)
    opens: str = ""
    hint: str = ""
    commands: Mapping[str, str] = field(default_factory=dict)

    def command_for(self, recorded: Iterable[Recorded]) -> str:
        """The command for what stands; empty where there is none."""
        things = [one for one in recorded if one.is_there]
        for kind, command in self.commands.items():
            if any(one.kind == kind for one in things):
                resolved = str(resolve(command, attributes_of(things)))
                return resolved if is_resolved(resolved) else ""
        return ""

    def wanted(self, chosen: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
        """What to ask for, of an environment whose options are these; nothing where they say so already."""
        exact = {
            name: value for name, value in self.options.items() if name in chosen and chosen[name] != value
        }
        more = {name: least for name, least in self.at_least.items() if _is_less(chosen.get(name), least)}
        return {**exact, **more}


def _is_less(value: JsonValue, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value < least


NO_FIX = Fix()
Probe = Callable[[Scene], Answer]


@dataclass(frozen=True, kw_only=True)
class Item:
    """One line of the checklist. Without a probe a person ticks it. `permissions`: of the calls of its probe."""

    key: str
    part: Part
    title: str
    why: str
    fix: Fix = NO_FIX
    probe: Probe | None = None
    permissions: tuple[str, ...] = ()

    @property
    def is_manual(self) -> bool:
        """Whether a person says that it is done."""
        return self.probe is None


def named(things: Iterable[Any], field_name: str, names: Iterable[str]) -> list[Any]:
    """Those of AWS's dictionaries whose field is one of these names."""
    wanted = {*names}
    return [one for one in things if one.get(field_name) in wanted]


def modify_database(flags: str, *, cluster: bool = True) -> dict[str, str]:
    """The command that changes a database; `cluster`: of Aurora it is the cluster that is changed, not an instance."""
    of_cluster = "cluster --db-cluster-identifier ${database.name}"
    of_writer = "instance --db-instance-identifier ${database-writer.name}"
    return {
        "rds.db_instance": f"aws rds modify-db-instance --db-instance-identifier ${{database.name}} {flags} "
        "--apply-immediately",
        "rds.db_cluster": f"aws rds modify-db-{of_cluster if cluster else of_writer} {flags} --apply-immediately",
    }


def listing(names: Iterable[str], most: int = 3) -> str:
    """Some names as one text."""
    all_names = sorted(names)
    told = ", ".join(all_names[:most])
    return told if len(all_names) <= most else f"{told}, …"
