"""What an estimate says: priced lines, their sums, and the difference that a change makes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Literal, Self

from pydantic import JsonValue, TypeAdapter

from provisioning.prices.book import OLD_AFTER_DAYS, Confidence, book_age

Basis = Literal["fixed", "usage"]
"""fixed: billed because the resource exists; usage: billed by what passes through it."""

EXCLUDED = (
    "Tax",
    "AWS support plan",
    "Domain registration",
    "Marketplace products",
    "Credits, Savings Plans and reserved capacity",
    "12-month free tier",
    "Volume that other environments of the account already use: each tier starts at its first unit",
)
"""What no estimate contains, for the foot of the page."""

_ZERO = Decimal(0)
_CENT = Decimal("0.01")


def cents(amount: Decimal) -> Decimal:
    """The amount as people see it, half up to the cent. For display only: never add rounded amounts."""
    return amount.quantize(_CENT, rounding=ROUND_HALF_UP)


@dataclass(frozen=True, kw_only=True, slots=True)
class Band:
    """Three figures for one month: at least (minimum capacity), expected, at most (maximum capacity)."""

    floor: Decimal
    expected: Decimal
    ceiling: Decimal

    def plus(self, other: Band) -> Band:
        """The sums of both, figure by figure."""
        return Band(
            floor=self.floor + other.floor,
            expected=self.expected + other.expected,
            ceiling=self.ceiling + other.ceiling,
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class PricedLine:
    """One cost line of one resource with its rate and amounts in USD a month, unrounded."""

    resource: str
    """Key of the resource in its spec."""
    label: str
    service: str
    sku: str
    region: str
    unit: str
    """Unit of the sku; empty when it has no price."""
    quantity: Band
    unit_price: Decimal | None
    """USD for the first unit; later tiers may be cheaper."""
    amount: Band | None
    """None without a price. Beyond the last tier known, the part that has a price."""
    net: Decimal | None
    """The expected amount less the account's always-free allowances."""
    why: str
    basis: Basis
    confidence: Confidence | None
    priced: bool
    """Whether every unit up to the ceiling has a price."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Totals:
    """Sums in USD a month, unrounded unless they come from `rounded`."""

    gross: Decimal
    """The expected amount without any allowance: what is approved."""
    net: Decimal
    floor: Decimal
    expected: Decimal
    ceiling: Decimal

    @classmethod
    def of(cls, lines: Iterable[PricedLine]) -> Self:
        """The sums of the lines that have a price."""
        net = floor = expected = ceiling = _ZERO
        for line in lines:
            if line.amount is not None and line.net is not None:
                net += line.net
                floor += line.amount.floor
                expected += line.amount.expected
                ceiling += line.amount.ceiling
        return cls(gross=expected, net=net, floor=floor, expected=expected, ceiling=ceiling)

    def minus(self, other: Totals) -> Totals:
        """How much more (or, below 0, less) this is than the other."""
        return Totals(
            gross=self.gross - other.gross,
            net=self.net - other.net,
            floor=self.floor - other.floor,
            expected=self.expected - other.expected,
            ceiling=self.ceiling - other.ceiling,
        )

    def rounded(self) -> Totals:
        """The sums as people see them, each rounded once."""
        return Totals(
            gross=cents(self.gross),
            net=cents(self.net),
            floor=cents(self.floor),
            expected=cents(self.expected),
            ceiling=cents(self.ceiling),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Estimate:
    """What a spec costs in USD a month of 730 hours, at the prices of one dated book. Sums are unrounded."""

    gross: Decimal
    net: Decimal
    floor: Decimal
    expected: Decimal
    ceiling: Decimal
    currency: Literal["USD"] = "USD"
    partial: bool
    """Whether something has no price: it is then missing from the sums, which are too low."""
    book: str
    region: str
    lines: tuple[PricedLine, ...]
    excluded: tuple[str, ...] = EXCLUDED

    @property
    def totals(self) -> Totals:
        """The five sums as one value."""
        return Totals(
            gross=self.gross, net=self.net, floor=self.floor, expected=self.expected, ceiling=self.ceiling
        )

    def rounded(self) -> Totals:
        """The five sums for display, each rounded once, half up to the cent."""
        return self.totals.rounded()

    def unpriced(self) -> tuple[PricedLine, ...]:
        """The lines that make the estimate partial."""
        return tuple(line for line in self.lines if not line.priced)

    def by_service(self) -> dict[str, Totals]:
        """Sums of each AWS service, the dearest first."""
        return _grouped((line.service, line) for line in self.lines)

    def by_resource(self) -> dict[str, Totals]:
        """Sums of each resource of the spec, the dearest first."""
        return _grouped((line.resource, line) for line in self.lines)

    def book_is_old(self, today: date) -> bool:
        """Whether the page should warn that prices were read more than 90 days ago."""
        return book_age(self.book, today) > OLD_AFTER_DAYS

    def to_json(self) -> dict[str, JsonValue]:
        """The estimate in JSON's own types; decimals are strings, so that nothing is lost."""
        plain: dict[str, JsonValue] = _ESTIMATE.dump_python(self, mode="json")
        return plain

    @staticmethod
    def from_json(plain: Mapping[str, JsonValue]) -> Estimate:
        """The estimate that `to_json` wrote down. Raises pydantic's ValidationError for anything else."""
        return _ESTIMATE.validate_python(dict(plain))


