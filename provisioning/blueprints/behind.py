"""Which option a property of a resource follows from: found by turning each option and looking what moves."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Literal, get_args, get_origin

from annotated_types import Ge, Le
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from provisioning.errors import InvalidSpec
from provisioning.references import JsonValue
from provisioning.resource import Resource

Build = Callable[[dict[str, JsonValue]], Iterable[Resource]]


def option_behind(
    options: type[BaseModel], chosen: Mapping[str, JsonValue], build: Build, *, key: str, prop: str
) -> str | None:
    """The first option with which this property of the resource `key` changes; None where it follows from none."""
    now = _property(build, dict(chosen), key, prop)
    for name, info in options.model_fields.items():
        for other in _others(info, chosen.get(name)):
            try:
                turned = _property(build, {**chosen, name: other}, key, prop)
            except InvalidSpec:  # it goes with another option, which is turned as well
                continue
            if turned not in (now, None):
                return name
    return None


def _property(build: Build, chosen: dict[str, JsonValue], key: str, prop: str) -> JsonValue:
    found = (one.props.dump().get(prop) for one in build(chosen) if one.key == key)
    return next(found, None)


def _others(info: FieldInfo, now: JsonValue) -> Iterator[JsonValue]:
    """Other values that it could have; of a text none is known."""
    if get_origin(info.annotation) is Literal:
        yield from (value for value in get_args(info.annotation) if value != now)
    elif info.annotation is bool:
        yield not now
    elif info.annotation is int:
        yield from (bound for bound in _bounds(info) if bound != now)


def _bounds(info: FieldInfo) -> Iterator[int]:
    for mark in info.metadata:
        if isinstance(mark, Ge):
            yield int(str(mark.ge))
        elif isinstance(mark, Le):
            yield int(str(mark.le))
