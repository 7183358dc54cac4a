"""What is peculiar to an HTTP API: names are not unique, CORS comes and goes, its parts go with it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from pydantic import ValidationError

from provisioning.aws import Aws
from provisioning.kind import kind_named
from provisioning.kinds.apigatewayv2_api import ApiProps, Cors
from provisioning.kinds.tests.contract import Build, MakeHandle, check_contract, check_cuts, settled
from provisioning.pricing import Usage
from provisioning.references import JsonObject

pytestmark = pytest.mark.simulator
KIND = "apigatewayv2.api"
# Properties with which it is checked in CloudFormation.
EXAMPLES: tuple[JsonObject, ...] = (
    {},
    {
        "description": "Shop",
        "cors": {"origins": ["https://shop.example.com"], "credentials": True},
        "default_endpoint": False,
    },
)
PROPS = ApiProps(description="The shop")
ATTRIBUTES = ("arn", "name", "endpoint", "domain", "execution_arn")


def test_it_is_made_changed_and_taken_away(aws: Aws, handle: MakeHandle) -> None:
    open_to_one = Cors(origins=("https://shop.example",), credentials=True, headers=("X-Trace",))
    changes = [
        ApiProps(description="The shop", cors=open_to_one),
        ApiProps(cors=Cors(origins=("*",), methods=("GET",), exposed_headers=("etag",))),
        ApiProps(default_endpoint=False),
    ]

    check_contract(aws, handle("api", KIND), PROPS, changes=changes, attributes=ATTRIBUTES, also_permitted=[])


def test_it_is_made_by_one_call(aws: Aws, handle: MakeHandle) -> None:
    assert check_cuts(aws, handle("api", KIND), PROPS) == 0


def test_one_of_its_name_that_is_not_ours_is_left_alone(aws: Aws, handle: MakeHandle) -> None:
    api = handle("api", KIND)
    aws.apigatewayv2.create_api(Name=api.name, ProtocolType="HTTP")

    assert kind_named(KIND).read(aws, api) is None


def test_of_two_that_a_lost_answer_left_it_is_always_the_same(aws: Aws, handle: MakeHandle) -> None:
    api, kind = handle("api", KIND), kind_named(KIND)
    made = {kind.create(aws, api, PROPS).id for _ in range(2)}

    found = kind.read(aws, api)

    assert found is not None and found.id == min(made)


def test_the_order_of_origins_and_headers_means_nothing(aws: Aws, handle: MakeHandle, build: Build) -> None:
    made = build("api", ApiProps(cors=Cors(origins=("https://a.example", "https://b.example"))))
    turned = Cors(
        origins=("https://b.example", "https://a.example"), headers=("Content-Type", "Authorization")
    )

    settled(aws, handle("api", KIND, id=made.id), ApiProps(cors=turned))


def test_credentials_are_for_named_origins_only() -> None:
    with pytest.raises(ValidationError, match="named origins"):
        Cors(origins=("*",), credentials=True)


def test_the_price_follows_the_requests() -> None:
    (line,) = kind_named(KIND).cost(PROPS, Usage(requests=5), "us-east-1")

    assert (line.sku, line.quantity.expected) == ("APIGateway/http_api", Decimal(5))
