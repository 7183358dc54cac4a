"""Filling in a request: what is wrong is said at its field while somebody types, and taken back when it is mended."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, Page, Route, expect

from portal.tests.browser.conftest import DESKTOP, PHONE
from portal.tests.browser.test_every_page import broken_rules
from portal.tests.browser.visit import Visits, Window, looks_right

FORM = "/catalogue/containers/production/"


def field(page: Page, label: str) -> Locator:
    return page.get_by_label(re.compile(f"^{label}( optional)?$"))


def is_wrong(control: Locator, words: str) -> None:
    expect(control).to_have_attribute("aria-invalid", "true")
    expect(control).to_have_accessible_description(re.compile(words))


def is_right(control: Locator) -> None:
    expect(control).not_to_have_attribute("aria-invalid", "true")


def test_every_error_stands_at_its_field_before_the_form_is_sent(visits: Visits, window: Window) -> None:
    page = visits.sign_in("alice", window)
    page.goto(FORM)

    field(page, "Name").fill("Fair-")
    field(page, "Most tasks").fill("1")
    field(page, "E-mail for alarms").fill("nobody")

    is_wrong(field(page, "Name"), "2 to 30 lower-case letters")
    is_wrong(field(page, "Most tasks"), "cannot be fewer than the fewest")
    is_wrong(field(page, "E-mail for alarms"), 'cannot be "nobody"')
    expect(page.locator("#ask-said")).to_have_text("No price: 3 fields need attention.")
    expect(page.locator("#panel").get_by_role("link")).to_have_text(
        ["Name", "Most tasks", "E-mail for alarms"]
    )
    expect(page.get_by_text("nothing was sent")).to_have_count(0)
    page.evaluate("scrollTo(0, 0)")  # nothing half under the bar at the foot of a phone
    assert broken_rules(page) == []
    looks_right(page)

    page.locator("#panel").get_by_role("link", name="Most tasks").click()
    expect(field(page, "Most tasks")).to_be_focused()
    expect(field(page, "Most tasks")).to_be_in_viewport()
    field(page, "Most tasks").fill("4")

    is_right(field(page, "Most tasks"))
    is_wrong(field(page, "Name"), "2 to 30 lower-case letters")


def test_what_is_folded_away_opens_for_its_error(visits: Visits) -> None:
    page = visits.sign_in("alice", DESKTOP)
    page.goto(FORM)
    storage = field(page, "Files in S3")
    expect(storage).to_be_hidden()
    page.get_by_text("Expected use").click()
    field(page, "HTTP requests").fill("80000000")
    expect(page.get_by_text("HTTP requests: 80,000,000 a month")).to_have_count(1)
    storage.fill("-1")
    link = page.locator("#panel").get_by_role("link", name="Files in S3")
    expect(link).to_be_visible()  # its error has come, which opens what hides it
    page.get_by_text("Expected use").click()
    expect(storage).to_be_hidden()

    link.click()

    expect(storage).to_be_focused()
    is_wrong(storage, "greater than or equal to 0")


def test_the_button_that_sends_is_always_in_view_beside_the_form(visits: Visits) -> None:
    page = visits.sign_in("alice", DESKTOP)
    page.goto(FORM)
    send = page.get_by_role("button", name="Submit the request")
    page.get_by_text("By service, a month").click()

    for place in (0, 300, 900, 10_000):
        page.evaluate(f"scrollTo(0, {place})")
        expect(send).to_be_in_viewport(ratio=1)
    expect(page.get_by_text("Fargate", exact=True)).to_be_visible()
    field(page, "Fewest tasks").fill("3")
    expect(page.get_by_text("3 to 10 tasks").first).to_be_attached()
    expect(page.get_by_text("Fargate", exact=True)).to_be_visible()


def test_on_a_phone_the_button_that_sends_ends_the_form(visits: Visits) -> None:
    page = visits.sign_in("alice", PHONE)
    page.goto(FORM)

    last = page.evaluate(
        """[...document.querySelectorAll("#ask :is(input, select, textarea, summary, button)")]
        .filter((one) => one.checkVisibility()).at(-1).textContent.trim()"""
    )

    assert last == "Submit the request"


def test_an_error_is_told_politely_and_once(visits: Visits) -> None:
    page = visits.sign_in("alice", DESKTOP)
    page.goto(FORM)
    errors = page.locator("#id_name_error")
    expect(errors).to_have_attribute("aria-live", "polite")
    page.evaluate(
        """window.told = 0; new MutationObserver(() => { window.told += 1; })
        .observe(document.getElementById("id_name_error"), {childList: true, subtree: true})"""
    )

    field(page, "Name").fill("Fair-")
    expect(errors).to_contain_text("cannot be used")
    field(page, "Fewest tasks").fill("3")
    field(page, "Most tasks").fill("2")
    is_wrong(field(page, "Most tasks"), "cannot be fewer")

    assert page.evaluate("window.told") == 1


def test_after_a_refused_try_the_banner_goes_with_the_last_error(visits: Visits) -> None:
    page = visits.sign_in("alice", DESKTOP)
    visits.expect_complaint("422")
    page.goto(FORM)
    field(page, "Name").fill("Fair-")
    field(page, "Keep backups").fill("90")
    page.get_by_role("button", name="Submit the request").click()

    banner = page.locator(".form-errors")
    expect(banner).to_contain_text("nothing was sent")
    expect(banner).to_be_focused()
    expect(banner.get_by_role("link")).to_have_text(["Name", "Keep backups"])

    field(page, "Name").fill("fair")
    is_right(field(page, "Name"))
    expect(banner.get_by_role("link")).to_have_text(["Keep backups"])
    expect(field(page, "Name")).to_be_focused()

    field(page, "Keep backups").fill("9")
    is_right(field(page, "Keep backups"))
    expect(banner).to_have_count(0)
    expect(page.locator(".price-total")).to_be_visible()


def test_memory_follows_the_cpu(visits: Visits) -> None:
    page = visits.sign_in("alice", DESKTOP)
    page.goto(FORM)
    memory = field(page, "Memory of a task")
    expect(memory.locator("option")).to_have_text(["0.5 GiB", "1 GiB", "2 GiB"])
    price = page.locator(".price-total").inner_text()

    field(page, "CPU of a task").select_option(label="1 vCPU")

    expect(memory.locator("option")).to_have_count(7)
    expect(memory).to_have_value("2048")
    expect(page.get_by_text("Memory of a task: 2 GiB")).to_have_count(1)
    expect(page.locator(".price-total")).not_to_have_text(price)
    is_right(memory)

    memory.select_option(label="4 GiB")
    field(page, "CPU of a task").select_option(label="0.5 vCPU")
    expect(memory).to_have_value("4096")


def test_without_javascript_a_size_that_does_not_fit_is_told_at_its_field(visits: Visits) -> None:
    window = Window(name="plain", width=PHONE.width, height=PHONE.height, script=False)
    page = visits.sign_in("alice", window)
    visits.expect_complaint("422")
    page.goto(FORM)

    field(page, "Memory of a task").select_option(label="8 GiB")
    page.get_by_role("button", name="Submit the request").click()

    is_wrong(field(page, "Memory of a task"), re.escape("with 0.25 vCPU it can be 0.5, 1, 2 GiB"))
    looks_right(page)


def test_typing_on_and_leaving_before_an_answer_write_nothing_to_the_console(visits: Visits) -> None:
    page = visits.sign_in("alice", DESKTOP)
    page.goto(FORM)
    asked: list[Route] = []
    page.route(re.compile("/price/$"), lambda route: keep(route, asked))  # no answer, yet
    for number in ("3", "4", "5"):
        field(page, "Fewest tasks").fill(number)
        page.wait_for_timeout(600)
    assert len(asked) == 1, "what was asked for is waited for, not broken off"

    page.get_by_role("link", name="Inbox").click()
    expect(page).to_have_url(re.compile("/inbox/$"))
    page.wait_for_timeout(300)  # the visits' own check of the console follows


def test_the_last_of_what_was_typed_is_what_is_shown(visits: Visits) -> None:
    page = visits.sign_in("alice", DESKTOP)
    page.goto(FORM)
    total = page.locator(".price-total")
    price = total.inner_text()
    asked: list[Route] = []
    page.route(re.compile("/price/$"), lambda route: keep(route, asked), times=1)
    field(page, "Database storage").fill("500")
    page.wait_for_timeout(600)
    field(page, "Database storage").fill("50")
    page.wait_for_timeout(600)

    asked[0].continue_()

    expect(total).not_to_have_text(price)
    expect(total).to_have_text(price)


def keep(route: Route, asked: list[Route]) -> None:
    """Answer nothing for now."""
    asked.append(route)
