"""How many traces X-Ray records, for a price book to price."""

from __future__ import annotations

from decimal import Decimal

from provisioning.pricing import HOURS_A_MONTH, CostLine

_SKU = "XRay/traces_recorded"


def sampled(requests: int, share: Decimal, reservoir: int) -> CostLine:
    """Of a sampling rule: `reservoir` requests in a second always, and this share of the others."""
    percent = f"{(share * 100).normalize():f}"
    why = f"{percent} % of {requests:,} requests"
    if reservoir:
        why = f"{reservoir} requests in a second, and {percent} % of the others"
    return CostLine.usage(_SKU, _traced(requests, share, reservoir), "Traces", why)


def sampled_by_lambda(calls: int, percent: Decimal) -> CostLine:
    """Lambda itself decides which: one in a second, and 5 % of the others; no rule changes that. `percent`: what is
    expected to come of it."""
    expected = _traced(calls, percent / 100, 0)
    most = max(expected, _traced(calls, Decimal("0.05"), 1))
    return CostLine.usage(_SKU, expected, "Traces", f"{percent} % of {calls} calls", ceiling=most)


def _traced(requests: int, share: Decimal, reservoir: int) -> Decimal:
    always = min(requests, int(reservoir * HOURS_A_MONTH * 3600))
    return (always + (requests - always) * share).quantize(Decimal(1))
