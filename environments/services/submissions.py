"""What every request goes through, whatever it asks for: price and plan, its rule, and at last its operation."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from environments.choices import Lifecycle, OperationKind, RequestKind, RequestStatus
from environments.errors import Conflict
from environments.models import Environment, Request, Rule
from environments.progress import expected_seconds
from environments.services import proposals
from environments.services.actor import Actor, audit
from environments.services.notices import tell_reviewers
from environments.services.operations import lifecycle_while, start_operation
from environments.services.proposals import Proposal, Wish
from provisioning.errors import InvalidSpec
from provisioning.operations.destroy import destroy
from provisioning.operations.provision import provision
from provisioning.steps import Step

UNDECIDED = (RequestStatus.PENDING, RequestStatus.STALE)


def submit(request: Request, proposal: Proposal, *, by: Actor) -> Request:
    """Save what a request shows, ask the rules, and start at once what needs no approval."""
    environment = request.environment
    request.raw_plan = proposal.plan.model_dump(mode="json")
    request.raw_estimate = proposal.estimate.to_json()
    request.raw_estimate_before = environment.raw_estimate or None
    if request.kind == RequestKind.CREATE:
        request.raw_estimate_before = None
        environment.raw_spec = proposal.spec.model_dump(mode="json")
        environment.raw_estimate = request.raw_estimate
        environment.save(update_fields=["raw_spec", "raw_estimate"])
    request.hash = proposal.hash
    request.status, request.decided_at = RequestStatus.PENDING, None
    _ask_rules(request)
    request.save()
    audit("request.created", request, by=by, about=environment, after=_told(request, proposal))
    if request.approvals_needed == 0:
        carry_out(request, by=by)
    else:
        tell_reviewers(request)
    return request


def _told(request: Request, proposal: Proposal) -> dict[str, str | int]:
    return {
        "kind": request.kind,
        "hash": request.hash,
        "gross": str(proposal.estimate.rounded().gross),
        "approvals": request.approvals_needed,
        "rule": request.rule.name if request.rule else "",
    }


def _ask_rules(request: Request) -> None:
    """The first active rule that fits decides. Without any, destroying needs no approval and all else one."""
    rule = next((one for one in _rules_for(request) if _fits(one, request)), None)
    request.rule = rule
    request.own_approval = rule.own if rule else False
    if rule is not None:
        request.approvals_needed = rule.approvals
    else:
        request.approvals_needed = 0 if request.kind == RequestKind.DESTROY else 1


def _rules_for(request: Request) -> list[Rule]:
    """Destroying is only subject to rules that name it: those for requests at large speak of what will cost."""
    team = request.environment.application.team
    rules = Rule.objects.filter(Q(team=None) | Q(team=team), active=True)
    return list(rules.filter(kind=request.kind) if request.kind == RequestKind.DESTROY else rules)


def _fits(rule: Rule, request: Request) -> bool:
    """By the price after the change; of what is to be destroyed, by the price that it has."""
    priced = request.estimate_before if request.kind == RequestKind.DESTROY else request.estimate
    cost = None if priced is None or priced.partial else priced.gross
    return rule.fits(request.environment, kind=request.kind, cost=cost)


def work_out_again(request: Request) -> Proposal:
    """What the request would say if it were made now. Raises InvalidInput or InvalidSpec if it no longer could."""
    environment = request.environment
    if request.kind == RequestKind.DESTROY:
        return proposals.propose_nothing(environment)
    shown = request.plan.spec
    if request.kind == RequestKind.UPDATE:
        return proposals.propose_change(environment, shown.options, request.usage)
    wish = Wish(
        application=environment.application,
        name=environment.name,
        architecture=shown.architecture,
        phase=shown.phase,
        region=shown.region,
        account=environment.account,
        options=shown.options,
        usage=request.usage,
    )
    return proposals.propose(wish, identity=str(environment.identity))


def carry_out(request: Request, *, by: Actor) -> None:
    """Start the operation: exactly the steps of the plan that was approved."""
    request.status, request.decided_at = RequestStatus.APPROVED, timezone.now()
    request.save(update_fields=["status", "decided_at"])
    environment = request.environment
    steps = steps_of(request)
    environment.lifecycle = lifecycle_while(request)
    if request.kind == RequestKind.DESTROY:
        kind = OperationKind.DESTROY
    else:
        kind = OperationKind.PROVISION
        environment.raw_spec, environment.raw_estimate = request.raw_plan["spec"], request.raw_estimate
        if request.expires_in_days:
            environment.expires_at = timezone.now() + timedelta(days=request.expires_in_days)
    environment.save(update_fields=["lifecycle", "expires_at", "raw_spec", "raw_estimate"])
    start_operation(environment=environment, request=request, kind=kind, steps=steps, by=by)


def steps_of(request: Request) -> tuple[Step, ...]:
    """What an approval of it starts, with how long each step usually takes in its account."""
    environment = request.environment
    usual = proposals.usual_of(environment.account)
    if request.kind != RequestKind.DESTROY:
        return provision(request.plan, usual)
    recorded = [row.recorded for row in environment.resources.all()]
    label = f"final-{request.pk}" if request.final_snapshot else None
    return destroy(recorded, usual, final_snapshot=label)


def expected_duration(request: Request) -> float | None:
    """Seconds that carrying it out usually takes; None once it is decided, and where nobody can tell."""
    if request.status not in UNDECIDED:
        return None
    try:
        return expected_seconds(steps_of(request))
    except (KeyError, ValueError, InvalidSpec):  # written by another version
        return None


def forbid_while_undecided(environment: Environment) -> None:
    """Raises Conflict, naming the request that waits for a decision."""
    pending = environment.requests.undecided().first()
    if pending is not None:
        raise Conflict(
            _("Request #%(id)s on this environment waits for a decision.") % {"id": pending.pk},
            code="request.undecided",
            hint=_("Decide or cancel it first."),
        )


def close(request: Request, status: RequestStatus, *, by: Actor) -> None:
    """End a request without an operation. Where nothing was ever made, the name is free again."""
    request.status, request.decided_at = status, timezone.now()
    request.save(update_fields=["status", "decided_at"])
    environment = request.environment
    if request.kind == RequestKind.CREATE:
        environment.lifecycle, environment.destroyed_at = Lifecycle.DESTROYED, timezone.now()
        environment.save(update_fields=["lifecycle", "destroyed_at"])
    audit(f"request.{status.value}", request, by=by, about=environment)


def locked(request: Request) -> Request:
    """The row as it is now, ours until the transaction ends."""
    return Request.objects.select_for_update(of=("self",)).for_list().get(pk=request.pk)


def forbid_unless(request: Request, statuses: tuple[RequestStatus, ...]) -> None:
    """Raises Conflict for a request that is in none of these."""
    if request.status not in statuses:
        raise Conflict(
            _("Request #%(id)s is %(status)s.")
            % {"id": request.pk, "status": request.get_status_display().lower()},
            code="request.stale" if request.status == RequestStatus.STALE else "request.closed",
            hint=_("Reload and look at what changed."),
        )
