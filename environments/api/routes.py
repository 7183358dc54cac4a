"""The calls of the API."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI, Status
from ninja.errors import ValidationError

from environments.api import people, schemas
from environments.api.access import BearerToken, caller_of, one_of
from environments.choices import Scope
from environments.errors import InvalidInput, status_of
from environments.models import Account, Application, Environment, Operation, Request
from environments.services import environments, operations, proposals, requests
from environments.services.proposals import Wish
from provisioning.blueprints import all_blueprints
from provisioning.errors import ProvisioningError

api = NinjaAPI(title="Andamio", version="1", auth=BearerToken(), urls_namespace="api", docs_url="/docs")
api.add_router("", people.router)

PAGE = 50


@api.exception_handler(ProvisioningError)
def _problem(request: HttpRequest, error: ProvisioningError) -> HttpResponse:
    return api.create_response(request, error.as_dict(), status=status_of(error))


@api.exception_handler(ValidationError)
def _invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    first = error.errors[0]
    field = str(first["loc"][-1]) if first.get("loc") else None
    return _problem(request, InvalidInput(f"{field}: {first['msg']}.", field=field))


@api.get("/catalogue", response=list[dict[str, Any]])
def catalogue(request: HttpRequest) -> list[dict[str, Any]]:
    """What can be had, with the schema of its options."""
    caller_of(request, Scope.READ)
    return [
        {
            "architecture": one.architecture,
            "phase": one.phase,
            "title": one.title,
            "summary": one.summary,
            "options": one.options.model_json_schema(),
        }
        for one in all_blueprints()
    ]


@api.post("/estimates", response=schemas.EstimateOut)
def estimate(request: HttpRequest, body: schemas.WishIn) -> schemas.EstimateOut:
    """The price of a spec; nothing is written."""
    by = caller_of(request, Scope.READ)
    return schemas.estimate_out(proposals.propose(_wish(body, by.person)).estimate)


@api.post("/requests", response={201: schemas.RequestOut})
def create_request(request: HttpRequest, body: schemas.RequestIn) -> Status[Any]:
    """Ask for an environment."""
    by = caller_of(request, Scope.REQUEST)
    made = requests.create_request(
        wish=_wish(body, by.person), note=body.note, expires_in_days=body.expires_in_days, by=by
    )
    return Status(201, schemas.request_out(made))


@api.get("/requests/{pk}", response=schemas.RequestOut)
def read_request(request: HttpRequest, pk: int) -> schemas.RequestOut:
    """One request."""
    by = caller_of(request, Scope.READ)
    return schemas.request_out(one_of(Request.objects.visible_to(by.person).for_list(), pk=pk))


@api.post("/requests/{pk}/approve", response=schemas.RequestOut)
def approve(request: HttpRequest, pk: int, body: schemas.ApproveIn) -> schemas.RequestOut:
    """Say yes to what was read."""
    by = caller_of(request, Scope.APPROVE)
    found = one_of(Request.objects.visible_to(by.person), pk=pk)
    decided = requests.approve(request=found, seen=body.hash or found.hash, comment=body.comment, by=by)
    return schemas.request_out(decided)


@api.post("/requests/{pk}/deny", response=schemas.RequestOut)
def deny(request: HttpRequest, pk: int, body: schemas.DenyIn) -> schemas.RequestOut:
    """Say no, and why."""
    by = caller_of(request, Scope.APPROVE)
    found = one_of(Request.objects.visible_to(by.person), pk=pk)
    return schemas.request_out(requests.deny(request=found, reason=body.reason, by=by))


@api.post("/requests/{pk}/cancel", response=schemas.RequestOut)
def cancel_request(request: HttpRequest, pk: int) -> schemas.RequestOut:
    """Withdraw."""
    by = caller_of(request, Scope.REQUEST)
    found = one_of(Request.objects.visible_to(by.person), pk=pk)
    return schemas.request_out(requests.cancel(request=found, by=by))


@api.post("/requests/{pk}/renew", response=schemas.RequestOut)
def renew_request(request: HttpRequest, pk: int) -> schemas.RequestOut:
    """Write one that is out of date anew, as things are now; it is decided on again."""
    by = caller_of(request, Scope.REQUEST)
    found = one_of(Request.objects.visible_to(by.person), pk=pk)
    return schemas.request_out(requests.renew(request=found, by=by))


@api.get("/environments", response=dict[str, Any])
def list_environments(request: HttpRequest, cursor: int | None = None) -> dict[str, Any]:
    """The living, newest first; `next` is the cursor of the following page."""
    by = caller_of(request, Scope.READ)
    found = Environment.objects.visible_to(by.person).living().for_list().order_by("-pk")
    if cursor is not None:
        found = found.filter(pk__lt=cursor)
    rows = list(found[: PAGE + 1])
    items = [schemas.environment_out(one).model_dump(mode="json") for one in rows[:PAGE]]
    return {"items": items, "next": rows[PAGE - 1].pk if len(rows) > PAGE else None}


@api.get("/environments/{slug}", response=schemas.EnvironmentOut)
def read_environment(request: HttpRequest, slug: str) -> schemas.EnvironmentOut:
    """One environment."""
    by = caller_of(request, Scope.READ)
    return schemas.environment_out(_environment(by.person, slug))


@api.get("/environments/{slug}/resources", response=list[dict[str, Any]])
def read_resources(request: HttpRequest, slug: str) -> list[dict[str, Any]]:
    """What it consists of."""
    by = caller_of(request, Scope.READ)
    rows = _environment(by.person, slug).resources.all()
    return [
        {"key": row.key, "kind": row.kind, "name": row.name, "id": row.aws_id, "standing": row.standing}
        for row in rows
    ]


@api.delete("/environments/{slug}", response={202: schemas.OperationOut | schemas.RequestOut})
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
    return _accepted(response, operation)


@api.post("/environments/{slug}/extend", response=schemas.EnvironmentOut)
def extend(request: HttpRequest, slug: str, body: schemas.ExtendIn) -> schemas.EnvironmentOut:
    """It expires so many days from now."""
    by = caller_of(request, Scope.CHANGE)
    environment = _environment(by.person, slug)
    changed = environments.extend_environment(environment=environment, days=body.days, by=by)
    return schemas.environment_out(changed)


@api.post("/environments/{slug}/protect", response=schemas.EnvironmentOut)
def protect(request: HttpRequest, slug: str) -> schemas.EnvironmentOut:
    """Nobody can destroy it from now on."""
    return _set_protection(request, slug, protected=True)


@api.post("/environments/{slug}/unprotect", response=schemas.EnvironmentOut)
def unprotect(request: HttpRequest, slug: str) -> schemas.EnvironmentOut:
    """Take the protection off; only admins of the team may."""
    return _set_protection(request, slug, protected=False)


def _set_protection(request: HttpRequest, slug: str, *, protected: bool) -> schemas.EnvironmentOut:
    by = caller_of(request, Scope.CHANGE)
    environment = _environment(by.person, slug)
    changed = environments.protect_environment(environment=environment, protected=protected, by=by)
    return schemas.environment_out(changed)


@api.get("/operations/{pk}", response=schemas.OperationOut)
def read_operation(request: HttpRequest, pk: int) -> schemas.OperationOut:
    """How far it is."""
    by = caller_of(request, Scope.READ)
    return schemas.operation_out(one_of(Operation.objects.visible_to(by.person).for_list(), pk=pk))


@api.post("/operations/{pk}/cancel", response={202: schemas.OperationOut})
def cancel(request: HttpRequest, response: HttpResponse, pk: int) -> Status[Any]:
    """Stop between steps."""
    by = caller_of(request, Scope.OPERATE)
    found = one_of(Operation.objects.visible_to(by.person), pk=pk)
    return _accepted(response, operations.cancel_operation(operation=found, by=by))


@api.post("/operations/{pk}/retry", response={202: schemas.OperationOut})
def retry(request: HttpRequest, response: HttpResponse, pk: int) -> Status[Any]:
    """Go on from the failed steps."""
    by = caller_of(request, Scope.OPERATE)
    found = one_of(Operation.objects.visible_to(by.person), pk=pk)
    return _accepted(response, operations.retry_operation(operation=found, by=by))


@api.post("/operations/{pk}/rollback", response={202: schemas.OperationOut})
def roll_back(request: HttpRequest, response: HttpResponse, pk: int) -> Status[Any]:
    """Take away what it made."""
    by = caller_of(request, Scope.OPERATE)
    found = one_of(Operation.objects.visible_to(by.person), pk=pk)
    return _accepted(response, operations.roll_back_operation(operation=found, by=by))


def _accepted(response: HttpResponse, operation: Operation) -> Status[Any]:
    response["Location"] = f"/api/v1/operations/{operation.pk}"
    return Status(202, schemas.operation_out(operation))


def _environment(person: Any, slug: str) -> Environment:
    return one_of(Environment.objects.visible_to(person).for_list().newest_first(), slug=slug)


def _wish(body: schemas.WishIn, person: Any) -> Wish:
    application = Application.objects.visible_to(person).filter(slug=body.application).first()
    if application is None:
        raise InvalidInput(f"There is no application {body.application}.", field="application")
    account = Account.objects.visible_to(person).filter(slug=body.account).first()
    if account is None:
        raise InvalidInput(f"There is no account {body.account}.", field="account")
    return Wish(
        application=application,
        name=body.name,
        architecture=body.architecture,
        phase=body.phase,
        region=body.region,
        account=account,
        options=body.options,
        usage=body.usage,
    )
