"""The lists show the things of one team or of all that a person is in."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client

from environments.choices import Role
from environments.models import Environment, Team
from environments.tests.factories import MembershipFactory

LISTS = ("/", "/environments/", "/operations/")


@pytest.fixture
def browser(client: Client, alice: User, ready: Environment) -> Client:
    """Alice is in a second team, which has nothing."""
    MembershipFactory.create(user=alice, team__slug="search", team__name="Search", role=Role.DEVELOPER)
    client.force_login(alice)
    return client


def switch(browser: Client, slug: str, target: str = "/environments/") -> str:
    return str(browser.post("/team/", {"team": slug, "next": target})["Location"])


@pytest.mark.parametrize("path", LISTS)
def test_a_list_shows_one_team_or_all(browser: Client, ready: Environment, path: str) -> None:
    assert ready.slug in browser.get(path).text

    switch(browser, "search")
    assert ready.slug not in browser.get(path).text

    switch(browser, "flowise")
    assert ready.slug in browser.get(path).text

    switch(browser, "")
    assert ready.slug in browser.get(path).text


def test_the_page_goes_on_where_the_person_was_and_nowhere_else(browser: Client) -> None:
    assert switch(browser, "search", "/operations/?before=3") == "/operations/?before=3"
    assert switch(browser, "search", "https://evil.example/") == "/"


def test_the_menu_says_which_team(browser: Client) -> None:
    switch(browser, "search")

    assert 'value="search" aria-current="true"' in browser.get("/").text


def test_a_team_that_is_not_ones_own_shows_nothing_of_it(
    client: Client, mallory: User, team: Team, ready: Environment
) -> None:
    client.force_login(mallory)

    switch(client, team.slug)

    assert ready.slug not in client.get("/environments/").text


def test_somebody_in_one_team_has_nothing_to_switch(client: Client, bob: User) -> None:
    client.force_login(bob)

    page = client.get("/").text

    assert "Flowise" in page
    assert 'action="/team/"' not in page


def test_the_gallery_is_for_staff(client: Client, bob: User, ada: User) -> None:
    client.force_login(bob)
    assert client.get("/gallery/").status_code == 404
    client.force_login(ada)
    assert client.get("/gallery/").status_code == 200
