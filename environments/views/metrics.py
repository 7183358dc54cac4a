"""The tab of metrics and alarms in parts: what a page that is there already asks for."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from environments import watching
from environments.metric_pages import asked_range, frame, may_change, shown
from environments.views.environments import visible_environment
from provisioning.inspect.alarms import Alarms


@login_required
@require_GET
def metrics_charts(request: HttpRequest, slug: str) -> HttpResponse:
    """The charts and alarms alone, for a page that is there already."""
    environment = visible_environment(request, slug)
    span = asked_range(request)
    found = watching.metrics_of(environment, span)
    changeable = may_change(request, environment)
    context = {"environment": environment, **frame(environment, span, changeable=changeable), **shown(found)}
    return render(request, "environments/_metrics.html", context)


@login_required
@require_GET
def metrics_alarms(request: HttpRequest, slug: str) -> HttpResponse:
    """How many alarms have gone off, for the overview."""
    environment = visible_environment(request, slug)
    found = watching.alarms_of(environment)
    context = {"environment": environment, "alarms": found if isinstance(found, Alarms) else None}
    return render(request, "environments/_alarm_count.html", context)
