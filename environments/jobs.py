"""What workers run: the only place where Django meets the engine."""

from __future__ import annotations

import logging
import threading
from dataclasses import asdict
from functools import cache

from django.db import close_old_connections
from django.utils import timezone

import provisioning.kinds  # noqa: F401 # registers every kind
from environments import queue
from environments.choices import Lifecycle, OperationStatus
from environments.journal import DatabaseSource
from environments.models import Environment, ReadinessCheck
from environments.models.environment import SWEPT_WITHIN
from environments.services import mails, readiness
from provisioning.aws import AccountAccess, Aws, Connection
from provisioning.engine import Engine
from provisioning.errors import AwsError
from provisioning.inspect.sweep import sweep
from provisioning.readiness.check import check
from provisioning.readiness.checklist import ITEMS
from provisioning.timing import Timing

logger = logging.getLogger(__name__)

THREADS = 16
CAPACITY = 12
GLANCE_SECONDS = 10  # that a read for the readiness list waits for its answer

_stopping = threading.Event()
_attending = threading.Lock()


def attend() -> int:
    """Answer the doorbell: carry on every operation that is due until none is. Returns how many were taken."""
    if not _attending.acquire(blocking=False):
        return 0  # another thread of this process is at it, and takes whatever is due
    try:
        close_old_connections()
        taken = _engine().work()
        sweep_destroyed()
        return taken
    finally:
        _attending.release()


def sweep_destroyed() -> None:
    """Look in the account for what is left of environments that were destroyed, once for each."""
    # One that gets no answer is given up after a while: it must not be asked about at every ring for ever.
    recently = timezone.now() - SWEPT_WITHIN
    gone = Environment.objects.filter(lifecycle=Lifecycle.DESTROYED, remains__isnull=True)
    gone = gone.filter(destroyed_at__gte=recently)
    gone = gone.filter(operations__status=OperationStatus.SUCCEEDED).distinct().select_related("account")
    for environment in gone.prefetch_related("resources"):
        try:
            spec = environment.spec
            aws = Aws(connection=connection_to(environment.account.access, spec.region), caller="sweep")
            regions = {row.recorded.region for row in environment.resources.all()}
            remains = [asdict(one) for one in sweep(aws, spec.stack, regions)]
        except (AwsError, ValueError):  # no answer, or a row that another version wrote
            logger.warning(
                "A sweep failed; it is tried again", extra={"environment": environment.pk}, exc_info=True
            )
            continue
        Environment.objects.filter(pk=environment.pk).update(remains=remains)


def send_mails() -> int:
    """Send what people want by mail; how many went."""
    close_old_connections()
    return mails.send_due()


def check_readiness() -> int:
    """Answer the ring for readiness checks; how many were made."""
    close_old_connections()
    return check_next()


def check_next() -> int:
    """Ask AWS how ready one environment is, the one that waits longest; how many were checked. Others have their turn
    after the operations that came meanwhile."""
    claimed = readiness.claim_check()
    if claimed is None:
        return 0
    _check_readiness(claimed)
    if ReadinessCheck.objects.due(timezone.now()).exists():
        queue.ring_readiness()
    return 1


def _check_readiness(claimed: ReadinessCheck) -> None:
    environment = claimed.environment
    if environment.lifecycle not in readiness.STANDING:
        readiness.drop_check(claimed)
        return
    try:
        spec = environment.spec
        recorded = [row.recorded for row in environment.resources.all()]
    except ValueError:  # rows that another version wrote
        logger.warning("A check cannot read its environment", extra={"environment": environment.pk})
        readiness.record_check(claimed, None)
        return
    aws = Aws(connection=_glance_at(environment.account.access, spec.region), caller="readiness")
    readiness.record_check(claimed, check(ITEMS, spec, recorded, aws))


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
def _glance_at(access: AccountAccess, region: str) -> Connection:
    """The same for reads that nothing depends on: operations wait for the worker meanwhile, of other accounts too."""
    return Connection(access, region, threads=THREADS, seconds=GLANCE_SECONDS)


@cache
def _engine() -> Engine:
    return Engine(
        DatabaseSource(connect=connection_to),
        timing=Timing(),
        threads=THREADS,
        capacity=CAPACITY,
        stopping=_stopping.is_set,
    )
