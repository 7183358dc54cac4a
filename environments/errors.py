"""Errors of the portal's services, in the one shape that pages and API show."""

from __future__ import annotations

from django.utils.translation import gettext, gettext_noop

from provisioning.errors import ProvisioningError


class ServiceError(ProvisioningError):
    """A request that cannot be met; nothing was changed. `status` is the HTTP status of the API's answer."""

    status = 400

    def __init__(
        self, message: str, *, code: str | None = None, hint: str | None = None, field: str | None = None
    ) -> None:
        usual = gettext(self.hint) if self.hint else ""
        super().__init__(message, code=code, hint=usual if hint is None else hint, field=field)


class InvalidInput(ServiceError):
    """A value that cannot be; `field` says which."""

    code = "input.invalid"
    hint = gettext_noop("Correct the value and try again.")
    status = 422


class NotAllowed(ServiceError):
    """The person may see it and may not do this to it."""

    code = "permission.denied"
    hint = gettext_noop("Ask a team admin for the role, or somebody who has it.")
    status = 403


class NotThere(ServiceError):
    """It does not exist, or this person may not know that it does."""

    code = "not_found"
    hint = gettext_noop("Check the name; you see what your teams own.")
    status = 404


class Conflict(ServiceError):
    """Something else happened first, or is happening."""

    code = "conflict"
    hint = gettext_noop("Reload and look at what changed.")
    status = 409
