"""What is peculiar to an integration: only its description says whose it is, and routes and links keep each other."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from provisioning.aws import Aws
from provisioning.errors import Busy
from provisioning.kind import kind_named
from provisioning.kinds.apigatewayv2_api import ApiProps
from provisioning.kinds.apigatewayv2_integration import IntegrationProps
from provisioning.kinds.apigatewayv2_route import RouteProps
from provisioning.kinds.apigatewayv2_vpc_link import VpcLinkProps
from provisioning.kinds.tests.contract import Build, MakeHandle, check_contract, check_cuts
from provisioning.kinds.tests.network import Network
from provisioning.references import JsonObject

pytestmark = pytest.mark.simulator
KIND = "apigatewayv2.integration"
# Properties with which it is checked in CloudFormation.
EXAMPLES: tuple[JsonObject, ...] = (
    {"api_id": "abcdef1234", "target_arn": "arn:aws:lambda:us-east-1:123456789012:function:shop:live"},
    {
        "api_id": "abcdef1234",
        "target_arn": "arn:aws:elasticloadbalancing:us-east-1:123456789012:listener/app/shop/1/2",
        "vpc_link_id": "abc123",
        "server_name": "shop.example.com",
    },
)
FUNCTION = "arn:aws:lambda:us-east-1:123456789012:function:web:live"
OTHER = "arn:aws:lambda:us-east-1:123456789012:function:other"
LISTENER = "arn:aws:elasticloadbalancing:us-east-1:123456789012:listener/app/web/1/2"


@pytest.fixture
def props(build: Build) -> IntegrationProps:
    return IntegrationProps(api_id=build("api", ApiProps()).id, target_arn=FUNCTION)


def test_it_is_made_changed_and_taken_away(aws: Aws, handle: MakeHandle, props: IntegrationProps) -> None:
    changes = [props.model_copy(update=change) for change in ({"timeout": 5000}, {"target_arn": OTHER})]

    check_contract(
        aws,
        handle("web-integration", KIND),
        props,
        changes=changes,
        attributes=["integration_id", "target"],
        also_permitted=[],
    )


def test_it_is_made_by_one_call(aws: Aws, handle: MakeHandle, props: IntegrationProps) -> None:
    assert check_cuts(aws, handle("web-integration", KIND), props) == 0


def test_two_of_one_api_are_told_apart(
    aws: Aws, handle: MakeHandle, build: Build, props: IntegrationProps
) -> None:
    web = build("web-integration", props)
    jobs = build("jobs-integration", props.model_copy(update={"target_arn": OTHER}))

    for key, made in (("web-integration", web), ("jobs-integration", jobs)):
        found = kind_named(KIND).read(aws, handle(key, KIND))
        assert found is not None and found.id == made.id


def test_it_stays_while_a_route_leads_to_it(
    aws: Aws, handle: MakeHandle, build: Build, props: IntegrationProps
) -> None:
    made = build("web-integration", props)
    build("route", RouteProps(api_id=props.api_id, target=made.attributes["target"]))

    with pytest.raises(Busy):
        kind_named(KIND).delete(aws, handle("web-integration", KIND, id=made.id))


def test_one_to_something_inside_goes_through_its_link_and_keeps_it(
    aws: Aws, handle: MakeHandle, build: Build, props: IntegrationProps
) -> None:
    network = Network(aws, build)
    link = build(
        "link", VpcLinkProps(subnet_ids=network.subnet_ids, security_group_ids=(network.group_id,))
    ).id
    inside = IntegrationProps(
        api_id=props.api_id, target_arn=LISTENER, vpc_link_id=link, server_name="inside.example"
    )

    build("inside", inside)

    (told,) = aws.apigatewayv2.get_integrations(ApiId=props.api_id)["Items"]
    assert (told["IntegrationType"], told["PayloadFormatVersion"]) == ("HTTP_PROXY", "1.0")
    with pytest.raises(Busy):
        kind_named("apigatewayv2.vpc_link").delete(aws, handle("link", "apigatewayv2.vpc_link", id=link))


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"target_arn": LISTENER}, "through a link"),
        ({"vpc_link_id": "abc"}, "through a link"),
        ({"server_name": "inside.example"}, "certificate"),
        ({"timeout": 30_001}, "30000"),
        ({"timeout": 49}, "50"),
    ],
)
def test_what_api_gateway_refuses_is_refused_before(changes: JsonObject, word: str) -> None:
    with pytest.raises(ValidationError, match=word):
        IntegrationProps.model_validate({"api_id": "abc", "target_arn": FUNCTION, **changes})
