"""Requests: ask for an environment or for its end, renew, withdraw. What reviewers do is in `reviews`."""

from __future__ import annotations

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from environments.choices import RequestKind, RequestStatus
from environments.errors import Conflict, InvalidInput, NotAllowed
from environments.models import Application, Environment, Request
from environments.services import proposals
from environments.services.actor import Actor
from environments.services.operations import forbid_while_busy, forbid_while_protected
from environments.services.proposals import Proposal, Wish
from environments.services.reviews import approve, comment, deny
from environments.services.submissions import (
    UNDECIDED,
    close,
    forbid_unless,
    forbid_while_undecided,
    locked,
    submit,
    work_out_again,
)

__all__ = [
    "approve",
    "cancel",
    "comment",
    "create_request",
    "deny",
    "forbid_destroy",
    "renew",
    "request_destroy",
    "work_out_again",
]

LONGEST_DAYS = 365


@transaction.atomic
def create_request(*, wish: Wish, note: str = "", expires_in_days: int | None = None, by: Actor) -> Request:
    """Ask for an environment. Raises InvalidInput or InvalidSpec with the field, NotAllowed."""
    _forbid_strangers(wish.application, by)
    if expires_in_days is not None and not 1 <= expires_in_days <= LONGEST_DAYS:
        raise InvalidInput(
            _("An environment can expire in 1 to %(days)s days.") % {"days": LONGEST_DAYS},
            field="expires_in_days",
        )
    environment = Environment(
        application=wish.application,
        name=wish.name,
        account=wish.account,
        identity=proposals.new_identity(),
    )
    proposal = proposals.propose(wish, identity=str(environment.identity))
    proposals.ensure_name_is_free(proposal.spec.slug)
    _save_new(environment, proposal, by)
    request = Request(
        environment=environment,
        kind=RequestKind.CREATE,
        requester=by.person,
        usage=dict(wish.usage),
        note=note,
        expires_in_days=expires_in_days,
    )
    return submit(request, proposal, by=by)


def _forbid_strangers(application: Application, by: Actor) -> None:
    if not Application.objects.requestable_by(by.person).filter(pk=application.pk).exists():
        raise NotAllowed(
            _("You may not ask for environments of %(name)s.") % {"name": application.name},
            field="application",
        )


def _save_new(environment: Environment, proposal: Proposal, by: Actor) -> None:
    spec = proposal.spec
    environment.slug = spec.slug
    environment.architecture, environment.phase, environment.region = (
        spec.architecture,
        spec.phase,
        spec.region,
    )
    environment.owner = by.person
    try:
        with transaction.atomic():
            environment.save()
    except IntegrityError:  # somebody was faster between the look and the write
        proposals.ensure_name_is_free(spec.slug)
        raise


@transaction.atomic
def request_destroy(
    *, environment: Environment, confirm_name: str, final_snapshot: bool = True, by: Actor
) -> Request:
    """Ask for the end of an environment; without a rule that demands approvals it starts at once."""
    environment = Environment.objects.select_for_update(of=("self",)).for_list().get(pk=environment.pk)
    forbid_destroy(environment, by=by)
    if confirm_name != environment.slug:
        raise InvalidInput(
            _("The name does not match."),
            hint=_("Type %(name)s to destroy it.") % {"name": environment.slug},
            field="confirm_name",
        )
    request = Request(
        environment=environment,
        kind=RequestKind.DESTROY,
        requester=by.person,
        final_snapshot=final_snapshot,
    )
    return submit(request, proposals.propose_nothing(environment), by=by)


def forbid_destroy(environment: Environment, *, by: Actor) -> None:
    """Raises what stands against destroying: no right, protection, an operation under way, already gone."""
    if not Environment.objects.changeable_by(by.person).filter(pk=environment.pk).exists():
        raise NotAllowed(_("You may not destroy %(name)s.") % {"name": environment.slug})
    if environment.is_gone:
        raise Conflict(_("%(name)s is destroyed already.") % {"name": environment.slug})
    forbid_while_protected(environment)
    forbid_while_busy(environment)
    forbid_while_undecided(environment)


@transaction.atomic
def renew(*, request: Request, by: Actor) -> Request:
    """Write a stale request anew, as things are now. It is approved again; what was said of the old one stays."""
    request = locked(request)
    _forbid_strangers(request.environment.application, by)  # its requester too may have lost the role since
    forbid_unless(request, (RequestStatus.STALE,))
    return submit(request, work_out_again(request), by=by)


@transaction.atomic
def cancel(*, request: Request, by: Actor) -> Request:
    """Withdraw a request that nobody has decided; its requester or who may decide can."""
    request = locked(request)
    theirs = request.requester_id == by.person.pk
    if not theirs and not Request.objects.decidable_by(by.person).filter(pk=request.pk).exists():
        raise NotAllowed(_("Only its requester or an approver can cancel a request."))
    forbid_unless(request, UNDECIDED)
    close(request, RequestStatus.CANCELLED, by=by)
    return request
