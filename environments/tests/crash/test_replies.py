"""Replies may be lost, late, garbled or refusals, at every call: what was planned is made once, and goes again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest
from django.db import transaction

from environments.models import Operation
from environments.tests.crash.mishaps import EVERY
from environments.tests.crash.stage import Stage
from provisioning.tests.faults import (
    Fault,
    Hang,
    Http5xx,
    LostResponse,
    NotYet,
    Rule,
    Throttle,
    Timeout,
    Truncated,
    When,
)

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.simulator, pytest.mark.slow]

WEATHERS: Mapping[str, tuple[tuple[When, Fault], ...]] = {
    # The first reply to each change of each thing is lost, though AWS made it.
    "x0lo": ((When(mutating=True, first_per_resource=True), LostResponse()),),
    # Every call is throttled the first time, and one in ten later on.
    "x0th": (
        (When(first_per_resource=True), Throttle()),
        (When(probability=0.1, seed=1), Throttle()),
    ),
    # What was just made is not found for half a second, which is as much as two looks.
    "x0ny": ((When(mutating=True), NotYet(seconds=0.5)),),
    # Every other reader does not see it yet.
    "x0fl": ((When(mutating=True), NotYet(seconds=0.5, flapping=True)),),
    # Half of all changes are answered by something in between, whether AWS made them or not.
    "x05x": (
        (When(mutating=True, probability=0.25, seed=2), Http5xx(status=500, when="after_commit")),
        (When(mutating=True, probability=0.25, seed=3), Http5xx(status=503, when="before")),
    ),
    # Connections end before the answer, within it, or it is late.
    "x0ti": (
        (When(probability=0.06, seed=4), Timeout(seconds=0.3, when="after_commit")),
        (When(probability=0.06, seed=5), Timeout(seconds=0.3, when="before")),
        (When(probability=0.06, seed=6), Truncated()),
        (When(probability=0.06, seed=7), Hang(seconds=0.3, when="after_commit")),
    ),
}


RARE = ("x0fl", "x05x")  # only in `make crash`


def test_whatever_becomes_of_replies_everything_is_made_once_and_then_everything_is_gone(
    stage: Stage,
) -> None:
    calm = stage.calm()
    names = [name for name in WEATHERS if EVERY or name not in RARE]
    with transaction.atomic():
        built = stage.build(*names)
        stage.proxy.set_rules(*_rules(built))
    stage.finish(workers=4, capacity=2, within=150)
    stage.check(built, like=calm.standing)
    assert all(count.struck for count in stage.proxy.counts()), stage.proxy.counts()
    with transaction.atomic():
        removed = stage.destroy(*names)
        stage.proxy.set_rules(*_rules(removed))
    stage.finish(workers=4, capacity=2, within=150)
    stage.check(removed, like=calm.ends)


def _rules(operations: Mapping[str, Operation]) -> Iterator[Rule]:
    for name, operation in operations.items():
        for when, fault in WEATHERS[name]:
            yield Rule(when=when.model_copy(update={"operation_id": str(operation.pk)}), fault=fault)
