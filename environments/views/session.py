"""Who is asking, for every view."""

from __future__ import annotations

from typing import cast

from django.contrib.auth.models import User
from django.http import HttpRequest

from environments.choices import Via
from environments.services.actor import Actor


def person_of(request: HttpRequest) -> User:
    """The signed-in person; every view is behind `login_required`."""
    return cast("User", request.user)


def actor_of(request: HttpRequest) -> Actor:
    """The same as an actor for services and audit."""
    return Actor(user=person_of(request), via=Via.PAGE, address=request.META.get("REMOTE_ADDR") or None)
