"""Destroy: take away everything the journal knows of, in the order that AWS itself insists on and no other."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from provisioning.kind import kind_named
from provisioning.names import in_sentence
from provisioning.operations.provision import Usual, deadline, usual_seconds
from provisioning.resource import Recorded
from provisioning.steps import GOOD, Step, StepState, StepStatus, Target, Verb


def destroy(
    recorded: Iterable[Recorded], usual: Usual | None = None, *, final_snapshot: str | None = None
) -> tuple[Step, ...]:
    """One removal for each thing that may be there.

    A removal waits for the removal of what *holds* its target (AWS refuses it before), and of what takes it along or
    lets go of it (that spares calls); the reverse of the order of creation is not asked for. `final_snapshot`: suffix
    of the last snapshots of what holds data.
    """
    here = sorted((one for one in recorded if one.is_there), key=lambda one: one.key)
    held = {one.key: one.held() for one in here}
    return tuple(_remove(one, held, usual or {}, final_snapshot) for one in here)


def roll_back(
    steps: Iterable[Step],
    states: Iterable[StepState],
    recorded: Iterable[Recorded],
    usual: Usual | None = None,
) -> tuple[Step, ...]:
    """The removal of what one operation made, back to its last step that commits."""
    by_key = {state.key: state for state in states}
    made: set[str] = set()
    for step in steps:
        status = by_key[step.key].status
        if step.commits and status in GOOD:
            made.clear()
        elif step.makes and by_key[step.key].attempts and status is not StepStatus.SKIPPED:
            made.add(step.target.key)
    return destroy([one for one in recorded if one.key in made], usual)


def _remove(
    one: Recorded, held: Mapping[str, frozenset[str]], usual: Usual, final_snapshot: str | None
) -> Step:
    kind = kind_named(one.kind)
    goes_with = tuple(key for key in one.named_by(kind.goes_with) if key in held)
    freed_by = {key for key in one.named_by(kind.freed_by) if key in held}
    holders = {key for key in held if one.key in held[key]}
    expected = usual_seconds(one.kind, "delete", usual)
    title = one.title or kind.title
    return Step(
        key=one.key,
        verb=Verb.REMOVE,
        title=f"Delete {in_sentence(title)}",
        target=Target(
            **{**one.itself(), "title": title},
            final_name=f"{one.name}-{final_snapshot}" if final_snapshot and kind.stateful else None,
            goes_with=goes_with,
        ),
        needs=tuple(sorted({*holders, *freed_by, *goes_with})),
        expected=expected,
        deadline=deadline(one.kind, expected),
    )
