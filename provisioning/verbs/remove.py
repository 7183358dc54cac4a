"""Remove: the target is gone, and was ours."""

from __future__ import annotations

from provisioning.kind import Status
from provisioning.steps import StepPhase
from provisioning.verbs.context import Context, Outcome
from provisioning.verbs.ensure import LOOKS


def remove(context: Context) -> Outcome:
    """One call's worth of progress. A target whose id is recorded is deleted without a look at the first attempt."""
    target = context.step.target
    if target.goes_with and not context.attributes.keys() & set(target.goes_with):
        return Outcome(done=True, gone=True, note="went with what it belonged to")
    if context.state.phase is StepPhase.SETTLING:
        return _settle(context)
    if context.state.phase is StepPhase.NEW and context.handle.id is not None:
        return _delete(context)
    return _look(context)


def _look(context: Context) -> Outcome:
    observed = context.read()
    if observed is None:
        if context.handle.id is None and context.kind.anonymous and context.state.looks + 1 < LOOKS:
            return Outcome(phase=StepPhase.LOOKING, looked=True, note="looking for what may be there")
        return Outcome(done=True, gone=True)
    if context.handle.id != observed.id and not context.handle.owns(observed.tags):
        return Outcome(done=True, gone=True, note="something of this name exists and is not ours: left alone")
    if observed.status is Status.DELETING:
        return Outcome(note=observed.reason)
    return _delete(context.with_id(observed.id))


def _delete(context: Context) -> Outcome:
    final_name = context.step.target.final_name
    if context.kind.delete(context.aws, context.handle, final_name=final_name):
        return Outcome(done=True, gone=True)
    return Outcome(note="being deleted")


def _settle(context: Context) -> Outcome:
    observed = context.read()
    if observed is None:
        return Outcome(done=True, gone=True)
    return Outcome(note=observed.reason or "being deleted")
