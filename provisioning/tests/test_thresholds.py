"""From where on alarms go off: the source's thresholds unless somebody chose others, within limits."""

from __future__ import annotations

import pytest

import provisioning.kinds  # noqa: F401  # registers every kind
from provisioning.blueprints import all_blueprints, blueprint_for
from provisioning.blueprints.comparison import spec_of_defaults
from provisioning.errors import InvalidSpec
from provisioning.kinds.cloudwatch_alarm import AlarmProps
from provisioning.references import JsonValue
from provisioning.resource import Resource

CHOSEN: dict[str, JsonValue] = {
    "alarm_cpu": 61,
    "alarm_connections": 62,
    "alarm_response_ms": 1500,
    "alarm_errors": 7,
    "alarm_storage": 23,
    "alarm_memory": 66,
}


def _alarms(architecture: str, phase: str, options: dict[str, JsonValue]) -> dict[str, Resource]:
    blueprint = blueprint_for(architecture, phase)
    known = {name: value for name, value in options.items() if name in blueprint.options.model_fields}
    spec = spec_of_defaults(blueprint).model_copy(update={"options": known})
    return {one.key: one for one in blueprint.resources(spec) if isinstance(one.props, AlarmProps)}


def _threshold(resource: Resource) -> float:
    assert isinstance(resource.props, AlarmProps)
    return resource.props.threshold


def test_without_a_choice_they_are_the_sources() -> None:
    made = _alarms("containers", "production", {})

    assert {key: _threshold(made[key]) for key in ("alarm-cpu", "alarm-memory", "alarm-database-cpu")} == {
        "alarm-cpu": 80,
        "alarm-memory": 85,
        "alarm-database-cpu": 80,
    }
    assert _threshold(made["alarm-response-time"]) == 2
    assert _threshold(made["alarm-errors"]) == 5
    assert _threshold(made["alarm-storage"]) == 5 * 1024**3  # of 50 GiB
    assert _threshold(made["alarm-connections"]) == 148  # of 185 that are certain


def test_titles_tell_the_threshold_that_was_chosen() -> None:
    made = _alarms("containers", "production", CHOSEN)

    assert made["alarm-cpu"].title == "Alarm: CPU above 61 %"
    assert made["alarm-memory"].title == "Alarm: memory above 66 %"
    assert made["alarm-response-time"].title == "Alarm: answers take over 1.5 s"
    assert made["alarm-errors"].title == "Alarm: over 7 % errors"
    assert made["alarm-storage"].title == "Alarm: less than 23 % of the database's storage free"


@pytest.mark.parametrize("blueprint", all_blueprints(), ids=lambda one: f"{one.architecture}-{one.phase}")
def test_each_threshold_that_can_be_chosen_moves_an_alarm(blueprint: object) -> None:
    architecture, phase = blueprint.architecture, blueprint.phase  # type: ignore[attr-defined]
    offered = blueprint_for(architecture, phase).options.model_fields
    usual = _alarms(architecture, phase, {})
    # A single server has nothing before it that measures answers.
    unmeasured = {"alarm_response_ms", "alarm_errors"} if "alarm-errors" not in usual else set()

    for name, value in CHOSEN.items():
        moved = _alarms(architecture, phase, {name: value})
        changed = {key for key in usual if _threshold(usual[key]) != _threshold(moved[key])}
        assert bool(changed) == (name in offered and name not in unmeasured), name


@pytest.mark.parametrize("options", [{"alarm_cpu": 100}, {"alarm_response_ms": 10}, {"alarm_errors": 0}])
def test_there_are_limits(options: dict[str, JsonValue]) -> None:
    with pytest.raises(InvalidSpec) as raised:
        blueprint_for("containers", "production").parse(options)

    assert raised.value.field == next(iter(options))
