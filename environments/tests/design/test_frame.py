"""The frame of a page, the sign-in page and the error page."""

import re

import pytest
from django.contrib.auth import get_user_model
from django.contrib.messages import constants
from django.contrib.messages.storage.base import Message
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.test import Client, override_settings
from pytest_django import Settings

from environments.tests.design.conftest import AskAs

pytestmark = pytest.mark.usefixtures("addresses")


@pytest.fixture
def addresses() -> object:
    """All addresses of the navigation exist."""
    with override_settings(ROOT_URLCONF="environments.tests.design.urls"):
        yield


def frame(request: HttpRequest, **context: object) -> str:
    """base.html for this request."""
    return render_to_string("base.html", context, request=request)


def test_the_first_thing_on_a_page_leads_to_its_content(ask: AskAs) -> None:
    body = frame(ask(user="alice")).partition("<body")[2]
    first = re.search(r'<a [^>]*href="([^"]+)"', body)

    assert first is not None
    assert first[1] == "#main"
    assert 'id="main"' in body


@pytest.mark.parametrize(
    ("path", "label"), [("/", "Home"), ("/catalogue/", "Catalogue"), ("/environments/shop/", "Environments")]
)
def test_navigation_marks_where_one_is(ask: AskAs, path: str, label: str) -> None:
    html = frame(ask(path, user="alice"))
    current = re.findall(r'aria-current="page"><svg.*?</svg><span>(\w+)</span>', html)

    assert current == [label]


def test_the_inbox_says_how_many_wait(ask: AskAs) -> None:
    assert '<span class="nav-count">3<' in frame(ask(user="bob"), inbox_count=3)
    assert "nav-count" not in frame(ask(user="bob"))


def test_who_is_not_signed_in_sees_no_navigation(ask: AskAs) -> None:
    html = frame(ask())

    assert 'class="nav"' not in html
    assert "Sign in" in html


@pytest.mark.parametrize("template", ["base.html", "account/logout.html", "errors/error.html"])
def test_simulated_aws_is_said_on_every_page(ask: AskAs, template: str) -> None:
    assert "Simulated AWS" in render_to_string(template, {"simulated_aws": True}, request=ask(user="alice"))
    assert "Simulated AWS" not in render_to_string(
        template, {"simulated_aws": False}, request=ask(user="alice")
    )


@pytest.mark.parametrize(
    ("cookie", "shown"), [("dark", True), ("light", True), ('"><b>', False), ("", False)]
)
def test_the_chosen_theme_is_there_before_any_script(ask: AskAs, cookie: str, shown: bool) -> None:
    request = ask(user="alice")
    request.COOKIES["theme"] = cookie

    assert (f'data-theme="{cookie}"' in frame(request).partition("<head>")[0]) == shown


def test_messages_are_announced_by_their_weight(ask: AskAs) -> None:
    html = frame(
        ask(user="alice"),
        messages=[Message(constants.ERROR, "It broke."), Message(constants.SUCCESS, "Done.")],
    )

    assert re.search(r'tone-danger" role="alert">.*?It broke\.', html, re.DOTALL)
    assert re.search(r'tone-success" role="status">.*?Done\.', html, re.DOTALL)


def test_the_team_menu_posts_a_choice(ask: AskAs) -> None:
    teams = [{"name": "Flowise", "slug": "flowise"}, {"name": "Payments", "slug": "payments"}]

    html = frame(ask("/inbox/?page=2", user="alice"), team=teams[0], teams=teams)

    assert 'name="team" value="payments"' in html
    assert 'name="next" value="/inbox/?page=2"' in html


def test_the_frame_stands_where_no_page_is_wired_yet(ask: AskAs) -> None:
    with override_settings(ROOT_URLCONF="environments.tests.design.no_urls"):
        assert "Andamio" in frame(ask(user="alice"))


def sign_in(request: HttpRequest, *, demo: bool) -> str:
    """The sign-in page with allauth's form."""
    from allauth.account.forms import LoginForm

    context = {
        "form": LoginForm(request=request),
        "demo": demo,
        "redirect_field_name": "next",
        "redirect_field_value": "/x/",
    }
    return render_to_string("account/login.html", context, request=request)


def test_a_demo_lets_its_people_in_with_one_click_and_no_script(ask: AskAs) -> None:
    html = sign_in(ask("/accounts/login/"), demo=True)

    for name in ("alice", "bob", "admin"):
        assert f'name="login" value="{name}"' in html
    assert html.count('name="password" value="demo"') == 3
    assert html.count('name="next" value="/x/"') == 4


def test_without_a_demo_no_password_is_told(ask: AskAs) -> None:
    html = sign_in(ask("/accounts/login/"), demo=False)

    assert "alice" not in html
    assert 'value="demo"' not in html


def test_an_error_page_needs_nothing() -> None:
    html = render_to_string("errors/error.html")

    assert "Something went wrong on our side." in html
    assert "Go home" in html


def test_an_error_page_tells_what_happened_and_what_to_do(ask: AskAs) -> None:
    problem = {
        "status": 404,
        "code": "not_found",
        "message": "There is nothing here.",
        "hint": "Check the address.",
    }

    html = render_to_string("errors/error.html", {"problem": problem}, request=ask())
    fragment = render_to_string("errors/error.html#fragment", {"problem": problem})

    for text in (html, fragment):
        assert "There is nothing here." in text
        assert "Check the address." in text
    assert "<html" not in fragment


def test_a_wrong_address_is_answered_with_the_error_page(client: Client) -> None:
    with override_settings(ROOT_URLCONF="portal.urls"):
        response = client.get("/no/such/page/")

    assert response.status_code == 404
    assert "Go home" in response.content.decode()


@pytest.mark.django_db
def test_one_click_signs_a_person_of_the_demo_in(client: Client, settings: Settings) -> None:
    settings.DEMO = True
    get_user_model().objects.create_user("alice", password="demo")
    page = client.get("/accounts/login/?next=/inbox/").content.decode()
    form = next(form for form in re.findall(r"<form.*?</form>", page, re.DOTALL) if 'value="alice"' in form)
    fields = dict(re.findall(r'name="(login|password|next)" value="([^"]*)"', form))

    response = client.post("/accounts/login/", fields)

    assert (response.status_code, response["Location"]) == (302, "/inbox/")


@pytest.mark.django_db
def test_a_wrong_password_is_told_on_the_form(client: Client) -> None:
    page = client.post("/accounts/login/", {"login": "alice", "password": "wrong"}).content.decode()

    assert 'role="alert"' in page
    assert 'value="alice"' in page


@pytest.mark.django_db
def test_pages_of_allauth_without_a_template_of_ours_stand_in_our_frame(client: Client) -> None:
    page = client.get("/accounts/password/reset/").content.decode()

    assert 'class="brand-mark"' in page
    assert 'class="field-label"' in page
