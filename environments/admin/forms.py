"""What is checked before the platform admin's changes are kept: above all, that nothing that stands loses its place."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, TypeAlias, get_args

from django import forms
from django.utils.translation import gettext as _

from environments.models import Account, Application, Environment, Rule
from provisioning.blueprints import all_blueprints
from provisioning.pricing import PhaseName

if TYPE_CHECKING:
    AccountBase: TypeAlias = forms.ModelForm[Account]
    ApplicationBase: TypeAlias = forms.ModelForm[Application]
    RuleBase: TypeAlias = forms.ModelForm[Rule]
else:
    AccountBase = ApplicationBase = RuleBase = forms.ModelForm

_ROLE = re.compile(r"arn:aws[a-z-]*:iam::(\d{12}):role/[\w+=,.@/-]+")
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")


class AccountForm(AccountBase):
    """An account: workers would look elsewhere for what stands in one that is given another number or address."""

    def clean_role_arn(self) -> str:
        """A role, and of this account."""
        arn: str = self.cleaned_data["role_arn"]
        match = _ROLE.fullmatch(arn)
        if arn and match is None:
            raise forms.ValidationError(
                _("Give the ARN of a role, such as %(example)s.")
                % {"example": "arn:aws:iam::123456789012:role/andamio"}
            )
        number = self.cleaned_data.get("number")
        if match and number and match[1] != number:
            raise forms.ValidationError(
                _("This role is one of account %(other)s, not of %(number)s.")
                % {"other": match[1], "number": number}
            )
        return arn

    def clean_zones(self) -> dict[str, list[str]]:
        """At least one region, and two zones or more of each."""
        zones: Any = self.cleaned_data["zones"]
        if not isinstance(zones, dict) or not zones or not all(map(_are_zones, zones, zones.values())):
            raise forms.ValidationError(
                _("Give for each region two of its zones or more: %(example)s.")
                % {"example": '{"us-east-1": ["us-east-1a", "us-east-1b"]}'}
            )
        return zones

    def clean(self) -> dict[str, Any]:
        """Where environments stand, what tells where they are stays."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        standing = list(Environment.objects.living().filter(account=self.instance.pk).order_by("slug"))
        if standing:
            for name in ("number", "endpoint_url", "simulated"):
                if name in self.changed_data and name in data:
                    self.add_error(name, _stays(standing))
            self._keep_zones(standing, data.get("zones"))
        return data

    def _keep_zones(self, standing: list[Environment], zones: dict[str, list[str]] | None) -> None:
        """Zones may be added; the first two of a region with environments are those that these are in."""
        before = self.instance.zones
        moved = [
            one
            for one in standing
            if zones and before.get(one.region, [])[:2] != zones.get(one.region, [])[:2]
        ]
        if moved:
            self.add_error("zones", _stays(moved))


class ApplicationForm(ApplicationBase):
    """An application: its slug is in the names that AWS has for its environments."""

    def clean_slug(self) -> str:
        """Stays once there are environments."""
        slug: str = self.cleaned_data["slug"]
        standing = list(Environment.objects.living().filter(application=self.instance.pk).order_by("slug"))
        if standing and "slug" in self.changed_data:
            raise forms.ValidationError(_stays(standing))
        return slug


class RuleForm(RuleBase):
    """A rule: one that names what does not exist would be passed over without a word."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        architectures = dict.fromkeys(one.architecture for one in all_blueprints())
        for name, known in {"architecture": architectures, "phase": get_args(PhaseName)}.items():
            was = getattr(self.instance, name)  # what the catalogue no longer has may stay
            choices = [("", _("any")), *((one, one) for one in dict.fromkeys([*known, *filter(None, [was])]))]
            self.fields[name] = forms.ChoiceField(
                choices=choices, required=False, label=self.fields[name].label
            )


def _are_zones(region: object, zones: object) -> bool:
    if not isinstance(region, str) or not _REGION.fullmatch(region) or not isinstance(zones, list):
        return False
    ours = {zone for zone in zones if isinstance(zone, str) and re.fullmatch(f"{region}[a-z]", zone)}
    return len(ours) == len(zones) >= 2


def _stays(standing: list[Environment]) -> str:
    names = ", ".join(one.slug for one in standing[:3])
    return _(
        "It stays while environments stand there: workers would no longer find what these have in AWS (%(names)s)."
    ) % {"names": f"{names}, …" if len(standing) > 3 else names}
