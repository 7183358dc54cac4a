"""Readiness: ask for a check, take and record one, tick what no probe can see."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from environments import queue
from environments.choices import Lifecycle
from environments.errors import Conflict, InvalidInput, NotAllowed, NotThere
from environments.models import Environment, ReadinessCheck, ReadinessTick
from environments.services.actor import Actor, audit
from environments.wording import worded
from provisioning.errors import brief
from provisioning.readiness.answer import Answer
from provisioning.readiness.checklist import item_named
from provisioning.readiness.item import Item
from provisioning.references import JsonObject

LONGEST_NOTE = 500
AGAIN_AFTER = timedelta(days=1)
MOST_AT_ONCE = 50  # environments whose daily check comes due together
STANDING = (Lifecycle.READY, Lifecycle.CHANGING, Lifecycle.ASLEEP, Lifecycle.FAILED)


@transaction.atomic
def request_check(*, environment: Environment, by: Actor) -> ReadinessCheck:
    """Have AWS asked again. Raises NotAllowed, Conflict."""
    _forbid_unless_changeable(environment, by)
    if environment.lifecycle not in STANDING:
        raise Conflict(
            _("%(name)s does not stand: there is nothing to check.") % {"name": environment.slug},
            hint=_("Check it once it is built."),
        )
    want_check(environment)
    audit("readiness.check_wanted", environment.slug, by=by, about=environment)
    return ReadinessCheck.objects.get(environment=environment)


def want_check(*environments: Environment) -> None:
    """Let a worker check these. One that is at work already does not count: it looked before this."""
    if not environments:
        return
    ReadinessCheck.objects.bulk_create(
        [ReadinessCheck(environment=one, wanted_at=timezone.now()) for one in environments],
        update_conflicts=True,
        unique_fields=["environment"],
        update_fields=["wanted_at"],
    )
    transaction.on_commit(queue.ring_readiness)


def want_daily_checks() -> None:
    """Want a check of everything that stands ready and was not checked for a day."""
    overdue = Environment.objects.unchecked_since(timezone.now() - AGAIN_AFTER)
    want_check(*overdue[:MOST_AT_ONCE])


def claim_check() -> ReadinessCheck | None:
    """Take the check that was wanted first, unless another worker has it."""
    now = timezone.now()
    for check in ReadinessCheck.objects.due(now).select_related("environment__account")[:5]:
        mine = ReadinessCheck.objects.due(now).filter(pk=check.pk).update(started_at=now)
        if mine:
            check.started_at = now
            return check
    return None


@transaction.atomic
def record_check(check: ReadinessCheck, answers: Mapping[str, Answer] | None) -> None:
    """Write down what a claimed check found; None: what is recorded of the environment makes no sense here. What was
    wanted meanwhile stays wanted."""
    now = timezone.now()
    mine = ReadinessCheck.objects.filter(pk=check.pk, started_at=check.started_at)
    found = {} if answers is None else {"raw_answers": _kept(answers, before=check, now=now)}
    taken = mine.update(started_at=None, checked_at=now, readable=answers is not None, **found)
    if taken:
        ReadinessCheck.objects.filter(pk=check.pk, wanted_at=check.wanted_at).update(wanted_at=None)


def _kept(answers: Mapping[str, Answer], *, before: ReadinessCheck, now: datetime) -> JsonObject:
    """Answers as they are kept, each with the moment since which the item stands so."""
    former, since = before.answers, before.since
    return {
        key: {
            **answer.as_json(),
            "since": since.get(key, now).isoformat()
            if key in former and former[key].state is answer.state
            else now.isoformat(),
        }
        for key, answer in answers.items()
    }


def drop_check(check: ReadinessCheck) -> None:
    """Forget that a check was wanted: there is nothing any more that it could look at."""
    ReadinessCheck.objects.filter(pk=check.pk).update(started_at=None, wanted_at=None)


@transaction.atomic
def tick_item(*, environment: Environment, item: str, note: str, by: Actor) -> ReadinessTick:
    """Say that an item is done which no probe can see; said again, it is said anew. Raises NotAllowed, Conflict,
    NotThere, InvalidInput."""
    _forbid_unless_changeable(environment, by)
    wanted = _manual(item)
    if len(note) > LONGEST_NOTE:
        raise InvalidInput(
            _("A note has at most %(most)s characters.") % {"most": LONGEST_NOTE}, field="note"
        )
    before = ReadinessTick.objects.filter(environment=environment, item=item).first()
    tick, _made = ReadinessTick.objects.update_or_create(
        environment=environment,
        item=item,
        defaults={"by": by.person, "note": note.strip(), "at": timezone.now()},
    )
    audit(
        "readiness.ticked",
        wanted.title,
        by=by,
        about=environment,
        before={"item": item, "note": before.note} if before else None,
        after={"item": item, "note": tick.note},
    )
    return tick


@transaction.atomic
def untick_item(*, environment: Environment, item: str, by: Actor) -> None:
    """Take a tick back; where there is none, nothing happens. Raises NotAllowed, Conflict, NotThere, InvalidInput."""
    _forbid_unless_changeable(environment, by)
    wanted = _manual(item)
    tick = ReadinessTick.objects.filter(environment=environment, item=item).select_related("by").first()
    if tick is None:
        return
    tick.delete()
    said = {"item": item, "note": tick.note, "by": tick.by.get_username(), "at": tick.at.isoformat()}
    audit("readiness.unticked", wanted.title, by=by, about=environment, before=said)


def _manual(key: str) -> Item:
    item = item_named(key)
    if item is None:
        raise NotThere(
            _("The checklist has no item %(name)s.") % {"name": brief(key)},
            hint=_("Read the checklist: it names its items."),
        )
    if not item.is_manual:
        raise InvalidInput(
            _("%(title)s is seen by AWS: nobody ticks it.") % {"title": worded(item.title)},
            hint=_("Set it right, then check again."),
            field="item",
        )
    return item


def _forbid_unless_changeable(environment: Environment, by: Actor) -> None:
    if not Environment.objects.changeable_by(by.person).filter(pk=environment.pk).exists():
        raise NotAllowed(_("You may not change %(name)s.") % {"name": environment.slug})
    if environment.is_gone:
        raise Conflict(_("%(name)s is destroyed.") % {"name": environment.slug})
