"""Addresses hold text that the database can hold: what cannot be there is refused before anybody asks for it."""

from collections.abc import Callable

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponseBase

_NUL = "\0"  # PostgreSQL keeps no such character; forms refuse it themselves, at the field


class PlainTextMiddleware:
    """400 for a NUL in the path or the query."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Raises BadRequest."""
        asked = [request.path, *(text for _name, texts in request.GET.lists() for text in texts)]
        if any(_NUL in text for text in asked):
            raise BadRequest("A NUL in the address")
        return self._get_response(request)
