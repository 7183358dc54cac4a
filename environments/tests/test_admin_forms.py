"""The admin's forms: what would break what stands is refused with a reason, and nothing secret is shown or kept."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import Model
from django.test import Client

from environments.choices import Lifecycle, Role
from environments.models import Account, Application, AuditLine, Environment, Membership, Rule, Team
from environments.tests.factories import AccountFactory, ApplicationFactory, UserFactory
from environments.tests.test_admin import desk, place

__all__ = ["desk"]
ZONES = {region: [f"{region}a", f"{region}b"] for region in ("us-east-1", "eu-west-1")}


def errors_of(answer: Any) -> dict[str, list[str]]:
    """What the form of an admin page complains of."""
    assert answer.status_code == 200, answer.status_code
    return dict(answer.context["adminform"].form.errors)


def account_form(account: Account, **changes: object) -> dict[str, object]:
    zones = changes.pop("zones", account.zones)
    form = {
        "name": account.name,
        "slug": account.slug,
        "number": account.number,
        "role_arn": account.role_arn,
        "endpoint_url": account.endpoint_url,
        "zones": zones if isinstance(zones, str) else json.dumps(zones),
        "poll_seconds": account.poll_seconds,
        "teams": [team.pk for team in account.teams.all()],
        "active": "on",
    }
    if account.simulated:
        form["simulated"] = "on"
    return {name: value for name, value in {**form, **changes}.items() if value is not None}


def application_form(application: Application, **changes: object) -> dict[str, object]:
    form = {
        "team": application.team_id,
        "name": application.name,
        "slug": application.slug,
        "image": application.image,
        "repository": application.repository,
        "port": application.port,
        "health_path": application.health_path,
    }
    return {**form, **changes}


def member_form(team: Team, *members: Membership, **changes: object) -> dict[str, object]:
    form: dict[str, object] = {
        "name": team.name,
        "slug": team.slug,
        "memberships-TOTAL_FORMS": len(members),
        "memberships-INITIAL_FORMS": len(members),
    }
    for number, member in enumerate(members):
        form |= {
            f"memberships-{number}-id": member.pk,
            f"memberships-{number}-team": team.pk,
            f"memberships-{number}-user": member.user_id,
            f"memberships-{number}-role": member.role,
        }
    return {**form, **changes}


# Everything can be opened ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", sorted(admin.site._registry, key=str), ids=lambda model: model.__name__)
def test_every_list_and_every_form_opens(desk: Client, model: type[Model]) -> None:
    address = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"

    assert desk.get(address).status_code == 200
    assert desk.get(f"{address}add/").status_code in (200, 403)


def test_tables_that_would_show_secrets_of_the_sign_in_are_not_there(desk: Client) -> None:
    for address in ("/admin/socialaccount/socialapp/", "/admin/socialaccount/socialtoken/"):
        assert desk.get(address).status_code == 404


# Accounts --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"number": "999999999999"}, "number"),
        ({"endpoint_url": "https://elsewhere.example.org"}, "endpoint_url"),
        ({"simulated": None}, "simulated"),
        ({"zones": {"eu-west-1": ZONES["eu-west-1"]}}, "zones"),
        ({"zones": {**ZONES, "us-east-1": ["us-east-1c", "us-east-1d"]}}, "zones"),
    ],
    ids=["number", "endpoint", "simulated", "region gone", "zones moved"],
)
def test_an_account_in_use_stays_where_it_is(
    desk: Client, ready: Environment, change: dict[str, object], field: str
) -> None:
    answer = desk.post(place(Account, "change/", ready.account_id), account_form(ready.account, **change))

    (told,) = errors_of(answer)[field]
    assert ready.slug in told
    assert Account.objects.get() == ready.account
    assert not AuditLine.objects.filter(verb="account.changed").exists()


def test_what_may_change_of_an_account_in_use_changes(desk: Client, ready: Environment) -> None:
    sent = account_form(
        ready.account, name="Ours", zones={**ZONES, "eu-south-1": ["eu-south-1a", "eu-south-1b"]}
    )

    assert desk.post(place(Account, "change/", ready.account_id), sent).status_code == 302
    assert Account.objects.get().name == "Ours"


def test_an_account_without_environments_can_be_put_right(desk: Client, ready: Environment) -> None:
    Environment.objects.update(lifecycle=Lifecycle.DESTROYED)

    sent = account_form(ready.account, number="999999999999")
    assert desk.post(place(Account, "change/", ready.account_id), sent).status_code == 302


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"zones": "[]"}, "zones"),
        ({"zones": '"us-east-1"'}, "zones"),
        ({"zones": "{}"}, "zones"),
        ({"zones": {"us-east-1": ["us-east-1a"]}}, "zones"),
        ({"zones": {"us-east-1": ["us-east-1a", "us-east-1a"]}}, "zones"),
        ({"zones": {"us-east-1": "us-east-1a"}}, "zones"),
        ({"zones": {"us-east-1": ["us-east-1a", "eu-west-1a"]}}, "zones"),
        ({"zones": {"us-east-1": ["us-east-1a", 2]}}, "zones"),
        ({"zones": {"Mars": ["Marsa", "Marsb"]}}, "zones"),
        ({"number": "123"}, "number"),
        ({"role_arn": "role/andamio"}, "role_arn"),
        ({"role_arn": "arn:aws:iam::999999999999:role/andamio"}, "role_arn"),
        ({"poll_seconds": "0"}, "poll_seconds"),
        ({"poll_seconds": "1e9"}, "poll_seconds"),
        ({"poll_seconds": "nan"}, "poll_seconds"),
        ({"endpoint_url": "ftp://x"}, "endpoint_url"),
    ],
)
def test_an_account_that_cannot_be_is_refused_at_its_field(
    desk: Client, change: dict[str, object], field: str
) -> None:
    account = AccountFactory.create(number="123456789012")

    answer = desk.post(place(Account, "change/", account.pk), account_form(account, **change))

    assert errors_of(answer)[field]


def test_the_external_id_is_made_here_and_cannot_be_chosen(desk: Client) -> None:
    account = AccountFactory.create(number="123456789012")
    before = account.external_id

    desk.post(place(Account, "change/", account.pk), {**account_form(account), "external_id": "mine"})

    account.refresh_from_db()
    assert account.external_id == before
    assert not [line for line in AuditLine.objects.all() if before in str(line.__dict__)]


@pytest.mark.parametrize("page", ["delete/", "list"])
def test_an_account_with_environments_is_not_deleted(desk: Client, ready: Environment, page: str) -> None:
    if page == "delete/":
        desk.post(place(Account, page, ready.account_id), {"post": "yes"})
    else:
        chosen = {"action": "delete_selected", "_selected_action": [ready.account_id], "post": "yes"}
        desk.post(place(Account, ""), chosen)

    assert Account.objects.exists()
    assert not AuditLine.objects.filter(verb="account.deleted").exists()


# Applications, teams, rules --------------------------------------------------------------------------------------


def test_the_slug_of_an_application_stays_once_it_has_environments(desk: Client, ready: Environment) -> None:
    application = ready.application
    answer = desk.post(
        place(Application, "change/", application.pk), application_form(application, slug="elsewhere")
    )

    assert ready.slug in errors_of(answer)["slug"][0]
    assert Application.objects.get().slug == application.slug


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"port": 0}, "port"),
        ({"port": 70000}, "port"),
        ({"health_path": "health"}, "health_path"),
        ({"health_path": "/a b"}, "health_path"),
        ({"repository": "javascript:alert(1)"}, "repository"),
    ],
)
def test_an_application_that_no_environment_could_run_is_refused(
    desk: Client, change: dict[str, object], field: str
) -> None:
    application = ApplicationFactory.create()

    answer = desk.post(place(Application, "change/", application.pk), application_form(application, **change))

    assert errors_of(answer)[field]


@pytest.mark.parametrize("model", [Application, Team])
def test_who_has_environments_is_not_deleted(desk: Client, ready: Environment, model: type[Model]) -> None:
    row = ready.application if model is Application else ready.application.team

    desk.post(place(model, "delete/", row.pk), {"post": "yes"})

    assert model._default_manager.filter(pk=row.pk).exists()
    assert not AuditLine.objects.filter(verb__endswith=".deleted").exists()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"approvals": 3}, "approvals"),
        ({"approvals": -1}, "approvals"),
        ({"architecture": "container"}, "architecture"),
        ({"phase": "prod"}, "phase"),
        ({"kind": "explode"}, "kind"),
        ({"cost_up_to": -5}, "cost_up_to"),
    ],
)
def test_a_rule_that_would_never_fit_or_never_be_met_is_refused(
    desk: Client, change: dict[str, object], field: str
) -> None:
    sent = {"name": "careful", "position": 1, "approvals": 2, "active": "on", **change}

    answer = desk.post(place(Rule, "add/"), sent)

    told = errors_of(answer)
    assert told.get(field) or told.get("__all__")
    assert not Rule.objects.exists()


def test_a_budget_is_no_debt(desk: Client, team: Team) -> None:
    answer = desk.post(place(Team, "change/", team.pk), member_form(team, monthly_budget=-1))

    assert errors_of(answer)["monthly_budget"]


def test_nobody_is_in_a_team_twice(desk: Client, team: Team, alice: User) -> None:
    member = Membership.objects.get()
    sent = member_form(team, member) | {
        "memberships-TOTAL_FORMS": 2,
        "memberships-1-team": team.pk,
        "memberships-1-user": alice.pk,
        "memberships-1-role": Role.ADMIN,
    }

    assert desk.post(place(Team, "change/", team.pk), sent).status_code == 200
    assert Membership.objects.count() == 1


# People ----------------------------------------------------------------------------------------------------------


def person_form(person: User, **changes: object) -> dict[str, object]:
    form = {
        "username": person.username,
        "first_name": person.first_name,
        "last_name": person.last_name,
        "email": person.email,
        "date_joined_0": "2026-01-01",
        "date_joined_1": "12:00:00",
        **({"is_active": "on"} if person.is_active else {}),
        **({"is_staff": "on"} if person.is_staff else {}),
        **({"is_superuser": "on"} if person.is_superuser else {}),
    }
    return {name: value for name, value in {**form, **changes}.items() if value is not None}


def user_page(page: str, *args: object) -> str:
    return "/".join(["/admin/auth/user", *map(str, args), page])


def test_whoever_is_made_a_platform_admin_is_told_of_in_the_audit(
    desk: Client, ada: User, alice: User
) -> None:
    sent = person_form(alice, is_superuser="on", is_staff="on")
    assert desk.post(user_page("change/", alice.pk), sent).status_code == 302

    line = AuditLine.objects.get(verb="user.changed")
    assert (line.actor, line.subject) == (ada, "alice")
    assert line.before is not None and line.before["is_superuser"] == "False"
    assert line.after is not None and line.after["is_superuser"] == "True"


def test_no_password_is_in_the_audit_or_on_a_page(desk: Client) -> None:
    password = "correct horse battery staple"
    sent = {"username": "newcomer", "usable_password": "true", "password1": password, "password2": password}
    assert desk.post(user_page("add/"), sent).status_code == 302
    made = User.objects.get(username="newcomer")
    other = f"{password} 2"
    changed = {"usable_password": "true", "password1": other, "password2": other}
    assert desk.post(user_page("password/", made.pk), changed).status_code == 302

    lines = list(AuditLine.objects.all())
    assert {line.verb for line in lines} == {"user.added", "user.password_set"}
    made.refresh_from_db()
    assert made.check_password(other)
    for line in lines:
        assert password not in str(line.__dict__)
    assert made.password not in desk.get(user_page("change/", made.pk)).text


def test_the_last_platform_admin_stays_one(desk: Client, ada: User) -> None:
    for change in ({"is_superuser": None}, {"is_active": None}, {"is_staff": None}):
        answer = desk.post(user_page("change/", ada.pk), person_form(ada, **change))
        assert "only platform admin" in str(errors_of(answer))

    ada.refresh_from_db()
    assert ada.is_superuser and ada.is_active and ada.is_staff


def test_the_last_platform_admin_is_not_deleted(desk: Client, ada: User) -> None:
    desk.post(user_page("delete/", ada.pk), {"post": "yes"})
    desk.post(user_page(""), {"action": "delete_selected", "_selected_action": [ada.pk], "post": "yes"})

    assert User.objects.filter(pk=ada.pk).exists()


def test_one_of_several_platform_admins_can_go(desk: Client, ada: User) -> None:
    eve = UserFactory.create(username="eve", is_superuser=True, is_staff=True)

    assert desk.post(user_page("change/", eve.pk), person_form(eve, is_superuser=None)).status_code == 302


def test_who_did_something_is_not_deleted_but_deactivated(
    desk: Client, ready: Environment, alice: User
) -> None:
    desk.post(user_page("delete/", alice.pk), {"post": "yes"})

    assert User.objects.filter(pk=alice.pk).exists()
    assert desk.post(user_page("change/", alice.pk), person_form(alice, is_active=None)).status_code == 302
    assert AuditLine.objects.filter(verb="user.changed", subject="alice").exists()


def test_staff_that_is_no_platform_admin_makes_nobody_one(client: Client, alice: User) -> None:
    from django.contrib.auth.models import Permission

    sam = UserFactory.create(username="sam", is_staff=True)
    sam.user_permissions.set(Permission.objects.filter(codename__endswith="_user"))
    client.force_login(sam)

    client.post(user_page("change/", alice.pk), person_form(alice, is_superuser="on"))
    client.post(user_page("change/", sam.pk), person_form(sam, is_superuser="on"))

    assert not User.objects.filter(is_superuser=True).exists()
