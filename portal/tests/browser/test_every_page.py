"""What must hold for every page: it can be used by everybody, in any window, and says that AWS is simulated."""

from __future__ import annotations

import importlib.resources
from typing import Any

import pytest
from playwright.sync_api import Page

from portal.tests.browser.conftest import DESKTOP, PHONE
from portal.tests.browser.visit import Visits, Window, looks_right

# WCAG 2.2 level AA and what axe calls best practice.
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_AXE = (importlib.resources.files("axe_playwright_python") / "axe.min.js").read_text()

OF_NOBODY = ["/accounts/login/", "/accounts/signup/", "/accounts/password/reset/"]
OF_ALICE = [
    "/",
    "/catalogue/",
    "/catalogue/prices/",
    "/catalogue/containers/production/",
    "/inbox/",
    "/environments/",
    "/operations/",
    "/notifications/",
    "/teams/",
    "/teams/flowise/",
    "/tokens/",
    "/accounts/logout/",
    "/accounts/password/change/",
    "/accounts/email/",
]
OF_ONE_WHO_HAS_NOTHING = [
    "/",
    "/catalogue/containers/production/",
    "/inbox/",
    "/environments/",
    "/operations/",
    "/notifications/",
    "/teams/",
    "/tokens/",
]
OF_THE_BUILT = [
    "/environments/{slug}/",
    "/environments/{slug}/resources/",
    "/environments/{slug}/readiness/",
    "/environments/{slug}/metrics/?charts=now",
    "/environments/{slug}/cost/",
    "/environments/{slug}/activity/",
    "/environments/{slug}/extend/",
    "/environments/{slug}/protection/",
    "/environments/{slug}/destroy/",
    "/operations/{operation}/",
    "/requests/{request}/",
]
OF_ADMIN = ["/gallery/"]
MADE_BY_OTHERS = ["/api/v1/docs", "/admin/", "/admin/environments/environment/"]


@pytest.mark.parametrize(
    ("name", "paths"),
    [
        ("", OF_NOBODY),
        ("alice", OF_ALICE),
        ("alice", OF_THE_BUILT),
        ("mallory", OF_ONE_WHO_HAS_NOTHING),
        ("admin", OF_ADMIN),
    ],
    ids=["nobody", "alice", "an environment", "mallory", "admin"],
)
def test_nothing_keeps_anybody_out(visits: Visits, window: Window, name: str, paths: list[str]) -> None:
    visits.add_mallory()
    page = visits.sign_in(name, window) if name else visits.open(window)
    places = visits.built(window) if paths is OF_THE_BUILT else {}

    found = {}
    for path in paths:
        page.goto(path.format(**places))
        looks_right(page)
        assert page.title().endswith("Andamio")
        if broken := broken_rules(page):
            found[path] = broken

    assert found == {}


def broken_rules(page: Page) -> list[str]:
    """What axe complains about."""
    page.evaluate(_AXE)
    answer: dict[str, Any] = page.evaluate(
        f"axe.run(document, {{runOnly: {_RULES}, resultTypes: ['violations']}})"
    )
    return [f"{one['id']}: {node['html'][:200]}" for one in answer["violations"] for node in one["nodes"][:3]]


@pytest.mark.parametrize("window", [DESKTOP, PHONE], ids=str)
def test_pages_that_others_made_fit_and_say_that_aws_is_simulated(visits: Visits, window: Window) -> None:
    page = visits.sign_in("admin", window)
    for path in MADE_BY_OTHERS:
        page.goto(path)
        looks_right(page)
