"""The one table of how a status looks: its word, its tone and its icon, so that colour never speaks alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Tone = Literal["neutral", "info", "success", "warning", "danger", "sleep"]
Words = str | Promise
"""A text that is translated when it is shown."""


@dataclass(frozen=True, kw_only=True)
class Look:
    """How one status is shown: a word, a tone (a `tone-…` class of status.css) and an icon of icons.svg."""

    label: Words
    tone: Tone
    icon: str


def _look(label: Words, tone: Tone, icon: str) -> Look:
    return Look(label=label, tone=tone, icon=icon)


_REQUEST = {
    "pending": _look(_("Waiting for approval"), "warning", "clock"),
    "approved": _look(_("Approved"), "success", "check"),
    "denied": _look(_("Denied"), "danger", "ban"),
    "cancelled": _look(_("Cancelled"), "neutral", "cross"),
    "stale": _look(_("Out of date"), "warning", "refresh"),
    "done": _look(_("Done"), "success", "check"),
    "failed": _look(_("Failed"), "danger", "failed"),
}

_OPERATION = {
    "queued": _look(_("Queued"), "neutral", "clock"),
    "running": _look(_("Running"), "info", "working"),
    "waiting": _look(_("Waiting for AWS"), "info", "clock"),
    "succeeded": _look(_("Succeeded"), "success", "check"),
    "failed": _look(_("Failed"), "danger", "failed"),
    "cancelled": _look(_("Cancelled"), "neutral", "ban"),
}

_STEP = {
    "pending": _look(_("Not started"), "neutral", "dashed"),
    "running": _look(_("Running"), "info", "working"),
    "waiting": _look(_("Waiting for AWS"), "info", "clock"),
    "succeeded": _look(_("Done"), "success", "check"),
    "failed": _look(_("Failed"), "danger", "failed"),
    "skipped": _look(_("Skipped"), "neutral", "minus"),
    "cancelled": _look(_("Cancelled"), "neutral", "ban"),
    "undoing": _look(_("Undoing"), "warning", "working"),
    "undone": _look(_("Undone"), "warning", "undo"),
}

_LIFECYCLE = {
    "requested": _look(_("Requested"), "warning", "clock"),
    "building": _look(_("Building"), "info", "scaffold"),
    "ready": _look(_("Ready"), "success", "check"),
    "changing": _look(_("Changing"), "info", "working"),
    "asleep": _look(_("Asleep"), "sleep", "moon"),
    "destroying": _look(_("Destroying"), "warning", "trash"),
    "destroyed": _look(_("Destroyed"), "neutral", "trash"),
    "failed": _look(_("Failed"), "danger", "failed"),
}

_DEPLOY = {
    "none": _look(_("Nothing deployed"), "neutral", "dashed"),
    "deploying": _look(_("Deploying"), "info", "rocket"),
    "baking": _look(_("Watching alarms"), "info", "eye"),
    "deployed": _look(_("Deployed"), "success", "rocket"),
    "rolling_back": _look(_("Rolling back"), "warning", "undo"),
    "rolled_back": _look(_("Rolled back"), "warning", "undo"),
    "failed": _look(_("Deployment failed"), "danger", "failed"),
}

_HEALTH = {
    "healthy": _look(_("Healthy"), "success", "health"),
    "degraded": _look(_("Degraded"), "warning", "warning"),
    "unhealthy": _look(_("Unhealthy"), "danger", "failed"),
    "unknown": _look(_("Health unknown"), "neutral", "question"),
}

_DRIFT = {
    "in_sync": _look(_("As specified"), "success", "check"),
    "none": _look(_("As specified"), "success", "check"),
    "drifted": _look(_("Drifted"), "warning", "drift"),
    "checking": _look(_("Checking drift"), "info", "working"),
    "unknown": _look(_("Drift not checked"), "neutral", "question"),
}

_RESOURCE = {
    "planned": _look(_("Planned"), "neutral", "dashed"),
    "pending": _look(_("Being made"), "info", "working"),
    "creating": _look(_("Being made"), "info", "working"),
    "ready": _look(_("Ready"), "success", "check"),
    "changing": _look(_("Changing"), "info", "working"),
    "asleep": _look(_("Asleep"), "sleep", "moon"),
    "deleting": _look(_("Being deleted"), "warning", "trash"),
    "deleted": _look(_("Deleted"), "neutral", "trash"),
    "failed": _look(_("Failed"), "danger", "failed"),
}

_CHECK = {
    "pass": _look(_("Passed"), "success", "check"),
    "warn": _look(_("Worth a look"), "warning", "warning"),
    "fail": _look(_("Not passed"), "danger", "failed"),
    "unknown": _look(_("Not checked"), "neutral", "question"),
}

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
}
"""Family of statuses → status → look. The first seven are the words of the product's glossary."""


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


def change_of(action: str) -> ChangeLook:
    """The look of a plan's action. Raises KeyError for a word that no plan uses."""
    return CHANGES[action]
