"""Requests: ask, decide, withdraw."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from environments.choices import Lifecycle, OperationKind, RequestKind, RequestStatus, Verdict
from environments.errors import Conflict, InvalidInput, NotAllowed
from environments.models import Application, Environment, Request, Review, Rule
from environments.services import proposals
from environments.services.actor import Actor, audit
from environments.services.operations import forbid_while_busy, start_operation
from environments.services.proposals import Proposal, Wish
from provisioning.operations.destroy import destroy
from provisioning.operations.provision import provision
from provisioning.plan import plan_for
from provisioning.pricing import PriceBook, estimate

ONE_APPROVAL = Rule(name="default", approvals=1)


@transaction.atomic
def create_request(*, wish: Wish, note: str = "", expires_in_days: int | None = None, by: Actor) -> Request:
    """Ask for an environment. Raises InvalidInput or InvalidSpec with the field, NotAllowed."""
    application = wish.application
    if not Application.objects.requestable_by(by.person).filter(pk=application.pk).exists():
        raise NotAllowed(
            _("You may not ask for environments of %(name)s.") % {"name": application.name},
            field="application",
        )
    if expires_in_days is not None and not 1 <= expires_in_days <= 365:
        raise InvalidInput(_("An environment can expire in 1 to 365 days."), field="expires_in_days")
    environment = Environment(application=application, name=wish.name, account=wish.account)
    proposal = proposals.propose(wish, identity=str(environment.identity))
    proposals.ensure_name_is_free(proposal.spec.slug)
    _save_new(environment, proposal, by)
    request = Request(
        environment=environment,
        kind=RequestKind.CREATE,
        usage=dict(wish.usage),
        note=note,
        expires_in_days=expires_in_days,
    )
    return _submit(request, proposal, by=by)


def _save_new(environment: Environment, proposal: Proposal, by: Actor) -> None:
    spec = proposal.spec
    environment.slug = spec.slug
    environment.architecture, environment.phase, environment.region = (
        spec.architecture,
        spec.phase,
        spec.region,
    )
    environment.owner = by.person
    environment.raw_spec = spec.model_dump(mode="json")
    environment.raw_estimate = proposal.estimate.to_json()
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
    """Ask for the end of an environment; without a rule that demands reviews it starts at once."""
    forbid_destroy(environment, by=by)
    if confirm_name != environment.slug:
        raise InvalidInput(
            _("The name does not match."),
            hint=_("Type %(name)s to destroy it.") % {"name": environment.slug},
            field="confirm_name",
        )
    recorded = [row.recorded for row in environment.resources.all()]
    plan = plan_for(environment.spec, (), recorded)
    before = environment.estimate
    nothing = estimate((), region=environment.region, book=PriceBook.load())
    request = Request.objects.create(
        environment=environment,
        kind=RequestKind.DESTROY,
        requester=by.person,
        raw_plan=plan.model_dump(mode="json"),
        raw_estimate=nothing.to_json(),
        raw_estimate_before=before.to_json() if before else None,
        usage={"final_snapshot": final_snapshot},
        hash=proposals.hash_of(plan, nothing),
        approvals_needed=0,
    )
    rule = _rule_for(request, Decimal(0), explicit=True)
    if rule is not None:
        request.approvals_needed, request.own_approval = rule.approvals, rule.own
        request.save(update_fields=["approvals_needed", "own_approval"])
    audit("request.created", str(request), by=by, environment=environment, after={"kind": request.kind})
    if request.approvals_needed == 0:
        _carry_out(request, by=by)
    return request


def forbid_destroy(environment: Environment, *, by: Actor) -> None:
    """Raises what stands against destroying: no right, protection, an operation under way, already gone."""
    if not Environment.objects.changeable_by(by.person).filter(pk=environment.pk).exists():
        raise NotAllowed(_("You may not destroy %(name)s.") % {"name": environment.slug})
    if environment.is_gone:
        raise Conflict(_("%(name)s is destroyed already.") % {"name": environment.slug})
    if environment.protected:
        raise Conflict(
            _("%(name)s is protected.") % {"name": environment.slug},
            code="environment.protected",
            hint=_("Take the protection off first; its team's admins may."),
        )
    forbid_while_busy(environment)
    pending = environment.requests.filter(status=RequestStatus.PENDING).first()
    if pending is not None:
        raise Conflict(
            _("Request #%(id)s on this environment waits for a decision.") % {"id": pending.pk},
            hint=_("Decide or cancel it first."),
        )


def _submit(request: Request, proposal: Proposal, *, by: Actor) -> Request:
    request.requester = by.person
    request.raw_plan = proposal.plan.model_dump(mode="json")
    request.raw_estimate = proposal.estimate.to_json()
    request.hash = proposal.hash
    rule = _rule_for(request, proposal.estimate.gross) or ONE_APPROVAL
    request.approvals_needed, request.own_approval = rule.approvals, rule.own
    request.save()
    audit(
        "request.created",
        str(request),
        by=by,
        environment=request.environment,
        after={"hash": request.hash, "gross": str(proposal.estimate.gross), "approvals": rule.approvals},
    )
    if request.approvals_needed == 0:
        _carry_out(request, by=by)
    return request


def _rule_for(request: Request, cost: Decimal, *, explicit: bool = False) -> Rule | None:
    """The first active rule that fits; `explicit`: only one that names this kind of request."""
    environment = request.environment
    team = environment.application.team
    rules = Rule.objects.filter(Q(team=None) | Q(team=team), active=True)
    for rule in rules:
        named = rule.kind == request.kind if explicit else True
        if named and rule.fits(team=team, kind=request.kind, phase=environment.phase, cost=cost):
            return rule
    return None


@transaction.atomic
def approve(*, request: Request, seen: str, comment: str = "", by: Actor) -> Request:
    """Say yes to exactly what was seen (`seen` is its hash); with enough yeses it is carried out."""
    request = _locked(request)
    _forbid_decision(request, by)
    if seen != request.hash:
        raise Conflict(
            _("The request changed since you looked."),
            code="request.changed",
            hint=_("Look at it again and approve what it says now."),
        )
    if Review.objects.approving(request).filter(reviewer=by.person).exists():
        raise Conflict(_("You have approved this already."), hint=_("It waits for somebody else."))
    _review(request, Verdict.APPROVE, comment, by)
    if Review.objects.approving(request).count() >= request.approvals_needed:
        _carry_out(request, by=by)
    return request


@transaction.atomic
def deny(*, request: Request, reason: str, by: Actor) -> Request:
    """Say no, and why."""
    request = _locked(request)
    _forbid_decision(request, by)
    if not reason.strip():
        raise InvalidInput(_("A denial needs a reason."), field="comment")
    _review(request, Verdict.DENY, reason, by)
    _close(request, RequestStatus.DENIED, by)
    return request


@transaction.atomic
def comment(*, request: Request, text: str, by: Actor) -> Request:
    """Ask or say something without deciding."""
    if not text.strip():
        raise InvalidInput(_("Write something."), field="comment")
    _review(request, Verdict.COMMENT, text, by)
    return request


@transaction.atomic
def cancel(*, request: Request, by: Actor) -> Request:
    """Withdraw a request that nobody has decided; its requester or who may decide can."""
    request = _locked(request)
    theirs = request.requester_id == by.person.pk
    if not theirs and not Request.objects.decidable_by(by.person).filter(pk=request.pk).exists():
        raise NotAllowed(_("Only its requester or an approver can cancel a request."))
    _forbid_unless_pending(request)
    _close(request, RequestStatus.CANCELLED, by)
    return request


def _locked(request: Request) -> Request:
    return Request.objects.select_for_update(of=("self",)).for_list().get(pk=request.pk)


def _forbid_decision(request: Request, by: Actor) -> None:
    if request.requester_id == by.person.pk and not request.own_approval:
        raise NotAllowed(
            _("Nobody decides on their own request."), code="request.own", hint=_("Ask another approver.")
        )
    if not Request.objects.decidable_by(by.person).filter(pk=request.pk).exists():
        raise NotAllowed(_("Only approvers of the team decide on requests."))
    _forbid_unless_pending(request)


def _forbid_unless_pending(request: Request) -> None:
    if request.status != RequestStatus.PENDING:
        raise Conflict(
            _("Request #%(id)s is %(status)s.")
            % {"id": request.pk, "status": request.get_status_display().lower()},
            code="request.closed",
        )


def _review(request: Request, verdict: Verdict, text: str, by: Actor) -> None:
    Review.objects.create(
        request=request,
        reviewer=by.person,
        requester_id=request.requester_id,
        by_rule=request.own_approval,
        verdict=verdict,
        hash=request.hash,
        comment=text,
    )
    audit(
        f"request.{verdict.value}",
        str(request),
        by=by,
        environment=request.environment,
        after={"hash": request.hash, "comment": text},
    )


def _close(request: Request, status: RequestStatus, by: Actor) -> None:
    request.status, request.decided_at = status, timezone.now()
    request.save(update_fields=["status", "decided_at"])
    environment = request.environment
    if request.kind == RequestKind.CREATE:
        # Nothing was made: the name is free again.
        environment.lifecycle, environment.destroyed_at = Lifecycle.DESTROYED, timezone.now()
        environment.save(update_fields=["lifecycle", "destroyed_at"])
    audit(f"request.{status.value}", str(request), by=by, environment=environment)


def _carry_out(request: Request, *, by: Actor) -> None:
    request.status, request.decided_at = RequestStatus.APPROVED, timezone.now()
    request.save(update_fields=["status", "decided_at"])
    environment = request.environment
    usual = proposals.usual_of(environment.account)
    if request.kind == RequestKind.DESTROY:
        recorded = [row.recorded for row in environment.resources.all()]
        label = f"final-{request.pk}" if request.usage.get("final_snapshot") else None
        steps = destroy(recorded, usual, final_snapshot=label)
        kind, lifecycle = OperationKind.DESTROY, Lifecycle.DESTROYING
    else:
        steps = provision(request.plan, usual)
        kind, lifecycle = OperationKind.PROVISION, Lifecycle.BUILDING
        environment.raw_spec = request.plan.spec.model_dump(mode="json")
        environment.raw_estimate = request.raw_estimate
        if request.expires_in_days:
            environment.expires_at = timezone.now() + timedelta(days=request.expires_in_days)
    environment.lifecycle = lifecycle
    environment.save()
    start_operation(environment=environment, request=request, kind=kind, steps=steps, by=by)
