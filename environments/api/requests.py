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


@router.post("/requests", response={201: schemas.RequestOut})
def create_request(request: HttpRequest, body: schemas.RequestIn) -> Status[Any]:
    """Ask for an environment."""
    by = caller_of(request, Scope.REQUEST)
    made = requests.create_request(
        wish=wish_of(body, by.person), note=body.note, expires_in_days=body.expires_in_days, by=by
    )
    return Status(201, schemas.request_out(made))


@router.get("/requests", response=dict[str, Any])
def list_requests(request: HttpRequest, cursor: int | None = None) -> dict[str, Any]:
    """Of one's teams and for one's decision, newest first."""
    by = caller_of(request, Scope.READ)
    return page_of(Request.objects.visible_to(by.person).for_list(), cursor, schemas.request_line)


@router.get("/requests/{pk}", response=schemas.RequestOut)
def read_request(request: HttpRequest, pk: int) -> schemas.RequestOut:
    """One request."""
    by = caller_of(request, Scope.READ)
    return schemas.request_out(one_of(Request.objects.visible_to(by.person).for_list(), pk=pk))


@router.post("/requests/{pk}/approve", response=schemas.RequestOut)
def approve(request: HttpRequest, pk: int, body: schemas.ApproveIn) -> schemas.RequestOut:
    """Say yes to what was read."""
    by = caller_of(request, Scope.APPROVE)
    found = one_of(Request.objects.visible_to(by.person), pk=pk)
    decided = requests.approve(request=found, seen=body.hash, comment=body.comment, by=by)
    return schemas.request_out(decided)


@router.post("/requests/{pk}/deny", response=schemas.RequestOut)
def deny(request: HttpRequest, pk: int, body: schemas.DenyIn) -> schemas.RequestOut:
    """Say no, and why."""
    by = caller_of(request, Scope.APPROVE)
    found = one_of(Request.objects.visible_to(by.person), pk=pk)
    return schemas.request_out(requests.deny(request=found, reason=body.reason, by=by))


@router.post("/requests/{pk}/cancel", response=schemas.RequestOut)
def cancel_request(request: HttpRequest, pk: int) -> schemas.RequestOut:
    """Withdraw."""
    by = caller_of(request, Scope.REQUEST)
    found = one_of(Request.objects.visible_to(by.person), pk=pk)
    return schemas.request_out(requests.cancel(request=found, by=by))


@router.post("/requests/{pk}/renew", response=schemas.RequestOut)
def renew_request(request: HttpRequest, pk: int) -> schemas.RequestOut:
    """Write one that is out of date anew, as things are now; it is decided on again."""
    by = caller_of(request, Scope.REQUEST)
    found = one_of(Request.objects.visible_to(by.person), pk=pk)
    return schemas.request_out(requests.renew(request=found, by=by))
