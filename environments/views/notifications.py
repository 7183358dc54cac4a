"""What the portal told this person: the list, and that it is read."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST

from environments.models import Notification
from environments.services import notices
from environments.views.api_calls import curl
from environments.views.session import actor_of, person_of

PAGE = 25


@login_required
@require_GET
def notification_list(request: HttpRequest) -> HttpResponse:
    """The newest first, by cursor; `?unread=1` leaves out what was read."""
    found = Notification.objects.of(person_of(request)).for_list().order_by("-pk")
    unread = request.GET.get("unread") == "1"
    if unread:
        found = found.unread()
    before = request.GET.get("before", "")
    if before.isdecimal():
        found = found.filter(pk__lt=int(before))
    rows = list(found[: PAGE + 1])
    suffix = "&unread=1" if unread else ""
    context = {
        "notifications": rows[:PAGE],
        "older_url": f"?before={rows[PAGE - 1].pk}{suffix}" if len(rows) > PAGE else None,
        "newer_url": request.path if before else None,
        "unread": unread,
        "curl": curl(request, "POST", "notifications/read", {"ids": None}),
    }
    return render(request, "environments/notifications.html", context)


@login_required
@require_GET
def notification_open(request: HttpRequest, pk: int) -> HttpResponse:
    """To what it is about; by going there it is read."""
    found = get_object_or_404(Notification.objects.of(person_of(request)).for_list(), pk=pk)
    notices.mark_read(only=[found.pk], by=actor_of(request))
    return redirect(found)


@login_required
@require_POST
def notifications_read(request: HttpRequest) -> HttpResponse:
    """One is read (`only`), or all are."""
    only = request.POST.get("only", "")
    notices.mark_read(only=[int(only)] if only.isdecimal() else None, by=actor_of(request))
    return redirect("notifications")
