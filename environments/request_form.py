"""The form of a request. It is always filled in, with the defaults at least: price and errors need no first try."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _
from pydantic import JsonValue

from environments.forms import BriefForm
from environments.models import Account, Application
from environments.naming import NAME_MOST, name_rule
from environments.option_fields import NOTHING, OPTION, field_for, no_choice, unit_of
from environments.services import proposals
from environments.services.proposals import Wish, usage_of
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

    @property
    def is_wrong(self) -> bool:
        """Whether one of them needs attention."""
        return any(field.errors for field in self.fields)

    @property
    def in_words(self) -> str:
        """What stands in them, in a line."""
        return grouped(" · ".join(filter(None, map(_said, self.fields))))


class EnvironmentForm(BriefForm):
    """An environment to ask for: application, name, place, the blueprint's options, expected use."""

    bound_field_class = RequestField

    application = forms.TypedChoiceField(
        label=_("Application"),
        error_messages={"required": _("No application of your teams can be chosen. Ask an admin of a team.")},
    )
    name = forms.CharField(label=_("Name"), max_length=NAME_MOST, help_text=lazy(name_rule, str)())
    account = forms.TypedChoiceField(
        label=_("Account"),
        error_messages={"required": _("No account may be used by your teams. Ask a platform admin.")},
    )
    region = forms.ChoiceField(label=_("Region"))
    expires_in_days = forms.IntegerField(
        label=_("Expires after"), min_value=1, max_value=365, required=False, help_text=_("Empty: never.")
    )
    note = forms.CharField(
        label=_("Why"),
        widget=forms.Textarea(attrs={"rows": 2}),
        required=False,
        max_length=2000,
        help_text=_("For the approver."),
    )

    def __init__(
        self,
        *,
        blueprint: Blueprint[Any],
        person: User,
        sent: Mapping[str, str] | None = None,
        link: Mapping[str, str] | None = None,
    ) -> None:
        """`sent`: what a browser sent, `link`: values that a link carries; what neither has is the default."""
        super().__init__()
        self.blueprint = blueprint
        self.asides: dict[str, str] = {}
        self.units: dict[str, str] = {"expires_in_days": str(_("days"))}
        self._offer_places(person)
        for name, info in blueprint.options.model_fields.items():
            self.fields[OPTION + name] = field_for(info)
            self.units[OPTION + name] = unit_of(info)
            if aside := mark_of(info, Aside):
                self.asides[OPTION + name] = worded(aside.title)
            if mark_of(info, AnotherRegion):
                self._offer(OPTION + name, [(NOTHING, no_choice()), *self.fields["region"].choices])  # type: ignore[attr-defined]  # a ChoiceField
        usual = usage_of(blueprint.phase, {})
        for name in blueprint.figures:
            self.fields[USAGE + name] = field_for(Usage.model_fields[name])
            self.fields[USAGE + name].initial = getattr(usual, name)
            self.units[USAGE + name] = unit_of(Usage.model_fields[name])
        self._fill(sent, link or {})

    def _offer_places(self, person: User) -> None:
        """Read once each: a field of models would ask the database again for every look at its choices."""
        applications = Application.objects.requestable_by(person).select_related("team")
        accounts = list(Account.objects.visible_to(person).filter(active=True))
        regions = sorted({region for account in accounts for region in account.regions}, key=_home_first)
        self.applications = {str(one.pk): one for one in applications}
        self._offer("application", [(pk, str(one)) for pk, one in self.applications.items()])
        self._offer("account", [(str(one.pk), str(one)) for one in accounts])
        self._offer("region", [(region, region) for region in regions])
        self.fields["application"].coerce = self.applications.__getitem__  # type: ignore[attr-defined]
        known = {str(one.pk): one for one in accounts}
        self.fields["account"].coerce = known.__getitem__  # type: ignore[attr-defined]

    def _offer(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        field.choices = choices  # type: ignore[attr-defined]  # a ChoiceField
        field.initial = choices[0][0] if choices else ""

    def _fill(self, sent: Mapping[str, str] | None, link: Mapping[str, str]) -> None:
        """What is missing from what was sent is the default too: a page may have been open since an older version."""
        for name, field in self.fields.items():
            value = link.get(name.removeprefix(OPTION))
            if value is not None:
                field.initial = self._application_called(value) if name == "application" else value
        if "name" not in link:
            self.fields["name"].initial = self._free_name() if sent is None else self.blueprint.phase
        initial = {name: self.get_initial_for_field(field, name) for name, field in self.fields.items()}
        usual = {name: value for name, value in initial.items() if value is not None}
        if sent is not None:
            ticks = [name for name, field in self.fields.items() if isinstance(field, forms.BooleanField)]
            usual = {name: value for name, value in usual.items() if name not in ticks}
        self.data = {**usual, **dict((sent or {}).items())}
        self.is_bound = True

    def _application_called(self, slug: str) -> str:
        """The choice that stands for it; a slug that is none of these is no choice."""
        return next((pk for pk, one in self.applications.items() if one.slug == slug), slug)

    def _free_name(self) -> str:
        application = self.applications.get(str(self.fields["application"].initial))
        return proposals.free_name(application, self.blueprint.phase) if application else self.blueprint.phase

    def clean(self) -> None:
        """All that stands against the wish, each at its field; not only what the fields say themselves."""
        data = self.cleaned_data
        self._take_all(OPTION, self.blueprint.objections(_plain(data, OPTION), self._unread(OPTION)))
        self._take_all(USAGE, objections(Usage, _plain(data, USAGE), self._unread(USAGE)))
        if {"application", "name", "account", "region"} <= data.keys():
            wish = self.wish()
            self._take_all("", proposals.objections(wish))
            self._take_all(OPTION, proposals.region_objections(wish))
        if {"application", "name"} <= data.keys():
            self._take_all("", proposals.name_objections(data["application"], data["name"]))

    def _unread(self, prefix: str) -> set[str]:
        return {name.removeprefix(prefix) for name in self.errors if name.startswith(prefix)}

    def _take_all(self, prefix: str, found: Iterable[ProvisioningError]) -> None:
        for error in list(found):
            name = prefix + error.field if error.field else None
            known = name is not None and worded(error.hint) == self.fields[name].help_text
            self.add_error(name, worded(error.message) if known else told(error))

    def basics(self) -> list[forms.BoundField]:
        """Who, what and where."""
        return [self[name] for name in self.fields if not name.startswith((OPTION, USAGE))]

    def options(self) -> list[forms.BoundField]:
        """The blueprint's own, without those that are folded away."""
        return [self[name] for name in self.fields if name.startswith(OPTION) and name not in self.asides]

    def folds(self) -> list[Fold]:
        """Options that few change, as they are folded away together."""
        titles = dict.fromkeys(self.asides.values())
        return [
            Fold(title=title, fields=[self[name] for name, its in self.asides.items() if its == title])
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

    def wish(self) -> Wish:
        """What was filled in, as the services take it."""
        data = self.cleaned_data
        return Wish(
            application=data["application"],
            name=data["name"],
            architecture=self.blueprint.architecture,
            phase=self.blueprint.phase,
            region=data["region"],
            account=data["account"],
            options=_plain(data, OPTION),
            usage={name: str(value) for name, value in _plain(data, USAGE).items() if value is not None},
        )

    def as_call(self) -> dict[str, object]:
        """The same as the API takes it; of options and usage only what differs from the defaults."""
        wish, days = self.wish(), self.cleaned_data["expires_in_days"]
        options = self.blueprint.parse({}).model_dump(mode="json")
        usual = usage_of(self.blueprint.phase, {})
        usage = {
            name: text for name, text in wish.usage.items() if getattr(usual, name) != Decimal(str(text))
        }
        return {
            "application": wish.application.slug,
            "name": wish.name,
            "architecture": wish.architecture,
            "phase": wish.phase,
            "region": wish.region,
            "account": wish.account.slug,
            "options": {name: value for name, value in wish.options.items() if value != options.get(name)},
            "usage": usage,
            "note": self.cleaned_data["note"],
            "expires_in_days": days,
        }

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


def _plain(data: Mapping[str, Any], prefix: str) -> dict[str, JsonValue]:
    return {
        name.removeprefix(prefix): value
        for name, value in data.items()
        if name.startswith(prefix) and value is not None
    }


def _home_first(region: str) -> tuple[bool, str]:
    return region != "us-east-1", region
