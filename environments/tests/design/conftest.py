"""Requests that carry a person without touching the database."""

from collections.abc import Callable

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.test import RequestFactory

AskAs = Callable[..., HttpRequest]


@pytest.fixture
def ask() -> AskAs:
    """A GET request by alice (`user="alice"`), by a staff member (`staff=True`), or by nobody."""

    def request(path: str = "/", *, user: str = "", staff: bool = False) -> HttpRequest:
        made = RequestFactory().get(path)
        made.user = (
            get_user_model()(username=user or "admin", is_staff=staff) if user or staff else AnonymousUser()
        )
        return made

    return request
