"""What is made to happen to an operation, and at which of its calls."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle

import pytest

from environments.models import Operation
from provisioning.tests.faults import Call, Fault, FaultProxy, Http5xx, Kill, LostResponse, Rule, When

EVERY = bool(os.environ.get("EVERY_BOUNDARY"))  # set by `make crash`
PARTS = 12 if EVERY else 1
in_full = pytest.mark.skipif(not EVERY, reason="only in `make crash`")

KILLS = (Kill(when="before"), Kill(when="after_commit"), Kill(when="after_response"))
LOSSES = (LostResponse(), Http5xx(status=500, when="after_commit"))


@dataclass(frozen=True, kw_only=True)
class Boundary:
    """One call that changes something: the `nth` of its name in one run of an operation."""

    service: str
    operation: str
    nth: int


@dataclass(frozen=True, kw_only=True)
class Mishap:
    """A fault at one boundary, once."""

    boundary: Boundary
    fault: Fault

    def rule(self, operation: Operation) -> Rule:
        """It strikes this operation only."""
        when = When(
            service=self.boundary.service,
            operation=self.boundary.operation,
            nth=frozenset({self.boundary.nth}),
            operation_id=str(operation.pk),
        )
        return Rule(when=when, fault=self.fault)


def boundaries_of(calls: Iterable[Call]) -> list[Boundary]:
    """Every call by which something was changed, in order."""
    seen: Counter[tuple[str, str]] = Counter()
    found = []
    for call in calls:
        if call.mutating:
            seen[call.service, call.operation] += 1
            nth = seen[call.service, call.operation]
            found.append(Boundary(service=call.service, operation=call.operation, nth=nth))
    return found


def mishaps(boundaries: Sequence[Boundary], faults: Sequence[Fault], *, sample: int) -> list[Mishap]:
    """Every fault at every boundary; or, but for `make crash`, so many evenly spaced ones, the faults in turn."""
    if EVERY:
        return [Mishap(boundary=one, fault=fault) for one in boundaries for fault in faults]
    few = boundaries[:: max(1, len(boundaries) // sample)][:sample]
    return [Mishap(boundary=one, fault=fault) for one, fault in zip(few, cycle(faults), strict=False)]


def arm(proxy: FaultProxy, operations: Mapping[str, Operation], ordered: Sequence[Mishap]) -> None:
    """One mishap for each operation, while no worker can have seen them yet."""
    pairs = zip(operations.values(), ordered, strict=False)
    proxy.set_rules(*(mishap.rule(operation) for operation, mishap in pairs))


def struck(proxy: FaultProxy, operations: Mapping[str, Operation], ordered: Sequence[Mishap]) -> int:
    """How many mishaps struck. Fails when one missed though its call was made (removals of several alarms or
    parameters are now one call, now more)."""
    made = Counter((call.operation_id, call.service, call.operation) for call in proxy.journal())
    missed = [
        one
        for one, operation, count in zip(ordered, operations.values(), proxy.counts(), strict=False)
        if not count.struck
        and made[str(operation.pk), one.boundary.service, one.boundary.operation] >= one.boundary.nth
    ]
    assert missed == [], missed
    return sum(count.struck for count in proxy.counts())
