"""The REST API: all its calls. The one shape of its errors is given to it where it is wired (portal/urls.py)."""

from __future__ import annotations

from ninja import NinjaAPI

from environments.api import catalogue, environments, operations, people, requests
from environments.api.access import BearerToken
from environments.api.parser import PlainTextParser

api = NinjaAPI(
    title="Andamio",
    version="1",
    auth=BearerToken(),
    parser=PlainTextParser(),
    urls_namespace="api",
    docs_url="/docs",
)
api.add_router("", catalogue.router, tags=["Catalogue"])
api.add_router("", requests.router, tags=["Requests"])
api.add_router("", environments.router, tags=["Environments"])
api.add_router("", operations.router, tags=["Operations"])
api.add_router("", people.router, tags=["People"])
