"""What a bench needs in the database: a developer whose requests need no approval, an account, environments."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.auth.models import User
from django.db import transaction

from environments.choices import OperationStatus, RequestKind, Role, Via
from environments.models import (
    Account,
    Application,
    Environment,
    Membership,
    Operation,
    Rule,
    Team,
    UsualDuration,
)
from environments.services.actor import Actor
from environments.services.proposals import Wish
from environments.services.requests import create_request, request_destroy
from provisioning.bench.engine_runs import BenchFailed
from provisioning.bench.stage import REGION, Stage


def developer() -> Actor:
    """Dora, who may do as she likes."""
    user, made = User.objects.get_or_create(username="dora")
    if made:
        team = Team.objects.create(slug="bench", name="Bench", monthly_budget=10_000_000)
        Membership.objects.create(team=team, user=user, role=Role.DEVELOPER)
        Application.objects.create(slug="flowise-backend", name="flowise-backend", team=team)
        Rule.objects.create(name="Everything is fine", position=1, kind=RequestKind.CREATE, approvals=0)
    return Actor(user=user, via=Via.API)


def account_on(stage: Stage, slug: str) -> Account:
    """An account at this stage whose usual durations are known, as after the first environment."""
    account = Account.objects.create(
        slug=slug,
        name=slug,
        number="123456789012",
        simulated=True,
        endpoint_url=stage.endpoint,
        zones={REGION: [f"{REGION}a", f"{REGION}b"]},
        poll_seconds=stage.pace.poll,
    )
    developer()
    account.teams.set(Team.objects.all())
    UsualDuration.objects.bulk_create(
        UsualDuration(account=account, kind=kind, verb=verb, seconds=seconds)
        for (kind, verb), seconds in stage.pace.usual().items()
    )
    return account


def ask_for(account: Account, names: Iterable[str], by: Actor) -> list[Environment]:
    """Environments whose operations all become due in one moment."""
    with transaction.atomic():
        return [_ask(account, name, by) for name in names]


def _ask(account: Account, name: str, by: Actor) -> Environment:
    wish = Wish(
        application=Application.objects.get(slug="flowise-backend"),
        name=name,
        architecture="containers",
        phase="production",
        region=REGION,
        account=account,
        options={"file_delivery": False},  # as the plain script that it is compared with
        usage={},
    )
    return create_request(wish=wish, by=by).environment


def ask_to_destroy(environment: Environment, by: Actor) -> None:
    """Without a last snapshot: the plain script takes none."""
    request_destroy(environment=environment, confirm_name=environment.slug, final_snapshot=False, by=by)


def open_operations() -> int:
    """How many have not ended."""
    return Operation.objects.open().count()


def forbid_failures() -> None:
    """Raises BenchFailed when an operation ended otherwise than well: its figures would mean nothing."""
    bad = Operation.objects.exclude(status=OperationStatus.SUCCEEDED).first()
    if bad is not None:
        last = bad.lines.last()
        raise BenchFailed(f"Operation {bad} {bad.status}: {last.text if last else 'no line'}")
