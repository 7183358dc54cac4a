"""One page of a long list, the same for all calls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from ninja import Schema

PAGE = 50
M = TypeVar("M", bound=Model)


def page_of(found: QuerySet[M], cursor: int | None, tell: Callable[[M], Schema]) -> dict[str, Any]:
    """`items`, newest first, and `next`: the cursor of the following page, null on the last. No page is counted off,
    so that the thousandth costs as much as the first."""
    if cursor is not None:
        found = found.filter(pk__lt=cursor)
    rows = list(found.order_by("-pk")[: PAGE + 1])
    items = [tell(one).model_dump(mode="json") for one in rows[:PAGE]]
    return {"items": items, "next": rows[PAGE - 1].pk if len(rows) > PAGE else None}
