"""A worker may be killed at any call: what it was making is made once, what it was taking away is gone."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator

import pytest
from django.db import transaction

from environments.models import Operation
from environments.tests.crash.mishaps import EVERY, KILLS, LOSSES, PARTS, arm, in_full, mishaps, struck
from environments.tests.crash.stage import Stage
from provisioning.tests.faults import Rule, When

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.simulator, pytest.mark.slow]
logger = logging.getLogger(__name__)

FAULTS = (*KILLS, *LOSSES) if EVERY else KILLS


@pytest.mark.parametrize("part", range(PARTS))
def test_a_worker_killed_at_any_call_leaves_everything_made_once_and_then_everything_gone(
    stage: Stage, part: int
) -> None:
    calm = stage.calm()
    builds = mishaps(calm.builds, FAULTS, sample=9)[part::PARTS]
    removals = mishaps(calm.removals, FAULTS, sample=9)[part::PARTS]
    names = [f"x{number:03}" for number in range(max(len(builds), len(removals)))]
    with transaction.atomic():
        built = stage.build(*names)
        arm(stage.proxy, built, builds)
    stage.finish(workers=4, capacity=1, within=60 + 10 * len(names))
    stage.check(built, like=calm.standing)
    while_built = struck(stage.proxy, built, builds)
    with transaction.atomic():
        removed = stage.destroy(*names)
        arm(stage.proxy, removed, removals)
    stage.finish(workers=4, capacity=1, within=60 + 10 * len(names))
    stage.check(removed, like=calm.ends)
    while_removed = struck(stage.proxy, removed, removals)
    told = (while_built, len(builds), while_removed, len(removals))
    logger.info("struck at %d of %d calls of provisions and at %d of %d of destroys", *told)


@in_full
@pytest.mark.parametrize("shift", range(12 if EVERY else 1))
def test_those_who_take_over_may_be_killed_too(stage: Stage, shift: int) -> None:
    calm = stage.calm()
    names = [f"x{number:03}" for number in range(4)]
    with transaction.atomic():
        built = stage.build(*names)
        stage.proxy.set_rules(*_one_life_after_the_other(built.values(), shift))
    stage.finish(workers=4, capacity=1, within=150)
    stage.check(built, like=calm.standing)
    with transaction.atomic():
        removed = stage.destroy(*names)
        stage.proxy.set_rules(*_one_life_after_the_other(removed.values(), shift))
    stage.finish(workers=4, capacity=1, within=150)
    stage.check(removed, like=calm.ends)
    killed = sum(count.struck for count in stage.proxy.counts())
    logger.info("of %d workers %d were killed while they destroyed", len(stage.proxy.counts()), killed)


def _one_life_after_the_other(operations: Iterable[Operation], shift: int) -> Iterator[Rule]:
    """The first worker dies at some call, whatever it is; the next ones soon after they have begun to look around."""
    for number, operation in enumerate(operations):
        calls = (
            1 + (7 + 5 * shift + 11 * number) % 50,
            1 + (shift + number) % 7,
            1 + (2 * shift + number) % 9,
        )
        for fence, nth in enumerate(calls, start=1):
            when = When(operation_id=str(operation.pk), fence=fence, nth=frozenset({nth}))
            yield Rule(when=when, fault=KILLS[(shift + number + fence) % 3])
