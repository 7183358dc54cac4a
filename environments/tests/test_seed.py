"""The seed of a demo: whoever reads the sign-in page can sign in, and running it again changes nothing."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client
from pytest_django import Settings

from environments.choices import Role
from environments.models import Account, Application, Membership, UsualDuration
from environments.services.proposals import Wish
from environments.services.requests import create_request
from environments.tests.conftest import acting


@pytest.fixture
def demo(db: None, settings: Settings) -> Settings:
    """A seeded demo."""
    settings.DEMO = True
    settings.AWS_ENDPOINT_URL = "http://127.0.0.1:5000"
    settings.SIMULATOR_SPEED = 30.0
    call_command("seed_demo")
    return settings


@pytest.mark.parametrize("name", ["alice", "bob", "admin"])
def test_the_people_of_the_demo_can_sign_in(demo: Settings, client: Client, name: str) -> None:
    assert client.login(username=name, password="demo")


def test_each_has_the_role_that_the_sign_in_page_says(demo: Settings) -> None:
    roles = dict(Membership.objects.values_list("user__username", "role"))

    assert roles == {"alice": Role.DEVELOPER, "bob": Role.APPROVER}
    assert list(User.objects.filter(is_superuser=True).values_list("username", flat=True)) == ["admin"]


def test_alice_can_ask_for_an_environment_at_once(demo: Settings) -> None:
    asked = create_request(
        wish=Wish(
            application=Application.objects.get(slug="flowise-backend"),
            name="demo",
            architecture="containers",
            phase="production",
            region="eu-west-1",
            account=Account.objects.get(number="123456789012"),
            options={},
            usage={},
        ),
        by=acting(User.objects.get(username="alice")),
    )

    assert asked.environment.slug == "flowise-backend-demo"
    assert asked.approvals_needed == 1


def test_durations_start_with_a_guess_at_the_simulators_pace(demo: Settings) -> None:
    guesses = {(one.kind, one.verb): one for one in UsualDuration.objects.all()}
    database = guesses["rds.db_instance", "create"]

    assert 1 < database.seconds < 100
    assert {one.samples for one in guesses.values()} == {0}


def test_running_it_again_only_follows_the_simulator(demo: Settings) -> None:
    alice = User.objects.get(username="alice")
    alice.set_password("changed since")
    alice.save()
    before = [model.objects.count() for model in (User, Membership, Application, Account, UsualDuration)]
    demo.AWS_ENDPOINT_URL = "http://127.0.0.1:6000"

    call_command("seed_demo")

    after = [model.objects.count() for model in (User, Membership, Application, Account, UsualDuration)]
    assert before == after
    assert Account.objects.get().endpoint_url == "http://127.0.0.1:6000"
    assert User.objects.get(username="alice").check_password("changed since")


def test_outside_a_demo_nobody_gets_a_well_known_password(db: None, settings: Settings) -> None:
    settings.DEMO = settings.DEBUG = False

    with pytest.raises(CommandError, match="not a demo"):
        call_command("seed_demo")

    assert not User.objects.exists()