_ESTIMATE = TypeAdapter(Estimate)


def _grouped(lines: Iterable[tuple[str, PricedLine]]) -> dict[str, Totals]:
    groups: dict[str, list[PricedLine]] = {}
    for name, line in lines:
        groups.setdefault(name, []).append(line)
    sums = {name: Totals.of(group) for name, group in groups.items()}
    return dict(sorted(sums.items(), key=lambda item: (-item[1].expected, item[0])))


@dataclass(frozen=True, kw_only=True, slots=True)
class LineChange:
    """A line that appears (no before), goes (no after) or costs something else."""

    before: PricedLine | None
    after: PricedLine | None

    @property
    def amount(self) -> Decimal | None:
        """USD a month more (or, below 0, less), expected; None where a price is missing."""
        amounts = [_ZERO, _ZERO]
        for index, line in enumerate((self.before, self.after)):
            if line is not None:
                if line.amount is None or not line.priced:
                    return None
                amounts[index] = line.amount.expected
        return amounts[1] - amounts[0]


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """Price now and after a change, in USD a month, unrounded."""

    before: Totals
    after: Totals
    change: Totals
    lines: tuple[LineChange, ...]
    """Only what changes, in the order of the new estimate, then what goes."""
    partial: bool
    same_book: bool
    """False: part of the change is that prices were read on another date."""


def difference(before: Estimate | None, after: Estimate | None) -> Difference:
    """Compares two estimates; None stands for an environment that does not exist (before, or any more)."""
    old, new = _keyed(before), _keyed(after)
    pairs = [(old.get(key), line) for key, line in new.items()]
    changes = [
        LineChange(before=was, after=line)
        for was, line in pairs
        if was is None or (was.quantity, was.amount) != (line.quantity, line.amount)
    ]
    changes += [LineChange(before=line, after=None) for key, line in old.items() if key not in new]
    sums = [Totals.of(one.lines if one else ()) for one in (before, after)]
    both = [one for one in (before, after) if one is not None]
    return Difference(
        before=sums[0],
        after=sums[1],
        change=sums[1].minus(sums[0]),
        lines=tuple(changes),
        partial=any(one.partial for one in both),
        same_book=len({one.book for one in both}) <= 1,
    )


def _keyed(one: Estimate | None) -> dict[tuple[str, str, str, int], PricedLine]:
    """Lines by resource, sku, label and, should all three be alike, their count."""
    keyed: dict[tuple[str, str, str, int], PricedLine] = {}
    seen: dict[tuple[str, str, str], int] = {}
    for line in one.lines if one else ():
        name = (line.resource, line.sku, line.label)
        seen[name] = seen.get(name, 0) + 1
        keyed[*name, seen[name]] = line
    return keyed
