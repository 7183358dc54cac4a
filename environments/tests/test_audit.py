"""Audit and notices: every write leaves a line in its own transaction, and tells those whom it concerns."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.db import transaction

from environments.choices import Notice, OperationStatus, Role, Via
from environments.errors import Conflict, InvalidInput, NotAllowed
from environments.models import AuditLine, Environment, Membership, Notification, Request, Team
from environments.services import environments, notices, requests, teams
from environments.services.proposals import Wish
from environments.tests.conftest import acting, end


def verbs() -> list[str]:
    """What happened, oldest first."""
    return list(AuditLine.objects.order_by("pk").values_list("verb", flat=True))


def test_a_life_can_be_told_from_its_audit_lines(ready: Environment, alice: User, bob: User) -> None:
    assert verbs() == ["request.created", "request.approved", "operation.started", "operation.succeeded"]
    asked, approval, _started, done = AuditLine.objects.order_by("pk")
    assert (asked.actor, asked.via, asked.address) == (alice, Via.PAGE, "192.0.2.7")
    assert approval.actor == bob
    assert approval.after == {"hash": ready.requests.get().hash, "comment": ""}
    assert (done.actor, done.via) == (None, Via.WORKER)
    assert done.before == {"lifecycle": "building"} and done.after == {"lifecycle": "ready"}
    assert {line.team for line in AuditLine.objects.all()} == {Team.objects.get(slug="flowise")}


def test_a_write_that_is_undone_leaves_no_line_and_no_notice(wish: Wish, alice: User, bob: User) -> None:
    with pytest.raises(RuntimeError), transaction.atomic():
        requests.create_request(wish=wish, by=acting(alice))
        assert AuditLine.objects.exists() and Notification.objects.exists()
        raise RuntimeError

    assert not AuditLine.objects.exists()
    assert not Notification.objects.exists()
    assert not Environment.objects.exists()


def test_a_refused_write_leaves_no_line(request_of_alice: Request, alice: User) -> None:
    before = verbs()

    with pytest.raises(NotAllowed):
        requests.approve(request=request_of_alice, seen=request_of_alice.hash, by=acting(alice))

    assert verbs() == before


def told(person: User) -> list[str]:
    """What somebody was told, oldest first."""
    return list(Notification.objects.of(person).order_by("pk").values_list("key", flat=True))


def test_approvers_hear_of_a_request_and_its_requester_of_the_answer_and_the_end(
    approved: Request, alice: User, bob: User, victor: User, mallory: User
) -> None:
    end(approved.operations.get(), OperationStatus.FAILED)

    assert told(bob) == [Notice.REVIEW_WANTED]
    assert told(alice) == [Notice.REQUEST_APPROVED, Notice.OPERATION_FAILED]
    assert told(victor) == told(mallory) == []


def test_a_notice_is_a_sentence_about_one_thing(request_of_alice: Request, bob: User) -> None:
    notice = Notification.objects.of(bob).for_list().get()

    assert notice.text == f"#{request_of_alice.pk} Create shop-staging waits for your approval"
    assert notice.subject == request_of_alice


def test_nobody_is_asked_to_approve_their_own_request(wish: Wish, alice: User, bob: User) -> None:
    requests.create_request(wish=wish, by=acting(bob))

    assert told(bob) == []


def test_what_was_read_is_read(request_of_alice: Request, bob: User, alice: User) -> None:
    assert notices.mark_read(by=acting(alice)) == 0
    assert Notification.objects.of(bob).unread().count() == 1
    assert notices.mark_read(by=acting(bob)) == 1
    assert notices.mark_read(by=acting(bob)) == 0


# Environments and teams ------------------------------------------------------------------------------------------


def test_anybody_who_develops_may_protect_and_only_an_admin_may_unprotect(
    ready: Environment, alice: User, ada: User
) -> None:
    environments.protect_environment(environment=ready, protected=True, by=acting(alice))
    with pytest.raises(NotAllowed):
        environments.protect_environment(environment=ready, protected=False, by=acting(alice))
    assert Environment.objects.get().protected

    environments.protect_environment(environment=ready, protected=False, by=acting(ada))
    assert not Environment.objects.get().protected
    assert verbs()[-2:] == ["environment.protected", "environment.unprotected"]


def test_an_environment_can_live_longer_or_for_ever(ready: Environment, alice: User) -> None:
    longer = environments.extend_environment(environment=ready, days=30, by=acting(alice))
    assert longer.expires_at is not None

    for_ever = environments.extend_environment(environment=ready, days=None, by=acting(alice))
    assert for_ever.expires_at is None
    line = AuditLine.objects.first()
    assert line is not None and line.before == {"expires_at": longer.expires_at.isoformat()}


def test_a_bad_extension_changes_nothing(ready: Environment, alice: User, mallory: User) -> None:
    with pytest.raises(InvalidInput):
        environments.extend_environment(environment=ready, days=0, by=acting(alice))
    with pytest.raises(NotAllowed):
        environments.extend_environment(environment=ready, days=3, by=acting(mallory))
    Environment.objects.update(lifecycle="destroyed")
    with pytest.raises(Conflict):
        environments.extend_environment(environment=ready, days=3, by=acting(alice))

    assert Environment.objects.get().expires_at is None


def test_an_admin_of_the_team_chooses_who_is_in_it(team: Team, alice: User, mallory: User, ada: User) -> None:
    with pytest.raises(NotAllowed):
        teams.set_role(team=team, user=mallory, role=Role.VIEWER, by=acting(alice))
    with pytest.raises(InvalidInput):
        teams.set_role(team=team, user=mallory, role="king", by=acting(ada))

    teams.set_role(team=team, user=alice, role=Role.ADMIN, by=acting(ada))
    teams.set_role(team=team, user=mallory, role=Role.VIEWER, by=acting(alice))
    teams.remove_member(team=team, user=mallory, by=acting(alice))

    assert Membership.objects.get(team=team).role == Role.ADMIN
    assert verbs() == ["team.role_set", "team.role_set", "team.member_removed"]
    assert AuditLine.objects.visible_to(alice).count() == 3
