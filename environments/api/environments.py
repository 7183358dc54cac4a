"""The calls about environments."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Router, Status

from environments.api import schemas
from environments.api.access import caller_of, one_of
from environments.api.operations import accepted
from environments.api.paging import page_of
from environments.choices import Scope
from environments.connect import FRAMEWORKS, Snippet, snippets
from environments.errors import InvalidInput
from environments.exports import cloudformation_of
from environments.models import Environment
from environments.services import changes, environments, requests
from environments.services.waiting import waiting
from provisioning.errors import brief

router = Router()


@router.get("/environments", response=dict[str, Any], summary="List environments")
def list_environments(request: HttpRequest, cursor: int | None = None) -> dict[str, Any]:
    """Those that live, newest first. Scope: `read`."""
    by = caller_of(request, Scope.READ)
    found = Environment.objects.visible_to(by.person).living().for_list()
    return page_of(found, cursor, schemas.environment_out)


@router.get("/environments/{slug}", response=schemas.EnvironmentOut, summary="Read an environment")
def read_environment(request: HttpRequest, slug: str) -> schemas.EnvironmentOut:
    """Its lifecycle, deployment, health and drift, its outputs, cost and end date. Scope: `read`."""
    by = caller_of(request, Scope.READ)
    return schemas.environment_out(_environment(by.person, slug))


@router.get(
    "/environments/{slug}/resources",
    response=list[dict[str, Any]],
    summary="List the resources of an environment",
)
def read_resources(request: HttpRequest, slug: str) -> list[dict[str, Any]]:
    """Everything that it consists of, with the ids that AWS gave. Scope: `read`."""
    by = caller_of(request, Scope.READ)
    rows = _environment(by.person, slug).resources.all()
    return [
        {"key": row.key, "kind": row.kind, "name": row.name, "id": row.aws_id, "standing": row.standing}
        for row in rows
    ]


@router.get(
    "/environments/{slug}/waiting",
    response=list[schemas.WaitingOut],
    summary="What waits for a person elsewhere",
)
def read_waiting(request: HttpRequest, slug: str) -> list[schemas.WaitingOut]:
    """Connections that somebody has to finish in the AWS console, addresses that have to be confirmed: AWS is asked at
    this moment. `done`: nothing is left to do about it. Scope: `read`."""
    by = caller_of(request, Scope.READ)
    environment = _environment(by.person, slug)
    return [schemas.waiting_out(one) for one in ([] if environment.is_gone else waiting(environment))]


@router.get(
    "/environments/{slug}/export/cloudformation",
    response=dict[str, Any],
    summary="Export as a CloudFormation template",
)
def export_cloudformation(request: HttpRequest, slug: str) -> dict[str, Any]:
    """What was asked for last as one template. What CloudFormation cannot make, and what has to be there before the
    stack, stands in its `Metadata`. Scope: `read`."""
    by = caller_of(request, Scope.READ)
    return cloudformation_of(_environment(by.person, slug))


@router.get(
    "/environments/{slug}/connect",
    response=list[schemas.SnippetOut],
    summary="What an application needs to use it",
)
def connect(request: HttpRequest, slug: str, framework: str = "flask") -> list[Snippet]:
    """Files to copy, filled with the environment's real names, for `flask`, `django` or `fastapi`; empty until it
    stands. No secret is in them. Scope: `read`."""
    by = caller_of(request, Scope.READ)
    environment = _environment(by.person, slug)
    if framework not in FRAMEWORKS:
        raise InvalidInput(
            _("There are no files for %(name)s.") % {"name": brief(framework)},
            hint=_("Choose one of: %(names)s.") % {"names": ", ".join(FRAMEWORKS)},
            field="framework",
        )
    return snippets(environment, framework, request.build_absolute_uri("/"))


@router.post("/environments/{slug}/changes", response={201: schemas.RequestOut}, summary="Ask for a change")
def change(request: HttpRequest, slug: str, body: schemas.ChangeIn) -> Status[Any]:
    """Writes a request with the plan from what stands to what is wanted and the price after it; approvers are told.
    409 unless the environment is ready. Scope: `requests:write`."""
    by = caller_of(request, Scope.REQUEST)
    made = changes.request_change(
        environment=_environment(by.person, slug),
        options=body.options,
        usage=body.usage,
        note=body.note,
        by=by,
    )
    return Status(201, schemas.request_out(made))


@router.delete(
    "/environments/{slug}",
    response={202: schemas.OperationOut | schemas.RequestOut},
    summary="Destroy an environment",
)
def destroy(
    request: HttpRequest, response: HttpResponse, slug: str, final_snapshot: bool = True
) -> Status[Any]:
    """202 with the operation, or with the request where a rule asks for an approval. `final_snapshot` keeps the data of
    the database. A protected environment refuses. Scope: `environments:destroy`."""
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


@router.post("/environments/{slug}/extend", response=schemas.EnvironmentOut, summary="Set the end date")
def extend(request: HttpRequest, slug: str, body: schemas.ExtendIn) -> schemas.EnvironmentOut:
    """It expires so many days from now, or never. Scope: `environments:write`."""
    by = caller_of(request, Scope.CHANGE)
    environment = _environment(by.person, slug)
    changed = environments.extend_environment(environment=environment, days=body.days, by=by)
    return schemas.environment_out(changed)


@router.post(
    "/environments/{slug}/protect", response=schemas.EnvironmentOut, summary="Protect against destroying"
)
def protect(request: HttpRequest, slug: str) -> schemas.EnvironmentOut:
    """From now on nobody can destroy it. Scope: `environments:write`."""
    return _set_protection(request, slug, protected=True)


@router.post(
    "/environments/{slug}/unprotect", response=schemas.EnvironmentOut, summary="Take the protection off"
)
def unprotect(request: HttpRequest, slug: str) -> schemas.EnvironmentOut:
    """Only admins of the team can. Scope: `environments:write`."""
    return _set_protection(request, slug, protected=False)


def _set_protection(request: HttpRequest, slug: str, *, protected: bool) -> schemas.EnvironmentOut:
    by = caller_of(request, Scope.CHANGE)
    environment = _environment(by.person, slug)
    changed = environments.protect_environment(environment=environment, protected=protected, by=by)
    return schemas.environment_out(changed)


def _environment(person: Any, slug: str) -> Environment:
    return one_of(Environment.objects.visible_to(person).for_list().newest_first(), slug=slug)
