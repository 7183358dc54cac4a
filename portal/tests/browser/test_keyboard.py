"""The pages without a mouse."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page, expect

from portal.tests.browser.conftest import DESKTOP
from portal.tests.browser.visit import Visits

FOCUSED = "document.activeElement"
OUTLINE = f"getComputedStyle({FOCUSED}).outlineStyle + getComputedStyle({FOCUSED}, '::after').outlineStyle"


def test_the_first_key_offers_to_skip_the_navigation(visits: Visits) -> None:
    page = visits.sign_in("alice", DESKTOP)

    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    expect(page.get_by_role("link", name="Skip to content")).to_be_in_viewport()

    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    page.keyboard.press("Tab")
    # Whatever comes first there, a notice included: what others did meanwhile may be told at the top.
    expect(page.locator("#main :focus")).to_have_count(1)


def test_everything_is_reached_in_the_order_it_is_read_and_its_focus_is_seen(visits: Visits) -> None:
    page = visits.sign_in("alice", DESKTOP)
    page.goto("/catalogue/containers/production/")

    places = [place for place in walk(page) if place["inForm"]]

    assert [place["name"] for place in places][:5] == [
        "application",
        "name",
        "account",
        "region",
        "expires_in_days",
    ]
    assert [one["top"] for one in places] == sorted(one["top"] for one in places)


def walk(page: Page) -> list[dict[str, Any]]:
    """Tab through the form; each stop shows where it is."""
    stops: list[dict[str, Any]] = []
    page.get_by_label("Application", exact=True).focus()
    while not stops or stops[-1]["inForm"]:
        assert "solid" in page.evaluate(OUTLINE), page.evaluate(f"{FOCUSED}.outerHTML")
        stops.append(
            page.evaluate(
                f"""({{
                    name: {FOCUSED}.name ?? "",
                    top: Math.round(({FOCUSED}.closest(".field") ?? {FOCUSED}).getBoundingClientRect().top + scrollY),
                    inForm: Boolean({FOCUSED}.closest("#ask .field, .card-fold > summary")),
                }})"""
            )
        )
        page.keyboard.press("Tab")
    return stops


def test_menus_open_and_close_from_the_keyboard(visits: Visits) -> None:
    page = visits.sign_in("alice", DESKTOP)
    menu = page.get_by_label("account and preferences")

    menu.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="API tokens")).to_be_visible()

    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="API tokens")).to_be_hidden()
    expect(menu).to_be_focused()


def test_a_dialog_keeps_the_focus_and_closes_on_escape(visits: Visits) -> None:
    page = visits.sign_in("admin", DESKTOP)
    page.goto("/gallery/")
    opener = page.locator("[data-dialog]").first

    opener.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    for _ in range(8):
        page.keyboard.press("Tab")
        assert page.evaluate(f"{FOCUSED} === document.body || Boolean({FOCUSED}.closest('dialog'))")

    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(opener).to_be_focused()
