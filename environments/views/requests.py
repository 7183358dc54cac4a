"""Asking for an environment, and deciding on what was asked."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from environments.choices import RequestKind, RequestStatus, Verdict
from environments.forms import CommentForm, DecisionForm
from environments.models import Request, Review
from environments.progress import expected_seconds
from environments.request_form import EnvironmentForm
from environments.services import proposals, requests
from environments.services.submissions import UNDECIDED, expected_duration
from environments.views.api_calls import curl
from environments.views.session import actor_of, person_of
from environments.wording import told
from provisioning.blueprints import blueprint_for
from provisioning.errors import ProvisioningError
from provisioning.operations.provision import provision
from provisioning.pricing import difference


@login_required
@require_http_methods(["GET", "POST"])
def request_new(request: HttpRequest, architecture: str, phase: str) -> HttpResponse:
    """The form; a link may carry values for it (`?name=…&min_tasks=3`)."""
    form = _form(request, architecture, phase)
    tried = request.method == "POST"
    if tried and form.is_valid():
        try:
            made = requests.create_request(
                wish=form.wish(),
                note=form.cleaned_data["note"],
                expires_in_days=form.cleaned_data["expires_in_days"],
                by=actor_of(request),
            )
            return redirect(made)
        except ProvisioningError as error:
            form.take(error)
    context = {**_worked_out(request, form), "tried": tried, "crumbs": _crumbs()}
    return render(request, "environments/request_new.html", context, status=422 if tried else 200)


@login_required
@require_POST
def request_price(request: HttpRequest, architecture: str, phase: str) -> HttpResponse:
    """What moves on the page of the form, for the choice as it stands now. Writes nothing."""
    form = _form(request, architecture, phase)
    context = {**_worked_out(request, form), "tried": "tried" in request.POST}
    return render(request, "environments/request_new.html#answer", context)


def _form(request: HttpRequest, architecture: str, phase: str) -> EnvironmentForm:
    try:
        blueprint = blueprint_for(architecture, phase)
    except ProvisioningError as error:
        raise Http404(error.message) from error
    sent = request.POST.dict() if request.method == "POST" else None
    return EnvironmentForm(blueprint=blueprint, person=person_of(request), sent=sent, link=request.GET.dict())


def _worked_out(request: HttpRequest, form: EnvironmentForm) -> dict[str, object]:
    """The form with plan and price, or with what stands against them, and the same as an API call."""
    context: dict[str, object] = {"form": form, "blueprint": form.blueprint, "proposal": None, "curl": ""}
    if not form.is_valid():
        return context
    try:
        wish = form.wish()
        proposal = proposals.work_out(wish)
        context["proposal"] = proposal
        context["takes"] = expected_seconds(provision(proposal.plan, proposals.usual_of(wish.account)))
        context["curl"] = curl(request, "POST", "requests", form.as_call())
    except ProvisioningError as error:
        form.take(error)
    return context


def _crumbs() -> list[dict[str, str]]:
    return [
        {"label": _("Catalogue"), "url": "/catalogue/"},
        {"label": _("Ask for an environment"), "url": ""},
    ]


@login_required
@require_GET
def request_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Diff, plan, price, checks and discussion of one request; HTMX asks for the part that moves."""
    person = person_of(request)
    found = get_object_or_404(Request.objects.visible_to(person).for_list(), pk=pk)
    operation = found.operations.order_by("pk").last()
    reviews = list(found.reviews.select_related("reviewer"))
    budget = found.environment.application.team.monthly_budget
    context = {
        "request_": found,
        "environment": found.environment,
        "plan": found.plan,
        "estimate": found.estimate,
        "change": difference(found.estimate_before, found.estimate),
        "reviews": reviews,
        "operation": operation,
        **_powers(request, found, reviews),
        "is_moving": found.status in (*UNDECIDED, RequestStatus.APPROVED),
        "over_budget": budget is not None and found.estimate.gross > budget,
        "takes": expected_duration(found),
        "is_destroy": found.kind == RequestKind.DESTROY,
        "stage": _stage(found, operation.status if operation else ""),
        "crumbs": [{"label": _("Inbox"), "url": "/inbox/"}, {"label": str(found), "url": ""}],
    }
    if not request.headers.get("HX-Request"):
        return render(request, "environments/request.html", context)
    answer = render(request, "environments/request.html#state", context)
    if request.GET.get("seen") != found.status:
        answer["HX-Refresh"] = "true"  # who may do what has changed all over the page
    return answer


