"""`manage.py worker`: an RQ worker that stays warm, for operations first and everything else after."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from django_rq import get_connection, get_queue
from rq import SimpleWorker

from environments.queue import QUEUE


class WarmWorker(SimpleWorker):
    """Works in its own process, without a fork per job: AWS clients cost half a second and 56 MiB to make.

    A job that takes the process down is taken up again by the next worker: Postgres is the truth.
    """

    def handle_warm_shutdown_request(self) -> None:
        """Let the engine park what it holds, so that the job ends soon."""
        from environments.jobs import stop_soon

        super().handle_warm_shutdown_request()  # type: ignore[no-untyped-call]  # rq leaves it so
        stop_soon()


class Command(BaseCommand):
    help = "Runs operations and background jobs until it is told to stop."

    def handle(self, *args: Any, **options: Any) -> None:
        from environments import jobs

        jobs.warm_up()
        queues = [get_queue(QUEUE), get_queue("default")]
        worker = WarmWorker(queues, connection=get_connection("default"))
        worker.work(logging_level="WARNING")
