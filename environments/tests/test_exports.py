"""An environment as a CloudFormation template: by page and by API, for whoever may see it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from environments.choices import Scope
from environments.models import Environment
from environments.services.tokens import create_token
from environments.tests.conftest import acting
from provisioning.export.tests.linted import findings

pytestmark = pytest.mark.django_db


def by_api(user: User, slug: str, *scopes: Scope) -> Any:
    _, text = create_token(user=user, name="test", scopes=[*scopes], by=acting(user))
    return Client().get(
        f"/api/v1/environments/{slug}/export/cloudformation", headers={"Authorization": f"Bearer {text}"}
    )


def by_page(user: User, slug: str) -> Any:
    client = Client()
    client.force_login(user)
    return client.get(f"/environments/{slug}/cloudformation/")


def test_the_template_of_an_environment_that_stands_is_accepted_by_cfn_lint(
    ready: Environment, victor: User
) -> None:
    answer = by_api(victor, ready.slug, Scope.READ)

    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("application/json")
    assert findings(answer.json(), ready.region) == []


def test_it_has_the_names_that_stand(ready: Environment, alice: User) -> None:
    names = {row.key: row.name for row in ready.resources.all()}

    whole = by_api(alice, ready.slug, Scope.READ).json()

    assert whole["Resources"]["Database"]["Properties"]["DBInstanceIdentifier"] == names["database"]


def test_the_page_gives_the_same_as_a_file_and_leads_to_it(ready: Environment, alice: User) -> None:
    client = Client()
    client.force_login(alice)

    answer = by_page(alice, ready.slug)

    assert answer["Content-Disposition"] == f'attachment; filename="{ready.slug}.cloudformation.json"'
    assert json.loads(answer.content) == by_api(alice, ready.slug, Scope.READ).json()
    assert (
        f"/environments/{ready.slug}/cloudformation/" in client.get(ready.get_absolute_url()).content.decode()
    )


def test_another_teams_environment_is_not_there(ready: Environment, mallory: User) -> None:
    assert by_api(mallory, ready.slug, Scope.READ).status_code == 404
    assert by_page(mallory, ready.slug).status_code == 404


def test_nobody_gets_it_without_signing_in(ready: Environment) -> None:
    assert Client().get(f"/environments/{ready.slug}/cloudformation/").status_code == 302


def test_it_holds_everything_that_was_planned(ready: Environment, alice: User) -> None:
    whole = by_api(alice, ready.slug, Scope.READ).json()
    told = {one["Metadata"]["Andamio"]["Key"] for one in whole["Resources"].values()}
    notes = whole["Metadata"]["Andamio"]

    planned = {change["key"] for change in ready.requests.get().raw_plan["changes"]}

    assert planned == told | set(notes["BeforeTheStack"]) | set(notes.get("Remarks", {}))


def test_a_spec_that_no_blueprint_makes_any_more_is_told_in_words(ready: Environment, alice: User) -> None:
    Environment.objects.update(raw_spec={**ready.raw_spec, "architecture": "gone"})

    answer = by_api(alice, ready.slug, Scope.READ)

    assert answer.status_code == 422
    assert answer.json()["code"] == "blueprint.unknown"
