"""Environments: what changes about one without an operation."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from environments.errors import Conflict, InvalidInput, NotAllowed
from environments.models import Environment
from environments.services.actor import Actor, audit

LONGEST_DAYS = 365


@transaction.atomic
def extend_environment(*, environment: Environment, days: int | None, by: Actor) -> Environment:
    """It expires so many days from now; None: never. Raises InvalidInput, NotAllowed, Conflict."""
    if days is not None and not 1 <= days <= LONGEST_DAYS:
        raise InvalidInput(
            _("An environment can expire in 1 to %(days)s days.") % {"days": LONGEST_DAYS}, field="days"
        )
    environment = _locked(environment, by)
    before = environment.expires_at
    environment.expires_at = timezone.now() + timedelta(days=days) if days else None
    environment.save(update_fields=["expires_at"])
    audit(
        "environment.extended",
        environment.slug,
        by=by,
        about=environment,
        before={"expires_at": before.isoformat() if before else None},
        after={"expires_at": environment.expires_at.isoformat() if environment.expires_at else None},
    )
    return environment


@transaction.atomic
def protect_environment(*, environment: Environment, protected: bool, by: Actor) -> Environment:
    """Switch the protection against destroying on or off. Off takes a team's admin."""
    environment = _locked(environment, by)
    administered = Environment.objects.administered_by(by.person).filter(pk=environment.pk)
    if not protected and not administered.exists():
        raise NotAllowed(_("Only admins of the team take the protection off."))
    before, environment.protected = environment.protected, protected
    environment.save(update_fields=["protected"])
    audit(
        "environment.protected" if protected else "environment.unprotected",
        environment.slug,
        by=by,
        about=environment,
        before={"protected": before},
        after={"protected": protected},
    )
    return environment


def _locked(environment: Environment, by: Actor) -> Environment:
    changeable = Environment.objects.changeable_by(by.person)
    found = changeable.select_for_update(of=("self",)).for_list().filter(pk=environment.pk).first()
    if found is None:
        raise NotAllowed(_("You may not change %(name)s.") % {"name": environment.slug})
    if found.is_gone:
        raise Conflict(_("%(name)s is destroyed.") % {"name": environment.slug})
    return found
