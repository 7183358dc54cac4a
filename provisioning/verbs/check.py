"""Check: nothing that could be known stands in the way of what will be made."""

from __future__ import annotations

from provisioning.errors import AwsError, FailureClass
from provisioning.preflight import Finding, at_once, confirm_account
from provisioning.verbs.context import Context, Outcome

TRIES = 3
_PASSING = frozenset({FailureClass.THROTTLE, FailureClass.UNKNOWN})


def check(context: Context) -> Outcome:
    """One look. What cannot be read is a warning: the role may lack the permission, and all may be well."""
    try:
        finding = _found(context)
    except AwsError as error:
        if error.failure in _PASSING and context.state.attempts < TRIES:
            raise
        finding = Finding(note=f"This could not be checked: {error.message}", warning=True)
    except (KeyError, IndexError, TypeError) as error:
        finding = Finding(note=f"This could not be checked: AWS's answer lacks {error}.", warning=True)
    note = finding.note if finding else "nothing stands in the way"
    return Outcome(done=True, note=note, warning=finding is not None and finding.warning)


def _found(context: Context) -> Finding | None:
    """What the kind finds, while it is made sure that the account is the one that was meant."""
    target, aws = context.step.target, context.aws
    props = context.kind.parse(target.props)
    finding, _ = at_once(
        lambda: context.kind.preflight(aws, context.handle, props, context.step.count),
        lambda: confirm_account(aws),
    )
    return finding
