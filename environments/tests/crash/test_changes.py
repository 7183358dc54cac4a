"""A change whose worker is killed ends in what was asked for; taken back, in what stood before; and nothing stays."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from django.db import transaction
from pydantic import JsonValue

from environments.choices import Lifecycle, OperationStatus
from environments.models import Operation, ResourceRecord
from environments.services.changes import request_change
from environments.services.operations import retry_operation, roll_back_operation
from environments.services.requests import approve
from environments.tests.conftest import acting
from environments.tests.crash.mishaps import in_full
from environments.tests.crash.stage import Stage
from environments.tests.crash.test_ends import once
from provisioning.tests.faults import AccessDenied, Kill

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.simulator, pytest.mark.slow]

WANTED: Mapping[str, JsonValue] = {
    "sign_in": True,
    "firewall": True,
    "scheduled_backups": "daily",
    "tracing": True,
    "nat": False,
    "alarm_cpu": 70,
}


def changed(stage: Stage, name: str, options: Mapping[str, JsonValue] = WANTED) -> Operation:
    """The operation of a change that was asked for and approved."""
    request = request_change(environment=stage.environment(name), options=options, by=acting(stage.alice))
    return approve(request=request, seen=request.hash, by=acting(stage.bob)).operations.get()


@in_full
def test_what_a_change_made_before_a_crash_is_finished_or_taken_back(stage: Stage) -> None:
    calm = stage.calm()
    stage.build("x001", "x002")
    stage.finish(workers=2, capacity=1, within=90)
    before = {key: row.standing for key, row in _rows(stage, "x002").items()}
    with transaction.atomic():
        failing = {name: changed(stage, name) for name in ("x001", "x002")}
        stage.proxy.set_rules(
            *(once(one, "CreateUserPool", Kill(when="after_commit")) for one in failing.values()),
            *(once(one, "CreateWebACL", Kill(when="after_response")) for one in failing.values()),
            *(once(one, "CreateBackupPlan", AccessDenied()) for one in failing.values()),
        )
    stage.finish(workers=3, capacity=1, within=120)
    for one in failing.values():
        one.refresh_from_db()
        assert one.status == OperationStatus.FAILED

    with transaction.atomic():
        again = retry_operation(operation=failing["x001"], by=acting(stage.alice))
        back = roll_back_operation(operation=failing["x002"], by=acting(stage.alice))
        stage.proxy.set_rules(
            once(again, "CreateBackupSelection", Kill(when="after_commit")),
            once(back, "DeleteUserPool", Kill(when="after_commit")),
            once(back, "DeleteWebACL", Kill(when="before")),
        )
    stage.finish(workers=3, capacity=1, within=120)

    for one in (again, back):
        one.refresh_from_db()
        assert one.status == OperationStatus.SUCCEEDED
        assert one.environment.lifecycle == Lifecycle.READY
    assert stage.environment("x001").spec.options["sign_in"] is True
    assert stage.environment("x002").spec.options["sign_in"] is False
    standing = {key: row.standing for key, row in _rows(stage, "x002").items() if row.standing != "gone"}
    assert standing == before

    removed = stage.destroy("x001", "x002")
    stage.finish(workers=2, capacity=1, within=120)
    stage.check(removed, like=calm.ends)


def _rows(stage: Stage, name: str) -> dict[str, ResourceRecord]:
    return {row.key: row for row in stage.environment(name).resources.all()}
