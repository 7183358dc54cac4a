"""What the API takes and tells."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, cast

from ninja import Schema
from pydantic import Field, JsonValue

from environments.choices import Lifecycle
from environments.models import Environment, Notification, Operation, Preferences, Request
from environments.progress import progress_of
from environments.services.submissions import expected_duration
from environments.services.waiting import Waiting
from environments.wording import worded
from provisioning.pricing import Estimate


class ErrorOut(Schema):
    """Every error of the API."""

    code: str
    message: str
    hint: str | None = None
    field: str | None = None


class WishIn(Schema):
    """An environment to ask for, or to price. `options` and `usage` hold what differs from the defaults."""

    application: str
    name: str
    architecture: str
    phase: str
    region: str
    account: str
    options: dict[str, JsonValue] = {}
    usage: dict[str, JsonValue] = {}


class RequestIn(WishIn):
    """A wish with what an approver reads."""

    note: str = Field("", max_length=4000)
    expires_in_days: int | None = None


class ChangeIn(Schema):
    """Options to change; those not named stay as they are. `usage`: figures of the expected use for the price, in place
    of those that it was worked out with; null leaves them."""

    options: dict[str, JsonValue] = {}
    usage: dict[str, JsonValue] | None = None
    note: str = Field("", max_length=4000)


class ApproveIn(Schema):
    """`hash`: that of what was read. When the request says something else by now, the answer is 409."""

    hash: str = ""
    comment: str = ""


class DenyIn(Schema):
    """Why not."""

    reason: str


class WaitingOut(Schema):
    """A thing that may wait for a person: what is missing, how it is done, and where."""

    key: str
    title: str
    done: bool
    summary: str = ""
    hint: str = ""
    url: str = ""


class ExtendIn(Schema):
    """1 to 365 days from now; null: it never expires."""

    days: int | None


class MarkIn(Schema):
    """Which notifications; null: all."""

    ids: list[int] | None = None


class MarkedOut(Schema):
    """How many were not read yet."""

    marked: int


class NotificationOut(Schema):
    """What somebody was told: `key` for programs, `text` for people; one of the two is its subject."""

    id: int
    key: str
    text: str
    request: int | None
    operation: int | None
    created_at: datetime
    read_at: datetime | None


class MailChoice(Schema):
    """Whether notifications come by mail too, and in which language (en, es)."""

    mail: bool
    language: str = "en"


class TeamOut(Schema):
    """A team; `role` is that of the token's user, null for a platform admin who is not in it."""

    slug: str
    name: str
    role: str | None
    people: int


class MemberOut(Schema):
    """Somebody in a team."""

    username: str
    role: str


class RoleIn(Schema):
    """viewer, developer, approver or admin."""

    role: str


class EstimateOut(Schema):
    """A month in USD."""

    gross: Decimal
    net: Decimal
    floor: Decimal
    expected: Decimal
    ceiling: Decimal
    currency: str
    partial: bool
    book: str
    lines: list[dict[str, Any]]


class RequestLineOut(Schema):
    """A request as a list has it."""

    id: int
    status: str
    kind: str
    environment: str
    hash: str
    requester: str
    created_at: datetime


class RequestOut(RequestLineOut):
    """A request; `estimate_before` is the price of what stands. `expected_seconds`, how long it
    usually takes, there is until it is decided, `operation` once it is carried out."""

    approvals_needed: int
    plan: dict[str, Any]
    estimate: EstimateOut
    estimate_before: EstimateOut | None
    expected_seconds: int | None
    operation: int | None


class StepOut(Schema):
    """One step. `note` is AWS's own last word, or what a check found; `warning`: it is worth a thought."""

    key: str
    title: str
    status: str
    started_at: datetime | None
    finished_at: datetime | None
    error: dict[str, Any] | None
    note: str
    warning: bool


class OperationLineOut(Schema):
    """An operation as a list has it."""

    id: int
    kind: str
    status: str
    environment: str
    created_at: datetime
    finished_at: datetime | None


class OperationOut(OperationLineOut):
    """An operation: `progress` from 0 to 1, `eta` in seconds, `error`: why it failed."""

    progress: float
    eta: float | None
    error: dict[str, Any] | None
    steps: list[StepOut]


