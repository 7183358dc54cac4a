"""`/health`: whether this process can serve, cheap enough for a load balancer to ask every few seconds."""

import logging
from collections.abc import Callable

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import Min
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.utils import timezone

logger = logging.getLogger(__name__)

_SECONDS = 2  # a load balancer's own patience is about five


class HealthMiddleware:
    """Answers `/health` before anything else.

    It stands first because a load balancer asks by address: no host to check, no redirect to HTTPS, no
    session, no sign-in.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The state of the parts for `/health`, the portal for all else."""
        if request.path != "/health":
            return self._get_response(request)
        return health()


def health() -> JsonResponse:
    """200 where the database and the queue answer, else 503; the body says which of them did not.

    `database` and `queue` are `ok` or `unavailable`; `oldest_waiting_seconds` is how long the operation that
    waits longest for a worker has been due, null where none is. A backlog is for an alarm to watch and leaves
    the status alone: taking web servers away would not shorten it.
    """
    parts = {"database": _state("database", _ask_database), "queue": _state("queue", _ask_queue)}
    healthy = all(state == "ok" for state in parts.values())
    waiting = oldest_waiting_seconds() if parts["database"] == "ok" else None
    response = JsonResponse(
        {
            "status": "ok" if healthy else "unavailable",
            **parts,
            "oldest_waiting_seconds": waiting,
            "version": settings.VERSION,
        },
        status=200 if healthy else 503,
    )
    response["Cache-Control"] = "no-store"
    return response


def oldest_waiting_seconds() -> float | None:
    """Age of the longest-due operation that nobody works on; None where there is none, or no table yet."""
    from environments.models import Operation

    now = timezone.now()
    try:
        due_since = Operation.objects.due(now).aggregate(oldest=Min("wake_at"))["oldest"]
    except DatabaseError:
        logger.warning("Health: the operations cannot be read", exc_info=True)
        return None
    return None if due_since is None else round(max(0.0, (now - due_since).total_seconds()), 1)


def _state(part: str, ask: Callable[[], None]) -> str:
    try:
        ask()
    except Exception as error:  # noqa: BLE001  (whatever keeps a part from answering is the answer)
        logger.warning("Health: a part does not answer", extra={"part": part, "error": str(error)})
        return "unavailable"
    return "ok"


def _ask_database() -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        # A connection kept from before a restart of the database is dead for good: the next ask makes a new one.
        connection.close()
        raise


def _ask_queue() -> None:
    if settings.QUEUE_BACKEND == "celery":
        _ask_broker()
    else:
        _ask_redis()


def _ask_redis() -> None:
    from redis import Redis

    with Redis.from_url(
        settings.REDIS_URL, socket_connect_timeout=_SECONDS, socket_timeout=_SECONDS, retry=None
    ) as client:
        client.ping()


def _ask_broker() -> None:
    from kombu import Connection

    with Connection(settings.CELERY_BROKER_URL, connect_timeout=_SECONDS) as broker:
        broker.ensure_connection(max_retries=1, timeout=_SECONDS)
