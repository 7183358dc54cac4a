"""What a blueprint's options and figures of use become on a form: a new option there needs no line here."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Literal, get_args, get_origin

from annotated_types import Ge, Le, MaxLen
from django import forms
from django.utils import formats
from django.utils.translation import pgettext
from pydantic.fields import FieldInfo

from environments.wording import worded
from provisioning.choices import AnotherRegion, Follows, Named, Unit, mark_of

OPTION = "option_"  # what the names of a blueprint's fields start with, so that none meets one of ours
NOTHING = "none"  # what every option calls the choice to have none of it


class FollowingSelect(forms.Select):
    """All values of an option that follows another; each says with what it goes, and fields.js offers no others."""

    def __init__(self, *, leader: str, partners: Mapping[int, list[int]]) -> None:
        super().__init__(attrs={"data-follows": leader})
        self.partners = partners

    def create_option(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """With the values of the other that it goes with."""
        option = super().create_option(*args, **kwargs)
        option["attrs"]["data-with"] = " ".join(str(one) for one in self.partners[int(option["value"])])
        return option


def unit_of(info: FieldInfo) -> str:
    """What stands behind the field; nothing where its choices say it themselves."""
    unit = mark_of(info, Unit)
    return worded(unit.words) if unit and not _has_choices(info) else ""


def field_for(info: FieldInfo) -> forms.Field:
    """The form field of one option: its label, help, default, choices and bounds. Only a text may stay empty."""
    common: dict[str, Any] = {
        "label": worded(info.title or ""),
        "help_text": worded(info.description or ""),
        "initial": info.default,
        "required": info.annotation is not bool and info.default != "",
    }
    if _has_choices(info):
        return _choice(info, common)
    if mark_of(info, AnotherRegion):
        return forms.ChoiceField(**common)  # the form knows which regions there are
    if info.annotation is bool:
        return forms.BooleanField(**common)
    if info.annotation in (int, Decimal):
        numbers: dict[str, Any] = {"min_value": _bound(info, Ge, "ge"), "max_value": _bound(info, Le, "le")}
        return (forms.IntegerField if info.annotation is int else forms.DecimalField)(**numbers, **common)
    return forms.CharField(max_length=_bound(info, MaxLen, "max_length"), **common)


def _has_choices(info: FieldInfo) -> bool:
    return get_origin(info.annotation) is Literal or mark_of(info, Follows) is not None


def _choice(info: FieldInfo, common: dict[str, Any]) -> forms.Field:
    follows = mark_of(info, Follows)
    values = list(follows.partners) if follows else list(get_args(info.annotation))
    if follows:
        common["widget"] = FollowingSelect(leader=f"id_{OPTION}{follows.option}", partners=follows.partners)
    return forms.TypedChoiceField(
        choices=[(value, _named(value, info)) for value in values],
        coerce=int if isinstance(values[0], int) else str,
        **common,
    )


def no_choice() -> str:
    """What the choice to have none of it is called."""
    return pgettext("choice", "none")


def _named(value: int | str, info: FieldInfo) -> str:
    unit, named = mark_of(info, Unit), mark_of(info, Named)
    if value == NOTHING:
        return no_choice()
    if named and isinstance(value, str):
        return worded(named.words[value])
    if unit is None:
        return str(value)
    number = value if isinstance(value, str) else unit.number(value)
    return f"{formats.localize(Decimal(number))} {worded(unit.words)}"


def _bound(info: FieldInfo, kind: type[Any], name: str) -> int | None:
    return next((getattr(one, name) for one in info.metadata if isinstance(one, kind)), None)
