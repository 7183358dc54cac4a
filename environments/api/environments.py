"""The calls about environments."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Status

from environments.api import schemas
from environments.api.access import caller_of, one_of
from environments.api.operations import accepted
from environments.api.paging import page_of
from environments.choices import Scope
from environments.models import Environment
from environments.services import environments, requests

router = Router()


@router.get("/environments", response=dict[str, Any])
def list_environments(request: HttpRequest, cursor: int | None = None) -> dict[str, Any]:
    """The living, newest first."""
    by = caller_of(request, Scope.READ)
    found = Environment.objects.visible_to(by.person).living().for_list()
    return page_of(found, cursor, schemas.environment_out)


@router.get("/environments/{slug}", response=schemas.EnvironmentOut)
def read_environment(request: HttpRequest, slug: str) -> schemas.EnvironmentOut:
    """One environment."""
    by = caller_of(request, Scope.READ)
    return schemas.environment_out(_environment(by.person, slug))


@router.get("/environments/{slug}/resources", response=list[dict[str, Any]])
def read_resources(request: HttpRequest, slug: str) -> list[dict[str, Any]]:
    """What it consists of."""
    by = caller_of(request, Scope.READ)
    rows = _environment(by.person, slug).resources.all()
    return [
        {"key": row.key, "kind": row.kind, "name": row.name, "id": row.aws_id, "standing": row.standing}
        for row in rows
    ]


@router.delete("/environments/{slug}", response={202: schemas.OperationOut | schemas.RequestOut})
def destroy(
    request: HttpRequest, response: HttpResponse, slug: str, final_snapshot: bool = True
) -> Status[Any]:
    """Destroy it: 202 with the operation, or with the request where a rule asks for an approval."""
    by = caller_of(request, Scope.DESTROY)
    environment = _environment(by.person, slug)
    made = requests.request_destroy(
        environment=environment, confirm_name=environment.slug, final_snapshot=final_snapshot, by=by
    )
    operation = made.operations.order_by("pk").last()
    if operation is None:
        response["Location"] = f"/api/v1/requests/{made.pk}"
        return Status(202, schemas.request_out(made))
    return accepted(response, operation)


@router.post("/environments/{slug}/extend", response=schemas.EnvironmentOut)
def extend(request: HttpRequest, slug: str, body: schemas.ExtendIn) -> schemas.EnvironmentOut:
    """It expires so many days from now."""
    by = caller_of(request, Scope.CHANGE)
    environment = _environment(by.person, slug)
    changed = environments.extend_environment(environment=environment, days=body.days, by=by)
    return schemas.environment_out(changed)


@router.post("/environments/{slug}/protect", response=schemas.EnvironmentOut)
def protect(request: HttpRequest, slug: str) -> schemas.EnvironmentOut:
    """Nobody can destroy it from now on."""
    return _set_protection(request, slug, protected=True)


@router.post("/environments/{slug}/unprotect", response=schemas.EnvironmentOut)
def unprotect(request: HttpRequest, slug: str) -> schemas.EnvironmentOut:
    """Take the protection off; only admins of the team may."""
    return _set_protection(request, slug, protected=False)


def _set_protection(request: HttpRequest, slug: str, *, protected: bool) -> schemas.EnvironmentOut:
    by = caller_of(request, Scope.CHANGE)
    environment = _environment(by.person, slug)
    changed = environments.protect_environment(environment=environment, protected=protected, by=by)
    return schemas.environment_out(changed)


def _environment(person: Any, slug: str) -> Environment:
    return one_of(Environment.objects.visible_to(person).for_list().newest_first(), slug=slug)
