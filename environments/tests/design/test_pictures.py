"""The pictures of architectures: they draw what is made, and what is optional with dashes until it is chosen."""

from __future__ import annotations

from typing import Any

import pytest

import provisioning.kinds  # noqa: F401  # registers every kind
from environments.templatetags.pictures import Picture, drawn
from environments.tests.design.test_components import rendered
from provisioning.blueprints import all_blueprints
from provisioning.blueprints.blueprint import Blueprint
from provisioning.references import JsonValue
from provisioning.tests.cloud import SPEC

EVERYTHING = {"domain-record", "nat-gateway", "cache", "files-delivery", "users"}


def boxes(picture: Picture) -> set[str]:
    return {box.node.key for box in picture.nodes}


def dashed(picture: Picture) -> set[str]:
    return {box.node.key for box in picture.nodes if box.dashed}


def made_by(blueprint: Blueprint[Any], options: dict[str, JsonValue]) -> set[str]:
    return {one.key for one in blueprint.resources(SPEC.model_copy(update={"options": options}))}


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"nat": True, "file_delivery": True, "cache_node": "none", "load_balancer": True},
        {"domain": "shop.example.org", "hosted_zone_id": "Z1", "load_balancer": True},
        {"load_balancer": False, "firewall": False, "cache_node": "cache.t3.micro"},
    ],
    ids=["defaults", "nat", "domain", "no balancer"],
)
@pytest.mark.parametrize("blueprint", all_blueprints(), ids=lambda one: f"{one.architecture} {one.phase}")
def test_a_picture_draws_solid_exactly_what_is_made(
    blueprint: Blueprint[Any], options: dict[str, JsonValue]
) -> None:
    known = {name: value for name, value in options.items() if name in blueprint.options.model_fields}
    made = made_by(blueprint, known)

    picture = drawn(blueprint.architecture, {}, made)

    assert boxes(picture) - dashed(picture) == boxes(picture) & made
    assert dashed(picture) & made == set()


def test_what_is_optional_is_dashed_until_it_is_chosen_and_the_legend_says_what_that_means() -> None:
    unknown = drawn("containers", {})
    without = drawn("containers", {}, {"database"})
    defaults = drawn("containers", {}, {"database"}, open_choice=True)
    everything = drawn("containers", {}, EVERYTHING)

    assert dashed(unknown) == dashed(without) == EVERYTHING
    assert dashed(everything) == set()
    assert unknown.legend == defaults.legend == "optional: made only if you choose it"
    assert (without.legend, everything.legend) == ("optional, not chosen here", "")


def test_an_edge_to_what_is_dashed_is_dashed() -> None:
    html = rendered("{% architecture_picture 'containers' wanted=keys %}", keys=EVERYTHING - {"cache"})

    assert html.count("picture-edge picture-dashed") == 1
    assert html.count("picture-node picture-dashed") == 2  # the cache, and the box of the legend
    assert html.count("picture-legend") == 1


def test_of_what_takes_each_others_place_one_is_drawn() -> None:
    assert {"load-balancer", "domain-record"} <= boxes(drawn("containers", {}))
    assert {"api", "link"} & boxes(drawn("containers", {})) == set()

    without_balancer = boxes(drawn("containers", {}, {"api"}))

    assert {"api", "link"} <= without_balancer
    assert {"load-balancer", "domain-record"} & without_balancer == set()


def test_with_a_nat_gateway_the_service_stands_in_the_private_subnets() -> None:
    def left_edge(wanted: set[str]) -> int:
        zones = drawn("containers", {}, wanted).zones
        return next(zone.x for zone in zones if zone.label == "private subnets")

    service = next(box.node for box in drawn("containers", {}).nodes if box.node.key == "service-blue")

    assert left_edge(set()) > service.x > left_edge({"nat-gateway"})
