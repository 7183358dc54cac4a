"""The form of a spec: the blueprint's options and the expected use. It is always filled in, with the defaults at least:
price and errors need no first try."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from pydantic import JsonValue

from environments.forms import BriefForm
from environments.option_fields import NOTHING, OPTION, field_for, no_choice, unit_of
from environments.services.proposals import usage_of
from environments.templatetags.formats import grouped
from environments.wording import told, worded
from provisioning.blueprints.blueprint import Blueprint
from provisioning.blueprints.refusal import objections
from provisioning.choices import AnotherRegion, Aside, mark_of
from provisioning.errors import ProvisioningError
from provisioning.pricing import Usage

USAGE = "usage_"
_TOLD = 3  # figures of use that are told where all are folded away


class RequestField(forms.BoundField):
    """A field whose errors come and go while the page is open: it is always wired to where they will stand."""

    @property
    def unit(self) -> str:
        """What its number counts."""
        units: dict[str, str] = self.form.units  # type: ignore[attr-defined]  # of an EnvironmentForm
        return units.get(self.name, "")

    @property
    def aria_describedby(self) -> str:
        """The ids of unit, help and errors."""
        parts = {"unit": bool(self.unit), "helptext": bool(self.help_text), "error": True}
        return " ".join(f"{self.auto_id}_{part}" for part, there in parts.items() if there)


@dataclass(frozen=True, kw_only=True)
class Fold:
    """Fields that are folded away together."""

    title: str
    fields: list[forms.BoundField]
    carried: Collection[str] = ()

    @property
    def is_open(self) -> bool:
        """Whether one of them needs attention, or a link came with its value: what it filled in must be seen."""
        return any(field.errors or field.name in self.carried for field in self.fields)

    @property
    def in_words(self) -> str:
        """What stands in them, in a line."""
        return grouped(" · ".join(filter(None, map(_said, self.fields)))) or gettext("nothing chosen")


class SpecForm(BriefForm):
    """What may be chosen of a blueprint, and the figures that its price follows from."""

    bound_field_class = RequestField

    note = forms.CharField(
        label=_("Why"),
        widget=forms.Textarea(attrs={"rows": 2}),
        required=False,
        max_length=2000,
        help_text=_("For the approver."),
    )

    def __init__(self, blueprint: Blueprint[Any], usage: Mapping[str, JsonValue]) -> None:
        super().__init__()
        self.blueprint = blueprint
        self.asides: dict[str, str] = {}
        self.carried: set[str] = set()  # options whose value came with a link
        self.units: dict[str, str] = {}
        for name, info in blueprint.options.model_fields.items():
            self.fields[OPTION + name] = field_for(info)
            self.units[OPTION + name] = unit_of(info)
            if aside := mark_of(info, Aside):
                self.asides[OPTION + name] = worded(aside.title)
        usual = usage_of(blueprint.phase, usage)
        for name in blueprint.figures:
            self.fields[USAGE + name] = field_for(Usage.model_fields[name])
            self.fields[USAGE + name].initial = getattr(usual, name)
            self.units[USAGE + name] = self._unit_of_figure(name)

    def _unit_of_figure(self, name: str) -> str:
        words = self.blueprint.counted.get(name)
        return worded(words) if words else unit_of(Usage.model_fields[name])

    def _offer_regions(self, regions: Iterable[str]) -> None:
        """For the options that name one."""
        for name, info in self.blueprint.options.model_fields.items():
            if mark_of(info, AnotherRegion):
                self._offer(OPTION + name, [(NOTHING, no_choice()), *((one, one) for one in regions)])

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        field.choices = choices  # type: ignore[attr-defined]  # a ChoiceField
        field.initial = choices[0][0] if choices else ""

    def _fill(self, sent: Mapping[str, str] | None) -> None:
        """What is missing from what was sent is the initial too: a page may have been open since an older version."""
        initial = {name: self.get_initial_for_field(field, name) for name, field in self.fields.items()}
        usual = {name: value for name, value in initial.items() if value is not None}
        if sent is not None:
            ticks = [name for name, field in self.fields.items() if isinstance(field, forms.BooleanField)]
            usual = {name: value for name, value in usual.items() if name not in ticks}
        self.data = {**usual, **dict((sent or {}).items())}
        self.is_bound = True

    def clean(self) -> None:
        """All that stands against the choice, each at its field; not only what the fields say themselves."""
        data = self.cleaned_data
        self._take_all(OPTION, self.blueprint.objections(plain(data, OPTION), self._unread(OPTION)))
        self._take_all(USAGE, objections(Usage, plain(data, USAGE), self._unread(USAGE)))

    def _unread(self, prefix: str) -> set[str]:
        return {name.removeprefix(prefix) for name in self.errors if name.startswith(prefix)}

    def _take_all(self, prefix: str, found: Iterable[ProvisioningError]) -> None:
        for error in list(found):
            name = prefix + error.field if error.field else None
            known = name is not None and worded(error.hint) == self.fields[name].help_text
            self.add_error(name, worded(error.message) if known else told(error))

    def basics(self) -> list[forms.BoundField]:
        """Who, what, where and why."""
        return [self[name] for name in self.fields if not name.startswith((OPTION, USAGE))]

    def options(self) -> list[forms.BoundField]:
        """The blueprint's own, without those that are folded away."""
        return [self[name] for name in self.fields if name.startswith(OPTION) and name not in self.asides]

    def folds(self) -> list[Fold]:
        """Options that few change, as they are folded away together."""
        titles = dict.fromkeys(self.asides.values())
        return [
            Fold(
                title=title,
                fields=[self[name] for name, its in self.asides.items() if its == title],
                carried=self.carried,
            )
            for title in titles
        ]

    def usage(self) -> list[forms.BoundField]:
        """What the usage-based part of the price follows from."""
        return [self[name] for name in self.fields if name.startswith(USAGE)]

    def use_is_wrong(self) -> bool:
        """Whether something that is folded away needs attention."""
        return any(field.errors for field in self.usage())

    def use_in_words(self) -> str:
        """The first figures of use in a line, for where they are folded away."""
        figures = [(field.label, field.value(), self.units[field.name]) for field in self.usage()[:_TOLD]]
        return grouped(" · ".join(f"{label}: {value} {unit}".rstrip() for label, value, unit in figures))

    def wrong(self) -> list[forms.BoundField]:
        """The fields that something is wrong with, in the order of the page."""
        return [self[name] for name in self.fields if name in self.errors]

    def chosen(self) -> dict[str, JsonValue]:
        """The options that were filled in."""
        return plain(self.cleaned_data, OPTION)

    def use(self) -> dict[str, JsonValue]:
        """The figures of use that were filled in."""
        found = plain(self.cleaned_data, USAGE)
        return {name: str(value) for name, value in found.items() if value is not None}

    def take(self, error: ProvisioningError) -> None:
        """Put a service's complaint at its field; where there is none, above the form."""
        name = error.field or ""
        candidates = (name, OPTION + name, USAGE + name)
        self.add_error(next((one for one in candidates if one in self.fields), None), told(error))


def _said(field: forms.BoundField) -> str:
    """What stands in a field, in words; nothing of one that is empty or off."""
    value = field.value()
    if isinstance(field.field, forms.BooleanField):
        return str(field.label) if value in (True, "on", "True", "true") else ""
    if isinstance(field.field, forms.ChoiceField):
        offered: Any = field.field.choices  # pairs, as we gave them
        value = {str(one): words for one, words in offered}.get(str(value), value)
    return f"{field.label}: {value} {getattr(field, 'unit', '')}".rstrip() if value not in (None, "") else ""


def plain(data: Mapping[str, Any], prefix: str) -> dict[str, JsonValue]:
    """What the fields of this prefix hold, without it."""
    return {
        name.removeprefix(prefix): value
        for name, value in data.items()
        if name.startswith(prefix) and value is not None
    }
