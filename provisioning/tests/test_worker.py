"""A worker beside tasks: who reaches what."""

from __future__ import annotations

import pytest

import provisioning.kinds  # noqa: F401  # registers every kind
from provisioning.blueprints import blueprint_for
from provisioning.blueprints.comparison import spec_of_defaults
from provisioning.references import JsonValue
from provisioning.resource import Resource


def made(**options: JsonValue) -> dict[str, Resource]:
    blueprint = blueprint_for("containers", "production")
    return {
        one.key: one for one in blueprint.resources(spec_of_defaults(blueprint, {"worker": True, **options}))
    }


def let_in(resource: Resource) -> set[JsonValue]:
    rules = resource.props.dump()["ingress"]
    assert isinstance(rules, list)
    return {rule["group_id"] for rule in rules if isinstance(rule, dict)}


def test_database_and_cache_let_the_worker_in_beside_the_tasks() -> None:
    for key in ("database-group", "cache-group"):
        assert let_in(made()[key]) == {"${task-group.id}", "${function-group.id}"}


def test_tasks_still_reach_secrets_once_their_names_lead_to_endpoints() -> None:
    """In the network an endpoint's private name hides the public one: who is not let in would no longer start."""
    assert let_in(made()["endpoint-group"]) == {"${task-group.id}", "${function-group.id}"}


def test_with_nat_the_worker_needs_no_endpoints() -> None:
    assert not [key for key in made(nat=True) if key.startswith("endpoint-")]


def test_tasks_find_the_queue_and_may_write_into_it() -> None:
    found = made()
    assert found["task"].props.dump()["environment"]["QUEUE_URL"] == "${jobs.url}"  # type: ignore[index,call-overload]
    assert "sqs:SendMessage" in str(found["task-policy"].props.dump())


@pytest.mark.parametrize("key", ["jobs", "worker", "endpoint-group", "function-group"])
def test_without_a_worker_there_is_none_of_it(key: str) -> None:
    assert key not in made(worker=False)
