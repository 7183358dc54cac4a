"""Prices are read anew from AWS's list: one product for one price, or the old price stays and the reader is told."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from provisioning.prices.book import FOLDER, PriceBook, book_rows
from provisioning.prices.refresh import ListTier, PriceUnclear, Question, ask, questions, read, renewed, write
from provisioning.tests.price_list import price_list, product

NAT = next(one for one in questions() if (one.service, one.item) == ("NATGateway", "hour"))
TRAFFIC = next(one for one in questions() if (one.service, one.item) == ("DataTransfer", "internet_out"))


def nat(sku: str = "NAT1", usd: str = "0.0450000000", usagetype: str = "NatGateway-Hours") -> dict[str, Any]:
    return product(
        sku,
        "AmazonEC2",
        family="NAT Gateway",
        tiers=[("0", "Inf", usd)],
        regionCode="us-east-1",
        usagetype=usagetype,
    )


def traffic(*tiers: tuple[str, str, str]) -> dict[str, Any]:
    return product(
        "DTO1",
        "AWSDataTransfer",
        family="Data Transfer",
        tiers=tiers,
        regionCode="us-east-1",
        usagetype="USE1-DataTransfer-Out-Bytes",
        transferType="AWS Outbound",
        toLocation="External",
    )


def rows(*skus: tuple[str, str, str]) -> list[dict[str, str]]:
    """Rows of the newest book for these (service, item, region)."""
    newest = FOLDER / f"{PriceBook.load().version}.csv"
    return [row for row in book_rows(newest) if (row["service"], row["item"], row["region"]) in skus]


NAT_ROW = ("NATGateway", "hour", "us-east-1")
TRAFFIC_ROWS = ("DataTransfer", "internet_out", "us-east-1")


def test_cousins_of_a_product_are_not_taken_for_it() -> None:
    cousins = ("RegionalNatGateway-Hours", "NatGateway-Prvd-Hours", "NatGateway-Hours-Extra")
    with price_list(*(nat(f"C{n}", usagetype=name) for n, name in enumerate(cousins)), nat()) as aws:
        (tier,) = ask(aws, NAT, "us-east-1")

    assert tier == ListTier(start=Decimal(0), end=None, usd=Decimal("0.045"))


@pytest.mark.parametrize("products", [[], [nat("A"), nat("B", "0.05")]])
def test_none_or_several_leave_the_price_unclear(products: list[dict[str, Any]]) -> None:
    with price_list(*products) as aws, pytest.raises(PriceUnclear, match="one product was expected"):
        ask(aws, NAT, "us-east-1")


def test_another_region_is_another_price() -> None:
    with price_list(nat()) as aws, pytest.raises(PriceUnclear):
        ask(aws, NAT, "eu-west-1")


def test_slices_come_in_order_and_what_is_free_is_an_allowance_and_no_price() -> None:
    with price_list(
        traffic(("10240", "Inf", "0.0850000000"), ("0", "100", "0"), ("100", "10240", "0.09"))
    ) as aws:
        tiers = ask(aws, TRAFFIC, "us-east-1")

    assert tiers == (
        ListTier(start=Decimal(100), end=Decimal(10240), usd=Decimal("0.09")),
        ListTier(start=Decimal(10240), end=None, usd=Decimal("0.085")),
    )


def test_what_has_changed_is_told_and_what_is_unclear_stays() -> None:
    book = rows(NAT_ROW, TRAFFIC_ROWS)
    with price_list(nat(usd="0.0500000000")) as aws:
        readings = read(aws, book, questions())

    by_sku = {one.sku: one for one in readings}
    changed, unclear = by_sku["NATGateway/hour"], by_sku["DataTransfer/internet_out"]
    assert (changed.before, changed.after, changed.is_change) == (
        (Decimal("0.045"),),
        (Decimal("0.05"),),
        True,
    )
    assert unclear.unclear and not unclear.is_change
    new = list(renewed(book, readings, "2026-12-01"))
    (nat_row,) = [row for row in new if row["service"] == "NATGateway"]
    assert (nat_row["usd"], nat_row["as_of"], nat_row["confidence"]) == ("0.05", "2026-12-01", "high")
    assert [row for row in new if row["service"] == "DataTransfer"] == rows(TRAFFIC_ROWS)


def test_a_price_with_more_slices_than_before_is_left_for_a_person() -> None:
    book = rows(NAT_ROW)
    two = product(
        "NAT1",
        "AmazonEC2",
        family="NAT Gateway",
        tiers=[("0", "100", "0.05"), ("100", "Inf", "0.04")],
        regionCode="us-east-1",
        usagetype="NatGateway-Hours",
    )
    with price_list(two) as aws:
        readings = read(aws, book, questions())

    assert readings[0].is_change
    assert list(renewed(book, readings, "2026-12-01")) == book


def test_what_is_written_is_a_book(tmp_path: Path) -> None:
    newest = FOLDER / f"{PriceBook.load().version}.csv"
    with price_list(nat(usd="0.0500000000")) as aws:
        readings = read(aws, rows(NAT_ROW), questions())

    write(renewed(book_rows(newest), readings, "2026-12-01"), tmp_path / "2026-12-01.csv")

    book = PriceBook.load(folder=tmp_path)
    price = book.price("NATGateway/hour", "us-east-1")
    assert book.version == "2026-12-01"
    assert price is not None and price.unit_price == Decimal("0.05")
    assert book.prices.keys() == PriceBook.load().prices.keys()


def test_every_question_is_about_something_in_the_book() -> None:
    known = PriceBook.load().prices
    skus = {sku for sku, _ in known}

    assert [one for one in questions() if f"{one.service}/{one.item}" not in skus] == []
    assert len({(one.service, one.item) for one in questions()}) == len(questions())


def test_a_question_names_its_region_unless_the_price_is_the_same_everywhere() -> None:
    question = Question(
        service="X", item="y", service_code="X", product_family="", usagetype="Y", attributes=(("a", "b"),)
    )

    assert question.filters("global") == [{"Type": "TERM_MATCH", "Field": "a", "Value": "b"}]
    assert {"Type": "TERM_MATCH", "Field": "regionCode", "Value": "eu-west-1"} in question.filters(
        "eu-west-1"
    )
