"""An estimate arranged for the price panel: lines by service, and the scale of the range."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from provisioning.pricing import Estimate, PricedLine

# Services of the price book whose name there is not what AWS calls them.
SERVICES: dict[str, str | Promise] = {
    "ALB": "Elastic Load Balancing",
    "APIGateway": "API Gateway",
    "AWSBackup": "AWS Backup",
    "DataTransfer": _("Data transfer"),
    "ElasticBeanstalk": "Elastic Beanstalk",
    "NATGateway": _("NAT gateway"),
    "RDSProxy": "RDS Proxy",
    "Route53": "Route 53",
    "SSM": "Systems Manager",
    "SecretsManager": "Secrets Manager",
    "XRay": "X-Ray",
}


@dataclass(frozen=True, kw_only=True)
class ServiceLines:
    """The lines of one AWS service, by AWS's own name, and their expected sum in the estimate's currency a month.

    `amount` is None when no line of the service has a price; `partial` says that one is missing.
    """

    service: str
    amount: Decimal | None
    partial: bool
    lines: tuple[PricedLine, ...]


@dataclass(frozen=True, kw_only=True)
class PriceScale:
    """Where the expected price stands between floor and ceiling, in percent as SVG attributes take it.

    `flat`: floor and ceiling are one, so that there is no between.
    """

    expected: str
    flat: bool


def services_of(estimate: Estimate) -> list[ServiceLines]:
    """The lines by service, in the order of the estimate's own sums."""
    return [
        _service(name, [line for line in estimate.lines if line.service == name])
        for name in estimate.by_service()
    ]


def _service(name: str, lines: list[PricedLine]) -> ServiceLines:
    amounts = [line.amount.expected for line in lines if line.amount is not None]
    return ServiceLines(
        service=str(SERVICES.get(name, name)),
        amount=sum(amounts, Decimal(0)) if amounts else None,
        partial=bool(amounts) and not all(line.priced for line in lines),
        lines=tuple(lines),
    )


def scale_of(estimate: Estimate) -> PriceScale:
    """The scale of an estimate, from its floor to its ceiling."""
    room = estimate.ceiling - estimate.floor
    share = (estimate.expected - estimate.floor) / room if room else Decimal(0)
    return PriceScale(expected=f"{(share * 100).quantize(Decimal('0.1'))}%", flat=not room)
