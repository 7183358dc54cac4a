"""How many questions each list asks the database: always the same, however many rows it has."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from environments.choices import Notice, Role, Scope
from environments.models import LogLine, Notification, UsualDuration
from environments.services.proposals import Wish
from environments.services.requests import approve, create_request
from environments.services.tokens import create_token
from environments.tests.conftest import acting, record
from environments.tests.factories import AccountFactory, ApplicationFactory, MembershipFactory, TeamFactory

# Two are for session and person, two for the marks of inbox and bell, one for the menu of teams.
FRAME = 5
LISTS = {
    "/": FRAME + 3,
    "/catalogue/": FRAME,
    "/catalogue/prices/": FRAME,
    "/environments/": FRAME + 1,
    "/environments/?all=1": FRAME + 1,
    "/inbox/": FRAME + 3,
    "/operations/": FRAME + 1,
    "/notifications/": FRAME + 2,
    "/teams/": FRAME + 1,
    "/tokens/": FRAME + 1,
}
REGISTERS = sorted(
    model._meta.model_name or "" for model in admin.site._registry if model._meta.app_label == "environments"
)


@pytest.fixture
def ada_at(client: Client, ada: User) -> Client:
    client.force_login(ada)
    return client


def one_more_of_everything(ada: User) -> None:
    """A team with people, application, account; one request that waits, one that is being carried out."""
    team = TeamFactory.create()
    developer = MembershipFactory.create(team=team, role=Role.DEVELOPER).user
    approver = MembershipFactory.create(team=team, role=Role.APPROVER).user
    account = AccountFactory.create(teams=[team])
    wish = Wish(
        application=ApplicationFactory.create(team=team),
        name="first",
        architecture="containers",
        phase="production",
        region="us-east-1",
        account=account,
        options={},
        usage={},
    )
    approved = create_request(wish=wish, note="", by=acting(developer))
    approve(request=approved, seen=approved.hash, by=acting(approver))
    operation = approved.operations.get()
    create_request(wish=replace(wish, name="second"), note="", by=acting(developer))
    create_request(wish=replace(wish, name="third"), note="", by=acting(ada))
    record(approved.environment, approved.plan.changes[0])
    LogLine.objects.create(operation=operation, step="vpc", text="made", at=timezone.now())
    UsualDuration.objects.get_or_create(account=account, kind="ec2.vpc", verb="create", seconds=1)
    Notification.objects.create(user=ada, key=Notice.OPERATION_SUCCEEDED, operation=operation)
    create_token(user=ada, name=f"ci-{team.slug}", scopes=[Scope.READ], by=acting(ada))


def questions_of(browser: Client, path: str) -> list[str]:
    with CaptureQueriesContext(connection) as asked:
        assert browser.get(path).status_code == 200
    return [query["sql"] for query in asked.captured_queries]


@pytest.mark.parametrize(("path", "number"), LISTS.items())
def test_a_list_asks_a_fixed_number_of_questions(ada_at: Client, ada: User, path: str, number: int) -> None:
    for _ in range(3):
        one_more_of_everything(ada)

    asked = questions_of(ada_at, path)

    assert len(asked) == number, "\n".join(asked)


@pytest.mark.parametrize("name", REGISTERS)
def test_a_list_of_the_administration_asks_no_more_for_more_rows(
    ada_at: Client, ada: User, name: str
) -> None:
    path = reverse(f"admin:environments_{name}_changelist")
    one_more_of_everything(ada)
    few = questions_of(ada_at, path)
    for _ in range(3):
        one_more_of_everything(ada)

    many = questions_of(ada_at, path)

    assert len(many) == len(few), "\n".join(many)
