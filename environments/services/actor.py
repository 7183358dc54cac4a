"""Who does something, from where; and the audit line that says so."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.contrib.auth.models import User
from django.utils.translation import override

from environments.choices import Via
from environments.models import AuditLine, Environment, Team


@dataclass(frozen=True, kw_only=True)
class Actor:
    """The person behind a write. `user` is None for the portal itself (a worker that finishes an operation)."""

    user: User | None
    via: Via
    address: str | None = None

    @property
    def person(self) -> User:
        """The user; asking the portal itself for one is a mistake of ours."""
        if self.user is None:
            raise ValueError("This write needs a person.")
        return self.user


WORKER = Actor(user=None, via=Via.WORKER)


def audit(
    verb: str,
    subject: object,
    *,
    by: Actor,
    about: Environment | Team | None = None,
    before: object = None,
    after: object = None,
) -> None:
    """Write the line in the transaction of the write itself. The team that it is about may read it.

    `subject` is named in the portal's own language: people of several languages read one audit.
    """
    environment = about if isinstance(about, Environment) else None
    team = about if isinstance(about, Team) else None
    with override(settings.LANGUAGE_CODE):
        name = str(subject)[:200]
    AuditLine.objects.create(
        actor=by.user,
        via=by.via,
        address=by.address,
        verb=verb,
        subject=name,
        environment=environment,
        team=environment.application.team if environment else team,
        before=before,
        after=after,
    )
