"""Why options cannot be as given, in words for the person at the form or the script."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ValidationError

from provisioning.errors import InvalidSpec, brief
from provisioning.references import JsonValue

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

# pydantic's types of errors: https://docs.pydantic.dev/latest/errors/validation_errors/
_WANTED = {
    "literal_error": "Choose one of: {expected}.",
    "greater_than": "Give more than {gt}.",
    "greater_than_equal": "Give {ge} or more.",
    "less_than_equal": "Give {le} or less.",
    "bool_type": "Give true or false.",
    "bool_parsing": "Give true or false.",
    "decimal_type": "Give a number.",
    "decimal_parsing": "Give a number.",
    "int_type": "Give a whole number.",
    "int_parsing": "Give a whole number.",
    "int_from_float": "Give a whole number.",
    "string_type": "Give a text.",
    "string_too_long": "Give at most {max_length} characters.",
}


def refusal(error: ValidationError, options: type[BaseModel]) -> InvalidSpec:
    """The first thing that pydantic found, with its field and what would be right."""
    first = error.errors()[0]
    if first["type"] == "extra_forbidden":
        return _unknown(str(first["loc"][0]), options.model_fields)
    if not first["loc"]:
        return _rule(first["msg"].removeprefix("Value error, "), options)
    name = str(first["loc"][0])
    field = options.model_fields[name]
    title = field.title or field.description
    return InvalidSpec(
        f"{title} cannot be {_shown(first['input'])}.",
        code="option.invalid",
        hint=_hint(first, field.description or ""),
        field=name,
    )


def _unknown(name: str, known: Iterable[str]) -> InvalidSpec:
    name = brief(name)
    return InvalidSpec(
        f"There is no option called {name}.",
        code="option.unknown",
        hint=f"Known options: {', '.join(known)}.",
        field=name,
    )


def _rule(message: str, options: type[BaseModel]) -> InvalidSpec:
    """A rule over several options, whose text names first the one to change: "max_tasks: the most tasks …"."""
    name, _, text = message.partition(": ")
    if name not in options.model_fields:
        return InvalidSpec(message, code="option.invalid")
    field = options.model_fields[name]
    return InvalidSpec(f"{field.title}: {text}", code="option.invalid", field=name)


def _hint(error: ErrorDetails, description: str) -> str:
    details: Mapping[str, Any] = error.get("ctx", {})
    wanted = _WANTED.get(error["type"])
    if wanted is None:
        return description or "Correct the value and try again."
    expected = str(details.get("expected", "")).replace("'", "").replace(" or ", ", ")
    return wanted.format(**{**details, "expected": expected})


def _shown(value: JsonValue) -> str:
    return f'"{brief(value)}"' if isinstance(value, str) else brief(value)
