"""The REST API: all its calls, and the one shape of its errors."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import ValidationError

from environments.api import catalogue, environments, operations, people, requests
from environments.api.access import BearerToken
from environments.errors import InvalidInput, status_of
from provisioning.errors import ProvisioningError

api = NinjaAPI(title="Andamio", version="1", auth=BearerToken(), urls_namespace="api", docs_url="/docs")
api.add_router("", catalogue.router, tags=["Catalogue"])
api.add_router("", requests.router, tags=["Requests"])
api.add_router("", environments.router, tags=["Environments"])
api.add_router("", operations.router, tags=["Operations"])
api.add_router("", people.router, tags=["People"])


@api.exception_handler(ProvisioningError)
def _problem(request: HttpRequest, error: ProvisioningError) -> HttpResponse:
    return api.create_response(request, error.as_dict(), status=status_of(error))


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    first = error.errors[0]
    field = str(first["loc"][-1]) if first.get("loc") else None
    return _problem(request, InvalidInput(f"{field}: {first['msg']}.", field=field))
