"""The plan: ordered changes that lead from what is to what a spec wants. Pure: it decides and calls nobody."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from graphlib import CycleError, TopologicalSorter

from pydantic import BaseModel, ConfigDict, ValidationError

from provisioning.errors import ChangeRefused, InvalidSpec
from provisioning.kind import Observed, Status, kind_named
from provisioning.references import Attributes, JsonObject, JsonValue, resolve
from provisioning.resource import Recorded, Resource, Standing, attributes_of, by_key
from provisioning.spec import Spec
from provisioning.thing import Thing


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


class Change(Thing):
    """One line of a plan. `props` are the wanted ones; `needs` the keys that come first, of a
    deletion those of what points at it now; `replaces` the name of what it takes the place of; `tried` that an earlier
    attempt may have made it."""

    action: Action
    id: str | None = None
    needs: tuple[str, ...] = ()
    differences: tuple[Difference, ...] = ()
    replaces: str = ""
    tried: bool = False

    @property
    def loss(self) -> str:
        """What people lose by it, beyond what its title says."""
        return kind_named(self.kind).loses if self.action is Action.DELETE else ""


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
    Raises InvalidSpec when the wanted resources refer to each other in a circle or to nothing, ChangeRefused for what
    AWS would not do.
    """
    known = by_key(recorded)
    here = {key: one for key, one in known.items() if one.is_there}
    ordered = in_order(tuple(wanted))
    keys = {resource.key for resource in ordered}
    lasting = dict(here)  # without what will have other attributes than those on record
    changes: list[Change] = []
    for resource in ordered:
        _check_name(resource)
        now = _Now(known.get(resource.key), observed, here)
        changes.append(_change(spec, resource, now, attributes_of(lasting.values())))
        if _renews(changes[-1], here.get(resource.key)):
            lasting.pop(resource.key, None)
    names = {change.key: {"name": change.name} for change in changes}
    changes = [one.model_copy(update={"name": resolve(one.name, names)}) for one in changes]
    surplus = [_deletion(one, here, keys) for key, one in here.items() if key not in keys]
    return Plan(spec=spec, changes=(*changes, *surplus))


def forbid_data_loss(plan: Plan) -> None:
    """Raises ChangeRefused for the first thing that holds data and would be replaced: AWS cannot change in place what
    is wanted otherwise of it."""
    for change in plan.changes:
        kind = kind_named(change.kind)
        fixed = [one.property for one in change.differences if one.property in kind.replace_on]
        if change.action is Action.REPLACE and kind.stateful and fixed:
            raise ChangeRefused(
                f"{change.title}: AWS can change this only by making a new one, without the data.",
                key=change.key,
                prop=fixed[0],
                code="plan.data_loss",
                hint="Leave it as it is, or restore a backup into a new environment.",
            )


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


@dataclass(frozen=True)
class _Now:
    """What the journal and AWS know of one resource."""

    recorded: Recorded | None
    answers: Mapping[str, Observed | None] | None
    here: Mapping[str, Recorded]

    @cached_property
    def observed(self) -> Observed | None:
        """What is there, its references resolved; None when there is nothing, or something half made: that is looked
        for and finished by the step that makes it."""
        recorded = self.recorded
        if recorded is None or recorded.standing is not Standing.MADE:
            return None
        if self.answers is not None:
            return self.answers.get(recorded.key)
        if recorded.id is None:
            return None
        return Observed(id=recorded.id, props=self.asked_for, attributes=recorded.attributes)

    @property
    def asked_for(self) -> JsonObject:
        """What was last asked for, its references resolved."""
        return _resolved(self.recorded.props if self.recorded else {}, attributes_of(self.here.values()))


def _change(spec: Spec, resource: Resource, now: _Now, attributes: Attributes) -> Change:
    wanted = _resolved(resource.props.dump(), attributes)
    differences = _differences(resource, wanted, now.observed)
    action = _action(resource, now.observed, differences)
    if action is Action.UPDATE and now.recorded is not None and now.observed is not None:
        _check_change(resource, {**now.asked_for, **now.observed.props}, wanted)
    generation = _generation(now.recorded, action)
    return Change(
        key=resource.key,
        kind=resource.kind.name,
        action=action,
        title=resource.title or resource.kind.title,
        region=resource.region,
        name=_name(spec, resource, now.recorded, generation),
        id=now.observed.id if now.observed else None,
        generation=generation,
        props=resource.props.dump(),
        after=resource.after,
        needs=resource.needs,
        differences=differences,
        replaces=now.recorded.name if now.recorded and action is Action.REPLACE else "",
        tried=action is Action.CREATE and now.recorded is not None and now.recorded.is_there,
    )


def _name(spec: Spec, resource: Resource, recorded: Recorded | None, generation: int) -> str:
    """What it is called already, unless it is made anew."""
    if recorded is not None and recorded.is_there and recorded.generation == generation:
        return recorded.name
    return resource.name_in(spec, generation)


def _resolved(props: JsonObject, attributes: Attributes) -> JsonObject:
    resolved = resolve(props, attributes)
    assert isinstance(resolved, dict)  # noqa: S101 # resolve keeps the shape
    return resolved


def _renews(change: Change, recorded: Recorded | None) -> bool:
    """Whether what refers to it has to be told something new."""
    if recorded is not None and recorded.is_unfinished:
        return False
    if change.action is Action.UPDATE:
        return kind_named(change.kind).revised
    return change.action in {Action.CREATE, Action.REPLACE}


def _check_change(resource: Resource, before: JsonObject, after: JsonObject) -> None:
    """Raises ChangeRefused for what AWS would refuse after minutes of other changes."""
    try:
        refused = resource.kind.check_change(resource.kind.parse(before), resource.kind.parse(after))
    except ValidationError:
        return  # what stands there could not be asked for: AWS has the last word
    if refused is not None:
        title = resource.title or resource.kind.title
        raise ChangeRefused(
            f"{title}: {refused.message}",
            key=resource.key,
            prop=refused.field,
            code=refused.code,
            hint=refused.hint,
        )


def _check_name(resource: Resource) -> None:
    if resource.name and resource.kind.naming.is_reserved(resource.name):
        raise InvalidSpec(
            f"{resource.title or resource.kind.title} would be called {resource.name}: "
            "AWS keeps such names for itself.",
            code="spec.reserved_name",
            hint="Give the application another name.",
        )


def _generation(recorded: Recorded | None, action: Action) -> int:
    """A new one whenever something of this key was there before: AWS remembers names and tokens of what is gone."""
    if recorded is None:
        return 1
    again = action is Action.CREATE and recorded.standing is not Standing.INTENDED
    return recorded.generation + (again or action is Action.REPLACE)


def _differences(resource: Resource, wanted: JsonObject, now: Observed | None) -> tuple[Difference, ...]:
    found = resource.kind.differences(wanted, now) if now is not None else {}
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


def _deletion(recorded: Recorded, here: Mapping[str, Recorded], wanted: Set[str]) -> Change:
    """It goes after what AWS wants gone before it, and after what will point elsewhere."""
    key = recorded.key
    first = [one.key for one in here.values() if key in (one.named() if one.key in wanted else one.held())]
    title = recorded.title or kind_named(recorded.kind).title
    return Change(
        **{**recorded.itself(), "title": title},
        action=Action.DELETE,
        id=recorded.id,
        needs=tuple(sorted(first)),
    )
