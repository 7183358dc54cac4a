"""The containers blueprint: what its parts owe each other."""

from __future__ import annotations

import pytest

import provisioning.kinds  # noqa: F401  # registers every kind
from provisioning.blueprints import blueprint_for
from provisioning.names import PROPER_NAMES
from provisioning.operations.destroy import destroy
from provisioning.operations.provision import provision
from provisioning.plan import Plan, plan_for
from provisioning.references import JsonValue
from provisioning.resource import Recorded, Resource, Standing
from provisioning.spec import Spec
from provisioning.tests.cloud import SPEC


def _plan(recorded: list[Recorded] | None = None) -> Plan:
    return plan_for(SPEC, _wanted(SPEC), recorded or [])


def _wanted(spec: Spec) -> tuple[Resource, ...]:
    return blueprint_for("containers", "production").resources(spec)


def _recorded(plan: Plan, standing: Standing = Standing.MADE) -> list[Recorded]:
    return [
        Recorded(
            key=change.key,
            kind=change.kind,
            name=change.name,
            generation=change.generation,
            props=change.props,
            after=change.after,
            id=change.key,
            standing=standing,
        )
        for change in plan.changes
    ]


def test_the_group_of_the_databases_logs_is_there_before_it_and_has_the_name_that_rds_writes_to() -> None:
    changes = {change.key: change for change in _plan().changes}

    assert changes["database-logs"].name == f"/aws/rds/instance/{changes['database'].name}/postgresql"
    assert "database-logs" in changes["database"].needs
    assert changes["database"].props["log_exports"] == ["postgresql"]
    assert changes["database-logs"].props["retention_days"] == 30


def test_a_database_of_another_generation_has_its_own() -> None:
    gone = _recorded(_plan(), Standing.GONE)

    changes = {change.key: change for change in _plan(gone).changes}

    assert changes["database"].name.endswith("-g2")
    assert changes["database-logs"].name == f"/aws/rds/instance/{changes['database'].name}/postgresql"


def test_the_group_of_the_databases_logs_goes_after_the_last_line_was_written() -> None:
    steps = {step.key: step for step in destroy(_recorded(_plan()))}

    assert "database" in steps["database-logs"].needs


def test_as_many_connections_as_aws_gives_are_left_and_its_alarm_comes_before_the_last() -> None:
    changes = {change.key: change for change in _plan().changes}

    assert "max_connections" not in str(changes["database-settings"].props)
    assert changes["alarm-connections"].props["threshold"] == 148  # 80 % of what db.t3.small has for certain


@pytest.mark.parametrize(
    ("options", "listener"),
    [({}, "http-listener"), ({"domain": "shop.example.com", "hosted_zone_id": "Z1"}, "https-listener")],
)
def test_the_service_is_made_after_the_listener_that_forwards_to_it(
    options: dict[str, JsonValue], listener: str
) -> None:
    spec = SPEC.model_copy(update={"options": options})

    changes = {one.key: one for one in plan_for(spec, _wanted(spec)).changes}

    assert listener in changes["service-blue"].needs
    assert changes[listener].props["forward"]


def test_every_step_reads_as_a_sentence() -> None:
    options: dict[str, JsonValue] = {
        "nat": True,
        "domain": "shop.example.org",
        "hosted_zone_id": "Z1",
        "alarm_email": "ops@example.org",
    }
    plan = plan_for(SPEC, _wanted(SPEC.model_copy(update={"options": options})))

    titles = {step.key: step.title for step in (*provision(plan), *destroy(_recorded(plan)))}
    made = {step.key: step.title for step in provision(plan)}

    assert made["task-policy"] == "Create task role policy: what the application may do"
    assert made["public-a"] == "Create public subnet in us-east-1a"
    assert made["cache"] == "Create Redis cache"
    assert titles["database-group"] == "Delete security group"
    for title in (*titles.values(), *made.values()):
        verb, first = title.split()[:2]
        assert verb in ("Check", "Create", "Delete")
        assert not first[1:].islower() or first[0].islower() or first in PROPER_NAMES, title
