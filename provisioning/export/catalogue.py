"""The catalogue as a Markdown document: what can be had, of what it consists, what it costs, what may be chosen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo

from provisioning.blueprints.blueprint import Blueprint
from provisioning.blueprints.comparison import Compared, comparison, spec_of_defaults
from provisioning.choices import Follows, Unit, mark_of
from provisioning.kind import all_kinds
from provisioning.pricing import cents

HEAD = """# Catalogue

What Andamio makes, by architecture and phase. Written from the code by `manage.py write_catalogue`; a test sees that it
is the newest. Prices are those of the defaults in us-east-1, for a month of 730 hours and the usage of the phase,
before tax.
"""


def catalogue_document() -> str:
    """The whole document, ending in one newline."""
    compared = comparison()
    parts = [HEAD, *_prices(compared)]
    for architecture, group in groupby(compared, key=lambda one: one.blueprint.architecture):
        parts.extend(_architecture(architecture, [one.blueprint for one in group]))
    parts.extend(_kinds())
    return "\n".join(parts).rstrip("\n") + "\n"


def _prices(compared: Iterable[Compared]) -> Iterator[str]:
    yield "## Prices\n"
    yield "| Architecture | Phase | Floor | Expected | Ceiling | Range of the phase | |"
    yield "|---|---|---|---|---|---|---|"
    for one in compared:
        amounts = (one.estimate.floor, one.estimate.expected, one.estimate.ceiling)
        shown = " | ".join(f"${cents(amount)}" for amount in amounts)
        yield (
            f"| {one.blueprint.architecture} | {one.blueprint.phase} | {shown} "
            f"| ${one.range.low} to ${one.range.high} | {one.place} |"
        )
    yield ""


def _architecture(architecture: str, blueprints: list[Blueprint[Any]]) -> Iterator[str]:
    yield f"## {architecture}\n"
    for blueprint in blueprints:
        yield f"- **{blueprint.phase}**: {blueprint.title}. {blueprint.summary}"
    yield "\n### Options\n"
    yield f"| Option | | {' | '.join(one.phase for one in blueprints)} | Values |"
    yield f"|---|---|{'---|' * len(blueprints)}---|"
    for name in blueprints[0].options.model_fields:
        yield _option(name, [one.options.model_fields[name] for one in blueprints])
    yield "\n### Resources\n"
    yield f"| Key | Kind | {' | '.join(one.phase for one in blueprints)} |"
    yield f"|---|---|{'---|' * len(blueprints)}"
    yield from _resources(blueprints)
    yield ""


def _option(name: str, fields: list[FieldInfo]) -> str:
    info = fields[0]
    text = f"{info.title}. {info.description or ''}".strip()
    defaults = " | ".join(_said(one, one.default) for one in fields)
    return f"| `{name}` | {text} | {defaults} | {_values(info)} |"


def _said(info: FieldInfo, value: object) -> str:
    unit = mark_of(info, Unit)
    if unit is not None and isinstance(value, int):
        return unit.said(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"`{value}`" if value != "" else ""


def _values(info: FieldInfo) -> str:
    follows = mark_of(info, Follows)
    if follows is not None:
        return f"follows `{follows.option}`"
    if get_origin(info.annotation) is Literal:
        return ", ".join(_said(info, value) for value in get_args(info.annotation))
    limits = {type(rule).__name__: rule for rule in info.metadata}
    low, high = (getattr(limits.get(name), name.lower(), None) for name in ("Ge", "Le"))
    return f"{low} to {high}" if low is not None and high is not None else ""


def _resources(blueprints: list[Blueprint[Any]]) -> Iterator[str]:
    made = [{one.key: one for one in each.resources(spec_of_defaults(each))} for each in blueprints]
    for key in dict.fromkeys(key for each in made for key in each):
        resource = next(each[key] for each in made if key in each)
        marks = " | ".join("yes" if key in each else "" for each in made)
        yield f"| `{key}` | {resource.title or resource.kind.title} (`{resource.kind.name}`) | {marks} |"


def _kinds() -> Iterator[str]:
    yield "## Kinds\n"
    yield "Everything that a blueprint can be made of.\n"
    ours = (
        one for one in all_kinds() if type(one).__module__.startswith("provisioning.kinds.")
    )  # not of tests
    for kind in sorted(ours, key=lambda one: one.name):
        yield f"- `{kind.name}`: {kind.title}"
