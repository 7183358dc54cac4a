"""What is peculiar to a route: one of a key, found by its operation's name, with or without an authorizer."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from provisioning.aws import Aws
from provisioning.errors import AlreadyExists
from provisioning.kind import kind_named
from provisioning.kinds.apigatewayv2_api import ApiProps
from provisioning.kinds.apigatewayv2_authorizer import AuthorizerProps
from provisioning.kinds.apigatewayv2_integration import IntegrationProps
from provisioning.kinds.apigatewayv2_route import RouteProps
from provisioning.kinds.tests.contract import Build, MakeHandle, check_contract, check_cuts
from provisioning.references import JsonObject

pytestmark = pytest.mark.simulator
KIND = "apigatewayv2.route"
# Properties with which it is checked in CloudFormation.
EXAMPLES: tuple[JsonObject, ...] = (
    {"api_id": "abcdef1234", "target": "integrations/abc"},
    {
        "api_id": "abcdef1234",
        "target": "integrations/abc",
        "route_key": "GET /orders/{id}",
        "authorizer_id": "abc",
        "scopes": ["orders"],
    },
)
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:web:live"


@pytest.fixture
def props(build: Build) -> RouteProps:
    api = build("api", ApiProps()).id
    made = build("web-integration", IntegrationProps(api_id=api, target_arn=FUNCTION))
    return RouteProps(api_id=api, target=made.attributes["target"])


def test_it_is_made_changed_and_taken_away(
    aws: Aws, handle: MakeHandle, build: Build, props: RouteProps
) -> None:
    pool = aws.cognito.create_user_pool(PoolName="people")["UserPool"]["Id"]
    issuer = f"https://cognito-idp.us-east-1.amazonaws.com/{pool}"
    asked = AuthorizerProps(api_id=props.api_id, issuer=issuer, audience=("web",))
    people = build("people", asked).attributes["authorizer_id"]
    other = IntegrationProps(api_id=props.api_id, target_arn=FUNCTION, timeout=1000)
    target = build("other-integration", other).attributes["target"]
    changes = (
        {"route_key": "GET /orders/{id}"},
        {"authorizer_id": people, "scopes": ("orders", "admin")},
        {"authorizer_id": people},
        {"target": target},
    )

    check_contract(
        aws,
        handle("route", KIND),
        props,
        changes=[props.model_copy(update=change) for change in changes],
        attributes=["route_key"],
        also_permitted=[],
    )


def test_it_is_made_by_one_call(aws: Aws, handle: MakeHandle, props: RouteProps) -> None:
    assert check_cuts(aws, handle("route", KIND), props) == 0


def test_a_foreign_route_of_its_key_is_not_taken(aws: Aws, handle: MakeHandle, props: RouteProps) -> None:
    aws.apigatewayv2.create_route(ApiId=props.api_id, RouteKey="$default", Target=props.target)

    with pytest.raises(AlreadyExists):
        kind_named(KIND).create(aws, handle("route", KIND), props)

    assert kind_named(KIND).read(aws, handle("route", KIND)) is None


def test_it_is_not_there_when_its_api_is_gone(
    aws: Aws, handle: MakeHandle, build: Build, props: RouteProps
) -> None:
    route = handle("route", KIND, id=build("route", props).id)
    aws.apigatewayv2.delete_api(ApiId=props.api_id)

    assert kind_named(KIND).read(aws, route) is None
    assert kind_named(KIND).delete(aws, route) is True


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"route_key": "/orders"}, "pattern"),
        ({"route_key": "FETCH /orders"}, "pattern"),
        ({"scopes": ("orders",)}, "authorizer"),
    ],
)
def test_what_api_gateway_refuses_is_refused_before(changes: JsonObject, word: str) -> None:
    with pytest.raises(ValidationError, match=word):
        RouteProps.model_validate({"api_id": "abc", "target": "integrations/abc", **changes})
