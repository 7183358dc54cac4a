"""The REST API: all its calls. The one shape of its errors is given to it where it is wired (portal/urls.py)."""

from __future__ import annotations

from ninja import NinjaAPI

from environments.api import catalogue, environments, metrics, operations, people, readiness, requests
from environments.api.access import BearerToken
from environments.api.parser import PlainTextParser

DESCRIPTION = """
What the pages do, for scripts and CI.

- A call carries `Authorization: Bearer <token>`. Tokens are made on the page *API tokens*; each holds scopes, and
  every call below names the one it needs.
- Bodies are JSON. Lists come in pages: `next` is the `cursor` of the page that follows, null on the last.
- What takes time answers `202`, and `Location` is the operation to follow.
- Every error has one shape, `{code, message, hint, field}`; `Accept-Language: es` tells it in Spanish.
"""

TAGS = {
    "Catalogue": "What can be had, and what it would cost.",
    "Requests": "Environments that somebody asks for: their plan and price, and the decision.",
    "Environments": "What stands: its state, its resources, its end date, its protection, its end.",
    "Readiness": "What a guide to AWS asks of an environment, and what AWS says of it.",
    "Operations": "Work that takes time: follow, cancel, retry, roll back.",
    "People": "What one was told, and who is in which team.",
}

api = NinjaAPI(
    title="Andamio",
    version="1",
    description=DESCRIPTION,
    openapi_extra={"tags": [{"name": name, "description": words} for name, words in TAGS.items()]},
    auth=BearerToken(),
    parser=PlainTextParser(),
    urls_namespace="api",
    docs_url="/docs",
)
api.add_router("", catalogue.router, tags=["Catalogue"])
api.add_router("", requests.router, tags=["Requests"])
api.add_router("", environments.router, tags=["Environments"])
api.add_router("", readiness.router, tags=["Readiness"])
api.add_router("", metrics.router, tags=["Environments"])
api.add_router("", operations.router, tags=["Operations"])
api.add_router("", people.router, tags=["People"])
