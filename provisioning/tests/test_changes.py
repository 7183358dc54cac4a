"""A change of options in the simulated AWS, planned from what is recorded, and the way back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import provisioning.kinds  # noqa: F401  # registers every kind
from provisioning.blueprints import blueprint_for
from provisioning.plan import Action, Plan
from provisioning.simulator.launch import start
from provisioning.spec import Spec
from provisioning.tests.whole import Whole, whole

pytestmark = pytest.mark.simulator


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with start(speed=1000) as simulator:
        yield simulator.endpoint


def from_the_record(one: Whole, spec: Spec) -> Plan:
    """As the portal plans a change: without a question to AWS."""
    return blueprint_for(spec.architecture, spec.phase).plan(spec, one.journal.recorded.values())


def test_a_change_planned_from_the_record_is_what_aws_has_then_and_so_is_the_way_back(endpoint: str) -> None:
    one = whole(endpoint, "changing", "containers", "mvp", {"file_delivery": False})
    one.provision()
    before = one.spec
    after = before.model_copy(
        update={
            "options": {**before.options, "cache_node": "cache.t4g.micro", "max_tasks": 3, "backup_days": 9}
        }
    )
    assert from_the_record(one, before).is_empty

    for spec in (after, before):
        plan = from_the_record(one, spec)
        assert Action.REPLACE not in {change.action for change in plan.changes}
        one.spec = spec
        one.provision(plan)
        assert one.plan().is_empty

    one.destroy()
    assert not one.remains()
