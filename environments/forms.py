"""Forms: they clean and never act. A blueprint's options become fields, so that a new option is one line there."""

from __future__ import annotations

from decimal import Decimal
from typing import Any, Literal, get_args, get_origin

from annotated_types import Ge, Le, MaxLen
from django import forms
from django.conf import settings
from django.contrib.auth.models import User
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from pydantic import JsonValue
from pydantic.fields import FieldInfo

from environments.choices import Role, Scope
from environments.models import Account, Application
from environments.services.proposals import Wish, usage_of
from environments.wording import told, worded
from provisioning.blueprints.blueprint import Blueprint
from provisioning.errors import ProvisioningError, brief
from provisioning.pricing import Usage

OPTION = "option_"  # what the names of a blueprint's fields start with, so that none meets one of ours
USAGE = "usage_"
USAGE_SHOWN = ("storage_gb", "log_gb", "average_tasks", "lcu")


class BriefForm(forms.Form):
    """A form whose errors quote no more of a value than a person reads."""

    def add_error(self, field: str | None, error: Any) -> None:
        """Django's, with the value that is quoted in it cut."""
        for one in getattr(error, "error_list", ()):
            one.params = {name: _quoted(value) for name, value in (one.params or {}).items()}
        super().add_error(field, error)


def _quoted(value: object) -> object:
    return brief(value) if isinstance(value, str) else value


