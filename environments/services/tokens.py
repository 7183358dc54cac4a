"""Tokens: make, use, revoke."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import timedelta

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from environments.choices import Scope
from environments.errors import InvalidInput
from environments.models import Token
from environments.services.actor import Actor, audit
from provisioning.errors import brief

LONGEST_DAYS = 365
LONGEST_NAME = 100
_USED_EVERY = timedelta(minutes=1)  # the last use is noted this often, not at every call


@transaction.atomic
def create_token(
    *, user: User, name: str, scopes: Iterable[str], days: int = 90, by: Actor
) -> tuple[Token, str]:
    """A new token and its text, which is never shown again. Raises InvalidInput."""
    wanted = list(dict.fromkeys(scopes))
    unknown = [scope for scope in wanted if scope not in Scope.values]
    if unknown or not wanted:
        raise InvalidInput(
            _("Unknown scope: %(scope)s.") % {"scope": brief(", ".join(unknown))}
            if unknown
            else _("Choose a scope."),
            hint=_("Scopes: %(scopes)s.") % {"scopes": ", ".join(Scope.values)},
            field="scopes",
        )
    if len(name) > LONGEST_NAME or not _is_plain(name):
        raise InvalidInput(
            _("A token's name has at most %(count)s characters of text.") % {"count": LONGEST_NAME},
            field="name",
        )
    if not 1 <= days <= LONGEST_DAYS:
        raise InvalidInput(_("A token lives 1 to %(days)s days.") % {"days": LONGEST_DAYS}, field="days")
    text = f"and_{secrets.token_urlsafe(32)}"
    token = Token.objects.create(
        user=user,
        name=name or "token",
        digest=digest_of(text),
        prefix=text[:10],
        scopes=wanted,
        expires_at=timezone.now() + timedelta(days=days),
    )
    audit("token.created", token, by=by, after={"scopes": wanted, "days": days})
    return token, text


def _is_plain(text: str) -> bool:
    """Whether the database can hold it: a command line brings bytes that are no text."""
    return "\0" not in text and not any("\ud800" <= one <= "\udfff" for one in text)


def digest_of(text: str) -> str:
    """What is kept of a token. It has 256 random bits: a plain hash cannot be reversed by guessing."""
    return hashlib.sha256(text.encode()).hexdigest()


def token_for(text: str) -> Token | None:
    """The token of this text, whether live or not; None for an unknown one."""
    return Token.objects.select_related("user").filter(digest=digest_of(text)).first()


def note_use(token: Token) -> None:
    """Remember that it was used."""
    now = timezone.now()
    if token.last_used_at is None or now - token.last_used_at > _USED_EVERY:
        Token.objects.filter(pk=token.pk).update(last_used_at=now)


@transaction.atomic
def revoke_token(*, token: Token, by: Actor) -> None:
    """It works no more from now on."""
    Token.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now())
    audit("token.revoked", token, by=by)
