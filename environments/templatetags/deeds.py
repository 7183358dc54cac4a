"""What was done, in words: the verbs of the audit log as people read them."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

DEEDS: dict[str, str | Promise] = {
    "request.created": _("Request made"),
    "request.approved": _("Approval given"),
    "request.refused": _("Approval refused"),
    "request.commented": _("Comment written"),
    "request.stale": _("Request found out of date"),
    "request.denied": _("Request denied"),
    "request.cancelled": _("Request withdrawn"),
    "operation.started": _("Operation started"),
    "operation.cancel_requested": _("Stop asked for"),
    "operation.retried": _("Operation retried"),
    "operation.succeeded": _("Operation succeeded"),
    "operation.failed": _("Operation failed"),
    "operation.cancelled": _("Operation cancelled"),
    "environment.extended": _("End date changed"),
    "environment.protected": _("Protection turned on"),
    "environment.unprotected": _("Protection taken off"),
    "readiness.check_wanted": _("Readiness check asked for"),
    "readiness.ticked": _("Checklist item ticked"),
    "readiness.unticked": _("Tick taken back"),
    "environment.changed": _("Changed in the administration"),
}


def deed_of(verb: str) -> str:
    """The words of a verb; one without words is shown as it is written."""
    return str(DEEDS.get(verb, verb))
