"""The simple blueprint: what its parts owe each other."""

from __future__ import annotations

import pytest

import provisioning.kinds  # noqa: F401  # registers every kind
from provisioning.blueprints import blueprint_for
from provisioning.errors import InvalidSpec
from provisioning.kinds.ec2_security_group import SecurityGroupProps
from provisioning.plan import Action, Plan
from provisioning.pricing import PhaseName, PriceBook, Usage, estimate
from provisioning.references import JsonValue
from provisioning.resource import Resource
from provisioning.simulator.launch import start
from provisioning.spec import Spec
from provisioning.tests.cloud import SPEC
from provisioning.tests.whole import whole


def _spec(phase: str, **options: JsonValue) -> Spec:
    return SPEC.model_copy(update={"architecture": "simple", "phase": phase, "options": options})


def _plan(phase: str, **options: JsonValue) -> Plan:
    return blueprint_for("simple", phase).plan(_spec(phase, **options))


def _wanted(phase: str, **options: JsonValue) -> dict[str, Resource]:
    found = blueprint_for("simple", phase).resources(_spec(phase, **options))
    return {one.key: one for one in found}


def _behind(plan: Plan, key: str) -> set[str]:
    """Everything that must stand before it."""
    needs = {change.key: change.needs for change in plan.changes}
    found: set[str] = set()
    left = [key]
    while left:
        new = set(needs[left.pop()]) - found
        found |= new
        left += new
    return found


def test_servers_and_database_are_made_at_the_same_time() -> None:
    plan = _plan("production")

    assert "database" not in _behind(plan, "web")
    assert "web" not in _behind(plan, "database")


def test_servers_start_when_they_may_fetch_their_version_and_their_secrets() -> None:
    plan = _plan("production")

    assert {"start-policy", "version", "parameter-secret-key", "public-routes"} <= _behind(plan, "web")


def test_only_the_servers_reach_the_database_and_it_is_in_private_subnets() -> None:
    wanted = _wanted("mvp")
    group = wanted["database-group"].props
    assert isinstance(group, SecurityGroupProps)

    assert [(rule.port, rule.group_id) for rule in group.ingress] == [(5432, "${server-group.id}")]
    assert wanted["database-subnets"].props.dump()["subnet_ids"] == ["${private-a.id}", "${private-b.id}"]


def test_without_a_load_balancer_its_alarms_and_its_group_are_away() -> None:
    alone, balanced = set(_wanted("mvp")), set(_wanted("mvp", load_balancer=True))

    assert balanced - alone == {"load-balancer-group", "alarm-errors", "alarm-response-time"}
    assert alone < balanced


def test_the_database_is_the_same_in_every_phase() -> None:
    plans = (_plan(phase) for phase in ("mvp", "production", "scaling"))
    names = {change.name for plan in plans for change in plan.changes if change.key == "database"}

    assert len(names) == 1


def test_fewer_servers_at_most_than_at_least_are_refused() -> None:
    with pytest.raises(InvalidSpec) as refused:
        _plan("production", min_servers=5, max_servers=4)

    assert refused.value.field == "max_servers"


@pytest.mark.parametrize(
    ("phase", "least", "most"), [("mvp", 20, 50), ("production", 80, 150), ("scaling", 200, 500)]
)
def test_the_expected_price_of_each_phase_is_within_the_range_of_the_source(
    phase: PhaseName, least: int, most: int
) -> None:
    lines = blueprint_for("simple", phase).cost(_spec(phase), Usage.of_phase(phase))

    priced = estimate(lines, region="us-east-1", book=PriceBook.load("2026-11-01"))

    assert not priced.partial
    assert least <= priced.expected <= most


def test_cloudfront_before_the_application_delivers_the_files_too() -> None:
    alone, both, files = _wanted("mvp"), _wanted("mvp", file_delivery=True), _wanted("mvp", front=False)

    assert "front" in both and "files-delivery" not in both
    assert both.keys() - alone.keys() == {"files-access", "files-policy"}
    assert "front" not in files


@pytest.mark.simulator
def test_a_first_version_goes_into_production_and_keeps_its_data_and_its_address() -> None:
    with start(speed=1000) as simulator:
        one = whole(simulator.endpoint, "000000000001", "simple", "mvp")
        one.provision()
        before = dict(one.journal.recorded)
        one.spec = one.spec.model_copy(update={"phase": "production"})

        change = one.plan()
        one.provision(change)

        actions = {each.key: each.action for each in change.changes}
        after = one.journal.recorded
        for kept in ("database", "files", "versions", "front", "parameter-secret-key"):
            assert actions[kept] in (Action.UPDATE, Action.NOOP)
            assert after[kept].id == before[kept].id
        assert actions["web"] is Action.REPLACE
        again = one.plan()
        assert again.is_empty
        one.destroy()
        assert one.remains() == ()
