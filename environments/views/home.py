"""Home, catalogue and inbox: where somebody starts."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from environments.models import Environment, Operation, Request
from environments.views.session import person_of, team_of
from provisioning.blueprints.blueprint import Blueprint
from provisioning.blueprints.comparison import RANGES, comparison, spec_of_defaults
from provisioning.pricing import PriceBook

SHOWN = 8


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Mine, waiting for me, running."""
    person, team = person_of(request), team_of(request)
    context = {
        "environments": Environment.objects.visible_to(person).in_team(team).living().for_list()[:SHOWN],
        "waiting": Request.objects.waiting_for(person).in_team(team).for_list()[:SHOWN],
        "operations": Operation.objects.visible_to(person).in_team(team).for_list()[:SHOWN],
    }
    return render(request, "environments/home.html", context)


@login_required
def inbox(request: HttpRequest) -> HttpResponse:
    """Requests that wait for this person's decision; apart from them their own, which others decide on."""
    person, team = person_of(request), team_of(request)
    waiting = list(Request.objects.awaiting_verdict_of(person).in_team(team).for_list())
    mine = Request.objects.visible_to(person).in_team(team).pending().filter(requester=person)
    context = {
        "waiting": waiting,
        "stale": Request.objects.stale_of(person).in_team(team).for_list(),
        "mine": mine.exclude(pk__in=[one.pk for one in waiting]).for_list(),
    }
    return render(request, "environments/inbox.html", context)


@login_required
def catalogue(request: HttpRequest) -> HttpResponse:
    """What can be had: each architecture as production has it, with the price of each phase's defaults."""
    cards = [
        {
            "architecture": architecture,
            "phases": (phases := list(group)),
            "wanted": _made_by_defaults(phases[1].blueprint),
        }
        for architecture, group in groupby(comparison(), key=lambda one: one.blueprint.architecture)
    ]
    return render(request, "environments/catalogue.html", {"cards": cards})


def _made_by_defaults(blueprint: Blueprint[Any]) -> set[str]:
    return {resource.key for resource in blueprint.resources(spec_of_defaults(blueprint))}


@login_required
def prices(request: HttpRequest) -> HttpResponse:
    """Everything in the catalogue side by side, with the range that its phase should cost."""
    compared = comparison()
    phases = [
        {"name": phase, "range": range_, "rows": [one for one in compared if one.blueprint.phase == phase]}
        for phase, range_ in RANGES.items()
    ]
    return render(request, "environments/prices.html", {"phases": phases, "book": PriceBook.load()})
