"""The one table of how a status looks: its word, its tone and its icon, so that colour never speaks alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from environments.choices import DeployStatus, Drift, Health, Lifecycle, OperationStatus, RequestStatus

Tone = Literal["neutral", "info", "success", "warning", "danger", "sleep"]
Words = str | Promise
"""A text that is translated when it is shown."""


@dataclass(frozen=True, kw_only=True)
class Look:
    """How one status is shown: a word, a tone (a `tone-…` class of status.css) and an icon of icons.svg."""

    label: Words
    tone: Tone
    icon: str


def _table(words: Mapping[str, Words], looks: Mapping[str, tuple[Tone, str]]) -> dict[str, Look]:
    """Status → look, out of status → word and status → tone and icon."""
    return {status: Look(label=words[status], tone=tone, icon=icon) for status, (tone, icon) in looks.items()}


def _chosen(choices: type[TextChoices], looks: Mapping[str, tuple[Tone, str]]) -> dict[str, Look]:
    """The same with the words of the model's choices."""
    return _table(dict(choices.choices), looks)


_REQUEST = _chosen(
    RequestStatus,
    {
        "pending": ("warning", "clock"),
        "approved": ("success", "check"),
        "denied": ("danger", "ban"),
        "cancelled": ("neutral", "cross"),
        "stale": ("warning", "refresh"),
        "done": ("success", "check"),
        "failed": ("danger", "failed"),
    },
)

_OPERATION = _chosen(
    OperationStatus,
    {
        "queued": ("neutral", "clock"),
        "running": ("info", "working"),
        "waiting": ("info", "clock"),
        "succeeded": ("success", "check"),
        "failed": ("danger", "failed"),
        "cancelled": ("neutral", "ban"),
    },
)

_STEP = _table(
    {
        "pending": _("Not started"),
        "running": _("Running"),
        "waiting": _("Waiting for AWS"),
        "succeeded": pgettext_lazy("step", "Done"),
        "failed": _("Failed"),
        "cancelled": pgettext_lazy("step", "Cancelled"),
        "skipped": _("Skipped"),
    },
    {
        "pending": ("neutral", "dashed"),
        "running": ("info", "working"),
        "waiting": ("info", "clock"),
        "succeeded": ("success", "check"),
        "failed": ("danger", "failed"),
        "cancelled": ("neutral", "ban"),
        "skipped": ("neutral", "minus"),
    },
)

_LIFECYCLE = _chosen(
    Lifecycle,
    {
        "requested": ("warning", "clock"),
        "building": ("info", "scaffold"),
        "ready": ("success", "check"),
        "changing": ("info", "working"),
        "asleep": ("sleep", "moon"),
        "destroying": ("warning", "trash"),
        "destroyed": ("neutral", "trash"),
        "failed": ("danger", "failed"),
    },
)

_DEPLOY = _chosen(
    DeployStatus,
    {
        "never": ("neutral", "dashed"),
        "deploying": ("info", "rocket"),
        "deployed": ("success", "rocket"),
        "rolled_back": ("warning", "undo"),
        "failed": ("danger", "failed"),
    },
)

_HEALTH = _table(
    dict(Health.choices) | {"unknown": _("Health unknown")},
    {
        "healthy": ("success", "health"),
        "degraded": ("warning", "warning"),
        "unhealthy": ("danger", "failed"),
        "unknown": ("neutral", "question"),
    },
)

_DRIFT = _table(
    dict(Drift.choices) | {"none": _("No drift"), "unknown": _("Drift not checked")},
    {
        "none": ("success", "check"),
        "drifted": ("warning", "drift"),
        "unknown": ("neutral", "question"),
    },
)

_RESOURCE = _table(
    {
        "planned": _("Planned"),
        "intended": _("Being made"),
        "made": _("Made"),
        "gone": _("Gone"),
        "pending": _("Being made"),
        "ready": _("Ready"),
        "deleting": _("Being deleted"),
        "failed": _("Failed"),
    },
    {
        "planned": ("neutral", "dashed"),
        "intended": ("info", "working"),
        "made": ("success", "check"),
        "gone": ("neutral", "trash"),
        "pending": ("info", "working"),
        "ready": ("success", "check"),
        "deleting": ("warning", "trash"),
        "failed": ("danger", "failed"),
    },
)

