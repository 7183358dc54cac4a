"""Prices as charts: slices by service, and ranges on one scale."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

from django.contrib.auth.models import User
from django.test import Client

from environments.templatetags.price_charts import TIER_WORDS, TIERS, price_bar, range_bars, slices
from provisioning.blueprints.comparison import RANGES, comparison
from provisioning.pricing import PriceBook


def share(text: str) -> Decimal:
    return Decimal(text.removesuffix("%"))


def test_the_slices_of_a_sum_are_the_whole_of_it_and_follow_each_other() -> None:
    for one in comparison():
        found = slices(one.estimate)
        assert sum(part.amount for part in found) == one.estimate.expected
        assert abs(sum((share(part.width) for part in found), Decimal(-100))) < 1
        for left, right in pairwise(found):
            assert abs(share(left.start) + share(left.width) - share(right.start)) <= Decimal("0.02")


def test_slices_stand_tier_by_tier() -> None:
    order = list(TIER_WORDS)
    for one in comparison():
        places = [order.index(part.tier) for part in slices(one.estimate)]
        assert places == sorted(places)


def test_only_services_of_the_book_have_a_tier() -> None:
    assert TIERS.keys() <= {sku.partition("/")[0] for sku, _region in PriceBook.load().prices}


def test_the_dearest_are_named_and_the_others_counted() -> None:
    one = next(one for one in comparison() if one.blueprint.architecture == "containers")

    bar = price_bar(one.estimate)

    assert [part.amount for part in bar.dearest] == sorted((p.amount for p in bar.slices), reverse=True)[:3]
    assert len(bar.dearest) + bar.more == len(bar.slices)


def test_ranges_that_are_compared_have_one_scale_with_room_for_all() -> None:
    wanted = RANGES["production"]
    estimates = [one.estimate for one in comparison() if one.blueprint.phase == "production"]

    bars = range_bars(estimates, wanted)

    assert len({(bar.wanted_start, bar.wanted_width) for bar in bars}) == 1
    for bar in bars:
        assert share(bar.start) <= share(bar.expected) <= share(bar.start) + share(bar.width) + 1
        assert share(bar.start) + share(bar.width) <= 100


def test_the_page_draws_them_with_words_for_those_who_do_not_see_them(alice: User, client: Client) -> None:
    client.force_login(alice)

    page = client.get("/catalogue/prices/").text

    assert page.count('class="price-slices" role="img" aria-label="') == len(comparison())
    assert "on the range of the phase" in page
