"""An option that cannot be is refused in words: which one, what was given, what would be right."""

from __future__ import annotations

import pytest

from provisioning.blueprints import blueprint_for
from provisioning.errors import InvalidSpec
from provisioning.references import JsonValue


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
            "Choose one of: cache.t4g.micro, cache.t3.micro, cache.t4g.small, cache.t3.small.",
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
    assert error.message == "Most tasks: the most tasks cannot be fewer than the fewest."
