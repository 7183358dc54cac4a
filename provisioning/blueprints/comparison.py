"""Everything in the catalogue side by side: its price, the range expected of its phase, and what would bring it in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from functools import cache
from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from provisioning.blueprints import all_blueprints, blueprint_for
from provisioning.blueprints.blueprint import Blueprint
from provisioning.errors import InvalidSpec
from provisioning.pricing import Estimate, PhaseName, PriceBook, Usage, estimate
from provisioning.references import JsonValue
from provisioning.spec import Spec

REGION = "us-east-1"
_MOST_REMEDIES = 3


@dataclass(frozen=True, kw_only=True)
class Range:
    """USD a month, both ends included."""

    low: Decimal
    high: Decimal


# What the recommendations per phase name as their cost (source of the domain, "Recomendaciones por Fase").
RANGES: Mapping[PhaseName, Range] = {
    "mvp": Range(low=Decimal(20), high=Decimal(50)),
    "production": Range(low=Decimal(80), high=Decimal(150)),
    "scaling": Range(low=Decimal(200), high=Decimal(500)),
}


class Place(StrEnum):
    """Where a price lies."""

    BELOW = "below"
    WITHIN = "within"
    ABOVE = "above"


@dataclass(frozen=True, kw_only=True)
class Remedy:
    """One option, chosen otherwise, with which the price lies within the range."""

    option: str
    title: str
    value: JsonValue
    expected: Decimal


@dataclass(frozen=True, kw_only=True)
class Compared:
    """One architecture in one phase with its defaults."""

    blueprint: Blueprint[Any]
    estimate: Estimate
    range: Range
    place: Place
    remedies: tuple[Remedy, ...]


def comparison() -> tuple[Compared, ...]:
    """All of the catalogue at the newest prices in us-east-1, each with the usage of its phase."""
    version = PriceBook.load().version
    return tuple(_compared(one.architecture, one.phase, version) for one in all_blueprints())


def spec_of_defaults(blueprint: Blueprint[Any], options: dict[str, JsonValue] | None = None) -> Spec:
    """A spec that only serves to be priced and drawn."""
    return Spec(
        identity="catalogue",
        application="application",
        environment=blueprint.phase,
        team="team",
        architecture=blueprint.architecture,
        phase=blueprint.phase,
        region=REGION,
        account="0" * 12,
        zones=(f"{REGION}a", f"{REGION}b"),
        options=options or {},
    )


def place_in(range_: Range, amount: Decimal) -> Place:
    """Where an amount lies."""
    if amount < range_.low:
        return Place.BELOW
    return Place.ABOVE if amount > range_.high else Place.WITHIN


@cache  # of blueprints and a book that do not change while the process runs; the remedies take a price each
def _compared(architecture: str, phase: str, version: str) -> Compared:
    blueprint, book = blueprint_for(architecture, phase), PriceBook.load(version)
    price, range_ = _price(blueprint, {}, book), RANGES[blueprint.phase]
    place = place_in(range_, price.expected)
    remedies = () if place is Place.WITHIN else tuple(_remedies(blueprint, range_, price.expected, book))
    return Compared(blueprint=blueprint, estimate=price, range=range_, place=place, remedies=remedies)


def _price(blueprint: Blueprint[Any], options: dict[str, JsonValue], book: PriceBook) -> Estimate:
    spec = spec_of_defaults(blueprint, options)
    lines = blueprint.cost(spec, Usage.of_phase(blueprint.phase))
    return estimate(lines, region=spec.region, book=book)


def _remedies(blueprint: Blueprint[Any], range_: Range, now: Decimal, book: PriceBook) -> list[Remedy]:
    """Single options that bring the price in, those first that change it least."""
    found = []
    for name, value in _alternatives(blueprint):
        try:
            amount = _price(blueprint, {name: value}, book).expected
        except InvalidSpec:
            continue  # it does not go with the other defaults
        if place_in(range_, amount) is Place.WITHIN:
            title = blueprint.options.model_fields[name].title or name
            found.append(Remedy(option=name, title=title, value=value, expected=amount))
    return sorted(found, key=lambda one: abs(one.expected - now))[:_MOST_REMEDIES]


def _alternatives(blueprint: Blueprint[Any]) -> Iterator[tuple[str, JsonValue]]:
    for name, info in blueprint.options.model_fields.items():
        for value in _values(info):
            if value != info.default:
                yield name, value


def _values(info: FieldInfo) -> tuple[JsonValue, ...]:
    if info.annotation is bool:
        return (True, False)
    return get_args(info.annotation) if get_origin(info.annotation) is Literal else ()