class EnvironmentOut(Schema):
    """An environment; the four states are four fields. `cost` is that of what stands: none once it is destroyed."""

    slug: str
    application: str
    architecture: str
    phase: str
    region: str
    account: str
    lifecycle: str
    deploy_status: str
    health: str
    drift: str
    protected: bool
    outputs: dict[str, str]
    url: str
    cost: EstimateOut | None
    spec: dict[str, Any]
    expires_at: datetime | None
    created_at: datetime


def estimate_out(estimate: Estimate) -> EstimateOut:
    """An estimate, rounded once."""
    rounded = estimate.rounded()
    return EstimateOut(
        gross=rounded.gross,
        net=rounded.net,
        floor=rounded.floor,
        expected=rounded.expected,
        ceiling=rounded.ceiling,
        currency=estimate.currency,
        partial=estimate.partial,
        book=estimate.book,
        lines=cast("list[dict[str, Any]]", estimate.to_json()["lines"]),
    )


def request_line(request: Request) -> RequestLineOut:
    """A request as a list has it."""
    return RequestLineOut(
        id=request.pk,
        status=request.status,
        kind=request.kind,
        environment=request.environment.slug,
        hash=request.hash,
        requester=request.requester.get_username(),
        created_at=request.created_at,
    )


def request_out(request: Request) -> RequestOut:
    """A request as the API tells it."""
    operation = request.operations.order_by("pk").last()
    return RequestOut(
        **request_line(request).model_dump(),
        approvals_needed=request.approvals_needed,
        plan=request.raw_plan,
        estimate=estimate_out(request.estimate),
        estimate_before=estimate_out(before) if (before := request.estimate_before) else None,
        expected_seconds=round(takes) if (takes := expected_duration(request)) is not None else None,
        operation=operation.pk if operation else None,
    )


def notification_out(notification: Notification) -> NotificationOut:
    """A notification as the API tells it."""
    return NotificationOut(
        id=notification.pk,
        key=notification.key,
        text=notification.text,
        request=notification.request_id,
        operation=notification.operation_id,
        created_at=notification.created_at,
        read_at=notification.read_at,
    )


def operation_line(operation: Operation) -> OperationLineOut:
    """An operation as a list has it."""
    return OperationLineOut(
        id=operation.pk,
        kind=operation.kind,
        status=operation.status,
        environment=operation.environment.slug,
        created_at=operation.created_at,
        finished_at=operation.finished_at,
    )


def mail_choice_of(chosen: Preferences | None) -> MailChoice:
    """What somebody chose; without a choice there is no mail."""
    return MailChoice(mail=chosen.mail, language=chosen.language) if chosen else MailChoice(mail=False)


def operation_out(operation: Operation) -> OperationOut:
    """An operation with its steps."""
    records = list(operation.steps.all())
    progress = progress_of(operation, records)
    return OperationOut(
        **operation_line(operation).model_dump(),
        progress=round(progress.fraction, 3),
        eta=None if progress.eta is None else round(progress.eta, 1),
        error=progress.failure.model_dump() if progress.failure else None,
        steps=[
            StepOut(
                key=record.key,
                title=record.title,
                status=record.status,
                started_at=record.started_at,
                finished_at=record.finished_at,
                error=record.raw_state.get("error"),
                note=record.raw_state.get("note") or "",
                warning=bool(record.raw_state.get("warning")),
            )
            for record in records
        ],
    )


def environment_out(environment: Environment) -> EnvironmentOut:
    """An environment as the API tells it."""
    estimate = None if environment.lifecycle == Lifecycle.DESTROYED else environment.estimate
    return EnvironmentOut(
        slug=environment.slug,
        application=environment.application.slug,
        architecture=environment.architecture,
        phase=environment.phase,
        region=environment.region,
        account=environment.account.slug,
        lifecycle=environment.lifecycle,
        deploy_status=environment.deploy_status,
        health=environment.health,
        drift=environment.drift,
        protected=environment.protected,
        outputs=environment.outputs,
        url=environment.url,
        cost=estimate_out(estimate) if estimate else None,
        spec=environment.raw_spec,
        expires_at=environment.expires_at,
        created_at=environment.created_at,
    )


class SnippetOut(Schema):
    """A file to copy."""

    file: str
    title: str
    text: str


def waiting_out(waiting: Waiting) -> WaitingOut:
    """In the reader's language."""
    out = WaitingOut(key=waiting.key, title=worded(waiting.title), done=waiting.todo is None)
    if waiting.todo is not None:
        out.summary, out.hint = worded(waiting.todo.summary), worded(waiting.todo.hint)
        out.url = waiting.todo.url
    return out
