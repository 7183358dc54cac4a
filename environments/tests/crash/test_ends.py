"""After a crash people may still cancel, retry and roll back, and get exactly what that means."""

from __future__ import annotations

from collections import Counter

import pytest
from django.db import transaction

from environments.choices import OperationStatus
from environments.models import Operation
from environments.services.operations import cancel_operation, retry_operation, roll_back_operation
from environments.tests.conftest import acting
from environments.tests.crash.stage import Stage
from provisioning.tests.faults import AccessDenied, Fault, Kill, Rule, When

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.simulator, pytest.mark.slow]


def once(operation: Operation, aws_operation: str, fault: Fault) -> Rule:
    """This fault at the first such call of an operation."""
    return at(operation, aws_operation, fault, {1})


def at(operation: Operation, aws_operation: str, fault: Fault, calls: set[int]) -> Rule:
    """This fault at these of such calls of an operation."""
    when = When(operation=aws_operation, operation_id=str(operation.pk), nth=frozenset(calls))
    return Rule(when=when, fault=fault)


def test_what_was_cancelled_while_its_worker_was_dead_is_retried_to_its_end(stage: Stage) -> None:
    calm = stage.calm()
    with transaction.atomic():
        built = stage.build("x001")
        operation = built["x001"]
        stage.proxy.set_rules(once(operation, "CreateDBInstance", Kill(when="after_commit")))
    stage.nursery.keep(1)
    stage.until(lambda: stage.proxy.counts()[0].struck, within=60)

    cancel_operation(operation=operation, by=acting(stage.alice))
    stage.await_end(within=60)

    operation.refresh_from_db()
    assert operation.status == OperationStatus.CANCELLED
    retry_operation(operation=operation, by=acting(stage.alice))
    stage.finish(workers=1, within=60)
    stage.check(built, like=calm.standing)


def test_what_failed_after_a_crash_is_retried_or_rolled_back_without_a_trace(stage: Stage) -> None:
    calm = stage.calm()
    with transaction.atomic():
        built = stage.build("x001", "x002")
        stage.proxy.set_rules(
            *(once(one, "CreateNatGateway", Kill(when="after_commit")) for one in built.values()),
            # The first refusal may be lost with the worker that is killed.
            *(at(one, "CreateReplicationGroup", AccessDenied(), {1, 2}) for one in built.values()),
        )
    stage.finish(workers=3, capacity=1, within=90)
    for one in built.values():
        one.refresh_from_db()
        assert one.status == OperationStatus.FAILED

    with transaction.atomic():
        again = retry_operation(operation=built["x001"], by=acting(stage.alice))
        back = roll_back_operation(operation=built["x002"], by=acting(stage.alice))
        stage.proxy.set_rules(
            once(again, "CreateCacheSubnetGroup", Kill(when="before")),
            once(back, "DeleteNatGateway", Kill(when="after_commit")),
        )
    stage.finish(workers=3, capacity=1, within=90)
    stage.check({"x001": again}, like=calm.standing)
    stage.check({"x002": back}, like=Counter())
