"""Who is asking, and for which team, for every view."""

from __future__ import annotations

from typing import cast

from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from environments.choices import Via
from environments.models import Team
from environments.services.actor import Actor


def person_of(request: HttpRequest) -> User:
    """The signed-in person; every view is behind `login_required`."""
    return cast("User", request.user)


def actor_of(request: HttpRequest) -> Actor:
    """The same as an actor for services and audit."""
    return Actor(user=person_of(request), via=Via.PAGE, address=request.META.get("REMOTE_ADDR") or None)


def team_of(request: HttpRequest) -> int | None:
    """The key of the team whose things the lists show; None for those of all teams.

    It narrows what a person sees and never widens it: every list asks for what is visible to that person first.
    """
    chosen = request.session.get("team")
    return chosen if isinstance(chosen, int) else None


def number_in(text: str) -> int | None:
    """A key as an address or a form carries it; None for what cannot be one."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


@login_required
@require_POST
def team_switch(request: HttpRequest) -> HttpResponse:
    """Show the things of one team (`team`, its slug) or of all (empty), then go on where the person was."""
    wanted = request.POST.get("team", "")
    team = next((one for one in Team.objects.visible_to(person_of(request)) if one.slug == wanted), None)
    request.session["team"] = team.pk if team else None
    target = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return redirect(target if safe else "home")
