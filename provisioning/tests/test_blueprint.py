"""What blueprints have in common: a phase changes defaults, never the rules."""

from __future__ import annotations

from itertools import combinations
from typing import Any, Literal, cast, get_args, get_origin

import pytest
from pydantic import ValidationError

from provisioning.blueprints import all_blueprints
from provisioning.blueprints.blueprint import Blueprint, with_defaults
from provisioning.blueprints.containers import ContainersOptions
from provisioning.pricing import Usage
from provisioning.tests.cloud import SPEC

EVERY = pytest.mark.parametrize(
    "blueprint", all_blueprints(), ids=lambda one: f"{one.architecture}-{one.phase}"
)


@EVERY
def test_its_defaults_are_a_choice_that_it_accepts(blueprint: Blueprint[Any]) -> None:
    chosen = blueprint.parse({})

    assert blueprint.parse(chosen.model_dump(mode="json")) == chosen


@EVERY
def test_every_option_has_a_title_and_says_what_it_is(blueprint: Blueprint[Any]) -> None:
    fields = blueprint.options.model_fields.items()

    assert [name for name, field in fields if not (field.title and field.description)] == []


class Reading:
    """A usage profile that notes which of its figures are read."""

    def __init__(self, usage: Usage) -> None:
        self.usage, self.figures = usage, set[str]()

    def __getattr__(self, name: str) -> object:
        self.figures.add(name)
        return getattr(self.usage, name)


def _various(blueprint: Blueprint[Any]) -> list[dict[str, Any]]:
    """Each value of each choice by itself; every two that bring something; and all texts together with
    each two switches."""
    fields = blueprint.options.model_fields
    texts = {name: field.examples[0] for name, field in fields.items() if field.examples}
    values = {
        name: get_args(field.annotation)
        for name, field in fields.items()
        if get_origin(field.annotation) is Literal
    }
    switches = [{name: on} for name, one in fields.items() if one.annotation is bool for on in (True, False)]
    bringing = [*switches, *({name: of[-1]} for name, of in values.items() if "none" in of), texts]
    return [
        {},
        *bringing,
        *({**one, **other} for one, other in combinations(bringing, 2)),
        *({**texts, **one, **other} for one, other in combinations(switches, 2)),
        *({name: value} for name, of in values.items() for value in of),
    ]


@EVERY
def test_the_figures_it_names_are_those_that_its_price_follows_from(blueprint: Blueprint[Any]) -> None:
    reading = Reading(Usage.of_phase(blueprint.phase))

    for options in _various(blueprint):
        if not blueprint.objections(options):
            spec = SPEC.model_copy(
                update={
                    "architecture": blueprint.architecture,
                    "phase": blueprint.phase,
                    "options": options,
                }
            )
            list(blueprint.cost(spec, cast("Usage", reading)))

    assert set(blueprint.figures) == reading.figures


def test_a_phase_changes_defaults_and_leaves_order_texts_and_rules() -> None:
    mine = with_defaults(ContainersOptions, {"min_tasks": 1, "max_tasks": 1})

    assert (mine().min_tasks, ContainersOptions().min_tasks) == (1, 2)
    assert list(mine.model_fields) == list(ContainersOptions.model_fields)
    assert mine.model_fields["min_tasks"].title == ContainersOptions.model_fields["min_tasks"].title
    for wrong in ({"min_tasks": 0}, {"min_tasks": 3, "max_tasks": 2}):
        with pytest.raises(ValidationError):
            mine.model_validate(wrong)


def test_a_default_of_something_that_cannot_be_chosen_is_refused() -> None:
    with pytest.raises(LookupError, match="colour"):
        with_defaults(ContainersOptions, {"colour": "red"})
