"""`manage.py scheduler`: keeps time. Rings for every operation that is due and has no live owner."""

from __future__ import annotations

import logging
import signal
import threading
import time
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand
from django.db import DatabaseError, close_old_connections, connection
from django.utils import timezone

from environments import queue
from environments.journal import due_now, next_wake
from environments.models import Notification, ReadinessCheck
from environments.services import readiness

logger = logging.getLogger(__name__)

TICK = timedelta(milliseconds=250)  # how late a ring may be
READINESS_EVERY = 20.0  # seconds between looks for readiness checks
MAIL_EVERY = 30.0  # seconds between looks for mails that a ring or a mail server failed
BREAK = 2.0  # seconds to leave a database in peace that does not answer


class Command(BaseCommand):
    help = "Rings the doorbell for parked, orphaned and lost operations. One is enough; two do no harm."

    _mail_at = 0.0  # when mails are looked for next (time.monotonic)
    _readiness_at = 0.0  # the same of readiness checks

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        while not stop.wait(self.tick()):
            pass

    def ring_for_mail(self) -> None:
        """Now and then; a mail that was just told of has its own ring."""
        if time.monotonic() >= self._mail_at:
            self._mail_at = time.monotonic() + MAIL_EVERY
            if Notification.objects.filter(mail_due=True).exists():
                queue.ring_mail()

    def ring_for_readiness(self) -> None:
        """Now and then: what was not checked for a day, and what a ring or a worker failed."""
        if time.monotonic() >= self._readiness_at:
            self._readiness_at = time.monotonic() + READINESS_EVERY
            readiness.want_daily_checks()
            if ReadinessCheck.objects.due(timezone.now()).exists():
                queue.ring_readiness()

    def tick(self) -> float:
        """One look; the seconds until the next."""
        close_old_connections()
        try:
            due = due_now()
            self.ring_for_mail()
            self.ring_for_readiness()
            for _ in range(min(due - queue.waiting(), queue.ENOUGH)):
                queue.ring()
            return next_wake(TICK)
        except DatabaseError:
            logger.warning("The database does not answer", exc_info=True)
            connection.close()
        except Exception:
            logger.warning("The queue does not answer", exc_info=True)
        return BREAK
