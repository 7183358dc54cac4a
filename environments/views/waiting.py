"""What waits for a person elsewhere: a part of an environment's page that comes when AWS has answered."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from environments.services.waiting import Waiting, waiting
from environments.views.environments import crumbs_to, visible_environment
from provisioning.errors import ProvisioningError


@login_required
@require_GET
def environment_waiting(request: HttpRequest, slug: str) -> HttpResponse:
    """As a fragment for the page of the environment, or by itself."""
    environment = visible_environment(request, slug)
    problem: ProvisioningError | None = None
    things: list[Waiting] = []
    try:
        things = [] if environment.is_gone else waiting(environment)
    except ProvisioningError as error:
        problem = error
    context = {
        "environment": environment,
        "problem": problem,
        "things": things,
        "crumbs": crumbs_to(environment, _("What waits for somebody")),
    }
    part = "#part" if request.headers.get("HX-Request") == "true" else ""
    return render(request, f"environments/waiting.html{part}", context)
