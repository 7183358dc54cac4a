"""What is peculiar to a sampling rule: the share that it traces is what costs."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from provisioning.aws import Aws
from provisioning.errors import NameTaken
from provisioning.kind import kind_named
from provisioning.kinds.tests.contract import MakeHandle, check_contract, check_cuts
from provisioning.kinds.xray_sampling_rule import SamplingRuleProps
from provisioning.pricing import Usage
from provisioning.references import JsonObject

pytestmark = pytest.mark.simulator
KIND = "xray.sampling_rule"
# Properties with which it is checked in CloudFormation.
EXAMPLES: tuple[JsonObject, ...] = (
    {},
    {"rate": 0.5, "service_name": "shop", "http_method": "GET", "url_path": "/orders/*"},
)
PROPS = SamplingRuleProps(service_name="shop")


def test_it_is_made_changed_and_taken_away(aws: Aws, handle: MakeHandle) -> None:
    check_contract(
        aws,
        handle("sampling", KIND),
        PROPS,
        changes=[
            SamplingRuleProps(service_name="shop", rate=0.5, reservoir=0),
            SamplingRuleProps(service_name="shop", url_path="/orders/*", http_method="POST", priority=1),
        ],
        attributes=["arn", "name"],
        also_permitted=["xray:TagResource"],  # a creation with tags
    )


def test_it_is_made_by_a_look_and_one_call(aws: Aws, handle: MakeHandle) -> None:
    assert check_cuts(aws, handle("sampling", KIND), PROPS) == 1


def test_a_foreign_rule_of_its_name_is_not_taken(aws: Aws, handle: MakeHandle) -> None:
    ours, kind = handle("sampling", KIND), kind_named(KIND)
    made = kind.create(aws, handle("sampling", KIND, stack="sstrange", name=ours.name), PROPS)

    with pytest.raises(NameTaken):
        kind.create(aws, ours, SamplingRuleProps(rate=1))

    found = kind.read(aws, handle("sampling", KIND, id=made.id))
    assert found is not None and found.props["rate"] == 0.05


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"rate": 1.1}, "less than or equal to 1"),
        ({"priority": 10_000}, "9999"),
        ({"host": ""}, "at least 1"),
    ],
)
def test_what_xray_refuses_is_refused_before(changes: dict[str, object], word: str) -> None:
    with pytest.raises(ValidationError, match=word):
        SamplingRuleProps.model_validate(changes)


def test_traces_cost_by_the_share_of_the_requests() -> None:
    def traces(reservoir: int, requests: int) -> int:
        props = SamplingRuleProps(rate=0.1, reservoir=reservoir)
        (line,) = kind_named(KIND).cost(props, Usage(requests=requests), "us-east-1")
        assert line.sku == "XRay/traces_recorded"
        return int(line.quantity.expected)

    assert traces(0, 1_000_000) == 100_000
    # One in a second of 730 hours, before the share of the others.
    assert traces(1, 1_000_000) == 1_000_000
    assert traces(1, 10_000_000) == 2_628_000 + 737_200
