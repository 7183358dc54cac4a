"""Provision: make AWS be what an approved plan says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from provisioning.errors import InvalidSpec
from provisioning.kind import Expected, kind_named
from provisioning.names import in_sentence
from provisioning.plan import Action, Change, Plan
from provisioning.references import references
from provisioning.resource import old_key
from provisioning.steps import Step, Target, Verb

PATIENCE = 3.0  # a deadline is this many times the usual duration, and at least the kind's own patience
CHECK_PATIENCE = 120.0  # seconds for a look at what could stand in the way

Usual = Mapping[tuple[str, str], float]  # (kind, verb) -> seconds it usually took in this account


def provision(plan: Plan, usual: Usual | None = None) -> tuple[Step, ...]:
    """The steps that carry out a plan, in an order that can be read top to bottom.

    Raises InvalidSpec where a thing that holds data would have to be replaced.
    """
    changes = {change.key: change for change in plan.changes if change.action is not Action.NOOP}
    steps: list[Step] = []
    last: list[Step] = []
    for change in changes.values():
        needs = tuple(key for key in change.needs if key in changes)
        match change.action:
            case Action.CREATE | Action.UPDATE:
                steps.append(_ensure(change, needs, usual or {}, _early(change, changes)))
            case Action.REPLACE if _goes_first(change):
                steps.append(_remove_old(change, (), usual or {}))
                steps.append(_ensure(change, (*needs, steps[-1].key), usual or {}))
            case Action.REPLACE:
                steps.append(_ensure(change, needs, usual or {}))
                last.append(_remove_old(change, _pointing_at(change, changes), usual or {}))
            case Action.DELETE:
                last.append(_remove(change, target_of(change), needs, usual or {}))
            case Action.NOOP:
                pass
    checks = _checks(changes.values())
    return (*checks, *(_after(step, checks) for step in (*steps, *last)))


def _checks(changes: Iterable[Change]) -> tuple[Step, ...]:
    """A look before anything is made, for each new thing of a kind that has one, or one for all of a kind."""
    found: dict[str, Step] = {}
    for change in changes:
        kind = kind_named(change.kind)
        # What an earlier attempt may have made is nobody else's, and is counted already.
        if not kind.checked or change.tried or change.action not in {Action.CREATE, Action.REPLACE}:
            continue
        group = f"{change.kind} {change.region}" if kind.checked_together else change.key
        known = found.get(group)
        count = known.count + 1 if known else 1
        found[group] = known.model_copy(update={"count": count}) if known else _check(change)
    return tuple(found.values())


def _check(change: Change) -> Step:
    return Step(
        key=f"check:{change.key}",
        verb=Verb.CHECK,
        title=f"Check {in_sentence(change.title)}",
        target=target_of(change),
        deadline=CHECK_PATIENCE,
    )


def _after(step: Step, checks: tuple[Step, ...]) -> Step:
    """What would begin at once waits for all that is looked at first; everything else waits for it already."""
    if step.needs or not checks:
        return step
    return step.model_copy(update={"needs": tuple(check.key for check in checks)})


def deadline(kind: str, expected: float) -> float:
    """Seconds after which a step about a thing of this kind has failed, whatever AWS says."""
    return max(kind_named(kind).patience, expected * PATIENCE)


def usual_seconds(kind: str, verb: str, usual: Usual) -> float:
    """What a step of this kind usually takes: of the account's past, else of the kind's own guess."""
    guess: Expected = kind_named(kind).expected
    return usual.get((kind, verb), float(getattr(guess, verb)))


def target_of(change: Change) -> Target:
    """The target of a step that carries out this change."""
    return Target(**change.itself())


def _early(change: Change, changes: Mapping[str, Change]) -> tuple[str, ...]:
    """The keys of new things that this one only refers to, by an id that they have before they are as wanted."""
    named = {key for key, attribute in references(change.props) if attribute == "id"}
    named -= {key for key, attribute in references(change.props) if attribute != "id"} | set(change.after)
    new = (changes[key] for key in sorted(named & changes.keys()))
    return tuple(other.key for other in new if other.action is Action.CREATE and kind_named(other.kind).born)


def _ensure(change: Change, needs: tuple[str, ...], usual: Usual, early: tuple[str, ...] = ()) -> Step:
    makes = change.action is not Action.UPDATE
    verb = "create" if makes else "update"
    expected = usual_seconds(change.kind, verb, usual)
    return Step(
        key=change.key,
        verb=Verb.ENSURE,
        title=f"{'Create' if makes else 'Update'} {in_sentence(change.title)}",
        target=target_of(change),
        needs=needs,
        early=early,
        expected=expected,
        deadline=deadline(change.kind, expected),
        makes=makes,
        tried=change.tried,
    )


def _remove(
    change: Change, target: Target, needs: tuple[str, ...], usual: Usual, *, key: str | None = None
) -> Step:
    expected = usual_seconds(change.kind, "delete", usual)
    return Step(
        key=key or change.key,
        verb=Verb.REMOVE,
        title=f"Delete {in_sentence(change.title)}",
        target=target,
        needs=needs,
        expected=expected,
        deadline=deadline(change.kind, expected),
    )


def _goes_first(change: Change) -> bool:
    """Whether the old one has to go before the new one is made. Otherwise the new one is made first, what points at
    the old one is moved, and nobody is without."""
    return change.name == change.replaces or kind_named(change.kind).exclusive


def _remove_old(change: Change, needs: tuple[str, ...], usual: Usual) -> Step:
    """The removal of what is replaced: under its own key as long as the new one has not been begun."""
    if kind_named(change.kind).stateful:
        raise InvalidSpec(
            f"{change.title} would have to be replaced, and its data with it.",
            code="plan.data_loss",
            hint="Promote the environment or restore a backup into a new one instead.",
        )
    generation = change.generation - 1
    key = old_key(change.key, generation)
    target = target_of(change).model_copy(
        update={
            "key": change.key if _goes_first(change) else key,
            "name": change.replaces,
            "generation": generation,
        }
    )
    return _remove(change, target, needs, usual, key=key)


def _pointing_at(change: Change, changes: Mapping[str, Change]) -> tuple[str, ...]:
    """Steps that have to be done before the old one can go: the new one, what is moved to it, and what goes as well."""
    steps = {change.key}
    for other in changes.values():
        if other.action is Action.DELETE:
            named = {key for key, _ in references(other.props)} | set(other.after)
        else:
            named = set(other.needs)
        if change.key in named:
            steps.add(other.key)
            if other.action is Action.REPLACE:
                steps.add(old_key(other.key, other.generation - 1))
    return tuple(sorted(steps))
