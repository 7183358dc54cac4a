"""The catalogue side by side: each price lies where its phase's range says, or it is told what would bring it in."""

from __future__ import annotations

from decimal import Decimal

import provisioning.kinds  # noqa: F401  # registers every kind
from provisioning.blueprints import all_blueprints
from provisioning.blueprints.comparison import RANGES, Place, comparison, place_in
from provisioning.pricing import PriceBook


def test_everything_in_the_catalogue_is_compared_at_a_price_of_this_book() -> None:
    book = PriceBook.load()

    compared = comparison()

    assert [one.blueprint for one in compared] == list(all_blueprints())
    assert all(one.estimate.book == book.version and not one.estimate.partial for one in compared)


def test_a_price_at_either_end_is_within_its_range() -> None:
    range_ = RANGES["production"]

    assert [place_in(range_, Decimal(amount)) for amount in ("79.99", "80", "150", "150.01")] == [
        Place.BELOW,
        Place.WITHIN,
        Place.WITHIN,
        Place.ABOVE,
    ]


def test_what_lies_outside_says_which_option_would_bring_it_in_and_to_what() -> None:
    for one in comparison():
        amounts = [remedy.expected for remedy in one.remedies]
        assert (one.place is Place.WITHIN) <= (not amounts)
        assert all(place_in(one.range, amount) is Place.WITHIN for amount in amounts)


def test_containers_lie_within_the_range_of_each_phase() -> None:
    places = {
        one.blueprint.phase: one.place for one in comparison() if one.blueprint.architecture == "containers"
    }

    assert places == {"mvp": Place.WITHIN, "production": Place.WITHIN, "scaling": Place.WITHIN}
