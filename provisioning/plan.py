"""The plan: ordered changes that lead from what is to what a spec wants. Pure: it decides and calls nobody."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from enum import StrEnum
from graphlib import CycleError, TopologicalSorter

from pydantic import BaseModel, ConfigDict

from provisioning.errors import InvalidSpec
from provisioning.kind import Observed, Status, kind_named
from provisioning.references import JsonObject, JsonValue, resolve
from provisioning.resource import Recorded, Resource, Standing, attributes_of, by_key
from provisioning.spec import Spec


class Action(StrEnum):
    """What happens to one resource."""

    NOOP = "noop"
    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    DELETE = "delete"

    @property
    def symbol(self) -> str:
        """The sign that diffs show."""
        return {"noop": "=", "create": "+", "update": "~", "replace": "±", "delete": "\N{MINUS SIGN}"}[
            self.value
        ]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Difference(_Frozen):
    """One property that will change, and what that interrupts."""

    property: str
    before: JsonValue = None
    after: JsonValue = None
    outage: str = ""


class Change(_Frozen):
    """One line of a plan. `props` are the wanted ones, with references; `needs` the keys that come first."""

    key: str
    kind: str
    action: Action
    title: str
    name: str
    id: str | None = None
    generation: int = 1
    props: JsonObject = {}
    after: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()
    differences: tuple[Difference, ...] = ()


class Plan(_Frozen):
    """All changes of one request, in an order that can be carried out."""

    spec: Spec
    changes: tuple[Change, ...]

    @property
    def is_empty(self) -> bool:
        """Whether nothing would change."""
        return all(change.action is Action.NOOP for change in self.changes)

    def counts(self) -> dict[Action, int]:
        """How many of each action."""
        return {action: sum(change.action is action for change in self.changes) for action in Action}

    def digest(self) -> str:
        """What an approval binds to: any other spec or plan has another one."""
        text = json.dumps(self.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()


def plan_for(
    spec: Spec,
    wanted: Iterable[Resource],
    recorded: Iterable[Recorded] = (),
    observed: Mapping[str, Observed | None] | None = None,
) -> Plan:
    """Compare what a blueprint wants with what is recorded and what AWS says.

    Without `observed` (nothing was read) the recorded properties stand for what is.
    Raises InvalidSpec when the wanted resources refer to each other in a circle or to nothing.
    """
    known = by_key(recorded)
    here = {key: one for key, one in known.items() if one.is_there}
    ordered = in_order(tuple(wanted))
    keys = {resource.key for resource in ordered}
    changes = [_change(spec, resource, known.get(resource.key), observed, here) for resource in ordered]
    surplus = [_deletion(one) for key, one in here.items() if key not in keys]
    return Plan(spec=spec, changes=(*changes, *surplus))


def in_order(resources: tuple[Resource, ...]) -> tuple[Resource, ...]:
    """The same resources, each after what it needs."""
    by = {resource.key: resource for resource in resources}
    for resource in resources:
        missing = [key for key in resource.needs if key not in by]
        if missing:
            raise InvalidSpec(f"{resource.key} needs {', '.join(missing)}, which nothing makes.")
    try:
        order = TopologicalSorter({key: by[key].needs for key in by}).static_order()
        return tuple(by[key] for key in order)
    except CycleError as error:
        raise InvalidSpec(f"Resources need each other in a circle: {error.args[1]}.") from error


def _change(
    spec: Spec,
    resource: Resource,
    recorded: Recorded | None,
    observed: Mapping[str, Observed | None] | None,
    here: Mapping[str, Recorded],
) -> Change:
    now = _now(recorded, observed)
    differences = _differences(resource, now, here)
    action = _action(resource, now, differences)
    generation = _generation(recorded, action)
    return Change(
        key=resource.key,
        kind=resource.kind.name,
        action=action,
        title=resource.title or resource.kind.title,
        name=resource.name_in(spec, generation),
        id=now.id if now else None,
        generation=generation,
        props=resource.props.dump(),
        after=resource.after,
        needs=resource.needs,
        differences=differences,
    )


def _generation(recorded: Recorded | None, action: Action) -> int:
    """A new one whenever something of this key was there before: AWS remembers names and tokens of what is gone."""
    if recorded is None:
        return 1
    again = action is Action.CREATE and recorded.standing is not Standing.INTENDED
    return recorded.generation + (again or action is Action.REPLACE)


def _now(recorded: Recorded | None, observed: Mapping[str, Observed | None] | None) -> Observed | None:
    if recorded is None or not recorded.is_there:
        return None
    if observed is not None:
        return observed.get(recorded.key)
    if recorded.id is None:
        return None
    return Observed(id=recorded.id, props=recorded.props, attributes=recorded.attributes)


def _differences(
    resource: Resource, now: Observed | None, here: Mapping[str, Recorded]
) -> tuple[Difference, ...]:
    if now is None:
        return ()
    wanted = resolve(resource.props.dump(), attributes_of(here.values()))
    current = resolve(now.props, attributes_of(here.values()))
    assert isinstance(wanted, dict) and isinstance(current, dict)  # noqa: S101 # resolve keeps the shape
    found = resource.kind.differences(wanted, Observed(id=now.id, props=current))
    return tuple(
        Difference(property=name, before=before, after=after, outage=resource.kind.outage.get(name, ""))
        for name, (before, after) in sorted(found.items())
    )


def _action(resource: Resource, now: Observed | None, differences: tuple[Difference, ...]) -> Action:
    if now is None:
        return Action.CREATE
    if now.status is Status.FAILED or {one.property for one in differences} & resource.kind.replace_on:
        return Action.REPLACE
    return Action.UPDATE if differences else Action.NOOP


def _deletion(recorded: Recorded) -> Change:
    return Change(
        key=recorded.key,
        kind=recorded.kind,
        action=Action.DELETE,
        title=recorded.title or kind_named(recorded.kind).title,
        name=recorded.name,
        id=recorded.id,
        generation=recorded.generation,
        props=recorded.props,
        after=recorded.after,
    )
