"""Provision: make AWS be what an approved plan says."""

from __future__ import annotations

from collections.abc import Mapping

from provisioning.errors import InvalidSpec
from provisioning.kind import Expected, kind_named
from provisioning.plan import Action, Change, Plan
from provisioning.steps import Step, Target, Verb

PATIENCE = 3.0  # a deadline is this many times the usual duration…
LEAST = 900.0  # …and at least this long, in seconds

Usual = Mapping[tuple[str, str], float]  # (kind, verb) -> seconds it usually took in this account


def provision(plan: Plan, usual: Usual | None = None) -> tuple[Step, ...]:
    """The steps that carry out a plan, in an order that can be read top to bottom.

    Raises InvalidSpec where a thing that holds data would have to be replaced.
    """
    changed = {change.key for change in plan.changes if change.action is not Action.NOOP}
    steps: list[Step] = []
    for change in plan.changes:
        match change.action:
            case Action.CREATE | Action.UPDATE:
                steps.append(_ensure(change, _present(change.needs, changed), usual or {}))
            case Action.REPLACE:
                steps.extend(_replace(change, changed, usual or {}))
            case Action.DELETE:
                steps.append(_remove(change, change.key, usual or {}))
            case Action.NOOP:
                pass
    return tuple(steps)


def deadline(expected: float) -> float:
    """Seconds after which a step has failed, whatever AWS says."""
    return max(LEAST, expected * PATIENCE)


def usual_seconds(kind: str, verb: str, usual: Usual) -> float:
    """What a step of this kind usually takes: of the account's past, else of the kind's own guess."""
    guess: Expected = kind_named(kind).expected
    return usual.get((kind, verb), float(getattr(guess, verb)))


def target_of(change: Change) -> Target:
    """The target of a step that carries out this change."""
    return Target(
        key=change.key,
        kind=change.kind,
        name=change.name,
        title=change.title,
        generation=change.generation,
        props=change.props,
        after=change.after,
    )


def _present(needs: tuple[str, ...], changed: set[str]) -> tuple[str, ...]:
    return tuple(key for key in needs if key in changed)


def _ensure(change: Change, needs: tuple[str, ...], usual: Usual) -> Step:
    makes = change.action is not Action.UPDATE
    verb = "create" if makes else "update"
    expected = usual_seconds(change.kind, verb, usual)
    return Step(
        key=change.key,
        verb=Verb.ENSURE,
        title=f"{'Create' if makes else 'Update'} {change.title}",
        target=target_of(change),
        needs=needs,
        expected=expected,
        deadline=deadline(expected),
        makes=makes,
    )


def _remove(change: Change, key: str, usual: Usual, *, generation: int | None = None) -> Step:
    target = target_of(change)
    if generation is not None:
        target = target.model_copy(update={"generation": generation})
    expected = usual_seconds(change.kind, "delete", usual)
    return Step(
        key=key,
        verb=Verb.REMOVE,
        title=f"Delete {change.title}",
        target=target,
        expected=expected,
        deadline=deadline(expected),
    )


def _replace(change: Change, changed: set[str], usual: Usual) -> tuple[Step, Step]:
    if kind_named(change.kind).stateful:
        raise InvalidSpec(
            f"{change.title} would have to be replaced, and its data with it.",
            code="plan.data_loss",
            hint="Promote the environment or restore a backup into a new one instead.",
        )
    old = _remove(change, f"{change.key}:old", usual, generation=change.generation - 1)
    new = _ensure(change, (*_present(change.needs, changed), old.key), usual)
    return old, new
