"""What is changed about an environment without touching AWS: its end date and its protection."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from environments.forms import ExtendForm
from environments.models import Environment
from environments.services import environments
from environments.views.api_calls import curl
from environments.views.environments import crumbs_to, visible_environment
from environments.views.session import actor_of, number_in, person_of
from environments.wording import told
from provisioning.errors import ProvisioningError


@login_required
@require_http_methods(["GET", "POST"])
def environment_extend(request: HttpRequest, slug: str) -> HttpResponse:
    """Another date to expire on, or none."""
    environment = visible_environment(request, slug)
    form = ExtendForm(request.POST or None)
    if form.is_bound and form.is_valid():
        try:
            environments.extend_environment(
                environment=environment, days=form.cleaned_data["days"], by=actor_of(request)
            )
            messages.success(request, _("The new date is set."))
            return redirect(environment)
        except ProvisioningError as error:
            if error.field not in form.fields:
                messages.error(request, told(error))
                return redirect(environment)
            form.add_error(error.field, told(error))
    days = form.data.get("days", "") if form.is_bound else str(form["days"].initial)
    context = {
        "environment": environment,
        "form": form,
        "changeable": _may(request, environment),
        "curl": curl(
            request,
            "POST",
            f"environments/{environment.slug}/extend",
            {"days": number_in(days)},
        ),
        "crumbs": crumbs_to(environment, _("Expiry")),
    }
    return render(request, "environments/extend.html", context, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "POST"])
def environment_protection(request: HttpRequest, slug: str) -> HttpResponse:
    """The switch that stands against destroying: what it does, who may turn it, and the button."""
    environment = visible_environment(request, slug)
    if request.method == "POST":
        wanted = request.POST.get("protected") == "on"
        try:
            environments.protect_environment(environment=environment, protected=wanted, by=actor_of(request))
            messages.success(request, _("It is protected.") if wanted else _("The protection is off."))
        except ProvisioningError as error:
            messages.error(request, told(error))
        return redirect(environment)
    verb = "unprotect" if environment.protected else "protect"
    context = {
        "environment": environment,
        "changeable": _may(request, environment),
        "administered": Environment.objects.administered_by(person_of(request))
        .filter(pk=environment.pk)
        .exists(),
        "curl": curl(request, "POST", f"environments/{environment.slug}/{verb}"),
        "crumbs": crumbs_to(environment, _("Protection")),
    }
    return render(request, "environments/protection.html", context)


def _may(request: HttpRequest, environment: Environment) -> bool:
    changeable = Environment.objects.changeable_by(person_of(request)).living()
    return changeable.filter(pk=environment.pk).exists()
