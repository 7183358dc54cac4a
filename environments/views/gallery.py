"""The gallery: every component in all its states, for who builds pages. Staff only, or anybody under DEBUG."""

from __future__ import annotations

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

from environments.templatetags.statuses import CHANGES, LOOKS
from environments.views import gallery_samples as samples


class GalleryForm(forms.Form):
    """A form with one field of each sort."""

    name = forms.SlugField(label=_("Name"), help_text=_("Small letters, digits and hyphens."), max_length=40)
    region = forms.ChoiceField(
        label=_("Region"), choices=[("eu-west-1", "Ireland"), ("us-east-1", "N. Virginia")]
    )
    note = forms.CharField(label=_("Why"), required=False, widget=forms.Textarea)
    nat = forms.BooleanField(
        label=_("NAT gateway"), required=False, help_text=_("Tasks then live in private subnets; costs more.")
    )
    days = forms.ChoiceField(
        label=_("Expires"),
        choices=[("7", _("in a week")), ("30", _("in a month"))],
        widget=forms.RadioSelect,
        initial="7",
    )


class ConfirmForm(forms.Form):
    """The typed name."""

    confirmation = forms.RegexField("^shop-staging$", error_messages={"invalid": _("This is not its name.")})


def gallery(request: HttpRequest) -> HttpResponse:
    """All components on one page. 404 for everybody else: it is no part of the product."""
    if not (settings.DEBUG or getattr(request.user, "is_staff", False)):
        raise Http404
    return render(request, "components/gallery.html", context())


def context() -> dict[str, object]:
    """What the gallery shows, so that a test renders the same."""
    filled = GalleryForm({"name": "Shop Staging!", "region": "mars", "days": ""})
    confirm = ConfirmForm({"confirmation": "shop-prod"})
    filled.is_valid()
    return {
        "families": {family: list(looks) for family, looks in LOOKS.items()},
        "actions": list(CHANGES),
        "tones": ["neutral", "info", "success", "warning", "danger", "sleep"],
        "icons": samples.ICONS,
        "form": GalleryForm(initial={"name": "shop-staging"}),
        "form_with_errors": filled,
        "confirm": confirm,
        "crumbs": samples.CRUMBS,
        "team": samples.TEAMS[0],
        "teams": samples.TEAMS,
        "inbox_count": 3,
        "simulated_aws": True,
        **samples.shown(),
    }
