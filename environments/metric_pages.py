"""What the tab of metrics and alarms shows: the page comes first, AWS's answer follows it."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

from django.http import HttpRequest
from django.utils.translation import gettext as _

from environments import watching
from environments.choices import Lifecycle
from environments.models import Environment
from environments.templatetags.charts import Plot, plot_of
from environments.views.session import person_of
from environments.watching import USUAL_RANGE
from environments.wording import worded
from provisioning.inspect.alarms import Alarm, Alarms, Problem
from provisioning.inspect.metrics import RANGES, Metrics

_ORDER = ("alarm", "missing", "insufficient", "ok")


@dataclass(frozen=True, kw_only=True)
class Tier:
    """The charts of one tier."""

    title: str
    plots: list[Plot]


@dataclass(frozen=True, kw_only=True)
class ShownAlarm:
    """An alarm with its words: what it says without "Alarm:", and who hears of it."""

    alarm: Alarm
    title: str
    told: list[str]


def metrics_context(request: HttpRequest, environment: Environment) -> dict[str, object]:
    """What the tab shows. The charts are there if they are known already, or if somebody asks for the page with them;
    else the page fetches them."""
    span = asked_range(request)
    known: Metrics | Problem | None = watching.known_metrics(environment, span)
    if known is None and request.GET.get("charts") == "now":
        known = watching.metrics_of(environment, span)
    return {
        **frame(environment, span, changeable=may_change(request, environment)),
        **(shown(known) if known else {"waits": True}),
    }


def asked_range(request: HttpRequest) -> str:
    """The range that was asked for, or the usual one."""
    asked = request.GET.get("range", "")
    return asked if asked in RANGES else USUAL_RANGE


def frame(environment: Environment, span: str, *, changeable: bool) -> dict[str, object]:
    """What there is before AWS has answered."""
    labels = {"1h": _("1 hour"), "3h": _("3 hours"), "1d": _("1 day"), "1w": _("1 week")}
    return {
        "span": span,
        "ranges": [{"name": name, "label": labels[name], "current": name == span} for name in RANGES],
        "changeable_thresholds": changeable,
        "fragment_url": f"{environment.get_absolute_url()}metrics/charts/?range={span}",
    }


def shown(found: Metrics | Problem) -> dict[str, object]:
    """What AWS has answered, drawn."""
    if isinstance(found, Problem):
        return {"problem": found}
    titles = {
        "entrance": _("Entrance"),
        "application": _("Application"),
        "queue": _("Queue"),
        "database": _("Database"),
        "cache": _("Cache"),
        "files": _("Files"),
    }
    by_tier = groupby(found.charts, key=lambda one: one.chart.tier)
    return {
        "metrics": found,
        "tiers": [
            Tier(title=titles[tier], plots=[plot_of(one, found) for one in some]) for tier, some in by_tier
        ],
        "alarms": found.alarms,
        "shown_alarms": _alarms(found.alarms),
    }


def may_change(request: HttpRequest, environment: Environment) -> bool:
    """Whether this person may ask for other thresholds."""
    if environment.lifecycle in (Lifecycle.REQUESTED, Lifecycle.DESTROYED):
        return False
    theirs = Environment.objects.changeable_by(person_of(request))
    return theirs.filter(pk=environment.pk).exists()


def _alarms(alarms: Alarms) -> list[ShownAlarm]:
    """Those that have gone off first."""
    told: dict[str, list[str]] = {}
    for one in alarms.subscriptions:
        if one.confirmed:
            told.setdefault(one.topic, []).append(one.endpoint)
    ordered = sorted(alarms.alarms, key=lambda one: _ORDER.index(one.state))
    return [
        ShownAlarm(
            alarm=one,
            title=_without_prefix(worded(one.title)),
            told=[address for topic in one.topics for address in told.get(topic, [])],
        )
        for one in ordered
    ]


def _without_prefix(title: str) -> str:
    rest = title.partition(": ")[2] or title
    return rest[:1].upper() + rest[1:]