_CHECK = _table(
    {
        "pass": _("Passed"),
        "warn": _("Worth a look"),
        "fail": _("Not passed"),
        "unknown": _("Not checked"),
    },
    {
        "pass": ("success", "check"),
        "warn": ("warning", "warning"),
        "fail": ("danger", "failed"),
        "unknown": ("neutral", "question"),
    },
)

_READINESS = _table(
    {
        "pass": pgettext_lazy("readiness", "In order"),
        "ticked": pgettext_lazy("readiness", "Ticked"),
        "fail": pgettext_lazy("readiness", "Not in order"),
        "unknown": _("Unknown"),
        "manual": pgettext_lazy("readiness", "To tick"),
        "not_applicable": _("Does not apply"),
        "unchecked": _("Not checked"),
    },
    {
        "pass": ("success", "check"),
        "ticked": ("success", "user"),
        "fail": ("danger", "failed"),
        "unknown": ("warning", "question"),
        "manual": ("info", "user"),
        "not_applicable": ("neutral", "minus"),
        "unchecked": ("neutral", "dashed"),
    },
)

_ALARM = _table(
    {
        "ok": pgettext_lazy("alarm", "OK"),
        "alarm": _("In alarm"),
        "insufficient": _("Insufficient data"),
        "missing": _("Not in AWS"),
    },
    {
        "ok": ("success", "check"),
        "alarm": ("danger", "bell"),
        "insufficient": ("neutral", "question"),
        "missing": ("warning", "warning"),
    },
)

LOOKS: dict[str, dict[str, Look]] = {
    "request": _REQUEST,
    "operation": _OPERATION,
    "step": _STEP,
    "lifecycle": _LIFECYCLE,
    "deploy": _DEPLOY,
    "health": _HEALTH,
    "drift": _DRIFT,
    "resource": _RESOURCE,
    "check": _CHECK,
    "readiness": _READINESS,
    "alarm": _ALARM,
}
"""Family of statuses → status → look. A resource's are what the journal knows (Standing) and what AWS says (Status)."""


def look_of(family: str, status: str) -> Look:
    """The look of a status; one that the table does not know is shown as its own word, in neutral.

    A page must not fail because a status is newer than the table, so only an unknown family raises KeyError.
    """
    known = LOOKS[family].get(str(status))
    if known is not None:
        return known
    return Look(label=str(status).replace("_", " ").capitalize(), tone="neutral", icon="dot")


@dataclass(frozen=True, kw_only=True)
class ChangeLook:
    """How one action of a plan is shown: like a diff, with a symbol, a word and a tone."""

    symbol: str
    label: Words
    tone: Tone


CHANGES: dict[str, ChangeLook] = {
    "create": ChangeLook(symbol="+", label=_("create"), tone="success"),
    "update": ChangeLook(symbol="~", label=_("change"), tone="info"),
    "replace": ChangeLook(symbol="±", label=_("replace"), tone="warning"),
    "delete": ChangeLook(symbol="−", label=_("destroy"), tone="danger"),
    "noop": ChangeLook(symbol="=", label=_("keep"), tone="neutral"),
}
"""Action of a plan (provisioning.plan.Action) → look."""


def counted(action: str, count: int) -> str:
    """How many changes of one action are to come: "49 to create"."""
    words = {
        "create": ngettext("%(count)s to create", "%(count)s to create", count),
        "update": ngettext("%(count)s to change", "%(count)s to change", count),
        "replace": ngettext("%(count)s to replace", "%(count)s to replace", count),
        "delete": ngettext("%(count)s to destroy", "%(count)s to destroy", count),
    }
    return words[action] % {"count": count}


def change_of(action: str) -> ChangeLook:
    """The look of a plan's action. Raises KeyError for a word that no plan uses."""
    return CHANGES[action]
