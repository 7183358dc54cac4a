"""The tab Readiness: the checklist, the button that has AWS asked again, and the ticks of people."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from environments.forms import TickForm
from environments.models import Environment
from environments.readiness import Checklist, checklist_of
from environments.services import readiness
from environments.views.api_calls import curl
from environments.views.environments import changeable, page_of, refreshed, visible_environment
from environments.views.session import actor_of
from environments.wording import told
from provisioning.errors import ProvisioningError

TAB = "readiness"


@login_required
@require_GET
def environment_readiness(request: HttpRequest, slug: str) -> HttpResponse:
    """The checklist; `?left=1` shows what is left. While a check runs, HTMX asks whether it still does (`seen`)."""
    environment = visible_environment(request, slug)
    if (answer := refreshed(request, environment)) is not None:
        return answer
    checklist = checklist_of(environment)
    if not request.headers.get("HX-Request"):
        context = {**page_of(request, environment, TAB), "readiness": _shown(request, environment, checklist)}
        context["curl"] = curl(request, "GET", f"environments/{environment.slug}/readiness")
        return render(request, "environments/environment.html", context)
    if checklist.wanted_at is not None:
        return HttpResponse(status=204)
    shown = {**_shown(request, environment, checklist), "changeable": changeable(request, environment)}
    return render(request, "components/readiness.html", shown)


@login_required
@require_POST
def environment_check(request: HttpRequest, slug: str) -> HttpResponse:
    """Check now."""
    environment = visible_environment(request, slug)
    try:
        readiness.request_check(environment=environment, by=actor_of(request))
    except ProvisioningError as error:
        messages.error(request, told(error))
    return redirect(_address(request, environment))


@login_required
@require_POST
def environment_tick(request: HttpRequest, slug: str, item: str) -> HttpResponse:
    """Tick an item that no probe can see, or take the tick back (`untick`)."""
    environment = visible_environment(request, slug)
    form = TickForm(request.POST)
    try:
        if "untick" in request.POST:
            readiness.untick_item(environment=environment, item=item, by=actor_of(request))
        elif form.is_valid():
            note = form.cleaned_data["note"]
            readiness.tick_item(environment=environment, item=item, note=note, by=actor_of(request))
        else:
            messages.error(
                request, _("A note has at most %(most)s characters.") % {"most": readiness.LONGEST_NOTE}
            )
    except ProvisioningError as error:
        messages.error(request, told(error))
    return redirect(_address(request, environment, f"#item-{item}"))


def _address(request: HttpRequest, environment: Environment, place: str = "") -> str:
    """The page again, as it was shown; where only what is left is shown, a ticked item has no place any more."""
    address = reverse("environment_readiness", args=[environment.slug])
    return f"{address}?left=1" if request.GET.get("left") == "1" else f"{address}{place}"


def _shown(request: HttpRequest, environment: Environment, checklist: Checklist) -> dict[str, object]:
    """What components/readiness.html takes."""
    return {
        "environment": environment,
        "checklist": checklist,
        "only_left": request.GET.get("left") == "1",
        "standing": environment.lifecycle in readiness.STANDING,
        "longest": readiness.LONGEST_NOTE,
    }
