"""An environment's life, as the people of the demo click it."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, expect

from portal.tests.browser.conftest import DESKTOP, PHONE
from portal.tests.browser.visit import (
    Visits,
    Window,
    approve,
    ask_for,
    destroy,
    looks_right,
    sign_in_from_the_demo,
)

RECORD_WHAT_IS_SEEN = """
window.seen = [];
document.addEventListener("htmx:afterSettle", () => {
  window.seen.push(document.querySelector(".progress-words")?.textContent);
});
"""


def test_alice_asks_bob_approves_and_alice_destroys(visits: Visits, window: Window) -> None:
    slug = f"flowise-backend-{window.name}"
    alice, bob = visits.open(window), visits.open(window)
    sign_in_from_the_demo(alice, "alice")
    sign_in_from_the_demo(bob, "bob")

    request = ask_for(alice, window.name, a_bigger_database_costs_more)
    looks_right(alice)
    expect(alice.get_by_text("Nobody approves their own request")).to_be_visible()
    expect(alice.get_by_role("button", name="Approve")).to_have_count(0)

    bob.get_by_role("link", name="Inbox").click()
    bob.get_by_role("link", name=slug).click()
    assert bob.url == request
    looks_right(bob)
    expect(bob.get_by_role("heading", name="Price, now and after")).to_be_visible()
    expect(bob.get_by_role("region", name="Plan").or_(bob.get_by_role("list", name="Plan"))).to_contain_text(
        "Load balancer"
    )
    approve(bob, slug)

    the_steps_are_seen_live(alice, request)
    the_environment_shows_what_it_is(alice, slug)

    destroy(alice, slug)
    expect(alice.get_by_text("shows nothing left. Still billed: 0.")).to_be_visible()
    looks_right(alice)
    alice.goto(f"/environments/{slug}/")
    expect(alice.get_by_text("Destroyed", exact=True).first).to_be_visible()


def a_bigger_database_costs_more(page: Page) -> None:
    total = page.locator(".price-total")
    before = total.inner_text()
    sizes = page.get_by_label("Database class")
    sizes.select_option(sizes.locator("option").last.get_attribute("value"))
    expect(total).not_to_have_text(before)
    assert dollars(total) > dollars_in(before)


def dollars(total: Locator) -> float:
    return dollars_in(total.inner_text())


def dollars_in(text: str) -> float:
    found = re.search(r"\d[\d,]*\.?\d*", text)
    assert found, text
    return float(found[0].replace(",", ""))


def the_steps_are_seen_live(page: Page, request: str) -> None:
    """Until Ready, on a page that is loaded once."""
    page.goto(request)
    page.get_by_role("link", name="Watch progress").click()
    page.evaluate(RECORD_WHAT_IS_SEEN)
    looks_right(page)
    expect(page.get_by_text("Ready.", exact=True)).to_be_visible()
    seen = page.evaluate("window.seen")
    assert seen, "the page was loaded again"
    assert len(set(seen)) > 1, f"the page showed no step in between: {seen}"


def the_environment_shows_what_it_is(page: Page, slug: str) -> None:
    page.get_by_role("link", name="Environment", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(slug)
    expect(page.get_by_role("img", name="container")).to_be_visible()
    expect(page.get_by_role("row", name=re.compile("^url"))).to_contain_text("http")
    looks_right(page)
    page.get_by_role("link", name="Resources").click()
    expect(page.get_by_text(re.compile(r"^vpc-[0-9a-f]{17}$"))).to_be_visible()
    expect(page.get_by_text(re.compile(r"^arn:aws:elasticloadbalancing:")).first).to_be_visible()
    looks_right(page)


def test_the_same_without_javascript(visits: Visits) -> None:
    window = Window(name="plain", width=PHONE.width, height=PHONE.height, script=False)
    slug = "flowise-backend-plain"
    alice, bob = visits.sign_in("alice", window), visits.sign_in("bob", window)
    request = ask_for(alice, "plain")

    bob.goto(request)
    approve(bob, slug)

    alice.goto(request)
    alice.get_by_role("link", name="Watch progress").click()
    reload_until(alice, "Ready.")

    destroy(alice, slug)
    reload_until(alice, "shows nothing left")


def reload_until(page: Page, words: str) -> None:
    for _ in range(120):
        if page.get_by_text(words).count():
            return
        page.wait_for_timeout(500)
        page.reload()
    raise AssertionError(f"{words!r} never stood on {page.url}")


def test_a_theme_is_kept(visits: Visits) -> None:
    page = visits.sign_in("alice", DESKTOP)
    light = ground(page)
    page.get_by_label("account and preferences").click()
    page.get_by_role("button", name="Dark").click()
    assert ground(page) != light
    dark = ground(page)
    page.reload()
    assert ground(page) == dark


def ground(page: Page) -> str:
    colour: str = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    return colour
