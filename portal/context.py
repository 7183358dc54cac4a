"""What every page knows about this installation."""

from django.conf import settings
from django.http import HttpRequest


def portal(request: HttpRequest) -> dict[str, str | bool]:
    """Template variables `demo`, `version` and `simulated_aws` (true where a demo account is simulated)."""
    return {
        "demo": settings.DEMO,
        "version": settings.VERSION,
        "simulated_aws": bool(settings.AWS_ENDPOINT_URL),
    }
