"""The product is started once for all these tests; each visit is a window of its own in one Chromium a file.

The browser lives no longer than a file: Playwright keeps an event loop in this thread, which Django's ORM in other
tests would take for asynchronous code.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from portal.tests.browser.product import Product
from portal.tests.browser.visit import Visits, Window

_ARGUMENTS = (
    "--no-sandbox --disable-gpu --disable-background-networking --disable-component-update --disable-sync"
    " --no-first-run"
).split()
_PATIENCE_MS = 60_000  # of a busy machine; what is there sooner is not waited for


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Each of these tests is `e2e`."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="session")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """The running product, shared with the other processes of a parallel run."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    running = Product(folder=folder / "product")
    running.enter()
    yield running
    running.leave()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, or the one that CHROMIUM names."""
    path = os.environ.get("CHROMIUM") or "/usr/bin/chromium"
    assert Path(path).exists(), f"No browser at {path}: install chromium or set CHROMIUM."
    expect.set_options(timeout=_PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def visits(product: Product, chromium: Browser) -> Iterator[Visits]:
    """Windows for this test, closed after it; none may have written an error to its console."""
    visits = Visits(product=product, browser=chromium, patience_ms=_PATIENCE_MS)
    yield visits
    visits.close()
    assert visits.complaints == []


DESKTOP = Window(name="desktop", width=1280, height=800)
PHONE = Window(name="phone", width=390, height=844, dark=True)


@pytest.fixture(params=[DESKTOP, PHONE], ids=str)
def window(request: pytest.FixtureRequest) -> Window:
    """A desktop's window in light colours and a phone's in dark ones."""
    chosen: Window = request.param
    return chosen
