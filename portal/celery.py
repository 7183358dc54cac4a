"""Celery, for those who outgrow one machine: the same jobs, another broker (QUEUE_BACKEND=celery)."""

from __future__ import annotations

import os

from celery import Celery
from celery.signals import worker_shutting_down

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

application = Celery("andamio")
application.config_from_object("django.conf:settings", namespace="CELERY")


@application.task(name="environments.jobs.attend", acks_late=True)
def attend() -> int:
    """Answer the doorbell; see environments.jobs."""
    from environments import jobs

    return jobs.attend()


@application.task(name="environments.jobs.send_mails", acks_late=True)
def send_mails() -> int:
    """Send the mails that are due; see environments.jobs."""
    from environments import jobs

    return jobs.send_mails()


@application.task(name="environments.jobs.check_readiness", acks_late=True)
def check_readiness() -> int:
    """Check the readiness of one environment; see environments.jobs."""
    from environments import jobs

    return jobs.check_readiness()


@worker_shutting_down.connect
def stop_soon(**told: object) -> None:
    """Let the engine park what it holds, so that the task ends soon; see environments.jobs."""
    from environments import jobs

    jobs.stop_soon()
