"""Prices quantities: kinds say how much of what, the dated book says the rate, this adds them up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Self

from provisioning.prices.book import (
    OLD_AFTER_DAYS,
    Allowance,
    Confidence,
    Price,
    PriceBook,
    PriceBookError,
    Tier,
)
from provisioning.prices.estimate import (
    EXCLUDED,
    Band,
    Basis,
    Difference,
    Estimate,
    LineChange,
    PricedLine,
    Totals,
    cents,
    difference,
)
from provisioning.prices.usage import PhaseName, Usage

__all__ = [
    "EXCLUDED",
    "HOURS_A_MONTH",
    "OLD_AFTER_DAYS",
    "Allowance",
    "Band",
    "Basis",
    "Confidence",
    "CostLine",
    "Difference",
    "Estimate",
    "LineChange",
    "PhaseName",
    "Price",
    "PriceBook",
    "PriceBookError",
    "PricedLine",
    "Tier",
    "Totals",
    "Usage",
    "cents",
    "difference",
    "estimate",
]

HOURS_A_MONTH = Decimal(730)
"""8,760 h / 12, as AWS's calculator has it. A bill has 672 to 744."""

_ZERO = Decimal(0)


@dataclass(frozen=True, kw_only=True, slots=True)
class CostLine:
    """How much of one billed item a resource needs in a month: what `Kind.cost` yields. No price in it."""

    sku: str
    """"service/item" as in the price book, e.g. "RDS/pg_db.t3.small_multi"."""
    quantity: Band
    """Units a month, in the unit of the sku (hours for instances: count x HOURS_A_MONTH)."""
    label: str
    """What is billed, in two or three words."""
    why: str
    """Where the quantity comes from, e.g. "2 public addresses x 730 h"."""
    basis: Basis
    region: str | None = None
    """Where it is billed when not in the estimate's region, e.g. "us-east-1" for a CloudFront web ACL."""

    def __post_init__(self) -> None:
        quantity = self.quantity
        if not 0 <= quantity.floor <= quantity.expected <= quantity.ceiling:
            raise ValueError(f"{self.sku}: 0 <= floor <= expected <= ceiling does not hold for {quantity}.")

    @classmethod
    def fixed(cls, sku: str, quantity: Decimal | int, label: str, why: str) -> Self:
        """A quantity that does not depend on use."""
        same = Decimal(quantity)
        return cls(
            sku=sku,
            quantity=Band(floor=same, expected=same, ceiling=same),
            label=label,
            why=why,
            basis="fixed",
        )

    @classmethod
    def range(cls, sku: str, quantity: Band, label: str, why: str) -> Self:
        """Capacity that scales: the minimum is committed, the average expected, the maximum possible."""
        return cls(sku=sku, quantity=quantity, label=label, why=why, basis="fixed")

    @classmethod
    def usage(
        cls, sku: str, quantity: Decimal | int, label: str, why: str, *, ceiling: Decimal | None = None
    ) -> Self:
        """A quantity out of the usage profile: none at the floor; at the ceiling as expected, or as given."""
        expected = Decimal(quantity)
        band = Band(floor=_ZERO, expected=expected, ceiling=expected if ceiling is None else ceiling)
        return cls(sku=sku, quantity=band, label=label, why=why, basis="usage")

    def billed_in(self, region: str) -> Self:
        """The same line for something that lives in another region than its environment."""
        return replace(self, region=region)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Metered:
    """A cost line with its price and the units of the same price that earlier lines used up."""

    resource: str
    cost: CostLine
    region: str
    price: Price | None
    start: Band


def estimate(lines: Iterable[tuple[str, CostLine]], *, region: str, book: PriceBook) -> Estimate:
    """Prices (resource key, cost line) pairs for one region.

    Tiers and always-free allowances count the units of a sku over all lines, as an account's bill does. What
    has no price there makes the estimate partial; it is never taken as 0 or from another region.
    """
    metered = _metered(lines, region, book)
    saved = _savings(metered, book)
    priced = tuple(_priced(item, saved.get(index, _ZERO)) for index, item in enumerate(metered))
    sums = Totals.of(priced)
    return Estimate(
        gross=sums.gross,
        net=sums.net,
        floor=sums.floor,
        expected=sums.expected,
        ceiling=sums.ceiling,
        partial=not all(line.priced for line in priced),
        book=book.version,
        region=region,
        lines=priced,
    )


def _metered(lines: Iterable[tuple[str, CostLine]], region: str, book: PriceBook) -> list[_Metered]:
    used: dict[tuple[str, str], Band] = {}
    nothing = Band(floor=_ZERO, expected=_ZERO, ceiling=_ZERO)
    metered = []
    for resource, cost in lines:
        where = cost.region or region
        start = used.get((cost.sku, where), nothing)
        price = book.price(cost.sku, where)
        metered.append(_Metered(resource=resource, cost=cost, region=where, price=price, start=start))
        used[cost.sku, where] = start.plus(cost.quantity)
    return metered


def _savings(metered: list[_Metered], book: PriceBook) -> dict[int, Decimal]:
    """USD that allowances take off the expected amount, by position of the line."""
    by_sku: dict[str, list[int]] = {}
    pools: dict[str, Allowance] = {}
    for index, item in enumerate(metered):
        allowance = book.allowances.get(item.cost.sku)
        if allowance is not None:
            by_sku.setdefault(item.cost.sku, []).append(index)
            pools[allowance.name] = allowance
    saved: dict[int, Decimal] = {}
    for pool in pools.values():
        left = pool.quantity
        for index in (index for sku in pool.covers for index in by_sku.get(sku, ())):
            item = metered[index]
            if item.price is not None:
                free = min(left, item.cost.quantity.expected)
                saved[index] = item.price.amount(free, after=item.start.expected)
                left -= free
    return saved


def _priced(item: _Metered, saved: Decimal) -> PricedLine:
    cost, price = item.cost, item.price
    amount = None if price is None else _amount(price, cost.quantity, item.start)
    reached = item.start.plus(cost.quantity)
    return PricedLine(
        resource=item.resource,
        label=cost.label,
        service=cost.sku.partition("/")[0],
        sku=cost.sku,
        region=item.region if price is None else price.region,
        unit="" if price is None else price.unit,
        quantity=cost.quantity,
        unit_price=None if price is None else price.unit_price,
        amount=amount,
        net=None if amount is None else amount.expected - saved,
        why=cost.why,
        basis=cost.basis,
        confidence=None if price is None else price.confidence(reached.ceiling),
        priced=price is not None and price.knows(reached.ceiling),
    )


def _amount(price: Price, quantity: Band, start: Band) -> Band:
    return Band(
        floor=price.amount(quantity.floor, after=start.floor),
        expected=price.amount(quantity.expected, after=start.expected),
        ceiling=price.amount(quantity.ceiling, after=start.ceiling),
    )
