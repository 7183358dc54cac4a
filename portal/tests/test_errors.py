"""One shape for every error, told the way the caller listens."""

import json
from collections.abc import Callable

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client, RequestFactory, override_settings
from django.urls import path
from ninja import NinjaAPI, Schema
from ninja.errors import HttpError
from ninja.security import HttpBearer

from portal import errors
from portal.urls import handler400, handler403, handler404, handler500
from portal.urls import urlpatterns as product
from provisioning.errors import ProvisioningError


class NameTaken(ProvisioningError):
    code = "name.taken"
    hint = "Choose another name."
    status = 409


class Sized(Schema):
    size: int


class NoToken(HttpBearer):
    def authenticate(self, request: HttpRequest, token: str) -> None:
        return None


api = NinjaAPI(urls_namespace="errors-under-test", docs_url=None, openapi_url=None)
errors.install(api)


@api.post("/sized")
def sized(request: HttpRequest, payload: Sized) -> str:
    return "fine"


@api.get("/guarded", auth=NoToken())
def guarded(request: HttpRequest) -> str:
    return "secret"


@api.get("/crash")
def crash(request: HttpRequest) -> str:
    raise RuntimeError("the password is hunter2")


@api.get("/teapot")
def teapot(request: HttpRequest) -> str:
    raise HttpError(418, "Short and stout.")


def raising(error: Exception) -> Callable[[HttpRequest], HttpResponse]:
    def view(request: HttpRequest) -> HttpResponse:
        raise error

    return view


urlpatterns = [
    path("api/v1/", api.urls),
    path("taken/", raising(NameTaken("shop-1 exists already.", field="name"))),
    path("denied/", raising(PermissionDenied())),
    path("absent/", raising(Http404())),
    path("invalid/", raising(ValidationError({"size": "Too small."}))),
    path("crash/", raising(RuntimeError("the password is hunter2"))),
    *product,
]
__all__ = ["handler400", "handler403", "handler404", "handler500"]

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]


@pytest.fixture
def client() -> Client:
    """Answers a crash as the product does, rather than raising it in the test."""
    return Client(raise_request_exception=False)


@pytest.mark.parametrize(
    ("address", "status", "code", "field"),
    [
        ("/taken/", 409, "name.taken", "name"),
        ("/denied/", 403, "permission.denied", None),
        ("/absent/", 404, "not_found", None),
        ("/nowhere/", 404, "not_found", None),
        ("/invalid/", 422, "input.invalid", "size"),
        ("/crash/", 500, "server.error", None),
    ],
)
def test_scripts_get_the_one_shape(
    client: Client, address: str, status: int, code: str, field: str | None
) -> None:
    answer = client.get(address, headers={"accept": "application/json"})

    assert answer.status_code == status
    assert set(answer.json()) == {"code", "message", "hint", "field"}
    assert (answer.json()["code"], answer.json()["field"]) == (code, field)
    assert answer.json()["message"]
    assert answer.json()["hint"]


def test_people_get_a_page_with_message_and_way_out(client: Client) -> None:
    answer = client.get("/taken/", headers={"accept": "text/html"})

    assert answer.status_code == 409
    assert "<html" in answer.text
    assert "shop-1 exists already." in answer.text
    assert "Choose another name." in answer.text


def test_htmx_gets_the_fragment_for_its_notices(client: Client) -> None:
    answer = client.get("/taken/", headers={"accept": "text/html", "hx-request": "true"})

    assert answer.status_code == 409
    assert "<html" not in answer.text
    assert "shop-1 exists already." in answer.text
    assert answer["HX-Retarget"] == "#toasts"


def test_a_crash_tells_its_request_id_and_nothing_of_its_inside(client: Client) -> None:
    answer = client.get("/crash/", headers={"accept": "application/json", "x-request-id": "from-the-proxy-1"})

    assert "from-the-proxy-1" in answer.json()["hint"]
    assert "hunter2" not in answer.text


def test_the_api_says_which_field_is_wrong(client: Client) -> None:
    answer = client.post("/api/v1/sized", json.dumps({"size": "huge"}), content_type="application/json")

    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (
        422,
        "input.invalid",
        "size",
    )


def test_the_api_asks_for_a_token(client: Client) -> None:
    answer = client.get("/api/v1/guarded", headers={"authorization": "Bearer wrong"})

    assert (answer.status_code, answer.json()["code"], answer["WWW-Authenticate"]) == (
        401,
        "token.invalid",
        "Bearer",
    )


def test_a_crash_of_the_api_is_json_and_keeps_its_secret(client: Client) -> None:
    answer = client.get("/api/v1/crash")

    assert (answer.status_code, answer.json()["code"]) == (500, "server.error")
    assert "hunter2" not in answer.text


def test_the_api_keeps_the_status_that_a_view_chose(client: Client) -> None:
    answer = client.get("/api/v1/teapot")

    assert (answer.status_code, answer.json()["message"]) == (418, "Short and stout.")


def test_an_old_form_is_told_to_be_sent_again() -> None:
    answer = Client(enforce_csrf_checks=True).post(
        "/accounts/login/", {}, headers={"accept": "application/json"}
    )

    assert (answer.status_code, answer.json()["code"]) == (403, "form.expired")


@override_settings(TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "DIRS": []}])
def test_an_error_is_told_even_where_its_page_cannot_be_made() -> None:
    problem = errors.Problem(
        status=409, code="name.taken", message="shop-1 <exists>.", hint="Choose another."
    )

    answer = errors.respond(RequestFactory().get("/", headers={"accept": "text/html"}), problem)

    assert answer.status_code == 409
    assert "shop-1 &lt;exists&gt;." in answer.text
