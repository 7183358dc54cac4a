"""Requests that carry a person without touching the database."""

import copy
from collections.abc import Callable

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.test import RequestFactory
from pytest_django import Settings

AskAs = Callable[..., HttpRequest]


@pytest.fixture(autouse=True)
def _frame_without_counts(settings: Settings) -> None:
    """The count of the inbox comes from the database, which these tests do without."""
    templates = copy.deepcopy(settings.TEMPLATES)
    templates[0]["OPTIONS"]["context_processors"].remove("environments.context.inbox")
    settings.TEMPLATES = templates


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
