"""The doorbell: tells some worker that operations may be due. It carries no truth; a lost ring is rung again."""

from __future__ import annotations

import logging
from typing import Any

from django.conf import settings

logger = logging.getLogger(__name__)

JOB = "environments.jobs.attend"
QUEUE = "operations"
MAIL_JOB = "environments.jobs.send_mails"
MAIL_QUEUE = "default"
READINESS_JOB = "environments.jobs.check_readiness"
READINESS_QUEUE = "default"
ENOUGH = 16  # rings that wait already: more would only be answered by looking in vain


def ring() -> None:
    """Ask a worker to look for due operations. Never raises: the timekeeper rings again when nobody came."""
    _ring(JOB, QUEUE)


def ring_mail() -> None:
    """Ask a worker to send the mails that are due. Never raises either."""
    _ring(MAIL_JOB, MAIL_QUEUE)


def ring_readiness() -> None:
    """Ask a worker to check the readiness of what is due. Never raises either."""
    _ring(READINESS_JOB, READINESS_QUEUE)


def _ring(job: str, queue: str) -> None:
    try:
        if settings.QUEUE_BACKEND == "celery":
            _ring_celery(job, queue)
        else:
            _ring_rq(job, queue)
    except Exception:
        logger.exception("The doorbell is broken; the timekeeper rings again")


def waiting() -> int:
    """Rings that nobody has answered yet."""
    if settings.QUEUE_BACKEND == "celery":
        return _waiting_in_celery(QUEUE)
    from django_rq import get_queue

    return int(get_queue(QUEUE).count)


def _ring_rq(job: str, name: str) -> None:
    from django_rq import get_queue

    queue = get_queue(name)
    if queue.count < ENOUGH:
        # By name, so that the web process never loads the engine; no result is kept.
        queue.enqueue_call(job, timeout=-1, result_ttl=0, failure_ttl=3600)


def _ring_celery(job: str, name: str) -> None:
    from celery import current_app

    if _waiting_in_celery(name) < ENOUGH:
        current_app.send_task(job, queue=name, retry=False)


def _waiting_in_celery(name: str) -> int:
    """Messages in a queue, as far as the broker tells; 0 where there is no such queue yet."""
    from celery import current_app

    connections: Any = current_app.pool  # the stubs take it for a pool of producers
    with connections.acquire(block=True) as broker:
        try:
            return int(broker.default_channel.queue_declare(queue=name, passive=True).message_count)
        except broker.channel_errors:
            return 0
