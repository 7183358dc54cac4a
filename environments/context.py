"""What every page of the product shows about the person who looks at it."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from environments.models import Request


def inbox(request: HttpRequest) -> dict[str, object]:
    """`inbox_count`: how many requests wait for this person (asked only where a page shows it)."""
    if not request.user.is_authenticated:
        return {}
    return {"inbox_count": SimpleLazyObject(lambda: Request.objects.waiting_for(request.user).count())}
