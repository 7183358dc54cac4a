"""An option that cannot be is refused in words: which one, what was given, what would be right."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from provisioning.blueprints import all_blueprints, blueprint_for
from provisioning.errors import InvalidSpec
from provisioning.kinds.ecs_task_definition import FARGATE_MEMORY
from provisioning.references import JsonValue, ref


def refused(options: dict[str, JsonValue]) -> InvalidSpec:
    with pytest.raises(InvalidSpec) as raised:
        blueprint_for("containers", "production").parse(options)
    return raised.value


@pytest.mark.parametrize(
    ("options", "message", "hint"),
    [
        ({"min_tasks": 0}, "Fewest tasks cannot be 0.", "Give 1 or more."),
        ({"max_tasks": 1000}, "Most tasks cannot be 1000.", "Give 100 or less."),
        ({"nat": "maybe"}, 'NAT gateway cannot be "maybe".', "Give true or false."),
        ({"backup_days": "a week"}, 'Keep backups cannot be "a week".', "Give a whole number."),
        (
            {"cache_node": "cache.huge"},
            'Cache node cannot be "cache.huge".',
            "Choose one of: none, cache.t4g.micro, cache.t3.micro, cache.t4g.small, cache.t3.small.",
        ),
    ],
)
def test_it_says_what_was_given_and_what_would_be_right(
    options: dict[str, JsonValue], message: str, hint: str
) -> None:
    error = refused(options)

    assert (error.message, error.hint, error.field) == (message, hint, next(iter(options)))


def test_a_text_of_the_wrong_form_gets_the_fields_own_explanation_and_no_pattern() -> None:
    error = refused({"domain": "not a domain"})

    assert error.message == 'Domain cannot be "not a domain".'
    assert error.hint and "^" not in error.hint


def test_an_unknown_option_gets_the_list_of_those_there_are() -> None:
    error = refused({"nope": 1})

    assert (error.code, error.field) == ("option.unknown", "nope")
    assert error.hint and "min_tasks" in error.hint


def test_a_rule_over_several_options_names_the_one_to_change() -> None:
    error = refused({"min_tasks": 5, "max_tasks": 2})

    assert (error.code, error.field) == ("option.invalid", "max_tasks")
    assert error.message == "Most tasks: cannot be fewer than the fewest."


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"task_memory": 4096}, "Memory of a task: with 0.25 vCPU it can be 0.5, 1, 2 GiB."),
        ({"task_memory": 3}, "Memory of a task: with 0.25 vCPU it can be 0.5, 1, 2 GiB."),
        ({"task_cpu": 1024}, "Memory of a task: with 1 vCPU it can be 2, 3, 4, 5, 6, 7, 8 GiB."),
        ({"task_cpu": 4096}, "Memory of a task: with 4 vCPU it can be 8–30 GiB."),
    ],
)
def test_memory_that_does_not_go_with_the_cpu_is_told_what_does(
    options: dict[str, JsonValue], message: str
) -> None:
    error = refused(options)

    assert (error.message, error.field) == (message, "task_memory")


def test_every_pair_that_fargate_has_is_taken() -> None:
    for cpu in (256, 512, 1024, 2048, 4096):
        for memory in FARGATE_MEMORY[cpu]:
            parsed = blueprint_for("containers", "production").parse({"task_cpu": cpu, "task_memory": memory})
            assert (parsed.task_cpu, parsed.task_memory) == (cpu, memory)


def test_all_that_is_wrong_is_told_at_once() -> None:
    blueprint = blueprint_for("containers", "production")

    found = blueprint.objections(
        {"min_tasks": 0, "domain": "not a domain", "backup_days": 90, "task_memory": 4096}
    )

    assert [one.field for one in found] == ["min_tasks", "backup_days", "domain", "task_memory"]


def test_several_rules_over_options_are_told_at_once() -> None:
    found = blueprint_for("containers", "production").objections(
        {"min_tasks": 5, "max_tasks": 2, "domain": "shop.example.org", "task_cpu": 512}
    )

    assert [one.field for one in found] == ["task_memory", "max_tasks", "hosted_zone_id"]


def test_nothing_is_said_of_how_an_option_goes_with_one_that_is_wrong_itself() -> None:
    blueprint = blueprint_for("containers", "production")

    assert [one.field for one in blueprint.objections({"min_tasks": 99, "max_tasks": 1})] == ["min_tasks"]
    assert blueprint.objections({"max_tasks": 1}, unread=["min_tasks"]) == []


def test_options_that_are_right_meet_no_objection() -> None:
    assert blueprint_for("containers", "production").objections({"min_tasks": 3}) == []


def test_no_text_names_what_only_stands_when_another_thing_is_made() -> None:
    takes = [
        f"{name}: {text}"
        for blueprint in all_blueprints()
        for name, info in blueprint.options.model_fields.items()
        for text in _with_a_reference(info.examples or [])
        if name not in {one.field for one in blueprint.objections({name: text})}
    ]

    assert takes == []


def _with_a_reference(examples: Iterable[Any]) -> Iterator[str]:
    """The examples with a reference at their start, in their middle and at their end."""
    for text in examples:
        for place in {0, text.find("/") + 1, text.find("@") + 1, len(text)}:
            yield f"{text[:place]}{ref('vpc')}{text[place:]}"
