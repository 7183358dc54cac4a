"""The people and things of these tests: alice develops, bob approves, ada runs the portal, mallory is a stranger."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from environments.choices import OperationStatus, Role, Via
from environments.models import (
    Account,
    Application,
    Environment,
    Operation,
    Request,
    ResourceRecord,
    Team,
)
from environments.services.actor import Actor
from environments.services.operations import finish_operation
from environments.services.proposals import Wish
from environments.services.requests import approve, create_request
from environments.tests.factories import (
    AccountFactory,
    ApplicationFactory,
    MembershipFactory,
    TeamFactory,
    UserFactory,
)
from provisioning.plan import Change
from provisioning.resource import Recorded, Standing


@pytest.fixture
def team(db: None) -> Team:
    """The team of alice and bob."""
    return TeamFactory.create(slug="flowise", name="Flowise")


@pytest.fixture
def alice(team: Team) -> User:
    """A developer of the team."""
    return MembershipFactory.create(team=team, user__username="alice", role=Role.DEVELOPER).user


@pytest.fixture
def bob(team: Team) -> User:
    """An approver of the team."""
    return MembershipFactory.create(team=team, user__username="bob", role=Role.APPROVER).user


@pytest.fixture
def victor(team: Team) -> User:
    """A viewer of the team."""
    return MembershipFactory.create(team=team, user__username="victor", role=Role.VIEWER).user


@pytest.fixture
def mallory(db: None) -> User:
    """Approves for another team, and has no business with this one."""
    return MembershipFactory.create(user__username="mallory", role=Role.ADMIN).user


@pytest.fixture
def ada(db: None) -> User:
    """Runs the whole portal."""
    return UserFactory.create(username="ada", is_staff=True, is_superuser=True)


@pytest.fixture
def application(team: Team) -> Application:
    """The team's application."""
    return ApplicationFactory.create(team=team, slug="shop", name="shop")


@pytest.fixture
def account(team: Team) -> Account:
    """An account that the team may use, with us-east-1 and eu-west-1."""
    return AccountFactory.create(slug="simulated-aws", number="123456789012", teams=[team])


@pytest.fixture
def wish(application: Application, account: Account) -> Wish:
    """What alice usually asks for."""
    return Wish(
        application=application,
        name="staging",
        architecture="containers",
        phase="production",
        region="us-east-1",
        account=account,
        options={},
        usage={},
    )


def acting(user: User, via: Via = Via.PAGE) -> Actor:
    """This person, from a page."""
    return Actor(user=user, via=via, address="192.0.2.7")


@pytest.fixture
def request_of_alice(wish: Wish, alice: User, bob: User) -> Request:
    """Alice's request for a new environment, waiting for bob."""
    return create_request(wish=wish, note="for the fair", by=acting(alice))


@pytest.fixture
def approved(request_of_alice: Request, bob: User) -> Request:
    """The same, approved: its environment is being built."""
    return approve(request=request_of_alice, seen=request_of_alice.hash, by=acting(bob))


@pytest.fixture
def application_image(request_of_alice: Request) -> None:
    """The application got another image after alice asked: spec and plan are no longer what was shown."""
    Application.objects.update(image="shop:2")


@pytest.fixture
def ready(approved: Request) -> Environment:
    """The environment, built: of all that it has, its network and its database are in the journal."""
    environment = approved.environment
    for change in approved.plan.changes:
        if change.key in ("vpc", "database"):
            record(environment, change)
    end(environment.operations.get(), OperationStatus.SUCCEEDED)
    return Environment.objects.get(pk=environment.pk)


def end(operation: Operation, status: OperationStatus) -> None:
    """Let it end as the journal does."""
    Operation.objects.filter(pk=operation.pk).update(status=status, finished_at=timezone.now())
    related = ("environment__application__team", "environment__account", "environment__owner")
    found = Operation.objects.select_related(*related, "request", "requested_by").get(pk=operation.pk)
    finish_operation(operation=found, status=status)


def record(environment: Environment, change: Change, **attributes: str) -> ResourceRecord:
    """Write down that AWS has what this line of the plan makes."""
    made = Recorded(
        key=change.key,
        kind=change.kind,
        name=change.name,
        props=change.props,
        after=change.after,
        id=f"id-of-{change.key}",
        attributes={"id": f"id-of-{change.key}", **attributes},
        standing=Standing.MADE,
    )
    return ResourceRecord.objects.create(
        environment=environment,
        key=made.key,
        kind=made.kind,
        name=made.name,
        aws_id=made.id or "",
        standing=made.standing.value,
        raw=made.model_dump(mode="json"),
    )
