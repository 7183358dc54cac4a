"""The form of a request for a new environment."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib.auth.models import User
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from environments.models import Account, Application
from environments.naming import NAME_MOST, name_rule
from environments.option_fields import OPTION
from environments.services import proposals
from environments.services.proposals import Wish, usage_of
from environments.spec_form import SpecForm
from provisioning.blueprints.blueprint import Blueprint


class EnvironmentForm(SpecForm):
    """An environment to ask for: application, name, place, the blueprint's options, expected use."""

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
    field_order = ("application", "name", "account", "region", "expires_in_days", "note")

    def __init__(
        self,
        *,
        blueprint: Blueprint[Any],
        person: User,
        sent: Mapping[str, str] | None = None,
        link: Mapping[str, str] | None = None,
    ) -> None:
        """`sent`: what a browser sent, `link`: values that a link carries; what neither has is the default."""
        super().__init__(blueprint, {})
        self.units["expires_in_days"] = str(_("days"))
        self._offer_places(person)
        self.carried = {OPTION + name for name in link or ()}
        self._follow(link or {}, sent is None)
        self._fill(sent)

    def _offer_places(self, person: User) -> None:
        """Read once each: a field of models would ask the database again for every look at its choices."""
        applications = Application.objects.requestable_by(person).select_related("team")
        accounts = list(Account.objects.visible_to(person).filter(active=True))
        regions = sorted({region for account in accounts for region in account.regions}, key=_home_first)
        self.applications = {str(one.pk): one for one in applications}
        self._offer("application", [(pk, str(one)) for pk, one in self.applications.items()])
        self._offer("account", [(str(one.pk), str(one)) for one in accounts])
        self._offer("region", [(region, region) for region in regions])
        self._offer_regions(regions)
        self.fields["application"].coerce = self.applications.__getitem__  # type: ignore[attr-defined]
        known = {str(one.pk): one for one in accounts}
        self.fields["account"].coerce = known.__getitem__  # type: ignore[attr-defined]

    def _follow(self, link: Mapping[str, str], untouched: bool) -> None:
        """Start from what a link carries, and from a name that is free."""
        for name, field in self.fields.items():
            value = link.get(name.removeprefix(OPTION))
            if value is not None:
                field.initial = self._application_called(value) if name == "application" else value
        if "name" not in link:
            self.fields["name"].initial = self._free_name() if untouched else self.blueprint.phase

    def _application_called(self, slug: str) -> str:
        """The choice that stands for it; a slug that is none of these is no choice."""
        return next((pk for pk, one in self.applications.items() if one.slug == slug), slug)

    def _free_name(self) -> str:
        application = self.applications.get(str(self.fields["application"].initial))
        return proposals.free_name(application, self.blueprint.phase) if application else self.blueprint.phase

    def clean(self) -> None:
        """What stands against name and place as well."""
        super().clean()
        data = self.cleaned_data
        if {"application", "name", "account", "region"} <= data.keys():
            wish = self.wish()
            self._take_all("", proposals.objections(wish))
            elsewhere = proposals.region_objections(wish.account, wish.region, self.blueprint, wish.options)
            self._take_all(OPTION, elsewhere)
        if {"application", "name"} <= data.keys():
            self._take_all("", proposals.name_objections(data["application"], data["name"]))

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
            options=self.chosen(),
            usage=self.use(),
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


def _home_first(region: str) -> tuple[bool, str]:
    return region != "us-east-1", region
