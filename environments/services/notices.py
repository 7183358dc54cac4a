"""Notices: tell people what happened, in the transaction in which it does."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from environments import queue
from environments.choices import Notice
from environments.models import Notification, Operation, Request
from environments.querysets import APPROVERS
from environments.services.actor import Actor


def tell(people: Iterable[User], key: Notice, about: Request | Operation, *, but: User | None = None) -> None:
    """One notification for each of these people, `but` not for whoever did it."""
    subject = {"request": about} if isinstance(about, Request) else {"operation": about}
    told = {person.pk for person in people if person != but}
    by_mail = set(
        User.objects.filter(pk__in=told, preferences__mail=True)
        .exclude(email="")
        .values_list("pk", flat=True)
    )
    Notification.objects.bulk_create(
        Notification(user_id=pk, key=key, mail_due=pk in by_mail, **subject) for pk in sorted(told)
    )
    if by_mail:
        transaction.on_commit(queue.ring_mail)


def tell_reviewers(request: Request) -> None:
    """Ask everybody whose verdict counts."""
    team = request.environment.application.team_id
    people = User.objects.filter(
        Q(memberships__team=team, memberships__role__in=APPROVERS), is_active=True
    ).distinct()
    tell(people, Notice.REVIEW_WANTED, request, but=None if request.own_approval else request.requester)


def mark_read(*, only: Iterable[int] | None = None, by: Actor) -> int:
    """What this person was told is read: all of it, or these. The number of what was not yet."""
    unread = Notification.objects.of(by.person).unread()
    if only is not None:
        unread = unread.filter(pk__in=list(only))
    return unread.update(read_at=timezone.now())
