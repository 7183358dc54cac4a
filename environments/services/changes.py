"""Changes: ask that an environment that stands has other options."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction
from django.utils.translation import gettext as _
from pydantic import JsonValue

from environments.choices import Lifecycle, RequestKind
from environments.errors import Conflict, InvalidInput, NotAllowed
from environments.models import Environment, Request
from environments.services import proposals
from environments.services.actor import Actor
from environments.services.operations import forbid_while_busy
from environments.services.submissions import forbid_while_undecided, submit


@transaction.atomic
def request_change(
    *,
    environment: Environment,
    options: Mapping[str, JsonValue],
    usage: Mapping[str, JsonValue] | None = None,
    note: str = "",
    by: Actor,
) -> Request:
    """Ask for other `options` than the environment has; those not named stay, and so do the figures of use without
    `usage`. Raises InvalidSpec with the option, InvalidInput where nothing would change, Conflict, NotAllowed."""
    environment = Environment.objects.select_for_update(of=("self",)).for_list().get(pk=environment.pk)
    forbid_change(environment, by=by)
    figures = proposals.usage_behind(environment) if usage is None else dict(usage)
    proposal = proposals.propose_change(environment, options, figures)
    if proposal.plan.is_empty:
        raise InvalidInput(
            _("Nothing of %(name)s would change.") % {"name": environment.slug},
            code="change.empty",
            hint=_("Choose another value for at least one option."),
        )
    request = Request(
        environment=environment,
        kind=RequestKind.UPDATE,
        requester=by.person,
        usage=figures,
        note=note,
    )
    return submit(request, proposal, by=by)


def forbid_change(environment: Environment, *, by: Actor) -> None:
    """Raises what stands against a change: no right, nothing that stands, an operation under way or failed."""
    if not Environment.objects.changeable_by(by.person).filter(pk=environment.pk).exists():
        raise NotAllowed(_("You may not change %(name)s.") % {"name": environment.slug})
    forbid_while_busy(environment)
    forbid_while_undecided(environment)
    if environment.lifecycle == Lifecycle.READY:
        return
    if environment.lifecycle == Lifecycle.FAILED:
        hint = _("Retry the operation that failed, roll it back, or destroy the environment.")
    else:
        hint = _("Only what is ready can be changed.")
    raise Conflict(
        _("%(name)s cannot be changed: it is %(state)s.")
        % {"name": environment.slug, "state": environment.get_lifecycle_display().lower()},
        code="environment.not_ready",
        hint=hint,
    )
