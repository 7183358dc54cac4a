"""Many environments at once on real workers: how many a minute, and the memory that each costs."""

from __future__ import annotations

import time

from environments.jobs import CAPACITY
from environments.models import Account
from portal.bench.memory import peak_of
from portal.bench.people import account_on, ask_for, developer, forbid_failures, open_operations
from portal.bench.servers import Servers
from provisioning.bench.engine_runs import BenchFailed
from provisioning.bench.stage import Stage
from provisioning.bench.table import Row, within

WORKERS = 4
AT_ONCE = WORKERS * CAPACITY
MOST_WORKER_MIB = 180.0
MOST_FURTHER_MIB = 3.0
_PATIENCE = 900.0
_TICK = 0.1


def throughput(servers: Servers, stage: Stage) -> list[Row]:
    """Environments made a minute by four workers, each with as many in hand as it takes."""
    by, account = developer(), account_on(stage, "throughput")
    with servers.workers(WORKERS):
        _finish(account, "warm", WORKERS)
        began, before = time.monotonic(), stage.log.length()
        ask_for(account, [f"crowd-{number}" for number in range(AT_ONCE)], by)
        seconds = _wait_for_end(began)
        calls = len(stage.log.after(before)) / seconds
    minute = 60 * AT_ONCE / seconds
    return [
        Row(
            what=f"Environments a minute, {WORKERS} workers, {AT_ONCE} at once",
            value=minute,
            shown=f"{minute:.0f} ({calls:.0f} calls a second)",
        )
    ]


def memory(servers: Servers, stage: Stage) -> list[Row]:
    """A worker's memory with one environment in flight, and what each further one adds."""
    account = account_on(stage, "memory")
    with servers.workers(1) as (worker,):
        _finish(account, "first", 1)
        with peak_of(worker.pid) as one:
            _finish(account, "alone", 1)
        with peak_of(worker.pid) as many:
            _finish(account, "full", CAPACITY)
    further = (many.memory.resident - one.memory.resident) / (CAPACITY - 1)
    return [
        Row(
            what="Memory of a worker, one environment in flight (RSS; PSS)",
            value=round(one.memory.resident, 1),
            shown=f"{one.memory.resident:.0f} MiB; {one.memory.own:.0f} MiB",
            most=MOST_WORKER_MIB,
            goal=within(MOST_WORKER_MIB, " MiB"),
        ),
        Row(
            what=f"Memory of each further one, {CAPACITY} in flight (RSS)",
            value=round(further, 2),
            shown=f"{further:.2f} MiB",
            most=MOST_FURTHER_MIB,
            goal=within(MOST_FURTHER_MIB, " MiB"),
        ),
    ]


def _finish(account: Account, prefix: str, count: int) -> None:
    ask_for(account, [f"{prefix}-{number}" for number in range(count)], developer())
    _wait_for_end(time.monotonic())


def _wait_for_end(began: float) -> float:
    while open_operations():
        if time.monotonic() - began > _PATIENCE:
            raise BenchFailed(f"{open_operations()} operations did not end in {_PATIENCE:.0f} s.")
        time.sleep(_TICK)
    forbid_failures()
    return time.monotonic() - began
