"""What a person does on the pages, in the words of the product."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, expect

from portal.tests.browser.product import Product

ROOM = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@dataclass(frozen=True, kw_only=True)
class Window:
    """A size and a colour scheme."""

    name: str
    width: int
    height: int
    dark: bool = False
    script: bool = True

    def __str__(self) -> str:
        return self.name


@dataclass(kw_only=True)
class Visits:
    """The windows that one test opens."""

    product: Product
    browser: Browser
    patience_ms: float
    complaints: list[str] = field(default_factory=list)
    _expected: list[str] = field(default_factory=list)
    _contexts: list[BrowserContext] = field(default_factory=list)

    def open(self, window: Window) -> Page:
        """A window of nobody."""
        context = self.browser.new_context(
            base_url=self.product.portal.address,
            viewport={"width": window.width, "height": window.height},
            color_scheme="dark" if window.dark else "light",
            java_script_enabled=window.script,
        )
        context.set_default_timeout(self.patience_ms)
        self._contexts.append(context)
        page = context.new_page()
        page.on("console", self._listen)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        return page

    def sign_in(self, name: str, window: Window) -> Page:
        """A window of this person of the demo, on the home page."""
        page = self.open(window)
        if known := self.product.sign_ins.get(name):
            page.context.add_cookies([{"name": SESSION, "value": known, "url": self.product.portal.address}])
            page.goto("/")
            return page
        page.goto("/accounts/login/")
        page.get_by_label("Username").fill(name)
        page.get_by_label("Password").fill("demo")
        page.get_by_role("button", name="Sign in", exact=True).click()
        expect(page.get_by_role("heading", level=1)).to_contain_text("Hello")
        cookies = {cookie["name"]: cookie["value"] for cookie in page.context.cookies()}
        self.product.sign_ins[name] = cookies[SESSION]
        return page

    def add_mallory(self) -> None:
        """Somebody who signs in as alice does and is in no team."""
        self.product.portal.query(ADD_MALLORY)

    def built(self, window: Window) -> dict[str, str]:
        """An environment that stands, its operation and its request; built once for all of these tests."""
        with self.product.alone():
            known = self.product.folder / "built.json"
            if not known.exists():
                known.write_text(json.dumps(self._build(window)))
            places: dict[str, str] = json.loads(known.read_text())
            return places

    def _build(self, window: Window) -> dict[str, str]:
        alice, bob = self.sign_in("alice", window), self.sign_in("bob", window)
        request = ask_for(alice, "built")
        bob.goto(request)
        approve(bob, "flowise-backend-built")
        expect(bob.get_by_text("Ready.", exact=True)).to_be_visible()
        return {
            "slug": "flowise-backend-built",
            "request": number_in(request),
            "operation": number_in(bob.url),
        }

    def expect_complaint(self, words: str) -> None:
        """The console of this test may say this."""
        self._expected.append(words)

    def close(self) -> None:
        """Close every window."""
        for context in self._contexts:
            context.close()

    def _listen(self, message: ConsoleMessage) -> None:
        expected = any(words in message.text for words in self._expected)
        if message.type in ("error", "warning") and not expected:
            self.complaints.append(f"{message.text} ({message.location.get('url')})")


SESSION = "andamio_session"
ADD_MALLORY = """
INSERT INTO auth_user (username, password, first_name, last_name, email, is_superuser, is_staff, is_active, date_joined)
SELECT 'mallory', password, 'Mallory', '', '', false, false, true, date_joined FROM auth_user WHERE username = 'alice'
ON CONFLICT DO NOTHING
"""


def number_in(url: str) -> str:
    """The key at the end of an address."""
    return url.rstrip("/").rpartition("/")[2]


def sign_in_from_the_demo(page: Page, name: str) -> None:
    """By the button that the sign-in page of a demo has for each of its people."""
    page.goto("/")
    page.get_by_role("button", name=f"Sign in as {name}").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Hello")


def ask_for(page: Page, name: str, fill: Callable[[Page], None] = lambda _page: None) -> str:
    """From the catalogue to a request for containers / production; its address."""
    page.get_by_role("link", name="Catalogue", exact=True).click()
    page.get_by_role("link", name="Ask for containers / production").click()
    page.get_by_label("Name", exact=True).fill(name)
    fill(page)
    page.get_by_label("CloudFront", exact=True).uncheck()  # it takes minutes to spread
    page.get_by_role("button", name="Submit the request").click()
    expect(page).to_have_url(re.compile(r"/requests/\d+/$"))
    return page.url


def approve(page: Page, slug: str) -> None:
    """On the page of a request."""
    page.get_by_role("button", name=f"Approve {slug}").click()
    expect(page).to_have_url(re.compile(r"/operations/\d+/$"))


def destroy(page: Page, slug: str) -> None:
    """From the page of an environment to its last operation, keeping nothing."""
    page.goto(f"/environments/{slug}/")
    page.get_by_role("link", name="Destroy").click()
    page.get_by_label("Take a final snapshot").uncheck()
    page.get_by_label(f"Type {slug} to confirm").fill(slug)
    page.get_by_role("button", name=f"Destroy {slug}").click()
    expect(page).to_have_url(re.compile(r"/operations/\d+/$"))


def looks_right(page: Page) -> None:
    """What holds for every page of a demo: AWS is said to be simulated, nothing is wider than the window."""
    expect(page.get_by_text("Simulated AWS", exact=True).first).to_be_visible()
    assert page.evaluate(ROOM) <= 0, f"{page.url} is wider than its window"
