"""The door: from where a request really comes, and who may pass into the rooms behind the administration."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import ip_address
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse

GetResponse = Callable[[HttpRequest], HttpResponse]


class ClientAddressMiddleware:
    """Behind proxies REMOTE_ADDR is the nearest of them. Each trusted one (TRUSTED_PROXY_COUNT) adds to
    X-Forwarded-For whom it was asked by: so far from the right stands the person, further left what anybody may claim.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        proxies = settings.ALLAUTH_TRUSTED_PROXY_COUNT
        told = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",")]
        if proxies and len(told) >= proxies and _is_address(told[-proxies]):
            request.META["REMOTE_ADDR"] = told[-proxies]
        return self.get_response(request)


def _is_address(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True


class QueueDoorMiddleware:
    """django-rq shows its queues to every member of staff, and lets them be emptied. Here: platform admins."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: object, args: Any, kwargs: Any) -> None:
        match = request.resolver_match
        names = match.view_name.partition(":")[2] if match else ""
        if _is_of_django_rq(view, names) and request.user.is_authenticated and not request.user.is_superuser:
            raise PermissionDenied


def _is_of_django_rq(view: object, name: str) -> bool:
    module = getattr(getattr(view, "__wrapped__", view), "__module__", "")
    return module.startswith("django_rq") or name.startswith(("django_rq", "rq_"))
