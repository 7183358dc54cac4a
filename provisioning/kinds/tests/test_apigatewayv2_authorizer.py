"""What is peculiar to an authorizer: its name says whose it is, and routes keep it."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from provisioning.aws import Aws
from provisioning.errors import AwsError, Busy
from provisioning.kind import kind_named
from provisioning.kinds.apigatewayv2_api import ApiProps
from provisioning.kinds.apigatewayv2_authorizer import AuthorizerProps
from provisioning.kinds.apigatewayv2_integration import IntegrationProps
from provisioning.kinds.apigatewayv2_route import RouteProps
from provisioning.kinds.tests.contract import Build, MakeHandle, check_contract, check_cuts
from provisioning.references import JsonObject

pytestmark = pytest.mark.simulator
KIND = "apigatewayv2.authorizer"
# Properties with which it is checked in CloudFormation.
EXAMPLES: tuple[JsonObject, ...] = (
    {
        "api_id": "abcdef1234",
        "issuer": "https://cognito-idp.us-east-1.amazonaws.com/us-east-1_abcdefghi",
        "audience": ["client"],
    },
)


@pytest.fixture
def props(aws: Aws, build: Build) -> AuthorizerProps:
    pool = aws.cognito.create_user_pool(PoolName="people")["UserPool"]["Id"]
    issuer = f"https://cognito-idp.us-east-1.amazonaws.com/{pool}"
    return AuthorizerProps(api_id=build("api", ApiProps()).id, issuer=issuer, audience=("web",))


def test_it_is_made_changed_and_taken_away(aws: Aws, handle: MakeHandle, props: AuthorizerProps) -> None:
    check_contract(
        aws,
        handle("people", KIND),
        props,
        changes=[props.model_copy(update={"audience": ("app", "web")})],
        attributes=["authorizer_id", "name"],
        also_permitted=[],
    )


def test_it_is_made_by_one_call(aws: Aws, handle: MakeHandle, props: AuthorizerProps) -> None:
    assert check_cuts(aws, handle("people", KIND), props) == 0


def test_it_stays_while_a_route_asks_it(
    aws: Aws, handle: MakeHandle, build: Build, props: AuthorizerProps
) -> None:
    made = build("people", props)
    function = "arn:aws:lambda:us-east-1:123456789012:function:web"
    target = build("web", IntegrationProps(api_id=props.api_id, target_arn=function)).attributes["target"]
    asked = RouteProps(api_id=props.api_id, target=target, authorizer_id=made.attributes["authorizer_id"])
    build("route", asked)

    with pytest.raises(Busy):
        kind_named(KIND).delete(aws, handle("people", KIND, id=made.id))


def test_a_pool_that_is_not_there_is_refused_by_aws(
    aws: Aws, handle: MakeHandle, props: AuthorizerProps
) -> None:
    bogus = props.model_copy(update={"issuer": props.issuer + "none"})

    with pytest.raises(AwsError, match="issuer"):
        kind_named(KIND).create(aws, handle("people", KIND), bogus)


@pytest.mark.parametrize(("field", "value"), [("issuer", "http://example.org"), ("audience", [])])
def test_tokens_come_from_a_named_issuer_for_named_clients(field: str, value: object) -> None:
    wanted = {"api_id": "abc", "issuer": "${pool.issuer}", "audience": ["web"]}

    assert AuthorizerProps.model_validate(wanted)
    with pytest.raises(ValidationError, match=field):
        AuthorizerProps.model_validate({**wanted, field: value})
