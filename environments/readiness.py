"""The readiness checklist of one environment as people read it: items, what was seen, ticks, and the way to a fix."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from environments.choices import Lifecycle
from environments.models import Environment, ReadinessCheck, ReadinessTick
from environments.option_fields import OPTION
from environments.templatetags.statuses import Words
from provisioning.blueprints import blueprint_for
from provisioning.errors import ProvisioningError
from provisioning.readiness.answer import Answer, State
from provisioning.readiness.checklist import ITEMS
from provisioning.readiness.item import Item, Part
from provisioning.references import JsonObject

PARTS: Mapping[Part, Words] = {
    Part.SETUP: _("Setup"),
    Part.APPLICATION: _("Application"),
    Part.MONITORING: _("Monitoring"),
    Part.SECURITY: _("Security"),
}
TICKED = "ticked"
UNCHECKED = "unchecked"
_DONE = frozenset({State.PASS.value, TICKED})
_NOT_FOR_IT = State.NOT_APPLICABLE.value


@dataclass(frozen=True, kw_only=True)
class Line:
    """One item: `state` is that of the answer, or `ticked`, or `unchecked` before the first look; `since`: the check
    that first found it so. `options` are to be asked for in a change; `change` is the form where that is done."""

    item: Item
    state: str
    answer: Answer | None
    since: datetime | None
    tick: ReadinessTick | None
    options: JsonObject
    change: str

    @property
    def is_done(self) -> bool:
        return self.state in _DONE

    @property
    def counts(self) -> bool:
        """Whether this environment should have it."""
        return self.state != _NOT_FOR_IT

    @property
    def is_left(self) -> bool:
        """Whether something is to be done, or to be found out."""
        return self.counts and not self.is_done

    @property
    def needs_fix(self) -> bool:
        """Whether the page says what to do about it."""
        return self.state in (State.FAIL, State.MANUAL)

    @property
    def seen(self) -> str:
        return self.answer.seen if self.answer else ""

    @property
    def command(self) -> str:
        """What does it by hand, where no option does."""
        return self.answer.command if self.answer and not self.options else ""


@dataclass(frozen=True, kw_only=True)
class Section:
    """One of the four parts."""

    part: Part
    title: Words
    lines: list[Line]

    @property
    def done(self) -> int:
        return sum(line.is_done for line in self.lines)

    @property
    def total(self) -> int:
        return sum(line.counts for line in self.lines)

    @property
    def left(self) -> list[Line]:
        return [line for line in self.lines if line.is_left]


@dataclass(frozen=True, kw_only=True)
class Checklist:
    """All of it, and how the last look went. `wanted_at`: another is under way."""

    sections: list[Section]
    checked_at: datetime | None
    wanted_at: datetime | None
    readable: bool

    @property
    def done(self) -> int:
        return sum(section.done for section in self.sections)

    @property
    def total(self) -> int:
        return sum(section.total for section in self.sections)

    @property
    def left(self) -> int:
        return sum(len(section.left) for section in self.sections)

    @property
    def fraction(self) -> float:
        return self.done / self.total if self.total else 0.0


def checklist_of(environment: Environment) -> Checklist:
    """The checklist as it stands in the database: two questions to it, none to AWS."""
    check = ReadinessCheck.objects.filter(environment=environment).first()
    ticks = {one.item: one for one in environment.readiness_ticks.select_related("by")}
    answers, chosen = check.answers if check else {}, _chosen(environment)
    since = check.since if check else {}
    lines = [
        replace(
            _line(environment, item, answers.get(item.key), ticks.get(item.key), chosen),
            since=since.get(item.key),
        )
        for item in ITEMS
    ]
    return Checklist(
        sections=[
            Section(part=part, title=title, lines=[line for line in lines if line.item.part is part])
            for part, title in PARTS.items()
        ],
        checked_at=check.checked_at if check else None,
        wanted_at=check.wanted_at if check else None,
        readable=check.readable if check else True,
    )


def _chosen(environment: Environment) -> JsonObject:
    """The options that it stands with; none where the catalogue knows its spec no more."""
    try:
        spec = environment.spec
        options: JsonObject = (
            blueprint_for(spec.architecture, spec.phase).parse(spec.options).model_dump(mode="json")
        )
    except (ProvisioningError, ValueError):
        return {}
    return options


def _line(
    environment: Environment,
    item: Item,
    answer: Answer | None,
    tick: ReadinessTick | None,
    chosen: JsonObject,
) -> Line:
    fails = answer is not None and answer.state is State.FAIL
    options = item.fix.wanted(chosen) if fails else {}
    change = ""
    if fails and environment.lifecycle == Lifecycle.READY:
        change = _change(environment, item, options, chosen)
    return Line(
        item=item,
        state=_state(item, answer, tick),
        answer=answer,
        since=None,
        tick=tick,
        options=options,
        change=change,
    )


def _state(item: Item, answer: Answer | None, tick: ReadinessTick | None) -> str:
    if item.is_manual:
        return TICKED if tick else State.MANUAL.value
    return answer.state.value if answer else UNCHECKED


def _change(environment: Environment, item: Item, options: JsonObject, chosen: JsonObject) -> str:
    """The form of a change that sets it right, or its field that a person fills in; empty where no option does."""
    address = reverse("environment_change", args=[environment.slug])
    if options:
        return f"{address}?{urlencode({name: _in_link(value) for name, value in options.items()})}"
    if item.fix.opens in chosen:
        return f"{address}#id_{OPTION}{item.fix.opens}"
    return ""


def _in_link(value: object) -> object:
    """As the link of a form carries it: a box that is ticked is "on"."""
    if isinstance(value, bool):
        return "on" if value else ""
    return value
