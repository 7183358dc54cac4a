"""Changes: other options for an environment that stands, asked for, decided on, carried out and taken back."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pydantic import JsonValue

from environments.choices import Lifecycle, OperationKind, OperationStatus, RequestKind, RequestStatus
from environments.errors import Conflict, InvalidInput, NotAllowed
from environments.models import Application, Environment, Operation, Request
from environments.services import changes, operations, requests
from environments.templatetags.plans import by_part
from environments.tests.conftest import acting, end, record
from provisioning.errors import InvalidSpec
from provisioning.plan import Action, Difference


@pytest.fixture
def standing(ready: Environment, approved: Request) -> Environment:
    """The environment with all that it has in the journal."""
    for change in approved.plan.changes:
        if change.key not in ("vpc", "database"):
            record(ready, change)
    return ready


@pytest.fixture
def asked(standing: Environment, alice: User) -> Request:
    """Alice asked for a database in one zone and no cache."""
    wanted: dict[str, JsonValue] = {"multi_az": False, "cache_node": "none"}
    return changes.request_change(environment=standing, options=wanted, note="too dear", by=acting(alice))


@pytest.fixture
def changing(asked: Request, bob: User) -> Operation:
    """The same, approved."""
    return requests.approve(request=asked, seen=asked.hash, by=acting(bob)).operations.get()


def actions(request: Request) -> dict[str, Action]:
    return {one.key: one.action for one in request.plan.changes if one.action is not Action.NOOP}


def record_tried(environment: Environment, key: str, asked: Request) -> None:
    """As the engine does before its first call about it: what is wanted is on record."""
    row = environment.resources.get(key=key)
    row.raw["props"] = next(one.props for one in asked.plan.changes if one.key == key)
    row.save()


def test_a_change_shows_what_moves_and_the_price_now_and_after(asked: Request) -> None:
    assert (asked.kind, asked.status) == (RequestKind.UPDATE, RequestStatus.PENDING)
    moved = actions(asked)
    assert moved["database"] is Action.UPDATE
    assert moved["cache"] is Action.DELETE
    assert "vpc" not in moved
    assert asked.estimate_before is not None
    assert asked.estimate_before.gross != asked.estimate.gross


def test_until_it_is_approved_nothing_of_the_environment_is_otherwise(asked: Request) -> None:
    environment = Environment.objects.get()
    assert environment.lifecycle == Lifecycle.READY
    assert environment.spec.options["multi_az"] is True
    assert environment.operations.open().count() == 0


def test_approved_it_is_carried_out_and_is_what_stands(changing: Operation) -> None:
    environment = Environment.objects.get()
    assert changing.kind == OperationKind.PROVISION
    assert environment.lifecycle == Lifecycle.CHANGING
    assert {row.key for row in changing.steps.all()} == actions(
        environment.requests.get(kind="update")
    ).keys()

    end(changing, OperationStatus.SUCCEEDED)

    environment.refresh_from_db()
    assert environment.lifecycle == Lifecycle.READY
    assert environment.spec.options["multi_az"] is False
    assert environment.estimate == environment.requests.get(kind="update").estimate
    assert environment.requests.get(kind="update").status == RequestStatus.DONE


def test_the_operation_of_a_change_is_called_a_change(changing: Operation) -> None:
    assert changing.purpose == "Change"
    changing.request = changing.environment.requests.get(kind="create")
    assert changing.purpose == "Provision"


def test_a_failed_change_is_retried_as_a_change(changing: Operation, alice: User) -> None:
    end(changing, OperationStatus.FAILED)

    operations.retry_operation(operation=changing, by=acting(alice))

    assert Environment.objects.get().lifecycle == Lifecycle.CHANGING


def test_a_failed_change_is_taken_back_to_what_stood_before(changing: Operation, alice: User) -> None:
    environment = changing.environment
    record_tried(environment, "database", environment.requests.get(kind="update"))
    before = environment.requests.get(kind="create")
    end(changing, OperationStatus.FAILED)

    back = operations.roll_back_operation(operation=changing, by=acting(alice))

    assert {(row.key, row.step.verb) for row in back.steps.all()} == {("database", "ensure")}
    end(back, OperationStatus.SUCCEEDED)
    environment.refresh_from_db()
    assert environment.lifecycle == Lifecycle.READY
    assert environment.spec == before.plan.spec
    assert environment.estimate == before.estimate


def test_nothing_to_change_is_no_request(standing: Environment, alice: User) -> None:
    with pytest.raises(InvalidInput) as refused:
        changes.request_change(environment=standing, options={"multi_az": True}, by=acting(alice))

    assert refused.value.code == "change.empty"
    assert not Request.objects.filter(kind=RequestKind.UPDATE).exists()


@pytest.mark.parametrize(
    ("options", "field"),
    [({"min_tasks": 30}, "max_tasks"), ({"disk": 1}, "disk"), ({"database_storage": 20}, "database_storage")],
)
def test_what_cannot_be_is_refused_at_its_option(
    standing: Environment, alice: User, options: dict[str, int], field: str
) -> None:
    with pytest.raises(InvalidSpec) as refused:
        changes.request_change(environment=standing, options=options, by=acting(alice))

    assert refused.value.field == field


def test_another_image_of_the_application_is_not_part_of_a_change(standing: Environment, alice: User) -> None:
    image = standing.spec.image
    Application.objects.update(image="shop:2")

    asked = changes.request_change(environment=standing, options={"max_tasks": 5}, by=acting(alice))

    assert asked.plan.spec.image == image


def test_one_change_at_a_time(asked: Request, alice: User) -> None:
    with pytest.raises(Conflict) as refused:
        changes.request_change(environment=asked.environment, options={"max_tasks": 5}, by=acting(alice))

    assert refused.value.code == "request.undecided"


def test_what_failed_is_not_changed_but_retried_or_taken_back(changing: Operation, alice: User) -> None:
    end(changing, OperationStatus.FAILED)

    with pytest.raises(Conflict) as refused:
        changes.request_change(environment=changing.environment, options={"max_tasks": 5}, by=acting(alice))

    assert refused.value.code == "environment.not_ready"


def test_viewers_and_strangers_ask_for_no_change(standing: Environment, victor: User, mallory: User) -> None:
    for person in (victor, mallory):
        with pytest.raises(NotAllowed):
            changes.request_change(environment=standing, options={"max_tasks": 5}, by=acting(person))


def test_a_change_is_out_of_date_when_what_stands_is_otherwise(asked: Request, bob: User) -> None:
    Environment.objects.get().resources.filter(key="database").delete()

    with pytest.raises(Conflict) as refused:
        requests.approve(request=asked, seen=asked.hash, by=acting(bob))

    assert refused.value.code == "request.stale"


def test_what_aws_cannot_take_back_is_told_before_anything_is_done(
    standing: Environment, alice: User, bob: User
) -> None:
    asked = changes.request_change(environment=standing, options={"database_storage": 100}, by=acting(alice))
    operation = requests.approve(request=asked, seen=asked.hash, by=acting(bob)).operations.get()
    record_tried(standing, "database", asked)
    end(operation, OperationStatus.FAILED)

    with pytest.raises(InvalidSpec):
        operations.roll_back_operation(operation=operation, by=acting(alice))

    assert Operation.objects.get(pk=operation.pk).can_retry


# The page ---------------------------------------------------------------------------------------------------------


def test_the_form_holds_what_stands_and_what_a_link_proposes(
    standing: Environment, alice: User, client: Client
) -> None:
    client.force_login(alice)

    page = client.get(f"/environments/{standing.slug}/change/?backup_days=14&firewall=on").text

    assert 'name="option_backup_days" value="14"' in page
    assert 'name="option_database_storage" value="50"' in page
    assert "Nothing yet" not in page
    assert f"/api/v1/environments/{standing.slug}/changes" in page


def test_the_form_sends_a_request(standing: Environment, alice: User, client: Client) -> None:
    client.force_login(alice)
    page = client.get(f"/environments/{standing.slug}/change/")
    assert "Nothing yet" in page.text
    data = {name: value for name, value in page.context["form"].data.items() if value is not False}

    answer = client.post(f"/environments/{standing.slug}/change/", {**data, "option_max_tasks": "6"})

    asked = Request.objects.get(kind=RequestKind.UPDATE)
    assert answer.headers["Location"] == f"/requests/{asked.pk}/"
    assert asked.plan.spec.options == {**standing.spec.options, "max_tasks": 6}
    assert "Change" in client.get(f"/requests/{asked.pk}/").text


def test_the_form_follows_the_typing(standing: Environment, alice: User, client: Client) -> None:
    client.force_login(alice)
    data = client.get(f"/environments/{standing.slug}/change/").context["form"].data
    sent = {**{name: value for name, value in data.items() if value is not False}, "option_max_tasks": "1"}

    answer = client.post(f"/environments/{standing.slug}/change/price/", sent)

    assert "cannot be fewer than the fewest" in answer.text


def test_nobody_changes_another_teams_environment(
    standing: Environment, mallory: User, client: Client
) -> None:
    client.force_login(mallory)

    for path in ("change/", "change/price/"):
        assert client.post(f"/environments/{standing.slug}/{path}").status_code == 404


def test_of_a_long_value_only_the_part_that_differs_is_shown() -> None:
    one = Difference(property="environment", before={"A": "1", "B": "2"}, after={"A": "1", "C": "3"})

    shown = [(part.property, part.before, part.after) for part in by_part([one])]

    assert shown == [("environment.B", "2", None), ("environment.C", None, "3")]


def test_lists_of_operations_call_a_change_so(changing: Operation, alice: User, client: Client) -> None:
    client.force_login(alice)

    page = client.get("/operations/").text

    assert f"#{changing.pk} Change {changing.environment.slug}" in page
