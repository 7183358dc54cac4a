"""What every page of the product shows about the person who looks at it."""

from __future__ import annotations

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from environments.models import Notification, Request, Team
from environments.views.session import team_of


def inbox(request: HttpRequest) -> dict[str, object]:
    """`inbox_count` and `unread_count`: what waits for this person; `teams` and the chosen `team`.

    All are asked only where a page shows them.
    """
    person = getattr(request, "user", None)  # an error can be told before anybody is known
    if person is None or not person.is_authenticated:
        return {}
    teams = SimpleLazyObject(lambda: list(Team.objects.visible_to(person).order_by("name")))
    return {
        "teams": teams,
        "team": SimpleLazyObject(lambda: next((one for one in teams if one.pk == team_of(request)), None)),
        "inbox_count": SimpleLazyObject(lambda: Request.objects.waiting_for(person).count()),
        "unread_count": SimpleLazyObject(lambda: Notification.objects.of(person).unread().count()),
    }
