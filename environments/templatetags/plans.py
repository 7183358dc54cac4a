"""Filters for plans: what moves, what stays, and of a long value only the part that differs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django import template

from provisioning.plan import Action, Change, Difference

register = template.Library()


@register.filter
def moving(changes: Iterable[Change]) -> list[Change]:
    """Those that something happens to."""
    return [one for one in changes if one.action is not Action.NOOP]


@register.filter
def staying(changes: Iterable[Change]) -> list[Change]:
    """Those that nothing happens to."""
    return [one for one in changes if one.action is Action.NOOP]


@register.filter
def by_part(differences: Iterable[Difference]) -> Iterator[Difference]:
    """Where both values are lists of named things, a difference for each name whose value differs."""
    for one in differences:
        if isinstance(one.before, dict) and isinstance(one.after, dict):
            names = sorted({*one.before, *one.after})
            yield from (
                Difference(
                    property=f"{one.property}.{name}",
                    before=one.before.get(name),
                    after=one.after.get(name),
                    outage=one.outage,
                )
                for name in names
                if one.before.get(name) != one.after.get(name)
            )
        else:
            yield one
