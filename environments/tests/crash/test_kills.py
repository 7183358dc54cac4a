"""A worker may be killed at any call: what it was making is made once, what it was taking away is gone."""

from __future__ import annotations

import logging
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import pytest
from django.db import transaction

from environments.models import Operation
from environments.tests.crash.stage import Boundary, Stage
from provisioning.tests.faults import Kill, Rule, When

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.simulator, pytest.mark.slow]
logger = logging.getLogger(__name__)

EVERY = bool(os.environ.get("EVERY_BOUNDARY"))  # set by `make crash`
PARTS = 12 if EVERY else 1
SAMPLE = 8

Point = Literal["before", "after_commit", "after_response"]
POINTS: tuple[Point, ...] = ("before", "after_commit", "after_response")


@dataclass(frozen=True, kw_only=True)
class Death:
    """The end of a worker: before AWS sees the call, after AWS carried it out, or after the reply came."""

    boundary: Boundary
    point: Point

    def rule(self, operation: Operation) -> Rule:
        """It strikes this operation, once."""
        when = When(
            service=self.boundary.service,
            operation=self.boundary.operation,
            nth=frozenset({self.boundary.nth}),
            operation_id=str(operation.pk),
        )
        return Rule(when=when, fault=Kill(when=self.point))


@pytest.mark.parametrize("part", range(PARTS))
def test_a_worker_killed_at_any_call_leaves_everything_made_once_and_then_everything_gone(
    stage: Stage, part: int
) -> None:
    calm = stage.calm()
    builds = _deaths(stage, calm.built)[part::PARTS]
    removals = _deaths(stage, calm.removed)[part::PARTS]
    names = [f"x{number:03}" for number in range(max(len(builds), len(removals)))]
    with transaction.atomic():
        built = stage.build(*names)
        _arm(stage, built, builds)
    stage.finish(workers=4, capacity=1, within=60 + 10 * len(names))
    stage.check(built, like=calm.standing)
    _all_struck(stage, builds)
    with transaction.atomic():
        removed = stage.destroy(*names)
        _arm(stage, removed, removals)
    stage.finish(workers=4, capacity=1, within=60 + 10 * len(names))
    stage.check(removed, like=calm.ends)
    _all_struck(stage, removals)
    logger.info("killed at %d calls of provisions and at %d of destroys", len(builds), len(removals))


def _deaths(stage: Stage, operation: Operation) -> list[Death]:
    """Every boundary of an operation at every point; or a few, evenly spaced, each at another point."""
    boundaries = stage.boundaries(operation)
    if EVERY:
        return [Death(boundary=one, point=point) for one in boundaries for point in POINTS]
    sample = boundaries[:: max(1, len(boundaries) // SAMPLE)]
    return [Death(boundary=one, point=POINTS[number % 3]) for number, one in enumerate(sample)]


def _arm(stage: Stage, operations: Mapping[str, Operation], deaths: Sequence[Death]) -> None:
    """One death for each operation, while no worker can have seen them yet."""
    pairs = zip(operations.values(), deaths, strict=False)
    stage.proxy.set_rules(*(death.rule(operation) for operation, death in pairs))


def _all_struck(stage: Stage, deaths: Sequence[Death]) -> None:
    """No death that was ordered has missed its worker."""
    counts = stage.proxy.counts()
    missed = [death for death, count in zip(deaths, counts, strict=True) if count.struck != 1]
    assert missed == []
