"""What every page of the product shows about the person who looks at it."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from environments.models import Notification, Request


def inbox(request: HttpRequest) -> dict[str, object]:
    """`inbox_count` and `unread_count`: what waits for this person (asked only where a page shows it)."""
    if not request.user.is_authenticated:
        return {}
    person = request.user
    return {
        "inbox_count": SimpleLazyObject(lambda: Request.objects.waiting_for(person).count()),
        "unread_count": SimpleLazyObject(lambda: Notification.objects.of(person).unread().count()),
    }
