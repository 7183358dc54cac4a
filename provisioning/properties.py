"""Properties that several kinds have alike: strings whose order means nothing, and values still to be resolved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import AfterValidator

from provisioning.references import JsonValue


def _in_order(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(sorted(set(values)))


Unordered = Annotated[tuple[str, ...], AfterValidator(_in_order)]
"""Strings whose order means nothing to AWS, which gives them back in any: kept sorted and single."""


def has_reference(value: str) -> bool:
    """Whether a value is not yet what AWS will get, so that its form can't be checked."""
    return "${" in value


def without_reordered(
    found: Mapping[str, tuple[JsonValue, JsonValue]],
) -> dict[str, tuple[JsonValue, JsonValue]]:
    """Differences less the lists that only stand in another order (references sort unlike the ids they become)."""
    return {name: pair for name, pair in found.items() if not _same_members(*pair)}


def _same_members(now: object, wanted: object) -> bool:
    return isinstance(now, list) and isinstance(wanted, list) and set(map(str, now)) == set(map(str, wanted))
