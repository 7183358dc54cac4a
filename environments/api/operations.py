"""The calls about operations: watch, cancel, retry, roll back."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Status

from environments.api import schemas
from environments.api.access import caller_of, one_of
from environments.api.paging import page_of
from environments.choices import Scope
from environments.models import Operation
from environments.services import operations

router = Router()


@router.get("/operations", response=dict[str, Any], summary="List operations")
def list_operations(request: HttpRequest, cursor: int | None = None) -> dict[str, Any]:
    """Those of the environments of one's teams, newest first. Scope: `read`."""
    by = caller_of(request, Scope.READ)
    return page_of(Operation.objects.visible_to(by.person).for_list(), cursor, schemas.operation_line)


@router.get("/operations/{pk}", response=schemas.OperationOut, summary="Follow an operation")
def read_operation(request: HttpRequest, pk: int) -> schemas.OperationOut:
    """Status, progress, when it is expected to end, and every step with its error. Scope: `read`."""
    by = caller_of(request, Scope.READ)
    return schemas.operation_out(one_of(Operation.objects.visible_to(by.person).for_list(), pk=pk))


@router.post("/operations/{pk}/cancel", response={202: schemas.OperationOut}, summary="Cancel an operation")
def cancel(request: HttpRequest, response: HttpResponse, pk: int) -> Status[Any]:
    """Stops between steps; what is made stays listed and can be retried, rolled back or destroyed.
    Scope: `operations:write`."""
    by = caller_of(request, Scope.OPERATE)
    found = one_of(Operation.objects.visible_to(by.person), pk=pk)
    return accepted(response, operations.cancel_operation(operation=found, by=by))


@router.post("/operations/{pk}/retry", response={202: schemas.OperationOut}, summary="Retry an operation")
def retry(request: HttpRequest, response: HttpResponse, pk: int) -> Status[Any]:
    """Goes on from the steps that failed or were cancelled. Scope: `operations:write`."""
    by = caller_of(request, Scope.OPERATE)
    found = one_of(Operation.objects.visible_to(by.person), pk=pk)
    return accepted(response, operations.retry_operation(operation=found, by=by))


@router.post(
    "/operations/{pk}/rollback", response={202: schemas.OperationOut}, summary="Roll an operation back"
)
def roll_back(request: HttpRequest, response: HttpResponse, pk: int) -> Status[Any]:
    """Takes away what it made. Scope: `operations:write`."""
    by = caller_of(request, Scope.OPERATE)
    found = one_of(Operation.objects.visible_to(by.person), pk=pk)
    return accepted(response, operations.roll_back_operation(operation=found, by=by))


def accepted(response: HttpResponse, operation: Operation) -> Status[Any]:
    """202, with the address to poll."""
    response["Location"] = f"/api/v1/operations/{operation.pk}"
    return Status(202, schemas.operation_out(operation))
