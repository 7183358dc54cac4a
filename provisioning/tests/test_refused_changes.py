"""A change that AWS would refuse is told at the option that a person gave; where there is none, that is said."""

from __future__ import annotations

import pytest

import provisioning.kinds  # noqa: F401  # registers every kind
from provisioning.blueprints import blueprint_for
from provisioning.errors import InvalidSpec
from provisioning.plan import Plan
from provisioning.references import JsonValue
from provisioning.resource import Recorded, Standing
from provisioning.spec import Spec
from provisioning.tests.cloud import SPEC

BLUEPRINT = blueprint_for("containers", "production")


def asking(**options: JsonValue) -> Spec:
    return SPEC.model_copy(update={"options": BLUEPRINT.parse(options).model_dump(mode="json")})


def standing(plan: Plan, **cache: JsonValue) -> list[Recorded]:
    """All of a plan, made; its cache with other properties."""
    return [
        Recorded(
            key=change.key,
            kind=change.kind,
            name=change.name,
            props={**change.props, **(cache if change.key == "cache" else {})},
            after=change.after,
            id=f"id-of-{change.key}",
            attributes={"id": f"id-of-{change.key}", "name": change.name},
            standing=Standing.MADE,
        )
        for change in plan.changes
    ]


def refused(before: Spec, after: Spec, **cache: JsonValue) -> InvalidSpec:
    made = standing(BLUEPRINT.plan(before), **cache)
    with pytest.raises(InvalidSpec) as raised:
        BLUEPRINT.plan(after, made)
    return raised.value


@pytest.mark.parametrize(
    ("before", "after", "option", "said"),
    [
        ({"database_storage": 100}, {"database_storage": 50}, "database_storage", "can't shrink"),
        ({"database_storage": 100}, {"database_storage": 105}, "database_storage", "10 %"),
    ],
)
def test_what_follows_from_an_option_is_told_at_that_option(
    before: dict[str, JsonValue], after: dict[str, JsonValue], option: str, said: str
) -> None:
    error = refused(asking(**before), asking(**after))

    assert error.field == option
    assert error.code == "spec.change_refused"
    assert said in error.message
    assert error.hint


def test_what_follows_from_no_option_says_so() -> None:
    """A cache that became Valkey by hand."""
    valkey = {"engine": "valkey", "engine_version": "8.0", "parameter_group_name": "default.valkey8"}

    error = refused(asking(), asking(), **valkey)

    assert (error.code, error.field) == ("spec.change_refused", None)
    assert "no option" in (error.hint or "")


def test_a_plan_without_refusals_is_the_plain_one() -> None:
    made = standing(BLUEPRINT.plan(asking()))

    plan = BLUEPRINT.plan(asking(database_storage=100), made)

    assert [change.key for change in plan.changes if change.differences] == ["database", "alarm-storage"]
