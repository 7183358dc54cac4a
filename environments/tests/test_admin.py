"""The admin: every model can be looked at, what the services write cannot be changed, what is set leaves a line."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import Model
from django.test import Client

from environments.choices import OperationStatus, Role, Scope
from environments.models import (
    Account,
    AuditLine,
    Environment,
    LogLine,
    Membership,
    Notification,
    Operation,
    ReadinessTick,
    Request,
    Rule,
    Team,
    Token,
    UsualDuration,
)
from environments.services.tokens import create_token
from environments.tests.conftest import acting, end

OURS = sorted(
    (model for model in admin.site._registry if model._meta.app_label == "environments"),
    key=lambda model: str(model._meta.model_name),
)


@pytest.fixture
def desk(client: Client, ada: User) -> Client:
    """Ada's browser."""
    client.force_login(ada)
    return client


@pytest.fixture
def something_of_everything(approved: Request, alice: User) -> None:
    """At least one row of each model."""
    operation = approved.operations.get()
    end(operation, OperationStatus.FAILED)
    LogLine.objects.create(operation=operation, at=operation.created_at, step="vpc", text="Creating")
    UsualDuration.objects.create(account=Account.objects.get(), kind="ec2.vpc", verb="create", seconds=1)
    Rule.objects.create(name="two", approvals=2)
    ReadinessTick.objects.create(environment=approved.environment, item="restore", by=alice)
    create_token(user=alice, name="ci", scopes=[Scope.READ], by=acting(alice))


def place(model: type[Model], page: str, *args: object) -> str:
    """Where an admin page is."""
    return "/".join(["/admin/environments", str(model._meta.model_name), *map(str, args), page])


@pytest.mark.parametrize("model", OURS, ids=lambda model: str(model.__name__))
def test_every_model_can_be_listed_searched_and_opened(
    desk: Client, something_of_everything: None, model: type[Model], ready: Environment
) -> None:
    row = model._default_manager.first()

    assert row is not None
    assert desk.get(place(model, "")).status_code == 200
    assert desk.get(place(model, ""), {"q": "shop"}).status_code == 200
    assert desk.get(place(model, "change/", row.pk)).status_code == 200


@pytest.mark.parametrize(
    "model",
    [Environment, Request, Operation, AuditLine, LogLine, Token, Notification],
    ids=lambda model: str(model.__name__),
)
def test_what_the_services_write_cannot_be_changed_by_hand(
    desk: Client, something_of_everything: None, model: type[Model]
) -> None:
    row = model._default_manager.first()
    assert row is not None

    assert desk.get(place(model, "add/")).status_code == 403
    assert desk.post(place(model, "change/", row.pk), {}).status_code == 403
    assert desk.post(place(model, "delete/", row.pk), {"post": "yes"}).status_code == 403
    assert model._default_manager.filter(pk=row.pk).exists()


def test_a_developer_has_no_business_there(client: Client, alice: User) -> None:
    client.force_login(alice)

    assert client.get("/admin/").status_code == 302


def test_a_rule_that_is_set_leaves_an_audit_line(desk: Client, ada: User, team: Team) -> None:
    sent = {"name": "small", "position": 5, "team": team.pk, "approvals": 0, "active": "on"}
    assert desk.post(place(Rule, "add/"), sent).status_code == 302
    rule = Rule.objects.get()
    assert desk.post(place(Rule, "change/", rule.pk), {**sent, "approvals": 2}).status_code == 302

    changed, added = AuditLine.objects.all()
    assert (added.verb, added.actor, added.team) == ("rule.added", ada, team)
    assert (changed.verb, changed.before, changed.after) == (
        "rule.changed",
        {"approvals": "0"},
        {"approvals": "2"},
    )


def test_a_deleted_rule_leaves_an_audit_line(desk: Client) -> None:
    first, second = (Rule.objects.create(name=name) for name in ("one", "two"))
    desk.post(place(Rule, "delete/", first.pk), {"post": "yes"})
    desk.post(place(Rule, ""), {"action": "delete_selected", "_selected_action": [second.pk], "post": "yes"})

    assert not Rule.objects.exists()
    assert [line.subject for line in AuditLine.objects.filter(verb="rule.deleted")] == ["two", "one"]


def test_a_team_is_deleted_with_its_audit_line_left(desk: Client) -> None:
    team = Team.objects.create(name="Brief", slug="brief")

    desk.post(place(Team, "delete/", team.pk), {"post": "yes"})

    assert not Team.objects.exists()
    assert AuditLine.objects.get().subject == "Brief"


def test_people_taken_into_a_team_are_told_of_in_the_audit(desk: Client, team: Team, alice: User) -> None:
    member = Membership.objects.get()
    sent = {
        "name": team.name,
        "slug": team.slug,
        "memberships-TOTAL_FORMS": 1,
        "memberships-INITIAL_FORMS": 1,
        "memberships-0-id": member.pk,
        "memberships-0-team": team.pk,
        "memberships-0-user": alice.pk,
        "memberships-0-role": Role.ADMIN,
    }
    assert desk.post(place(Team, "change/", team.pk), sent).status_code == 302

    member.refresh_from_db()
    line = AuditLine.objects.get(verb="team.members_changed")
    assert member.role == Role.ADMIN
    assert (line.team, line.after) == (team, {"set": ["alice as admin"]})


def test_an_admin_revokes_anybodys_token(desk: Client, alice: User) -> None:
    token, _text = create_token(user=alice, name="ci", scopes=[Scope.READ], by=acting(alice))

    desk.post(place(Token, ""), {"action": "revoke", "_selected_action": [token.pk]})

    token.refresh_from_db()
    assert not token.is_live
    assert AuditLine.objects.first().verb == "token.revoked"  # type: ignore[union-attr]


def test_no_page_shows_the_digest_of_a_token(desk: Client, alice: User) -> None:
    token, _text = create_token(user=alice, name="ci", scopes=[Scope.READ], by=acting(alice))

    for page in (place(Token, ""), place(Token, "change/", token.pk)):
        assert token.digest not in desk.get(page).content.decode()
