"""What a person reads and can do when something does not work."""

from __future__ import annotations

import re

from playwright.sync_api import Page, Route, expect

from portal.tests.browser.conftest import DESKTOP, PHONE
from portal.tests.browser.visit import Visits, looks_right


def fill_in(page: Page, name: str) -> None:
    page.goto("/catalogue/containers/production/")
    page.get_by_label("Name", exact=True).fill(name)


def test_a_name_that_is_taken_is_said_at_its_field_and_nothing_typed_is_lost(visits: Visits) -> None:
    taken = visits.built(DESKTOP)["slug"].removeprefix("flowise-backend-")
    page = visits.sign_in("alice", PHONE)
    visits.expect_complaint("422")

    fill_in(page, taken)
    page.get_by_label("Why").fill("for the fair")
    page.get_by_role("button", name="Submit the request").click()

    field = page.get_by_label("Name", exact=True)
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_have_accessible_description(
        re.compile("There is an environment .* already. Choose another name")
    )
    expect(page.get_by_label("Why")).to_have_value("for the fair")
    looks_right(page)


def test_a_region_that_the_account_lacks_is_not_offered_and_not_taken(visits: Visits) -> None:
    page = visits.sign_in("alice", DESKTOP)
    visits.expect_complaint("422")
    fill_in(page, "elsewhere")
    region = page.get_by_label("Region", exact=True)
    assert set(region.locator("option").all_inner_texts()) == {"us-east-1", "eu-west-1"}

    region.evaluate("select => { select.add(new Option('mars', 'mars')); select.value = 'mars'; }")
    page.get_by_role("button", name="Submit the request").click()

    expect(region).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_text("mars is not one of the available choices").first).to_be_visible()


def test_an_environment_of_another_team_is_not_there(visits: Visits) -> None:
    slug = visits.built(DESKTOP)["slug"]
    visits.add_mallory()
    page = visits.sign_in("mallory", DESKTOP)
    visits.expect_complaint("404")

    answer = page.goto(f"/environments/{slug}/")

    assert answer is not None
    assert answer.status == 404
    expect(page.get_by_role("heading", level=1)).to_contain_text(
        "There is nothing here, or it is not yours to see."
    )
    looks_right(page)
    page.get_by_role("link", name="Go home").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Hello, Mallory")
    expect(page.get_by_text(slug)).to_have_count(0)


def test_a_session_that_ends_under_an_open_form_leads_to_the_sign_in_and_back(visits: Visits) -> None:
    page = visits.sign_in("alice", DESKTOP)
    fill_in(page, "late")
    page.context.clear_cookies(name="andamio_session")

    page.get_by_label("Fewest tasks").fill("3")

    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    page.get_by_role("button", name="Sign in as alice").click()
    expect(page).to_have_url(re.compile("/catalogue/containers/production/$"))


def test_a_part_of_a_page_that_fails_is_said_and_taken_back_when_it_works(visits: Visits) -> None:
    page = visits.sign_in("alice", DESKTOP)
    visits.expect_complaint("503")
    visits.expect_complaint("Response Status Error Code 503")
    page.route(
        re.compile("/price/$"), lambda route: route.fulfill(status=503, body="<p>Too busy</p>"), times=1
    )
    fill_in(page, "busy")

    expect(page.locator("#toasts")).to_contain_text("Too busy")
    expect(page.locator(".price-total")).to_be_visible()

    page.get_by_label("Fewest tasks").fill("3")
    expect(page.locator("#toasts")).to_be_empty()


def test_a_server_that_cannot_be_reached_is_said_and_taken_back(visits: Visits) -> None:
    page = visits.sign_in("alice", DESKTOP)
    visits.expect_complaint("net::ERR_FAILED")
    visits.expect_complaint("htmx:sendError")
    visits.expect_complaint("htmx:afterRequest")
    page.route(re.compile("/price/$"), lost, times=1)
    fill_in(page, "lost")

    expect(page.locator("#toasts")).to_contain_text("Andamio cannot be reached")

    page.get_by_label("Fewest tasks").fill("3")
    expect(page.locator("#toasts")).to_be_empty()


def lost(route: Route) -> None:
    route.abort()
