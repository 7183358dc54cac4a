"""Lists that AWS gives in pages: which parameter asks for the next one, and where an answer names it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

# Calls in pages of which botocore does not know that they are.
_MARKERS = {"wafv2.list_web_acls": "NextMarker"}

Names = tuple[list[str], list[str]]
"""Parameters that ask for the next page, and where each is found in an answer."""


def names_of(client: Any, call: str) -> Names | None:
    """How the call ("rds.describe_db_instances") names its pages; None where it has one only."""
    method = call.partition(".")[2]
    if client.can_paginate(method):
        tokens = client.get_paginator(method)._pagination_cfg  # the only place that names the tokens
        return _as_list(tokens["input_token"]), _as_list(tokens["output_token"])
    marker = _MARKERS.get(call)
    return ([marker], [marker]) if marker else None


def elements(
    ask: Callable[..., Any], names: Names | None, items: str, params: Mapping[str, Any]
) -> Iterator[Any]:
    """The elements of all pages, found at `items` in an answer ("DistributionList.Items" is a list further in)."""
    if names is None:
        yield from ask(**params)[items]
        return
    asked = dict(params)
    while True:
        answer = ask(**asked)
        yield from _within(answer, items) or ()
        tokens = {into: _within(answer, out) for into, out in zip(*names, strict=True)}
        following = {into: token for into, token in tokens.items() if token}
        if not following:
            return
        asked.update(following)


def _within(answer: Any, path: str) -> Any:
    """None where there is nothing: CloudFront leaves out a list that is empty."""
    for name in path.split("."):
        answer = (answer or {}).get(name)
    return answer


def _as_list(value: str | list[str]) -> list[str]:
    return value if isinstance(value, list) else [value]
