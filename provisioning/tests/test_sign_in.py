"""Sign-in: who is let in, by which way, what stays open to everybody, and what is refused."""

from __future__ import annotations

import pytest

import provisioning.kinds  # noqa: F401  # registers every kind
from provisioning.blueprints import blueprint_for
from provisioning.errors import InvalidSpec
from provisioning.kinds.apigatewayv2_route import RouteProps
from provisioning.kinds.cognito_user_pool_client import UserPoolClientProps
from provisioning.kinds.elbv2_listener import ListenerProps
from provisioning.references import JsonValue, ref
from provisioning.resource import Resource
from provisioning.simulator.launch import start
from provisioning.spec import Spec
from provisioning.tests.cloud import SPEC
from provisioning.tests.whole import whole

DOMAIN: dict[str, JsonValue] = {"domain": "shop.example.org", "hosted_zone_id": "Z1"}
ASKED: dict[str, JsonValue] = {"sign_in": True}


def _spec(architecture: str, phase: str, options: dict[str, JsonValue]) -> Spec:
    return SPEC.model_copy(update={"architecture": architecture, "phase": phase, "options": options})


def _wanted(architecture: str, phase: str, options: dict[str, JsonValue]) -> dict[str, Resource]:
    spec = _spec(architecture, phase, options)
    return {one.key: one for one in blueprint_for(architecture, phase).resources(spec)}


@pytest.mark.parametrize("architecture", ["containers", "server"])
def test_a_load_balancer_lets_through_who_has_signed_in_and_has_nothing_open_beside(
    architecture: str,
) -> None:
    wanted = _wanted(architecture, "production", {**ASKED, **DOMAIN})
    https, http, client = (wanted[key].props for key in ("https-listener", "http-listener", "users-client"))

    assert isinstance(https, ListenerProps) and https.sign_in is not None
    assert https.sign_in.domain == ref("users-domain")
    assert isinstance(http, ListenerProps) and http.redirect_to_https
    assert isinstance(client, UserPoolClientProps) and client.secret
    assert client.callback_urls == ("https://shop.example.org/oauth2/idpresponse",)


@pytest.mark.parametrize("architecture", ["containers", "serverless"])
def test_an_api_asks_for_a_token_but_for_health_and_for_what_browsers_ask_beforehand(
    architecture: str,
) -> None:
    wanted = _wanted(architecture, "mvp", ASKED)
    routes = [one.props for one in wanted.values() if isinstance(one.props, RouteProps)]

    assert {one.route_key: bool(one.authorizer_id) for one in routes} == {
        "$default": True,
        "OPTIONS /{proxy+}": False,
        "GET /health": False,
    }


def test_an_api_has_pages_of_cognito_only_where_there_is_somewhere_to_go_back_to() -> None:
    back_to = "http://localhost:3000/?next=/"
    without = _wanted("serverless", "mvp", ASKED)
    spec = _spec("serverless", "mvp", {**ASKED, "sign_in_return": back_to})
    outputs = blueprint_for("serverless", "mvp").outputs(spec)

    assert "users-domain" not in without
    client = without["users-client"].props
    assert isinstance(client, UserPoolClientProps) and (client.flow, client.secret) == ("srp", False)
    assert outputs["sign_in_url"].endswith("&redirect_uri=http%3A%2F%2Flocalhost%3A3000%2F%3Fnext%3D%2F")


@pytest.mark.parametrize(
    ("architecture", "phase", "options"),
    [
        ("containers", "production", {}),
        ("server", "production", {}),
        ("server", "mvp", {}),
    ],
)
def test_without_https_a_load_balancer_cannot_ask_who_somebody_is(
    architecture: str, phase: str, options: dict[str, JsonValue]
) -> None:
    with pytest.raises(InvalidSpec, match="HTTPS") as refused:
        _wanted(architecture, phase, {**ASKED, **options})

    assert refused.value.field == "sign_in"


@pytest.mark.parametrize("address", ["http://shop.example.org/", "shop", "https://a.example.org/#signed-in"])
def test_cognito_sends_people_back_over_https_only(address: str) -> None:
    with pytest.raises(InvalidSpec) as refused:
        _wanted("serverless", "mvp", {**ASKED, "sign_in_return": address})

    assert refused.value.field == "sign_in_return"


@pytest.mark.simulator
def test_sign_in_comes_to_an_api_that_stands_and_goes_again() -> None:
    with start(speed=1000, durations={"lambda.interfaces": 300}) as simulator:
        one = whole(simulator.endpoint, "asks", "serverless", "mvp")
        one.provision()
        for wish in (True, False):
            one.provision(one.plan(sign_in=wish))
            assert one.plan().is_empty
            api = one.journal.recorded["api"].id
            routes = one.aws.apigatewayv2.get_routes(ApiId=str(api))["Items"]
            kinds = {route["RouteKey"]: route.get("AuthorizationType") for route in routes}
            assert kinds["$default"] == ("JWT" if wish else "NONE")
