"""The calls about readiness: read the checklist, have AWS asked again, tick what no probe can see."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema, Status
from pydantic import JsonValue

from environments.api.access import caller_of, one_of
from environments.choices import Scope
from environments.models import Environment
from environments.readiness import Checklist, Line, checklist_of
from environments.services import readiness
from environments.services.actor import Actor
from environments.wording import worded

router = Router()


class TickIn(Schema):
    """What the person who ticks has to say about it."""

    note: str = ""


class TickOut(Schema):
    """Who said that it is done, and when."""

    by: str
    at: datetime
    note: str


class FixOut(Schema):
    """What sets an item right: `options` to ask for by `POST …/changes`, or on the page `change`; `hint` for a person;
    `command` for a shell. What does not apply is empty."""

    options: dict[str, JsonValue]
    change: str
    hint: str
    command: str


class ReadinessItemOut(Schema):
    """One item; `seen` is what AWS said, `code` its own word where it refused to say, `since` the check that first
    found it in this state."""

    key: str
    title: str
    why: str
    state: str
    seen: str
    code: str
    since: datetime | None
    fix: FixOut | None
    tick: TickOut | None


class ReadinessPartOut(Schema):
    """One of the four parts; `total` leaves out what does not apply."""

    key: str
    title: str
    done: int
    total: int
    items: list[ReadinessItemOut]


class ReadinessOut(Schema):
    """The checklist of an environment."""

    done: int
    total: int
    checking: bool
    checked_at: datetime | None
    parts: list[ReadinessPartOut]


@router.get("/environments/{slug}/readiness", response=ReadinessOut, summary="Read the readiness checklist")
def read_readiness(request: HttpRequest, slug: str) -> ReadinessOut:
    """Its four parts, and of each item what the last check saw and what sets it right. `state` is `pass`, `fail`,
    `not_applicable`, `unknown`, `manual`, `ticked` or `unchecked`; `checking` while AWS is asked. Scope: `read`."""
    by = caller_of(request, Scope.READ)
    return readiness_out(checklist_of(_environment(by, slug)))


@router.post("/environments/{slug}/readiness/check", response={202: ReadinessOut}, summary="Check readiness")
def check_readiness(request: HttpRequest, response: HttpResponse, slug: str) -> Status[Any]:
    """Has a worker ask AWS; `Location` is the checklist, whose `checking` turns false. Scope: `environments:write`."""
    by = caller_of(request, Scope.CHANGE)
    environment = _environment(by, slug)
    readiness.request_check(environment=environment, by=by)
    response["Location"] = f"/api/v1/environments/{environment.slug}/readiness"
    return Status(202, readiness_out(checklist_of(environment)))


@router.put("/environments/{slug}/readiness/{item}/tick", response=ReadinessOut, summary="Tick an item")
def tick(request: HttpRequest, slug: str, item: str, body: TickIn) -> ReadinessOut:
    """Says that an item is done which no probe can see, with a note of 500 characters at most.
    Scope: `environments:write`."""
    by = caller_of(request, Scope.CHANGE)
    environment = _environment(by, slug)
    readiness.tick_item(environment=environment, item=item, note=body.note, by=by)
    return readiness_out(checklist_of(environment))


@router.delete(
    "/environments/{slug}/readiness/{item}/tick", response=ReadinessOut, summary="Take a tick back"
)
def untick(request: HttpRequest, slug: str, item: str) -> ReadinessOut:
    """Where there is none, nothing happens. Scope: `environments:write`."""
    by = caller_of(request, Scope.CHANGE)
    environment = _environment(by, slug)
    readiness.untick_item(environment=environment, item=item, by=by)
    return readiness_out(checklist_of(environment))


def readiness_out(checklist: Checklist) -> ReadinessOut:
    """As the API tells it."""
    return ReadinessOut(
        done=checklist.done,
        total=checklist.total,
        checking=checklist.wanted_at is not None,
        checked_at=checklist.checked_at,
        parts=[
            ReadinessPartOut(
                key=section.part.value,
                title=str(section.title),
                done=section.done,
                total=section.total,
                items=[_item_out(line) for line in section.lines],
            )
            for section in checklist.sections
        ],
    )


def _item_out(line: Line) -> ReadinessItemOut:
    tick = line.tick
    return ReadinessItemOut(
        key=line.item.key,
        title=worded(line.item.title),
        why=worded(line.item.why),
        state=line.state,
        seen=worded(line.seen),
        code=line.answer.code if line.answer else "",
        since=line.since,
        fix=FixOut(
            options=line.options, change=line.change, hint=worded(line.item.fix.hint), command=line.command
        )
        if line.needs_fix
        else None,
        tick=TickOut(by=tick.by.get_username(), at=tick.at, note=tick.note) if tick else None,
    )


def _environment(by: Actor, slug: str) -> Environment:
    return one_of(Environment.objects.visible_to(by.person).for_list().newest_first(), slug=slug)
