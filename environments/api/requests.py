"""The calls about requests: ask, decide, withdraw, renew."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router, Status

from environments.api import schemas
from environments.api.access import caller_of, one_of
from environments.api.catalogue import wish_of
from environments.api.paging import page_of
from environments.choices import Scope
from environments.models import Request
from environments.services import requests

router = Router()


@router.post("/requests", response={201: schemas.RequestOut}, summary="Ask for an environment")
def create_request(request: HttpRequest, body: schemas.RequestIn) -> Status[Any]:
    """Writes the request with its plan and price; approvers are told. `hash` in the answer is the fingerprint that an
    approval has to name. Scope: `requests:write`."""
    by = caller_of(request, Scope.REQUEST)
    made = requests.create_request(
        wish=wish_of(body, by.person), note=body.note, expires_in_days=body.expires_in_days, by=by
    )
    return Status(201, schemas.request_out(made))


@router.get("/requests", response=dict[str, Any], summary="List requests")
def list_requests(request: HttpRequest, cursor: int | None = None) -> dict[str, Any]:
    """Those of one's teams, newest first. Scope: `read`."""
    by = caller_of(request, Scope.READ)
    return page_of(Request.objects.visible_to(by.person).for_list(), cursor, schemas.request_line)


@router.get("/requests/{pk}", response=schemas.RequestOut, summary="Read a request")
def read_request(request: HttpRequest, pk: int) -> schemas.RequestOut:
    """Its plan, its price, its `hash`, and the operation that carries it out once it is approved. Scope: `read`."""
    by = caller_of(request, Scope.READ)
    return schemas.request_out(one_of(Request.objects.visible_to(by.person).for_list(), pk=pk))


@router.post("/requests/{pk}/approve", response=schemas.RequestOut, summary="Approve a request")
def approve(request: HttpRequest, pk: int, body: schemas.ApproveIn) -> schemas.RequestOut:
    """Says yes to exactly the plan and price that were read: `hash` has to be theirs, else the answer is 409. Nobody
    approves their own request, unless a rule says so. Scope: `requests:approve`."""
    by = caller_of(request, Scope.APPROVE)
    found = one_of(Request.objects.visible_to(by.person), pk=pk)
    decided = requests.approve(request=found, seen=body.hash, comment=body.comment, by=by)
    return schemas.request_out(decided)


@router.post("/requests/{pk}/deny", response=schemas.RequestOut, summary="Deny a request")
def deny(request: HttpRequest, pk: int, body: schemas.DenyIn) -> schemas.RequestOut:
    """Says no; `reason` is read by whoever asked. Scope: `requests:approve`."""
    by = caller_of(request, Scope.APPROVE)
    found = one_of(Request.objects.visible_to(by.person), pk=pk)
    return schemas.request_out(requests.deny(request=found, reason=body.reason, by=by))


@router.post("/requests/{pk}/cancel", response=schemas.RequestOut, summary="Withdraw a request")
def cancel_request(request: HttpRequest, pk: int) -> schemas.RequestOut:
    """Its requester or an approver can, as long as nobody has decided. Scope: `requests:write`."""
    by = caller_of(request, Scope.REQUEST)
    found = one_of(Request.objects.visible_to(by.person), pk=pk)
    return schemas.request_out(requests.cancel(request=found, by=by))


@router.post(
    "/requests/{pk}/renew", response=schemas.RequestOut, summary="Renew a request that is out of date"
)
def renew_request(request: HttpRequest, pk: int) -> schemas.RequestOut:
    """Writes plan and price anew, as things are now; it is decided on again. Scope: `requests:write`."""
    by = caller_of(request, Scope.REQUEST)
    found = one_of(Request.objects.visible_to(by.person), pk=pk)
    return schemas.request_out(requests.renew(request=found, by=by))