def _powers(request: HttpRequest, found: Request, reviews: list[Review]) -> dict[str, object]:
    """What this person can do about a request, as page and as API call; and why they cannot decide, if so."""
    person = person_of(request)
    can_decide = Request.objects.awaiting_verdict_of(person).filter(pk=found.pk).exists()
    can_cancel = found.status in UNDECIDED and found.requester_id == person.pk
    call = curl(request, "GET", f"requests/{found.pk}")
    if can_decide:
        call = curl(request, "POST", f"requests/{found.pk}/approve", {"hash": found.hash, "comment": ""})
    elif can_cancel:
        call = curl(request, "POST", f"requests/{found.pk}/cancel")
    return {
        "comment": CommentForm(),
        "decision": DecisionForm(initial={"hash": found.hash}),
        "can_decide": can_decide,
        "can_cancel": can_cancel,
        "can_renew": Request.objects.renewable_by(person).filter(pk=found.pk).exists(),
        "others_turn": "" if can_decide else _others_turn(found, person.pk, reviews),
        "curl": call,
    }


def _others_turn(found: Request, person: int, reviews: list[Review]) -> str:
    """Who else has to decide, and why not this person; empty when nobody has to."""
    if found.status != RequestStatus.PENDING:
        return ""
    if found.requester_id == person:
        return _("Nobody approves their own request: an approver of the team decides.")
    mine = [one for one in reviews if one.reviewer_id == person and one.hash == found.hash]
    if any(one.verdict == Verdict.APPROVE for one in mine):
        return _("You have approved it; it waits for another approver of the team.")
    return _("Only approvers of the team decide.")


@login_required
@require_http_methods(["GET", "POST"])
def request_renew(request: HttpRequest, pk: int) -> HttpResponse:
    """What a request that is out of date would say now, beside what it said; and the button that writes it so."""
    found = get_object_or_404(Request.objects.visible_to(person_of(request)).for_list(), pk=pk)
    if request.method == "POST":
        try:
            requests.renew(request=found, by=actor_of(request))
            messages.success(request, _("The request is renewed."))
        except ProvisioningError as error:
            messages.error(request, told(error))
        return redirect(found)
    if not Request.objects.renewable_by(person_of(request)).filter(pk=pk).exists():
        return redirect(found)
    context: dict[str, object] = {
        "request_": found,
        "environment": found.environment,
        "curl": curl(request, "POST", f"requests/{found.pk}/renew"),
        "crumbs": [
            {"label": _("Inbox"), "url": "/inbox/"},
            {"label": str(found), "url": found.get_absolute_url()},
            {"label": _("Renew"), "url": ""},
        ],
    }
    try:
        now = requests.work_out_again(found)
        context["moved"] = proposals.moved(found.plan, now.plan)
        context["change"] = difference(found.estimate, now.estimate)
    except ProvisioningError as error:
        context["problem"] = error
    return render(request, "environments/request_renew.html", context)


def _stage(found: Request, operation_status: str) -> int:
    """How far on the way Requested → Approved → Building → Ready."""
    if found.status == RequestStatus.DONE:
        return 4
    if operation_status:
        return 2
    return 1 if found.status in (*UNDECIDED, RequestStatus.DENIED, RequestStatus.CANCELLED) else 2


@login_required
@require_POST
def request_decide(request: HttpRequest, pk: int, verdict: str) -> HttpResponse:
    """Approve, deny, comment or cancel."""
    found = get_object_or_404(Request.objects.visible_to(person_of(request)), pk=pk)
    text, by = request.POST.get("reason", ""), actor_of(request)
    try:
        match verdict:
            case "approve":
                requests.approve(request=found, seen=request.POST.get("hash", ""), comment=text, by=by)
                if started := found.operations.order_by("pk").last():
                    messages.success(request, _("Approved."))
                    return redirect(started)
                messages.success(request, _("Approved. It waits for another approval."))
            case "deny":
                requests.deny(request=found, reason=text, by=by)
                messages.success(request, _("Denied."))
            case "cancel":
                requests.cancel(request=found, by=by)
                messages.success(request, _("Cancelled."))
            case "comment":
                requests.comment(request=found, text=request.POST.get("comment", ""), by=by)
            case _:
                raise Http404(verdict)
    except ProvisioningError as error:
        messages.error(request, told(error))
    return redirect(found)
