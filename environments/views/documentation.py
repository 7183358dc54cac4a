"""The documentation that comes with every installation: the way of an environment, the words, the roles, the API."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy
from django.views.decorators.http import require_GET

from environments.choices import Role, Scope

Words = str | Promise

# Key (what links to a word name) -> the word and what it means here.
TERMS: dict[str, tuple[Words, Words]] = {
    "team": (_("Team"), _("People with roles, and a monthly budget. It owns applications.")),
    "application": (_("Application"), _("What is deployed. It belongs to one team.")),
    "architecture": (
        _("Architecture and phase"),
        _("Which AWS services an environment consists of, and how large and redundant they are."),
    ),
    "environment": (
        _("Environment"),
        _("One running copy of an application, in one region of one AWS account."),
    ),
    "request": (
        _("Request"),
        _("An environment, or its end, that somebody asks for: with plan, price and discussion."),
    ),
    "plan": (
        _("Plan"),
        _(
            "Every resource that would be created, changed, replaced or destroyed. Exactly this is carried out."
        ),
    ),
    "fingerprint": (
        _("Fingerprint"),
        _(
            "The first characters of a checksum over plan and price. An approval holds for one fingerprint: when plan "
            "or price change, the request is out of date and has to be renewed and approved again. By API it is the "
            "request's hash, and an approval has to name it whole."
        ),
    ),
    "price": (
        _("Expected, floor, ceiling"),
        _(
            "The price of a month at the expected use, at the smallest and at the largest capacity; before tax."
        ),
    ),
    "operation": (
        _("Operation"),
        _("One run that builds or destroys. It has steps and can be cancelled, retried and rolled back."),
    ),
    "step": (
        _("Step"),
        _("What an operation does to one resource. All are listed before the first one starts."),
    ),
    "protection": (_("Protection"), _("While it is on, nobody can destroy the environment.")),
    "drift": (_("Drift"), _("What differs in AWS from what was approved.")),
    "readiness": (
        _("Readiness"),
        _(
            "The checklist of a guide to AWS, asked of AWS itself for each environment; what no probe can see, people "
            "tick."
        ),
    ),
    "sweep": (
        pgettext_lazy("of an account", "Sweep"),
        _("The look into the account, after a destroy, for what may still be there and be billed."),
    ),
}

# Each role may also do what those above it may.
ROLES: tuple[tuple[Words, Words], ...] = (
    (Role.VIEWER.label, _("Sees everything of the team, and takes part in discussions.")),
    (
        Role.DEVELOPER.label,
        _(
            "Asks for environments, sets their end date, turns their protection on, checks and ticks their readiness, "
            "destroys them; cancels, retries and rolls back operations."
        ),
    ),
    (Role.APPROVER.label, _("Decides on requests of others.")),
    (Role.ADMIN.label, _("Chooses who is in the team, and takes protection off.")),
    (
        _("Platform admin"),
        _("Does all this in every team, and runs the administration: accounts, teams, rules."),
    ),
)


@require_GET
def documentation(request: HttpRequest) -> HttpResponse:
    """For everybody, signed in or not."""
    context = {"terms": TERMS, "roles": ROLES, "scopes": Scope.choices}
    return render(request, "environments/documentation.html", context)
