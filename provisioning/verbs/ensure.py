"""Ensure: the target exists, is ours, and is as wanted, whatever happened to earlier attempts."""

from __future__ import annotations

from dataclasses import replace

from provisioning.errors import NameTaken, ProvisioningError
from provisioning.kind import Observed, Status
from provisioning.names import in_sentence
from provisioning.steps import StepPhase
from provisioning.verbs.context import Context, Outcome

UNSEEN = "not visible yet"
LOOKS = 3  # how often a thing that only tags tell apart is looked for before it is made again (EC2 lists lag)


class ResourceFailed(ProvisioningError):
    """AWS gave up on the resource."""

    code = "resource.failed"
    hint = "Read AWS's reason, mend the cause, then retry from this step: it is mended, or made anew if it never stood."


def ensure(context: Context) -> Outcome:
    """One call's worth of progress; see StepPhase for what each phase means."""
    match context.state.phase:
        case StepPhase.NEW:
            return _made(context, context.kind.create(context.aws, context.handle, context.props()))
        case StepPhase.LOOKING:
            return _look(context)
        case StepPhase.FINISHING:
            return _finish(context)
        case StepPhase.CLEARING:
            return _clear(context)
        case StepPhase.SETTLING:
            return _settle(context)


def _look(context: Context) -> Outcome:
    observed = context.read()
    if observed is None:
        if context.kind.anonymous and context.state.looks + 1 < LOOKS:
            return Outcome(phase=StepPhase.LOOKING, looked=True, note="looking for an earlier attempt")
        return _made(context, context.kind.create(context.aws, context.handle, context.props()))
    if not context.handle.owns(observed.tags) and context.handle.id != observed.id:
        raise NameTaken(
            f"Could not make {in_sentence(context.step.target.title)}: {context.handle.name} exists and is not ours."
        )
    if observed.status is Status.FAILED and not context.step.makes:
        # It stood before this operation and may still serve people: it is mended in place, never taken away.
        return _updated(context, observed)
    if observed.status is Status.FAILED:
        gone = context.kind.delete(context.aws, context.with_id(observed.id).handle)
        return Outcome(
            phase=StepPhase.CLEARING, observed=observed, note=f"taking away: {observed.reason}", gone=gone
        )
    return _repair(context, observed)


def _clear(context: Context) -> Outcome:
    observed = context.read()
    if observed is None:
        return _made(context, context.kind.create(context.aws, context.handle, context.props()))
    return Outcome(phase=StepPhase.CLEARING, observed=observed, note=observed.reason)


def _settle(context: Context) -> Outcome:
    observed = context.read()
    if observed is None:
        return Outcome(absent=True, note=UNSEEN)
    if observed.status is Status.FAILED:
        raise ResourceFailed(
            f"AWS could not make {in_sentence(context.step.target.title)}: {observed.reason}."
        )
    if observed.undone and context.state.updated and _differs(context, observed):
        raise ResourceFailed(
            f"AWS took back the change of {in_sentence(context.step.target.title)}: {observed.reason}"
        )
    if observed.status is Status.READY and not context.state.updated:
        return _repair(context, observed)
    return _settled(context, observed)


def _repair(context: Context, observed: Observed) -> Outcome:
    """Finish what an earlier attempt left half done, once AWS is ready to take changes."""
    if observed.status is not Status.READY or not _differs(context, observed):
        return _settled(context, observed)
    return _updated(context, observed)


def _updated(context: Context, observed: Observed) -> Outcome:
    after = context.kind.update(context.aws, context.with_id(observed.id).handle, context.props(), observed)
    return Outcome(observed=after if after.attributes else observed, updated=True, note=after.reason)


def _finish(context: Context) -> Outcome:
    """Right after `create`, so that nothing has to be read: after anything else, an attempt looks first."""
    recorded = Observed(
        id=context.handle.id or "",
        props=context.kind.born,
        attributes=context.attributes[context.step.target.key],
    )
    after = context.kind.update(context.aws, context.handle, context.props(), recorded)
    return Outcome(done=True, observed=after, note=after.reason)


def _made(context: Context, observed: Observed) -> Outcome:
    if observed.status is Status.READY:
        if context.kind.born and _differs(context, replace(observed, props=context.kind.born)):
            return Outcome(phase=StepPhase.FINISHING, observed=observed, note=observed.reason)
        return Outcome(done=True, observed=observed, note=observed.reason)
    return Outcome(observed=observed, note=observed.reason or "being made")


def _settled(context: Context, observed: Observed) -> Outcome:
    done = observed.status is Status.READY and not _differs(context, observed)
    return Outcome(done=done, observed=observed, note=observed.reason, updated=context.state.updated)


def _differs(context: Context, observed: Observed) -> bool:
    return bool(context.kind.differences(context.props().dump(), observed))
