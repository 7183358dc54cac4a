"""What AWS measures of an environment, for pages and API: asked in the web process, so within a limit of time, and kept
for a minute, so that a page that many look at asks once."""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as TookTooLong
from functools import cache as kept_for_good
from typing import TypeVar, cast

from django.core.cache import cache
from django.utils import timezone
from redis.exceptions import RedisError

from environments.models import Environment
from provisioning.aws import AccountAccess, Aws, Connection
from provisioning.errors import AwsError, ProvisioningError
from provisioning.inspect.alarms import NONSENSE, SILENCE, Alarms, Problem, read_alarms
from provisioning.inspect.metrics import RANGES, Metrics, read_metrics
from provisioning.resource import Recorded

logger = logging.getLogger(__name__)

T = TypeVar("T", bound=Metrics | Alarms | Problem)
U = TypeVar("U")

LIMIT = 8.0  # seconds that a page waits
KEPT = 60  # seconds that an answer is good for
KEPT_PROBLEM = 10
USUAL_RANGE = "3h"
_VERSION = 1  # of what is kept: another one is not read
_THREADS = 8


class NoAnswer(ProvisioningError):
    """AWS does not tell."""

    status = 502

    @classmethod
    def because(cls, problem: Problem) -> NoAnswer:
        """What a problem comes to where there is nothing else to tell."""
        return cls(problem.message, code=problem.code, hint=problem.hint)


def metrics_of(environment: Environment, span: str) -> Metrics | Problem:
    """What was measured over a range, or why nobody knows. Raises KeyError for a range that there is not."""
    chosen = RANGES[span]
    return _kept(
        environment,
        f"metrics:{span}",
        lambda rows, aws: read_metrics(rows, aws, span=chosen, now=timezone.now()),
    )


def alarms_of(environment: Environment) -> Alarms | Problem:
    """Its alarms, or why nobody knows."""
    return _kept(environment, "alarms", read_alarms)


def known_metrics(environment: Environment, span: str) -> Metrics | None:
    """What was measured, where it is known already."""
    found = _remembered(_key(environment, f"metrics:{span}"))
    return found if isinstance(found, Metrics) else None


def _kept(environment: Environment, what: str, read: Callable[[list[Recorded], Aws], T]) -> T | Problem:
    key = _key(environment, what)
    found = _remembered(key)
    if found is None:
        found = _read(environment, read)
        _remember(key, found, KEPT_PROBLEM if isinstance(found, Problem) else KEPT)
    return cast("T | Problem", found)


def _read(environment: Environment, read: Callable[[list[Recorded], Aws], T]) -> T | Problem:
    rows = [row.recorded for row in environment.resources.all()]
    return within_limit(environment, lambda aws: read(rows, aws))


def within_limit(environment: Environment, read: Callable[[Aws], U]) -> U | Problem:
    """What a look at AWS finds, or why it finds nothing: a page waits for it so long and no longer."""
    access, region = environment.account.access, environment.region
    work: Future[U] = _pool(access.account).submit(
        lambda: read(Aws(connection=_connection_to(access, region), caller="page"))
    )
    try:
        return work.result(timeout=LIMIT)
    except TookTooLong:
        work.cancel()
        logger.warning("AWS did not answer a page in time", extra={"environment": environment.pk})
        return SILENCE
    except AwsError as error:
        return Problem.of(error)
    except Exception:
        logger.exception("A look at AWS failed", extra={"environment": environment.pk})
        return NONSENSE


@kept_for_good
def _pool(account: str) -> ThreadPoolExecutor:
    """Threads that may still wait for AWS when a page has stopped to; an account that hangs has only its own."""
    return ThreadPoolExecutor(max_workers=_THREADS, thread_name_prefix="watching")


@kept_for_good
def _connection_to(access: AccountAccess, region: str) -> Connection:
    """Less patient than a worker's: somebody looks at a page meanwhile."""
    return Connection(access, region, threads=_THREADS, seconds=5)


def _key(environment: Environment, what: str) -> str:
    return f"watching:{_VERSION}:{environment.pk}:{environment.lifecycle}:{what}"


def _remembered(key: str) -> Metrics | Alarms | Problem | None:
    """Nothing where nobody can be asked: AWS can."""
    try:
        return cast("Metrics | Alarms | Problem | None", cache.get(key))
    except RedisError:
        return None


def _remember(key: str, found: Metrics | Alarms | Problem, seconds: int) -> None:
    try:
        cache.set(key, found, seconds)
    except RedisError:
        logger.warning("What AWS measured could not be kept", extra={"key": key})
