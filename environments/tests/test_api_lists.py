"""The lists of the API: newest first, a page at a time, at a cost that does not grow, and nobody else's rows."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from environments.api import paging
from environments.models import Environment, Operation, Request
from environments.tests.test_api import call, key

LISTS: dict[str, Any] = {"environments": Environment, "operations": Operation, "requests": Request}


def more_of(row: Any, number: int) -> None:
    """Copies of a row, as a year of work leaves them."""
    for at in range(number):
        row.pk, row._state.adding = None, True
        if isinstance(row, Environment):
            row.identity = uuid4()
            row.slug, row.name = f"{row.slug[:20]}-{at}", f"copy-{at}"
        row.save()


@pytest.mark.parametrize("name", LISTS)
def test_a_list_costs_the_same_however_many_rows_it_has(name: str, ready: Environment, alice: User) -> None:
    token = key(alice)

    def queries() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert call(token, "GET", name).status_code == 200
        return len(captured)

    call(token, "GET", name)  # the first use of a token is written down
    before = queries()
    more_of(LISTS[name].objects.get(), 10)

    assert queries() == before <= 4


@pytest.mark.parametrize("name", LISTS)
def test_a_long_list_is_told_in_pages_without_a_gap_or_a_repetition(
    name: str, ready: Environment, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paging, "PAGE", 2)
    more_of(LISTS[name].objects.get(), 4)
    token, told, cursor = key(alice), [], ""
    while True:
        page = call(token, "GET", f"{name}{cursor}").json()
        told += [one.get("id", one.get("slug")) for one in page["items"]]
        if page["next"] is None:
            break
        cursor = f"?cursor={page['next']}"

    assert len(told) == len(set(told)) == 5


@pytest.mark.parametrize("name", LISTS)
def test_another_teams_rows_are_not_in_it(name: str, ready: Environment, mallory: User) -> None:
    assert call(key(mallory), "GET", name).json() == {"items": [], "next": None}
