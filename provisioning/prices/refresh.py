"""Reads prices anew from AWS's Price List API: what is the same, what has changed, what cannot be told.

https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_pricing_GetProducts.html
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from provisioning.prices.book import COLUMNS, GLOBAL

if TYPE_CHECKING:
    from provisioning.aws import Aws

LISTS_AT = "us-east-1"  # one of the three regions in which the API answers, for the prices of all
QUESTIONS = Path(__file__).with_name("price_list.csv")
# "USE1-", "EU-", "SAE1-": what a usage type begins with outside us-east-1, and in it for newer services.
_REGION_PREFIX = r"(?:[A-Z]{2,4}\d?-)?"

Row = Mapping[str, str]


class PriceUnclear(Exception):
    """AWS's list has no product, or several, where one was asked for: the old price stays."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """How one item of the book is found in AWS's list. `usagetype` is matched whole, but for the region before it."""

    service: str
    item: str
    service_code: str
    product_family: str
    usagetype: str
    attributes: tuple[tuple[str, str], ...]

    def filters(self, region: str) -> list[dict[str, str]]:
        """What GetProducts takes."""
        fields = {**dict(self.attributes)}
        if self.product_family:
            fields["productFamily"] = self.product_family
        if region != GLOBAL:
            fields["regionCode"] = region
        return [{"Type": "TERM_MATCH", "Field": name, "Value": value} for name, value in fields.items()]

    def is_answered_by(self, product: Mapping[str, Any]) -> bool:
        """Whether a product of AWS's list is the one that is meant, and none of its many cousins."""
        usagetype = str(product["product"]["attributes"].get("usagetype", ""))
        return re.fullmatch(_REGION_PREFIX + re.escape(self.usagetype), usagetype) is not None


@dataclass(frozen=True, kw_only=True, slots=True)
class ListTier:
    """One slice of a price in AWS's list: USD a unit from `start` to `end` units a month (None: no limit)."""

    start: Decimal
    end: Decimal | None
    usd: Decimal


@dataclass(frozen=True, kw_only=True, slots=True)
class Reading:
    """What came of one question: the rows of the book it is about, and their prices now, or why there are none."""

    sku: str
    region: str
    before: tuple[Decimal, ...]
    after: tuple[Decimal, ...] = ()
    unclear: str = ""

    @property
    def is_change(self) -> bool:
        """Whether AWS asks something else now."""
        return not self.unclear and self.before != self.after


def questions(path: Path = QUESTIONS) -> tuple[Question, ...]:
    """All items that the list can be asked about."""
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(
            Question(
                service=row["service"],
                item=row["item"],
                service_code=row["service_code"],
                product_family=row["product_family"],
                usagetype=row["usagetype"],
                attributes=tuple(_pairs(row["attributes"])),
            )
            for row in csv.DictReader(file)
        )


def _pairs(text: str) -> Iterator[tuple[str, str]]:
    for pair in filter(None, text.split(";")):
        name, _, value = pair.partition("=")
        yield name, value


def ask(aws: Aws, question: Question, region: str) -> tuple[ListTier, ...]:
    """The price of one item there, in slices. Raises PriceUnclear unless exactly one product has one."""
    there = aws.in_region(LISTS_AT)
    listed = there.listed(
        there.pricing.get_products,
        "PriceList",
        ServiceCode=question.service_code,
        Filters=question.filters(region),
    )
    meant = [product for product in map(json.loads, listed) if question.is_answered_by(product)]
    if len(meant) != 1:
        found = ", ".join(sorted(product["product"]["sku"] for product in meant)) or "none"
        raise PriceUnclear(
            f"{question.service}/{question.item} in {region}: one product was expected, found {found}."
        )
    return _tiers(meant[0])


def _tiers(product: Mapping[str, Any]) -> tuple[ListTier, ...]:
    terms = product["terms"].get("OnDemand", {}).values()
    dimensions = [one for term in terms for one in term["priceDimensions"].values()]
    tiers = sorted((_tier(one) for one in dimensions), key=lambda tier: tier.start)
    starts = [tier.start for tier in tiers]
    if not tiers or len(set(starts)) < len(starts):
        raise PriceUnclear(f"{product['product']['sku']} has {len(tiers)} on-demand prices for {starts}.")
    # What AWS gives for nothing is an allowance of ours, and no price.
    return tuple(tier for tier in tiers if tier.usd or len(tiers) == 1)


def _tier(dimension: Mapping[str, Any]) -> ListTier:
    end = dimension.get("endRange", "Inf")
    return ListTier(
        start=Decimal(dimension.get("beginRange", "0")),
        end=None if end == "Inf" else Decimal(end),
        usd=Decimal(dimension["pricePerUnit"]["USD"]).normalize(),
    )


def read(aws: Aws, rows: Iterable[Row], asked: Iterable[Question]) -> list[Reading]:
    """Ask for every item of the book that the list can be asked about, in every region that the book has it for."""
    by_item: dict[tuple[str, str, str], list[Row]] = {}
    for row in rows:
        by_item.setdefault((row["service"], row["item"], row["region"]), []).append(row)
    known = {(question.service, question.item): question for question in asked}
    return [
        _reading(aws, known[service, item], region, of_item)
        for (service, item, region), of_item in by_item.items()
        if (service, item) in known
    ]


def _reading(aws: Aws, question: Question, region: str, rows: list[Row]) -> Reading:
    sku, before = f"{question.service}/{question.item}", tuple(Decimal(row["usd"]) for row in rows)
    try:
        tiers = ask(aws, question, region)
    except PriceUnclear as error:
        return Reading(sku=sku, region=region, before=before, unclear=str(error))
    return Reading(sku=sku, region=region, before=before, after=tuple(tier.usd for tier in tiers))


def renewed(rows: Iterable[Row], readings: Iterable[Reading], today: str) -> Iterator[dict[str, str]]:
    """The rows of a new book: prices that were read carry today's date, all others stay as they are.

    A price whose number of slices has changed stays too: its limits have to be entered by hand.
    """
    read_now = {
        (one.sku, one.region): one for one in readings if one.after and len(one.after) == len(one.before)
    }
    counted: dict[tuple[str, str], int] = {}
    for row in rows:
        key = (f"{row['service']}/{row['item']}", row["region"])
        number = counted.get(key, 0)
        counted[key] = number + 1
        reading = read_now.get(key)
        if reading is None:
            yield dict(row)
        else:
            usd = format(reading.after[number], "f")
            yield {**row, "usd": usd, "as_of": today, "confidence": "high"}


def write(rows: Iterable[Row], path: Path) -> None:
    """A book as a file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
