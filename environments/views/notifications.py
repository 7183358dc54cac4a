"""What the portal told this person: the list, and that it is read."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from environments.forms import MailForm
from environments.models import Notification, Preferences
from environments.services import mails, notices
from environments.views.api_calls import curl
from environments.views.session import actor_of, number_in, person_of

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
    if (key := number_in(before)) is not None:
        found = found.filter(pk__lt=key)
    rows = list(found[: PAGE + 1])
    form = _mail_form(request)
    suffix = "&unread=1" if unread else ""
    context = {
        "notifications": rows[:PAGE],
        "older_url": f"?before={rows[PAGE - 1].pk}{suffix}" if len(rows) > PAGE else None,
        "newer_url": request.path if before else None,
        "unread": unread,
        "mail_form": form,
        "mail_curl": curl(request, "PUT", "notifications/mail", form.initial),
        "curl": curl(request, "POST", "notifications/read", {"ids": None}),
    }
    return render(request, "environments/notifications.html", context)


def _mail_form(request: HttpRequest) -> MailForm:
    chosen = Preferences.objects.filter(user=person_of(request)).first()
    mail, language = (chosen.mail, chosen.language) if chosen else (False, get_language())
    return MailForm(initial={"mail": mail, "language": language})


@login_required
@require_POST
def notifications_mail(request: HttpRequest) -> HttpResponse:
    """Whether they come by mail too."""
    form = MailForm(request.POST)
    if form.is_valid():
        mails.choose_mail(**form.cleaned_data, by=actor_of(request))
        messages.success(request, _("Your choice is kept."))
    else:
        messages.error(request, _("There is no such language."))
    return redirect("notifications")


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
    keys = [key for key in [number_in(only)] if key is not None]
    notices.mark_read(only=keys if only else None, by=actor_of(request))
    return redirect("notifications")
