"""What workers run: the only place where Django meets the engine."""

from __future__ import annotations

import threading
from functools import cache

from django.db import close_old_connections

import provisioning.kinds  # noqa: F401 # registers every kind
from environments.journal import DatabaseSource
from provisioning.aws import AccountAccess, Connection
from provisioning.engine import Engine
from provisioning.timing import Timing

THREADS = 16
CAPACITY = 12

_stopping = threading.Event()


def attend() -> int:
    """Answer the doorbell: carry on every operation that is due until none is. Returns how many were taken."""
    close_old_connections()
    return _engine().work()


def warm_up() -> None:
    """Load what the first operation would have to wait for."""
    _engine()


def stop_soon() -> None:
    """Park what is in hand at the next moment between calls: the process is about to end."""
    _stopping.set()


@cache
def connection_to(access: AccountAccess, region: str) -> Connection:
    """One connection per account and region for the life of the process: its clients stay warm."""
    return Connection(access, region, threads=THREADS)


@cache
def _engine() -> Engine:
    return Engine(
        DatabaseSource(connect=connection_to),
        timing=Timing(),
        threads=THREADS,
        capacity=CAPACITY,
        stopping=_stopping.is_set,
    )
