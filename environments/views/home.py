"""Home, catalogue and inbox: where somebody starts."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from environments.models import Environment, Operation, Request
from environments.views.session import person_of, team_of
from provisioning.blueprints import all_blueprints
from provisioning.blueprints.blueprint import Blueprint
from provisioning.pricing import PriceBook, Usage, estimate
from provisioning.spec import Spec

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
    """What can be had, with the price of its defaults."""
    book = PriceBook.load()
    cards = [_card(blueprint, book) for blueprint in all_blueprints()]
    return render(request, "environments/catalogue.html", {"cards": cards})


def _card(blueprint: Blueprint[Any], book: PriceBook) -> dict[str, object]:
    """A blueprint with what its defaults make and cost."""
    spec = Spec(
        identity="catalogue",
        application="application",
        environment=blueprint.phase,
        team="team",
        architecture=blueprint.architecture,
        phase=blueprint.phase,
        region="us-east-1",
        account="0" * 12,
        zones=("us-east-1a", "us-east-1b"),
    )
    usage = Usage.of_phase(blueprint.phase)
    return {
        "blueprint": blueprint,
        "estimate": estimate(blueprint.cost(spec, usage), region=spec.region, book=book),
        "wanted": {resource.key for resource in blueprint.resources(spec)},
    }
