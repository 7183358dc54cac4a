"""Names made of parts: what reads the same is told apart, here and in AWS."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import replace

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.test import Client

from environments.errors import InvalidInput
from environments.models import Application, Environment, Request
from environments.services import requests
from environments.services.proposals import Wish
from environments.tests.conftest import acting
from environments.tests.factories import ApplicationFactory, EnvironmentFactory
from environments.tests.test_races import at_once
from provisioning.names import stack_of

# Two that meet in the eight characters of a stack; one pair in three hundred thousand does.
TWINS = (
    uuid.UUID("0c786865-a8a1-400e-bd5b-2b90503a0573"),
    uuid.UUID("21b5971f-81ea-457c-94bb-d89793cbaa47"),
)


@pytest.fixture
def first(wish: Wish) -> Wish:
    """`shop` + `a-b`."""
    return replace(wish, name="a-b")


@pytest.fixture
def second(wish: Wish) -> Wish:
    """`shop-a` + `b`: of another application, with the same address."""
    return replace(
        wish, application=ApplicationFactory.create(team=wish.application.team, slug="shop-a"), name="bb"
    )


def names_in_aws(request: Request) -> set[tuple[str, str]]:
    return {(change.kind, change.name) for change in request.plan.changes}


def test_the_page_tells_a_taken_name_at_its_field(
    first: Wish, second: Wish, alice: User, client: Client
) -> None:
    requests.create_request(wish=replace(first, name="a-bb"), by=acting(alice))
    client.force_login(alice)
    form = client.get("/catalogue/containers/production/").context["form"]
    initial = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    filled = {name: value for name, value in initial.items() if value not in (None, False)}
    chosen = {"application": second.application.pk, "account": second.account.pk, "region": "us-east-1"}

    answer = client.post("/catalogue/containers/production/", {**filled, **chosen, "name": "bb"})

    assert answer.status_code == 422
    assert "There is an environment shop-a-bb already." in str(answer.context["form"].errors["name"])
    assert Environment.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_applications_that_meet_in_one_address_at_once_one_is_told(
    first: Wish, second: Wish, alice: User
) -> None:
    raised = at_once(
        Application.objects.all(),
        lambda: requests.create_request(wish=replace(first, name="a-bb"), by=acting(alice)),
        lambda: requests.create_request(wish=second, by=acting(alice)),
    )

    (refused,) = [error for error in raised if error is not None]
    assert isinstance(refused, InvalidInput)
    assert (refused.code, refused.field) == ("name.taken", "name")
    assert Environment.objects.count() == 1


def test_environments_that_read_the_same_share_no_name_and_no_tag_in_aws(
    first: Wish, second: Wish, alice: User
) -> None:
    one = requests.create_request(wish=replace(first, name="a-bb"), by=acting(alice))
    requests.cancel(request=one, by=acting(alice))
    other = requests.create_request(wish=second, by=acting(alice))

    assert one.environment.slug == other.environment.slug
    assert not names_in_aws(one) & names_in_aws(other)
    tags = [request.plan.spec.tags() for request in (one, other)]
    assert tags[0]["andamio:stack"] != tags[1]["andamio:stack"]
    assert tags[0]["andamio:application"] != tags[1]["andamio:application"]


def test_no_two_environments_have_one_stack(db: None) -> None:
    EnvironmentFactory.create(identity=TWINS[0])

    with pytest.raises(IntegrityError, match="stack"), transaction.atomic():
        EnvironmentFactory.create(identity=TWINS[1])


def test_a_stack_that_another_environment_had_is_not_given_again(
    wish: Wish, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    draws: Iterator[uuid.UUID] = iter([*TWINS, uuid.UUID(int=7)])
    old = EnvironmentFactory.create(identity=next(draws), lifecycle="destroyed")
    monkeypatch.setattr("uuid.uuid4", lambda: next(draws))

    asked = requests.create_request(wish=wish, by=acting(alice))

    assert asked.environment.identity == uuid.UUID(int=7)
    assert asked.plan.spec.stack == asked.environment.stack != old.stack


def test_the_stack_of_an_environment_is_that_of_its_spec(request_of_alice: Request) -> None:
    environment = request_of_alice.environment

    assert environment.stack == stack_of(str(environment.identity)) == environment.spec.stack
