"""References: how a property of one resource names a value that only exists once another one is made.

A reference is a plain string, `${vpc.id}`, and may stand inside a longer one
(`postgresql://app@${database.address}:5432/app`). It is resolved from recorded attributes just before the call.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping

from pydantic import JsonValue as JsonValue  # every module takes it from here

JsonObject = dict[str, JsonValue]
Attributes = Mapping[str, Mapping[str, str]]  # resource key -> attribute -> value

_REFERENCE = re.compile(r"\$\{([a-z0-9][a-z0-9-]*)\.([a-z0-9_]+)\}")


def ref(key: str, attribute: str = "id") -> str:
    """The reference to an attribute of the resource `key`."""
    return f"${{{key}.{attribute}}}"


def references(value: JsonValue) -> Iterator[tuple[str, str]]:
    """Every (resource key, attribute) that a value mentions."""
    if isinstance(value, str):
        for match in _REFERENCE.finditer(value):
            yield match[1], match[2]
    elif isinstance(value, list):
        for item in value:
            yield from references(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from references(item)


def pieces(text: str) -> Iterator[str | tuple[str, str]]:
    """A text taken apart: what stands there, and each (resource key, attribute) that it mentions, in turn."""
    end = 0
    for match in _REFERENCE.finditer(text):
        if match.start() > end:
            yield text[end : match.start()]
        yield match[1], match[2]
        end = match.end()
    if end < len(text):
        yield text[end:]


def resolve(value: JsonValue, attributes: Attributes) -> JsonValue:
    """The value with every known reference replaced; unknown ones stay as they are."""

    def replace(match: re.Match[str]) -> str:
        return attributes.get(match[1], {}).get(match[2], match[0])

    return _map_strings(value, lambda text: _REFERENCE.sub(replace, text))


def is_resolved(value: JsonValue) -> bool:
    """Whether no reference is left."""
    return next(references(value), None) is None


def _map_strings(value: JsonValue, change: Callable[[str], str]) -> JsonValue:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list):
        return [_map_strings(item, change) for item in value]
    if isinstance(value, dict):
        return {key: _map_strings(item, change) for key, item in value.items()}
    return value
