"""What people write on the page of a request: a comment, which decides nothing, or the reason of a decision."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

LONGEST = 4000


class CommentForm(forms.Form):
    """A word in the discussion."""

    comment = forms.CharField(
        label=pgettext_lazy("field", "Comment"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=LONGEST,
        help_text=_("A question or a remark; it decides nothing."),
    )


class DecisionForm(forms.Form):
    """A verdict on what was seen. The browser asks for the reason where it is needed: "Approve" goes without."""

    hash = forms.CharField(widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("Reason"),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=LONGEST,
        help_text=_("Needed to deny; an approval may go without. Whoever asked reads it."),
    )
