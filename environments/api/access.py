"""Who calls the API: a bearer token, its scopes, and the one error shape."""

from __future__ import annotations

from typing import TypeVar, cast

from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from ninja.security import HttpBearer

from environments.choices import Scope, Via
from environments.errors import NotAllowed, NotThere, ServiceError
from environments.models import Token
from environments.services.actor import Actor
from environments.services.tokens import note_use, token_for

M = TypeVar("M", bound=Model)


class NotSignedIn(ServiceError):
    """No token, or one that works no more."""

    code = "token.invalid"
    hint = gettext_noop("Send `Authorization: Bearer <token>`; make one under API tokens.")
    status = 401


class BearerToken(HttpBearer):
    """`Authorization: Bearer …`."""

    def __call__(self, request: HttpRequest) -> Token:
        """The token of the call. Raises NotSignedIn."""
        scheme, _space, text = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not text:
            raise NotSignedIn(_("The call carries no token."))
        return self.authenticate(request, text.strip())

    def authenticate(self, request: HttpRequest, token: str) -> Token:
        """The live token of this text. Raises NotSignedIn, saying whether it is unknown, expired or revoked."""
        found = token_for(token)
        if found is None or not found.user.is_active:
            raise NotSignedIn(_("The token is not known."))
        if found.revoked_at is not None:
            raise NotSignedIn(_("The token was revoked."), code="token.revoked")
        if not found.is_live:
            raise NotSignedIn(_("The token has expired."), code="token.expired", hint=_("Make a new one."))
        note_use(found)
        return found


def caller_of(request: HttpRequest, scope: Scope) -> Actor:
    """The person behind the call. Raises NotAllowed when the token lacks the scope."""
    token = cast("Token", request.auth)  # type: ignore[attr-defined]  # ninja puts it there
    if scope not in token.scopes:
        raise NotAllowed(
            _("The token lacks the scope %(scope)s.") % {"scope": scope.value},
            code="token.scope",
            hint=_("Make a token that has it."),
        )
    return Actor(user=token.user, via=Via.API, address=request.META.get("REMOTE_ADDR") or None)


def one_of(found: QuerySet[M], **where: object) -> M:
    """The first of these rows that is so. Raises NotThere: what one may not see is not there."""
    row = found.filter(**where).first()
    if row is None:
        raise NotThere(_("There is no such thing, or you may not see it."))
    return row
