"""Changing an environment that stands: the same form as for a new one, filled with what it has."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from environments.change_form import ChangeForm
from environments.choices import Lifecycle
from environments.models import Environment
from environments.progress import expected_seconds
from environments.services import changes, proposals
from environments.views.api_calls import curl
from environments.views.environments import crumbs_to, visible_environment
from environments.views.session import actor_of
from provisioning.errors import ProvisioningError
from provisioning.operations.provision import provision
from provisioning.pricing import difference


@login_required
@require_http_methods(["GET", "POST"])
def environment_change(request: HttpRequest, slug: str) -> HttpResponse:
    """The form; a link may carry values for it (`?firewall=on`). What stands against any change stands there first."""
    environment = visible_environment(request, slug)
    if environment.lifecycle in (Lifecycle.REQUESTED, Lifecycle.DESTROYED):
        return redirect(environment)
    form, tried = _form(request, environment), request.method == "POST"
    if tried and form.is_valid():
        try:
            made = changes.request_change(
                environment=environment,
                options=form.chosen(),
                usage=form.use(),
                note=form.cleaned_data["note"],
                by=actor_of(request),
            )
            return redirect(made)
        except ProvisioningError as error:
            form.take(error)
    context = {
        **_worked_out(request, environment, form),
        "tried": tried,
        "problem": _problem(request, environment),
        "crumbs": crumbs_to(environment, _("Change")),
    }
    return render(request, "environments/request_new.html", context, status=422 if tried else 200)


@login_required
@require_POST
def change_price(request: HttpRequest, slug: str) -> HttpResponse:
    """What moves on the page of the form, for the choice as it stands now. Writes nothing."""
    environment = visible_environment(request, slug)
    if environment.lifecycle in (Lifecycle.REQUESTED, Lifecycle.DESTROYED):
        return HttpResponse(headers={"HX-Redirect": environment.get_absolute_url()})
    context = _worked_out(request, environment, _form(request, environment))
    context["tried"] = "tried" in request.POST
    return render(request, "environments/request_new.html#answer", context)


def _form(request: HttpRequest, environment: Environment) -> ChangeForm:
    sent = request.POST.dict() if request.method == "POST" else None
    return ChangeForm(environment=environment, sent=sent, link=request.GET.dict())


def _problem(request: HttpRequest, environment: Environment) -> ProvisioningError | None:
    try:
        changes.forbid_change(environment, by=actor_of(request))
    except ProvisioningError as error:
        return error
    return None


def _worked_out(request: HttpRequest, environment: Environment, form: ChangeForm) -> dict[str, object]:
    """The form with plan and price, or with what stands against them, and the same as an API call."""
    context: dict[str, object] = {
        "form": form,
        "blueprint": form.blueprint,
        "environment": environment,
        "proposal": None,
        "curl": "",
    }
    if not form.is_valid():
        return context
    try:
        proposal = proposals.propose_change(environment, form.chosen(), form.use())
    except ProvisioningError as error:
        form.take(error)
        return context
    return {
        **context,
        "proposal": proposal,
        "takes": expected_seconds(provision(proposal.plan, proposals.usual_of(environment.account))),
        "change": difference(environment.estimate, proposal.estimate),
        "curl": curl(request, "POST", f"environments/{environment.slug}/changes", form.as_call()),
    }
