"""The door: addresses are those of people, passwords are not tried without end, queues are for platform admins."""

from __future__ import annotations

import json

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import Settings

from environments.models import AuditLine

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk() -> User:
    """Staff without any permission."""
    return User.objects.create_user("clerk", password="clerk", is_staff=True)


@pytest.mark.parametrize("page", ["dashboard/", "dashboard/queues/0/", "dashboard/stats.json/"])
def test_queues_are_for_platform_admins(client: Client, clerk: User, page: str) -> None:
    client.force_login(clerk)

    assert client.get(f"/admin/django_rq/{page}").status_code == 403


def test_platform_admins_see_the_queues(client: Client) -> None:
    client.force_login(User.objects.create_superuser("root"))

    assert client.get("/admin/django_rq/dashboard/").status_code == 200


def test_the_administration_signs_in_where_everybody_does(client: Client, clerk: User) -> None:
    answer = client.post("/admin/login/", {"username": "clerk", "password": "clerk"})

    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/")
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize(
    ("proxies", "told", "address"),
    [
        (0, "203.0.113.9", "127.0.0.1"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "198.51.100.7, 203.0.113.9", "203.0.113.9"),
        (2, "203.0.113.9, 10.0.0.1", "203.0.113.9"),
        (2, "203.0.113.9", "127.0.0.1"),
        (1, "<script>", "127.0.0.1"),
    ],
)
def test_an_audit_line_names_the_address_that_trusted_proxies_tell(
    client: Client, clerk: User, settings: Settings, proxies: int, told: str, address: str
) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = proxies
    client.force_login(clerk)

    client.post("/tokens/", {"name": "ci", "scopes": ["read"], "days": 7}, headers={"X-Forwarded-For": told})

    assert AuditLine.objects.get().address == address


def test_an_address_of_mail_is_changed_only_by_who_has_just_given_the_password(
    client: Client, clerk: User
) -> None:
    client.force_login(clerk)

    answer = client.post("/accounts/email/", {"action_add": "", "email": "other@example.org"})

    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/reauthenticate/")
    clerk.refresh_from_db()
    assert clerk.email == ""
    assert json.dumps(list(clerk.emailaddress_set.values_list("email", flat=True))) == "[]"  # type: ignore[attr-defined]
