"""Forms: they clean and never act. The form of a request is in `request_form`."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from environments.choices import Role, Scope
from provisioning.errors import brief


class BriefForm(forms.Form):
    """A form whose errors quote no more of a value than a person reads."""

    def add_error(self, field: str | None, error: Any) -> None:
        """Django's, with the value that is quoted in it cut."""
        for one in getattr(error, "error_list", ()):
            one.params = {name: _quoted(value) for name, value in (one.params or {}).items()}
        super().add_error(field, error)


def _quoted(value: object) -> object:
    return brief(value) if isinstance(value, str) else value


class TickForm(BriefForm):
    """What somebody says about an item that they tick."""

    note = forms.CharField(label=pgettext_lazy("field", "Note"), max_length=500, required=False)


class CommentForm(BriefForm):
    """A word in the discussion of a request."""

    comment = forms.CharField(
        label=pgettext_lazy("field", "Comment"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=4000,
        help_text=_("A question or a remark; it decides nothing."),
    )


class DecisionForm(BriefForm):
    """A verdict on what was seen. The browser asks for the reason where it is needed: "Approve" goes without."""

    hash = forms.CharField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("Reason"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=4000,
        help_text=_("Needed to deny; an approval may go without. Whoever asked reads it."),
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
