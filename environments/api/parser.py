"""Bodies of calls: JSON of text that the database can hold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja.parser import Parser

from environments.errors import InvalidInput

DEEPEST = 16  # no call takes half of it


class PlainTextParser(Parser):
    """Refuses a NUL and halves of surrogate pairs: JSON can write them, PostgreSQL and UTF-8 cannot. And what is nested
    for no other purpose than to be."""

    def parse_body(self, request: HttpRequest) -> Any:
        """What the body says. Raises InvalidInput; and ValueError, which ninja tells as 400."""
        try:
            body: Any = super().parse_body(request)
        except RecursionError:
            raise _too_deep() from None
        for text in _texts(body, DEEPEST):
            text.encode()
            if "\0" in text:
                raise ValueError("A NUL in the body")
        return body


def _texts(value: Any, levels: int) -> Iterator[str]:
    if levels < 0:
        raise _too_deep()
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, item in value.items():
            yield name
            yield from _texts(item, levels - 1)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item, levels - 1)


def _too_deep() -> InvalidInput:
    return InvalidInput(
        _("The body is nested more than %(levels)s levels deep.") % {"levels": DEEPEST},
        hint=_("The description of this call in the API's documentation lists what each field takes."),
    )
