"""The measure of all crash tests is itself right: it is the plan, and all of it is tagged."""

from __future__ import annotations

import re

import pytest

from environments.tests.crash.stage import Stage
from provisioning.kind import TAG_KEY

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.simulator, pytest.mark.slow]

# AWS has no tags for these, or keeps them out of its tagging API; the inventory has lists of them all.
NOT_SWEPT = {
    "alarm-mail",
    "certificate-record",
    "certificate-validation",
    "domain-record",
    "execution-policy",
    "execution-role",
    "scaling",
    "scaling-cpu",
    "task-policy",
    "task-role",
}


def test_one_that_nothing_happens_to_is_the_plan_with_every_tag_and_leaves_a_last_snapshot(
    stage: Stage,
) -> None:
    calm = stage.calm()
    request = stage.build("x001")["x001"].request
    assert request is not None
    planned = {change.key for change in request.plan.changes}

    swept = {
        key
        for line in calm.standing
        if line.startswith("resourcegroupstaggingapi")
        for key in re.findall(rf'"{TAG_KEY}", "Value": "([^"]+)"', line)
    }
    assert planned - swept == NOT_SWEPT
    assert {line.partition(":")[0] for line in calm.ends} == {
        "rds DBSnapshots",
        "resourcegroupstaggingapi ResourceTagMappingList",
    }
