"""The Django app of the project itself."""

from django.apps import AppConfig
from django.conf import settings


class PortalConfig(AppConfig):
    """Makes the portal's Celery the current one where it is the queue, so that jobs can be sent by name."""

    name = "portal"

    def ready(self) -> None:
        """Celery is loaded only where it is used: it costs every start a quarter of a second."""
        if settings.QUEUE_BACKEND == "celery":
            import portal.celery  # noqa: F401  (making the application is its effect)
