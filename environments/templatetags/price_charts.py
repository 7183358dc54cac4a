"""Prices as charts: where a range lies on a scale, and which services a sum goes to. Places are shares in percent."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django import template
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from environments.templatetags.formats import plain_money
from environments.templatetags.prices import SERVICES
from provisioning.blueprints.comparison import Compared, Range
from provisioning.pricing import Estimate

register = template.Library()

# What a service of the price book is for: each tier has a colour of its own.
TIERS: dict[str, str] = {
    **dict.fromkeys(("EC2", "Fargate", "Lambda", "ElasticBeanstalk"), "compute"),
    **dict.fromkeys(("RDS", "Aurora", "RDSProxy", "ElastiCache"), "data"),
    **dict.fromkeys(("S3", "ECR", "AWSBackup", "EBS"), "storage"),
    **dict.fromkeys(
        ("ALB", "APIGateway", "CloudFront", "DataTransfer", "NATGateway", "Route53", "VPC", "WAF"), "network"
    ),
    **dict.fromkeys(("CloudWatch", "SNS", "XRay"), "watch"),
}
TIER_WORDS: dict[str, Promise] = {
    "compute": _("Compute"),
    "data": _("Database and cache"),
    "storage": _("Storage"),
    "network": _("Network and entrance"),
    "watch": _("Metrics, logs and alarms"),
    "other": _("Secrets, sign-in and delivery"),
}


_NAMED = 3  # services that are named beside a bar


@dataclass(frozen=True, kw_only=True)
class Slice:
    """What one service takes of a sum, from `start` on, `width` wide; `words` names it with its amount."""

    service: str
    tier: str
    amount: Decimal
    words: str
    start: str
    width: str


@dataclass(frozen=True, kw_only=True)
class Bar:
    """A sum as slices, and its dearest services in words; `more`: how many others there are."""

    slices: list[Slice]
    dearest: list[Slice]
    more: int


@dataclass(frozen=True, kw_only=True)
class RangeBar:
    """Floor, expected and ceiling beside the range that is wanted, all on the scale of those compared with it."""

    start: str
    width: str
    expected: str
    wanted_start: str
    wanted_width: str


@register.filter
def price_bar(estimate: Estimate) -> Bar:
    """What a sum goes to."""
    found = slices(estimate)
    dearest = sorted(found, key=lambda one: -one.amount)[:_NAMED]
    return Bar(slices=found, dearest=dearest, more=len(found) - len(dearest))


@register.simple_tag
def price_tiers() -> dict[str, Promise]:
    """Every tier and what it is called, in the order of the bars."""
    return TIER_WORDS


@register.filter
def with_bars(rows: list[Compared], wanted: Range) -> list[tuple[Compared, RangeBar]]:
    """Each row with its bar, all on one scale."""
    return list(zip(rows, range_bars([row.estimate for row in rows], wanted), strict=True))


def tier_of(service: str) -> str:
    """The tier of a service of the price book."""
    return TIERS.get(service, "other")


def slices(estimate: Estimate) -> list[Slice]:
    """The expected sum by service, tier by tier, the dearest of each first. Services without a price are not in it."""
    amounts = [(name, totals.expected) for name, totals in estimate.by_service().items() if totals.expected]
    order = list(TIER_WORDS)
    amounts.sort(key=lambda one: order.index(tier_of(one[0])))  # stable: the dearest stay first
    whole = sum((amount for _name, amount in amounts), Decimal(0))
    found, start = [], Decimal(0)
    for name, amount in amounts:
        service = str(SERVICES.get(name, name))
        found.append(
            Slice(
                service=service,
                tier=tier_of(name),
                amount=amount,
                words=f"{service} {plain_money(amount, estimate.currency)}",
                start=_percent(start, whole),
                width=_percent(amount, whole),
            )
        )
        start += amount
    return found


def range_bars(estimates: Iterable[Estimate], wanted: Range) -> list[RangeBar]:
    """One for each estimate. The scale begins at nothing and has room for the range and for every expected price; a
    ceiling beyond its end is cut there, so that one high ceiling does not crush all else."""
    compared = list(estimates)
    end = max(wanted.high * Decimal("1.6"), *(one.expected * Decimal("1.1") for one in compared))
    return [
        RangeBar(
            start=_percent(one.floor, end),
            width=_percent(min(one.ceiling, end) - one.floor, end),
            expected=_percent(one.expected, end),
            wanted_start=_percent(wanted.low, end),
            wanted_width=_percent(wanted.high - wanted.low, end),
        )
        for one in compared
    ]


def _percent(part: Decimal, whole: Decimal) -> str:
    return f"{(part * 100 / whole).quantize(Decimal('0.01')) if whole else 0}%"
