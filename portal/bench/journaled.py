"""The engine with its journal in Postgres, in this process: what the journal costs."""

from __future__ import annotations

import time

from environments import jobs
from environments.journal import due_now
from environments.models import Account, Operation
from portal.bench.people import (
    account_on,
    ask_for,
    ask_to_destroy,
    developer,
    forbid_failures,
    open_operations,
)
from provisioning.bench import cpu
from provisioning.bench.compare import Trio, calls_row
from provisioning.bench.measure import Measured, measure
from provisioning.bench.stage import REGION, SERVICES, Stage, wake
from provisioning.bench.table import Row


def journaled_runs(stage: Stage, account: Account, name: str) -> tuple[Measured, Measured]:
    """Create and destroy one environment as a worker does."""
    by = developer()
    (environment,) = ask_for(account, [name], by)
    create = measure(stage.log, _work)
    ask_to_destroy(environment, by)
    destroy = measure(stage.log, _work)
    forbid_failures()
    return create, destroy


def warm_account(stage: Stage, slug: str) -> Account:
    """An account whose connection has every client, as a worker's has."""
    account = account_on(stage, slug)
    jobs.warm_up()
    connection = jobs.connection_to(account.access, REGION)
    for service in SERVICES:
        connection.client(service)
    wake(connection)
    return account


def cost(stage: Stage) -> float:
    """Milliseconds of CPU a call, the journal and all that follows from an end included."""
    account = warm_account(stage, "cpu")
    rounds = (journaled_runs(stage, account, f"cpu-{number}") for number in range(cpu.ROUNDS + 1))
    return cpu.middle([cpu.milliseconds_a_call(runs) for runs in rounds])


def _work() -> None:
    """Answer the doorbell whenever it would ring, until everything has ended."""
    while open_operations():
        if due_now():
            jobs.attend()
        else:
            time.sleep(_until_due())


def _until_due() -> float:
    soonest = Operation.objects.open().order_by("wake_at").values_list("wake_at", flat=True).first()
    return max(0.0, soonest.timestamp() - time.time()) if soonest else 0.0


def rows(create: Measured, destroy: Measured, plain: Trio) -> list[Row]:
    """The calls beside the script's own."""
    return [
        calls_row("Create, journal in Postgres", create, plain.create),
        calls_row("Destroy, journal in Postgres, with its sweep", destroy, plain.destroy),
    ]
