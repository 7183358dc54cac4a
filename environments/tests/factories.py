"""The smallest valid object of each model, for tests."""

# factory_boy has no annotations of its own.
# mypy: disallow-untyped-calls=False, disallow-untyped-decorators=False

from __future__ import annotations

from django.contrib.auth.models import User
from factory.declarations import LazyAttribute, SelfAttribute, Sequence, SubFactory
from factory.django import DjangoModelFactory
from factory.helpers import post_generation

from environments.choices import Role
from environments.models import Account, Application, Environment, Membership, Team


class UserFactory(DjangoModelFactory[User]):
    """Somebody who belongs to no team."""

    class Meta:
        model = User
        django_get_or_create = ("username",)

    username = Sequence(lambda number: f"person{number}")


class TeamFactory(DjangoModelFactory[Team]):
    """A team of nobody."""

    class Meta:
        model = Team

    slug = Sequence(lambda number: f"team-{number}")
    name = LazyAttribute(lambda team: team.slug.capitalize())


class MembershipFactory(DjangoModelFactory[Membership]):
    """Somebody in a team."""

    class Meta:
        model = Membership

    team = SubFactory(TeamFactory)
    user = SubFactory(UserFactory)
    role = Role.DEVELOPER


class ApplicationFactory(DjangoModelFactory[Application]):
    """An application of a team."""

    class Meta:
        model = Application

    team = SubFactory(TeamFactory)
    slug = Sequence(lambda number: f"shop-{number}")
    name = SelfAttribute("slug")


class AccountFactory(DjangoModelFactory[Account]):
    """A simulated account that the teams given as `teams` may use."""

    class Meta:
        model = Account
        skip_postgeneration_save = True

    slug = Sequence(lambda number: f"account-{number}")
    name = SelfAttribute("slug")
    number = Sequence(lambda number: f"{number:012d}")
    simulated = True
    zones = {region: [f"{region}a", f"{region}b"] for region in ("us-east-1", "eu-west-1")}

    @post_generation
    def teams(self: Account, create: bool, extracted: list[Team] | None) -> None:
        """Who may use it."""
        if create and extracted:
            self.teams.set(extracted)


class EnvironmentFactory(DjangoModelFactory[Environment]):
    """An environment that was just asked for; most tests get theirs from the service."""

    class Meta:
        model = Environment

    application = SubFactory(ApplicationFactory)
    name = Sequence(lambda number: f"test-{number}")
    slug = LazyAttribute(lambda one: f"{one.application.slug}-{one.name}")
    architecture = "containers"
    phase = "production"
    region = "us-east-1"
    account = SubFactory(AccountFactory)
    owner = SubFactory(UserFactory)
