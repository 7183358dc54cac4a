"""Reads a dated price book: what one unit of an AWS item costs in one region, tier by tier."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Literal, cast, get_args

Confidence = Literal["high", "medium", "low"]
"""high: two or more readings agree, at least one from a dated AWS price list; medium: two or more agree,
none of them such a list for that very region; low: one reading only, or derived."""

GLOBAL = "global"
"""The region of items that AWS prices alike everywhere (CloudFront, Route 53, dashboards, ACM)."""

OLD_AFTER_DAYS = 90
FOLDER = Path(__file__).parent
COLUMNS = (
    *("service", "item", "unit", "region", "usd", "tier_from", "tier_to"),
    *("readings", "as_of", "confidence", "covers"),
)
"""One row is one tier of one price; `covers` names what an always-free allowance is for."""

_ALWAYS_FREE = "always_free:"
_WORST_FIRST: tuple[Confidence, ...] = ("low", "medium", "high")
_ZERO = Decimal(0)


class PriceBookError(ValueError):
    """A price book is missing, or says something that cannot be a price."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Tier:
    """One slice of a graduated price: units from `start` up to `end` a month (None: without limit)."""

    start: Decimal
    end: Decimal | None
    usd: Decimal
    confidence: Confidence
    readings: int
    as_of: str
    """When the price was read: a year, a month or a day, as far as the reading says."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Price:
    """The on-demand price in USD of one sku in one region. The first tier always starts at 0."""

    sku: str
    unit: str
    region: str
    tiers: tuple[Tier, ...]

    @property
    def unit_price(self) -> Decimal:
        """USD for the first unit of a month."""
        return self.tiers[0].usd

    @property
    def limit(self) -> Decimal | None:
        """Units a month above which the book knows no price, or None when the last tier is open."""
        return self.tiers[-1].end

    def amount(self, quantity: Decimal, *, after: Decimal = _ZERO) -> Decimal:
        """USD for `quantity` units that follow `after` units; units beyond `limit` are left out.

        Each slice costs its own rate. Nothing is rounded.
        """
        if after == 0 and (self.tiers[0].end is None or quantity <= self.tiers[0].end):
            return quantity * self.tiers[0].usd
        last = after + quantity
        total = _ZERO
        for tier in self.tiers:
            end = last if tier.end is None else min(last, tier.end)
            total += max(_ZERO, end - max(after, tier.start)) * tier.usd
        return total

    def knows(self, quantity: Decimal) -> bool:
        """Whether every one of so many units a month has a price."""
        return self.limit is None or quantity <= self.limit

    def confidence(self, quantity: Decimal) -> Confidence:
        """The weakest confidence among the tiers that so many units a month reach."""
        reached = {tier.confidence for tier in self.tiers if tier.start == 0 or tier.start < quantity}
        return next(level for level in _WORST_FIRST if level in reached)


@dataclass(frozen=True, kw_only=True, slots=True)
class Allowance:
    """Units a month that every account gets for nothing; the skus it covers use them up in that order."""

    name: str
    quantity: Decimal
    covers: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class PriceBook:
    """All prices known on one date. Immutable; `load` reads each file once."""

    version: str
    """The date of the book, YYYY-MM-DD; also the name of its file."""
    prices: Mapping[tuple[str, str], Price]
    """By (sku, region); the region of global items is "global"."""
    allowances: Mapping[str, Allowance]
    """By the sku they cover."""

    @staticmethod
    def load(version: str | None = None, *, folder: Path = FOLDER) -> PriceBook:
        """The book of that date, the newest without one. Raises PriceBookError when there is none."""
        known = PriceBook.versions(folder=folder)
        if not known:
            raise PriceBookError(f"There is no price book in {folder.name}.")
        if version is not None and version not in known:
            raise PriceBookError(f"There is no price book {version}; there are: {', '.join(known)}.")
        return _load(folder / f"{version or known[-1]}.csv")

    @staticmethod
    def versions(*, folder: Path = FOLDER) -> tuple[str, ...]:
        """The dates of the books in the folder, oldest first."""
        return tuple(sorted(path.stem for path in folder.glob("[0-9]*.csv")))

    def price(self, sku: str, region: str) -> Price | None:
        """The price of "service/item" there, or None: never that of another region, never 0 for unknown."""
        return self.prices.get((sku, region)) or self.prices.get((sku, GLOBAL))

    def age(self, today: date) -> int:
        """Days since the date of the book."""
        return book_age(self.version, today)

    def is_old(self, today: date) -> bool:
        """Whether an estimate made from this book should carry a warning (over 90 days)."""
        return self.age(today) > OLD_AFTER_DAYS


def book_age(version: str, today: date) -> int:
    """Days between the date of a book and today."""
    return (today - date.fromisoformat(version)).days


@cache
def _load(path: Path) -> PriceBook:
    prices: dict[tuple[str, str], list[tuple[str, Tier]]] = {}
    allowances: list[Allowance] = []
    for row in book_rows(path):
        sku = f"{row['service']}/{row['item']}"
        if row["item"].startswith(_ALWAYS_FREE):
            allowances.append(_allowance(sku, row))
        else:
            prices.setdefault((sku, row["region"]), []).append((row["unit"], _tier(row)))
    book = {key: _price(key, tiers) for key, tiers in prices.items()}
    allowances += _allowances_below_the_first_tier(prices, {sku for a in allowances for sku in a.covers})
    return PriceBook(
        version=date.fromisoformat(path.stem).isoformat(),
        prices=MappingProxyType(book),
        allowances=MappingProxyType(_by_sku(allowances, {sku for sku, _ in book})),
    )


def book_rows(path: Path) -> Iterator[dict[str, str]]:
    """The rows of a book, as they are written. Raises PriceBookError for a file that is none."""
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        if tuple(reader.fieldnames or ()) != COLUMNS:
            raise PriceBookError(f"{path.name} must have the columns {', '.join(COLUMNS)}.")
        for row in reader:
            if None in row or None in row.values():
                raise PriceBookError(f"{path.name} line {reader.line_num} has too many or too few fields.")
            yield row


def _tier(row: dict[str, str]) -> Tier:
    if row["confidence"] not in get_args(Confidence):
        raise PriceBookError(f"{row['service']}/{row['item']}: confidence {row['confidence']!r} is unknown.")
    return Tier(
        start=_number(row, "tier_from"),
        end=_number(row, "tier_to") if row["tier_to"] else None,
        usd=_number(row, "usd"),
        confidence=cast(Confidence, row["confidence"]),
        readings=int(row["readings"]),
        as_of=row["as_of"],
    )


def _number(row: dict[str, str], column: str) -> Decimal:
    text = row[column]
    # Decimal() would also take "NaN", "1e3" and "-1", none of which is a price or a quantity.
    if not text or not text.replace(".", "", 1).isdecimal():
        raise PriceBookError(f"{row['service']}/{row['item']} in {row['region']}: {column} is {text!r}.")
    return Decimal(text)


def _price(key: tuple[str, str], rows: list[tuple[str, Tier]]) -> Price:
    """Joins tiers, which must follow one another without gap or overlap, into one price."""
    sku, region = key
    tiers = sorted((tier for _, tier in rows), key=lambda tier: tier.start)
    first = tiers[0]
    # A first tier that starts above 0 hides an allowance. Approval is on gross: charge from the first unit.
    tiers[0] = Tier(
        start=_ZERO,
        end=first.end,
        usd=first.usd,
        confidence=first.confidence,
        readings=first.readings,
        as_of=first.as_of,
    )
    if len({unit for unit, _ in rows}) > 1 or any(low.end != high.start for low, high in pairwise(tiers)):
        raise PriceBookError(f"{sku} in {region}: the tiers differ in unit, overlap or leave a gap.")
    return Price(sku=sku, unit=rows[0][0], region=region, tiers=tuple(tiers))


def _allowance(sku: str, row: dict[str, str]) -> Allowance:
    covers = tuple(f"{row['service']}/{item}" for item in row["covers"].split())
    if not covers:
        raise PriceBookError(f"{sku} must name the items that it covers.")
    return Allowance(name=sku, quantity=_number(row, "tier_to"), covers=covers)


def _allowances_below_the_first_tier(
    prices: Mapping[tuple[str, str], list[tuple[str, Tier]]], covered: set[str]
) -> Iterator[Allowance]:
    for (sku, _), rows in prices.items():
        start = min(tier.start for _, tier in rows)
        if start > 0 and sku not in covered:
            yield Allowance(name=sku, quantity=start, covers=(sku,))


def _by_sku(allowances: Iterable[Allowance], skus: set[str]) -> dict[str, Allowance]:
    by_sku: dict[str, Allowance] = {}
    for allowance in allowances:
        for sku in allowance.covers:
            if sku in by_sku or sku not in skus:
                raise PriceBookError(f"{allowance.name} covers {sku}, which is unknown or already covered.")
            by_sku[sku] = allowance
    return by_sku
