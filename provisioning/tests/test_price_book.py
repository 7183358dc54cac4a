"""What the dated price book promises: every row read, nothing borrowed, nothing doubtful accepted."""

from __future__ import annotations

import csv
import re
from dataclasses import FrozenInstanceError
from datetime import date
from decimal import Decimal as D
from pathlib import Path

import pytest

from provisioning.prices.book import COLUMNS, FOLDER
from provisioning.pricing import PriceBook, PriceBookError


@pytest.fixture(scope="module")
def book() -> PriceBook:
    return PriceBook.load("2026-11-01")


def write_book(folder: Path, name: str, *rows: str) -> None:
    (folder / f"{name}.csv").write_text("\n".join([",".join(COLUMNS), *rows]) + "\n", encoding="utf-8")


def test_each_slice_of_a_volume_costs_its_own_rate(book: PriceBook) -> None:
    price = book.price("S3/standard_storage", "us-east-1")
    assert price is not None
    assert price.amount(D(51_200)) == D("1177.600")
    assert price.amount(D(51_201)) == D("1177.622")
    assert price.amount(D(600_000)) == D("1177.6") + D("10137.6") + D("1848")


def test_units_after_other_units_start_in_the_tier_that_those_reached(book: PriceBook) -> None:
    price = book.price("S3/standard_storage", "us-east-1")
    assert price is not None
    assert price.amount(D(200), after=D(51_100)) == 100 * D("0.023") + 100 * D("0.022")


def test_another_regions_price_is_never_borrowed(book: PriceBook) -> None:
    regions = {region for _, region in book.prices} - {"global"}
    for sku in {sku for sku, region in book.prices if region != "global"}:
        for region in regions:
            price = book.price(sku, region)
            assert (price is None) == ((sku, region) not in book.prices)
            assert price is None or price.region == region
    assert book.price("ALB/hour", "eu-south-2") is None


def test_global_items_cost_the_same_in_every_region(book: PriceBook) -> None:
    for region in ("us-east-1", "eu-south-2", "ap-northeast-3"):
        for sku in ("CloudFront/dto_us", "Route53/hosted_zone", "CloudWatch/dashboard"):
            price = book.price(sku, region)
            assert price is not None
            assert price.region == "global"


def test_every_row_of_every_book_is_read(book: PriceBook) -> None:
    assert book.version in PriceBook.versions()
    for version in PriceBook.versions():
        one = PriceBook.load(version)
        with (FOLDER / f"{version}.csv").open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        named = [row for row in rows if row["item"].startswith("always_free:")]
        tiers = [tier for price in one.prices.values() for tier in price.tiers]
        assert len(tiers) == len(rows) - len(named)
        assert {row["covers"] == "" for row in named} == {False}
        assert all(re.fullmatch(r"\d{4}(-\d\d(-\d\d)?)?", tier.as_of) for tier in tiers)
        assert all(tier.readings >= 1 and tier.as_of <= version for tier in tiers)
        assert all(price.unit and price.tiers[0].start == 0 for price in one.prices.values())


def test_a_book_cannot_be_changed(book: PriceBook) -> None:
    with pytest.raises(TypeError):
        book.prices["ALB/hour", "us-east-1"] = None  # type: ignore[index]  # what is tested
    with pytest.raises(FrozenInstanceError):
        book.version = "2027-01-01"  # type: ignore[misc]  # what is tested


def test_the_newest_book_is_used_unless_another_is_named(tmp_path: Path) -> None:
    write_book(tmp_path, "2026-01-31", "ALB,hour,hour,us-east-1,0.02,0,,1,2026,low,")
    write_book(tmp_path, "2026-11-01", "ALB,hour,hour,us-east-1,0.03,0,,1,2026,low,")
    assert PriceBook.versions(folder=tmp_path) == ("2026-01-31", "2026-11-01")
    newest, named = PriceBook.load(folder=tmp_path), PriceBook.load("2026-01-31", folder=tmp_path)
    for one, rate in ((newest, "0.03"), (named, "0.02")):
        price = one.price("ALB/hour", "us-east-1")
        assert price is not None
        assert price.unit_price == D(rate)
    assert PriceBook.load(folder=tmp_path) is newest


def test_a_book_that_does_not_exist_is_an_error_that_names_those_that_do(tmp_path: Path) -> None:
    with pytest.raises(PriceBookError, match="2026-11-01"):
        PriceBook.load("1999-01-01")
    with pytest.raises(PriceBookError, match="no price book"):
        PriceBook.load(folder=tmp_path)


@pytest.mark.parametrize(
    "rows",
    [
        ["ALB,hour,hour,us-east-1,-1,0,,1,2026,low,"],
        ["ALB,hour,hour,us-east-1,NaN,0,,1,2026,low,"],
        ["ALB,hour,hour,us-east-1,,0,,1,2026,low,"],
        ["ALB,hour,hour,us-east-1,0.02,0,,1,2026,certain,"],
        ["ALB,hour,hour,us-east-1,0.02,0,,1,2026,low"],
        ["ALB,hour,hour,us-east-1,0.02,0,,1,2026,low,,more"],
        ["ALB,hour,hour,us-east-1,0.02,0,,1,2026,low,", "ALB,hour,hour,us-east-1,0.03,0,,1,2026,low,"],
        ["S3,gb,GB,us-east-1,0.02,0,10,1,2026,low,", "S3,gb,GB,us-east-1,0.01,11,,1,2026,low,"],
        ["S3,gb,GB,us-east-1,0.02,0,10,1,2026,low,", "S3,gb,TB,us-east-1,0.01,10,,1,2026,low,"],
        ["S3,always_free:gb,GB,global,0,0,5,1,2026,low,gb"],
        ["S3,gb,GB,us-east-1,0.02,0,,1,2026,low,", "S3,always_free:gb,GB,global,0,0,5,1,2026,low,"],
    ],
)
def test_a_book_with_a_doubtful_row_is_refused_as_a_whole(tmp_path: Path, rows: list[str]) -> None:
    write_book(tmp_path, "2026-11-01", *rows)
    with pytest.raises(PriceBookError):
        PriceBook.load(folder=tmp_path)


def test_a_book_is_old_after_ninety_days(book: PriceBook) -> None:
    assert not book.is_old(date(2027, 1, 30))
    assert book.is_old(date(2027, 1, 31))