class EnvironmentForm(BriefForm):
    """An environment to ask for: application, name, place, the blueprint's options, expected use."""

    application = forms.ModelChoiceField(Application.objects.none(), label=_("Application"), empty_label=None)
    name = forms.CharField(
        label=_("Name"),
        min_length=2,
        max_length=30,
        help_text=_("Lower-case letters, digits and hyphens; part of every name in AWS."),
    )
    account = forms.ModelChoiceField(Account.objects.none(), label=_("Account"), empty_label=None)
    region = forms.ChoiceField(label=_("Region"))
    expires_in_days = forms.IntegerField(
        label=_("Expires after"),
        min_value=1,
        max_value=365,
        required=False,
        help_text=_("Days; empty: never."),
    )
    note = forms.CharField(
        label=_("Why"),
        widget=forms.Textarea(attrs={"rows": 2}),
        required=False,
        max_length=2000,
        help_text=_("For the approver."),
    )

    def __init__(self, *args: Any, blueprint: Blueprint[Any], person: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.blueprint = blueprint
        self.person = person
        applications = Application.objects.requestable_by(person).select_related("team")
        accounts = Account.objects.visible_to(person).filter(active=True)
        self.fields["application"].queryset = applications  # type: ignore[attr-defined]  # a ModelChoiceField
        self.fields["account"].queryset = accounts  # type: ignore[attr-defined]
        regions = sorted({region for account in accounts for region in account.regions}, key=_home_first)
        self.fields["region"].choices = [(region, region) for region in regions]  # type: ignore[attr-defined]
        self._add_options()
        self._add_usage()

    def _add_options(self) -> None:
        for name, info in self.blueprint.options.model_fields.items():
            self.fields[OPTION + name] = field_for(info)

    def _add_usage(self) -> None:
        defaults = usage_of(self.blueprint.phase, {})
        for name in USAGE_SHOWN:
            text = Usage.model_fields[name].description or name
            self.fields[USAGE + name] = forms.DecimalField(
                label=worded(text), min_value=0, required=False, initial=getattr(defaults, name)
            )

    def start_with_defaults(self, given: dict[str, str]) -> None:
        """Initial values: the blueprint's, the first choice of each list, over them what a link carries."""
        for name, field in self.fields.items():
            if isinstance(field, forms.ModelChoiceField) and field.queryset is not None:
                field.initial = field.queryset.first()
            value = given.get(name.removeprefix(OPTION))
            if value is not None:
                field.initial = _application_of(field, value) if name == "application" else value
        if "name" not in given:
            self.fields["name"].initial = self.blueprint.phase

    def basics(self) -> list[forms.BoundField]:
        """Who, what and where."""
        return [
            self[name] for name in ("application", "name", "account", "region", "expires_in_days", "note")
        ]

    def options(self) -> list[forms.BoundField]:
        """The blueprint's own."""
        return [self[name] for name in self.fields if name.startswith(OPTION)]

    def usage(self) -> list[forms.BoundField]:
        """What the usage-based part of the price follows from."""
        return [self[name] for name in self.fields if name.startswith(USAGE)]

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
        for candidate in (name, OPTION + name, USAGE + name):
            if candidate in self.fields:
                self.add_error(candidate, told(error))
                return
        self.add_error(None, told(error))


def field_for(info: FieldInfo) -> forms.Field:
    """The form field of one option: its label, help, default, choices and bounds."""
    common: dict[str, Any] = {
        "label": worded(info.title or ""),
        "help_text": worded(info.description or ""),
        "initial": info.default,
        "required": False,
    }
    if get_origin(info.annotation) is Literal:
        values = get_args(info.annotation)
        return forms.TypedChoiceField(
            choices=[(value, str(value)) for value in values],
            coerce=int if isinstance(values[0], int) else str,
            **common,
        )
    if info.annotation is bool:
        return forms.BooleanField(**common)
    if info.annotation is int:
        return forms.IntegerField(
            min_value=_bound(info, Ge, "ge"), max_value=_bound(info, Le, "le"), **common
        )
    return forms.CharField(max_length=_bound(info, MaxLen, "max_length"), **common)


def _bound(info: FieldInfo, kind: type[Any], name: str) -> int | None:
    return next((getattr(one, name) for one in info.metadata if isinstance(one, kind)), None)


def _plain(data: dict[str, Any], prefix: str) -> dict[str, JsonValue]:
    return {
        name.removeprefix(prefix): value
        for name, value in data.items()
        if name.startswith(prefix) and value is not None
    }


def _home_first(region: str) -> tuple[bool, str]:
    return region != "us-east-1", region


def _application_of(field: forms.Field, slug: str) -> object:
    return field.queryset.filter(slug=slug).first()  # type: ignore[attr-defined]  # a ModelChoiceField


class ReviewForm(BriefForm):
    """A verdict on what was seen."""

    hash = forms.CharField(widget=forms.HiddenInput)
    comment = forms.CharField(
        label=pgettext_lazy("field", "Comment"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=4000,
    )


class DestroyForm(BriefForm):
    """The typed name, and whether a last snapshot is taken."""

    confirm_name = forms.CharField(label=_("Name"), max_length=100)
    final_snapshot = forms.BooleanField(
        label=_("Take a final snapshot of the database"),
        required=False,
        initial=True,
        help_text=_("It is kept, and billed, until it is deleted; with it the data can come back."),
    )


class ExtendForm(BriefForm):
    """Until when an environment is wanted."""

    days = forms.IntegerField(
        label=_("Days from now"),
        min_value=1,
        max_value=365,
        initial=30,
        required=False,
        help_text=_("1 to 365; empty: it never expires."),
    )


class MailForm(BriefForm):
    """Whether notifications come by mail too."""

    mail = forms.BooleanField(label=_("Send me each of these by mail too"), required=False)
    language = forms.ChoiceField(label=_("Language of the mails"), choices=settings.LANGUAGES)


class MemberForm(BriefForm):
    """Somebody to take into a team, and as what."""

    username = forms.CharField(
        label=_("Name they sign in with"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}),
    )
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, initial=Role.DEVELOPER)


class TokenForm(BriefForm):
    """A new token."""

    name = forms.CharField(label=_("What is it for"), max_length=100)
    scopes = forms.MultipleChoiceField(
        label=_("It may"), choices=Scope.choices, widget=forms.CheckboxSelectMultiple, initial=[Scope.READ]
    )
    days = forms.IntegerField(
        label=_("Lives for"), min_value=1, max_value=365, initial=90, help_text=_("Days.")
    )
