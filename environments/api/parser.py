"""Bodies of calls: JSON of text that the database can hold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest
from ninja.parser import Parser


class PlainTextParser(Parser):
    """Refuses a NUL and halves of surrogate pairs: JSON can write them, PostgreSQL and UTF-8 cannot."""

    def parse_body(self, request: HttpRequest) -> Any:
        """What the body says. Raises ValueError, which ninja tells as 400."""
        body: Any = super().parse_body(request)
        for text in _texts(body):
            text.encode()
            if "\0" in text:
                raise ValueError("A NUL in the body")
        return body


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, item in value.items():
            yield name
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
