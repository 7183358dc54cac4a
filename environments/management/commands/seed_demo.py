"""`manage.py seed_demo`: the people, team, application and account of the demo. Safe to run again."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

import provisioning.kinds  # noqa: F401 # registers every kind
from environments.choices import RequestKind, Role
from environments.models import Account, Application, Membership, Rule, Team, UsualDuration
from provisioning.kind import all_kinds

PASSWORD = "demo"  # noqa: S105 # a demo says so on its sign-in page
ZONES = {"us-east-1": ["us-east-1a", "us-east-1b"], "eu-west-1": ["eu-west-1a", "eu-west-1b"]}
PEOPLE = (("alice", "Alice", Role.DEVELOPER), ("bob", "Bob", Role.APPROVER))


class Command(BaseCommand):
    help = "Makes the demo's people, team, application and account."

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        """Refuses outside a demo: everybody knows these passwords."""
        if not (settings.DEMO or settings.DEBUG):
            raise CommandError("This is not a demo (DEMO is not set): well-known passwords stay out of it.")
        team, _ = Team.objects.get_or_create(
            slug="flowise", defaults={"name": "Flowise", "cost_center": "flowise", "monthly_budget": 1500}
        )
        for username, first_name, role in PEOPLE:
            user = self._person(username, first_name)
            Membership.objects.get_or_create(team=team, user=user, defaults={"role": role})
        self._person("admin", "Admin", superuser=True)
        Application.objects.get_or_create(
            slug="flowise-backend",
            defaults={"name": "flowise-backend", "team": team, "health_path": "/health"},
        )
        account = self._account()
        account.teams.add(team)
        self._usual_durations(account)
        self._rule()

    def _person(self, username: str, first_name: str, *, superuser: bool = False) -> User:
        user, made = User.objects.get_or_create(
            username=username,
            defaults={
                "first_name": first_name,
                "email": f"{username}@example.org",
                "is_staff": superuser,
                "is_superuser": superuser,
            },
        )
        if made:
            user.set_password(PASSWORD)
            user.save()
        return user

    def _account(self) -> Account:
        account, _ = Account.objects.get_or_create(
            slug="simulated-aws",
            defaults={
                "name": "Simulated AWS",
                "number": "123456789012",
                "zones": ZONES,
                "simulated": True,
                "poll_seconds": 0.5,
            },
        )
        # The simulator takes a free port at every start.
        account.endpoint_url = settings.AWS_ENDPOINT_URL
        account.save(update_fields=["endpoint_url"])
        return account

    def _rule(self) -> None:
        """An example, switched off: in a demo every request shows its approval."""
        Rule.objects.get_or_create(
            name="Small and cheap: mvp under $30 needs no approval",
            defaults={
                "position": 10,
                "kind": RequestKind.CREATE,
                "phase": "mvp",
                "cost_up_to": 30,
                "approvals": 0,
                "active": False,
            },
        )

    def _usual_durations(self, account: Account) -> None:
        """First guesses for the ETA: what AWS takes, at the simulator's pace. The first run replaces them."""
        for kind in all_kinds():
            for verb in ("create", "update", "delete"):
                seconds = getattr(kind.expected, verb)
                if seconds:
                    UsualDuration.objects.get_or_create(
                        account=account,
                        kind=kind.name,
                        verb=verb,
                        defaults={"seconds": seconds / settings.SIMULATOR_SPEED, "samples": 0},
                    )
