"""Why options cannot be as given, in words for the person at the form or the script."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ValidationError

from provisioning.choices import Refused, mark_of
from provisioning.errors import InvalidSpec, brief
from provisioning.references import JsonValue

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo
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
    "string_pattern_mismatch": "Write it like {example}.",
}


@dataclass(frozen=True)
class Conflict:
    """Options that do not go together: the one to change, those it does not go with, and why."""

    option: str
    others: tuple[str, ...] = ()
    _: KW_ONLY
    reason: str


class Unfit(ValueError):
    """What a model raises for its conflicts."""

    def __init__(self, conflicts: tuple[Conflict, ...]) -> None:
        super().__init__("; ".join(f"{one.option}: {one.reason}" for one in conflicts))
        self.conflicts = conflicts


def refusal(error: ValidationError, options: type[BaseModel]) -> InvalidSpec:
    """The first thing that pydantic found, with its field and what would be right."""
    first = error.errors()[0]
    if first["loc"]:
        return _refused(first, options)
    return _told(next(_conflicts(first)), options)


def objections(
    options: type[BaseModel], raw: Mapping[str, JsonValue], unread: Iterable[str] = ()
) -> list[InvalidSpec]:
    """Everything that stands against these values, field by field, and then what does not go together.

    `unread`: those whose value was not even of the right sort. They count as not given, and nothing is said of how
    others go with them.
    """
    refused = [_refused(error, options) for error in _errors(options, raw) if error["loc"]]
    doubtful = {*unread, *(one.field for one in refused)}
    sound = {name: value for name, value in raw.items() if name not in doubtful}
    conflicts = [one for error in _errors(options, sound) for one in _conflicts(error)]
    kept = [one for one in conflicts if doubtful.isdisjoint((one.option, *one.others))]
    return [*refused, *(_told(one, options) for one in kept)]


def _errors(options: type[BaseModel], raw: Mapping[str, JsonValue]) -> list[ErrorDetails]:
    try:
        options.model_validate(dict(raw))
    except ValidationError as error:
        return error.errors()
    return []


def _refused(error: ErrorDetails, options: type[BaseModel]) -> InvalidSpec:
    """One field that cannot be as it is."""
    name = str(error["loc"][0])
    if error["type"] == "extra_forbidden":
        return _unknown(name, options.model_fields)
    field = options.model_fields[name]
    title = field.title or field.description
    return InvalidSpec(
        f"{title} cannot be {_shown(error['input'])}.",
        code="option.invalid",
        hint=_hint(error, field),
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


def _conflicts(error: ErrorDetails) -> Iterator[Conflict]:
    """What a model says against its fields together; a plain ValueError names first the one to change:
    "max_tasks: the most tasks …"."""
    cause = error.get("ctx", {}).get("error")
    if isinstance(cause, Unfit):
        yield from cause.conflicts
        return
    text = error["msg"].removeprefix("Value error, ")
    name, colon, reason = text.partition(": ")
    yield Conflict(name, reason=reason) if colon else Conflict("", reason=text)


def _told(conflict: Conflict, options: type[BaseModel]) -> InvalidSpec:
    field = options.model_fields.get(conflict.option)
    if field is None:
        return InvalidSpec(conflict.reason, code="option.invalid", hint="")
    return InvalidSpec(
        f"{field.title}: {conflict.reason}", code="option.invalid", hint="", field=conflict.option
    )


def _hint(error: ErrorDetails, field: FieldInfo) -> str:
    refused = mark_of(field, Refused)
    if refused and str(error["input"]) in refused.words:
        return refused.words[str(error["input"])]
    details: Mapping[str, Any] = error.get("ctx", {})
    wanted = _WANTED.get(error["type"])
    if wanted is None or (error["type"] == "string_pattern_mismatch" and not field.examples):
        return field.description or "Correct the value and try again."
    expected = str(details.get("expected", "")).replace("'", "").replace(" or ", ", ")
    example = field.examples[0] if field.examples else ""
    return wanted.format(**{**details, "expected": expected, "example": example})


def _shown(value: JsonValue) -> str:
    return f'"{brief(value)}"' if isinstance(value, str) else brief(value)
