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
from provisioning.bench.compare import Trio, calls_row, cpu_row
from provisioning.bench.measure import Measured, measure
from provisioning.bench.stage import REGION, SERVICES, Stage, wake
from provisioning.bench.table import Row


def journaled_runs(stage: Stage) -> tuple[Measured, Measured]:
    """Create and destroy one environment as a worker does."""
    by, account = developer(), account_on(stage, "journaled")
    _warm_up(account)
    (environment,) = ask_for(account, ["journal"], by)
    create = measure(stage.log, _work)
    ask_to_destroy(environment, by)
    destroy = measure(stage.log, _work)
    forbid_failures()
    return create, destroy


def _warm_up(account: Account) -> None:
    jobs.warm_up()
    connection = jobs.connection_to(account.access, REGION)
    for service in SERVICES:
        connection.client(service)
    wake(connection)


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
    """The figures beside the script's own create and destroy."""
    empty = Measured(seconds=0.0, calls=(), cpu=0.0)
    ours = Trio(create=create, look=empty, destroy=destroy)
    script = Trio(create=plain.create, look=empty, destroy=plain.destroy)
    return [
        calls_row("Create, journal in Postgres", create, plain.create),
        calls_row("Destroy, journal in Postgres, with its sweep", destroy, plain.destroy),
        cpu_row("CPU a call over the plain script, journal included", ours, script),
    ]
