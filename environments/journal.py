"""The engine's journal in Postgres: leases with fencing, and every write conditional on them."""

from __future__ import annotations

import logging
import os
import socket
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import Case, DateTimeField, ExpressionWrapper, Prefetch, Value, When
from django.db.models.functions import Now
from django.utils import timezone

from environments.choices import OperationStatus
from environments.models import Operation, ResourceRecord, StepRecord
from environments.services.operations import finish_operation
from environments.services.proposals import usual_of
from provisioning.aws import AccountAccess, Aws, Connection
from provisioning.errors import LeaseLost
from provisioning.journal import Claim, Entry, Result
from provisioning.kind import kind_named

logger = logging.getLogger(__name__)

LEASE_SECONDS = 20.0
# An operation that cannot be read is tried once a lease: three minutes for a worker of the right version to take it.
TRIES = 10

LATE_SECONDS = 60.0  # nobody came for so long: not a full worker but a time in which nobody could look
# Every time is the database's own, whatever the hosts of workers believe. Where its clock is set, or all stood still,
# `lost` tells by how much: an operation that was given back at a time that is still to come is due at once, and what
# nobody could look at does not grow old meanwhile.
_CLAIM = """
    WITH due AS (
        SELECT id, greatest(wake_at, lease_until) AS since,
            owner = '' AND lease_until > clock_timestamp() AS set_back
        FROM environments_operation
        WHERE status IN ('queued', 'running', 'waiting') AND (
            (status = 'queued' OR wake_at <= clock_timestamp())
                AND (lease_until IS NULL OR lease_until < clock_timestamp())
            OR owner = '' AND lease_until > clock_timestamp()
        )
        ORDER BY wake_at LIMIT %s FOR UPDATE SKIP LOCKED
    )
    UPDATE environments_operation AS mine SET owner = %s, fence = fence + 1,
        lease_until = clock_timestamp() + %s * interval '1 second', status = 'running',
        started_at = COALESCE(started_at, clock_timestamp())
    FROM due WHERE mine.id = due.id
    RETURNING mine.id, fence, extract(epoch FROM clock_timestamp())::float8,
        CASE WHEN set_back OR clock_timestamp() - since > %s * interval '1 second'
            THEN extract(epoch FROM clock_timestamp() - since)::float8 ELSE 0 END
"""
_KEEP = """
    UPDATE environments_operation SET lease_until = clock_timestamp() + %s * interval '1 second'
    WHERE id = %s AND fence = %s AND owner <> '' RETURNING cancel_requested
"""
# One statement, one journey: the lease decides, and what it decides about is written with it or not at all.
_WRITE = f"""
    WITH kept AS ({_KEEP}),
    steps AS (
        UPDATE environments_steprecord AS step SET status = new.status, raw_state = new.state
        FROM kept, unnest(%s::text[], %s::text[], %s::jsonb[]) AS new (key, status, state)
        WHERE step.operation_id = %s AND step.key = new.key
    ),
    resources AS (
        INSERT INTO environments_resourcerecord
            (environment_id, key, kind, name, aws_id, standing, raw, changed_at)
        SELECT %s, new.*, now()
        FROM kept, unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::jsonb[]) AS new
        ON CONFLICT (environment_id, key) DO UPDATE SET kind = EXCLUDED.kind, name = EXCLUDED.name,
            aws_id = EXCLUDED.aws_id, standing = EXCLUDED.standing, raw = EXCLUDED.raw, changed_at = now()
    ),
    lines AS (
        INSERT INTO environments_logline (operation_id, at, step, text)
        SELECT %s, to_timestamp(new.at), new.step, new.text
        FROM kept, unnest(%s::float8[], %s::text[], %s::text[]) AS new (at, step, text)
    )
    SELECT cancel_requested FROM kept
"""  # noqa: S608 # a statement of ours inside another one


@dataclass(frozen=True, kw_only=True)
class DatabaseJournal:
    """The book of one operation under one fence."""

    operation_id: int
    environment_id: int
    fence: int

    def write(self, entry: Entry) -> bool:
        """All of the entry or nothing, and only while the lease is ours. Raises LeaseLost."""
        states = {state.key: state for state in entry.states}.values()
        resources = {one.key: one for one in entry.resources}.values()
        return self._kept(
            _WRITE,
            *([state.key for state in states], [state.status.value for state in states]),
            [state.model_dump_json() for state in states],
            self.operation_id,
            self.environment_id,
            *([one.key for one in resources], [one.kind for one in resources]),
            *([one.name for one in resources], [one.id or "" for one in resources]),
            *([one.standing.value for one in resources], [one.model_dump_json() for one in resources]),
            self.operation_id,
            *([line.at for line in entry.lines], [line.step for line in entry.lines]),
            [line.text for line in entry.lines],
        )

    def renew(self) -> bool:
        """Keep the lease. Raises LeaseLost when another worker has taken the operation, or it was given back."""
        return self._kept(_KEEP)

    def _kept(self, statement: str, *values: int | list[str] | list[float]) -> bool:
        """Carry out a statement that keeps the lease; whether somebody asked to cancel."""
        with connection.cursor() as cursor:
            cursor.execute(statement, [LEASE_SECONDS, self.operation_id, self.fence, *values])
            row = cursor.fetchone()
        if row is None:
            raise LeaseLost(f"Operation {self.operation_id} is in other hands.")
        return bool(row[0])

    def park(self, seconds: float) -> None:
        """Give the operation back for so long; a request to cancel wakes it at once."""
        then = ExpressionWrapper(Now() + Value(timedelta(seconds=seconds)), output_field=DateTimeField())
        # One statement decides: a cancel that comes between a look and a write would sleep until the next poll.
        wake = Case(When(cancel_requested=True, then=Now()), default=then)
        self._mine(owner="", lease_until=Now(), status=OperationStatus.WAITING, wake_at=wake)

    def finish(self, result: Result) -> None:
        """Write down the end and everything that follows from it, in one transaction."""
        status = OperationStatus(result.value)
        with transaction.atomic():
            self._mine(owner="", lease_until=None, status=status, finished_at=Now())
            operation = Operation.objects.select_related(
                "environment__application__team", "environment__account", "request"
            ).get(pk=self.operation_id)
            finish_operation(operation=operation, status=status)

    def count_unreadable(self, tries: int, *, cancelled: bool) -> None:
        """Write down how many claims in a row found rows that make no sense; the last one ends the operation.

        AWS is not asked for anything: what it works on stays as the rows have it.
        """
        self._mine(unreadable=tries)
        if cancelled or tries >= TRIES:
            self.finish(Result.CANCELLED if cancelled else Result.FAILED)

    def _mine(self, **changes: object) -> None:
        """Change the row of the operation while it is ours. Raises LeaseLost."""
        mine = Operation.objects.filter(pk=self.operation_id, fence=self.fence).exclude(owner="")
        if mine.update(**changes) != 1:
            raise LeaseLost(f"Operation {self.operation_id} is in other hands.")


@dataclass(frozen=True)
class _Taken:
    """What a claim tells of one operation: when it was asked for (time.monotonic), the fence, the database's clock, and
    for how many seconds nobody could look."""

    asked_at: float
    fence: int
    clock: float
    lost: float


@dataclass(frozen=True, kw_only=True)
class DatabaseSource:
    """Operations that are due, one claim for each."""

    connect: Callable[[AccountAccess, str], Connection]

    def claim(self, limit: int) -> Iterable[Claim]:
        """Take up to `limit` operations that are due and have no live owner."""
        asked_at = time.monotonic()
        with connection.cursor() as cursor:
            cursor.execute(_CLAIM, [limit, owner(), LEASE_SECONDS, LATE_SECONDS])
            taken = {row[0]: _Taken(asked_at, *row[1:]) for row in cursor.fetchall()}
        if not taken:
            return []
        operations = Operation.objects.filter(pk__in=taken).select_related("environment__account")
        operations = operations.prefetch_related(
            Prefetch("steps", StepRecord.objects.order_by("position")),
            Prefetch("environment__resources", ResourceRecord.objects.all()),
            "environment__account__usual_durations",
        )
        # A worker may stand still between its claim and this look; what another has claimed since is not ours.
        mine = (operation for operation in operations if _is_ours(operation, taken[operation.pk].fence))
        claims = (self._readable(operation, taken[operation.pk]) for operation in mine)
        return [claim for claim in claims if claim is not None]

    def _readable(self, operation: Operation, taken: _Taken) -> Claim | None:
        """Its claim; None for one whose rows make no sense, so that it does not hold up all the others."""
        try:
            try:
                claim = self._claim_of(operation, taken)
            except (ValueError, KeyError):
                logger.exception("An operation cannot be read", extra={"operation": operation.pk})
                _journal_of(operation).count_unreadable(
                    operation.unreadable + 1, cancelled=operation.cancel_requested
                )
                return None
            if taken.lost:
                claim.journal.write(Entry(states=list(claim.states.values())))
            if operation.unreadable:
                _journal_of(operation).count_unreadable(0, cancelled=False)
        except LeaseLost:
            logger.warning("lease lost", extra={"operation": str(operation.pk)})
            return None
        return claim

    def _claim_of(self, operation: Operation, taken: _Taken) -> Claim:
        environment = operation.environment
        records = list(operation.steps.all())
        spec, steps = operation.spec, tuple(record.step for record in records)
        states = {record.key: record.state.later(taken.lost) for record in records}
        recorded = {row.key: row.recorded for row in environment.resources.all()}
        there = (one.kind for one in recorded.values() if one.is_there)
        for kind in (*(step.target.kind for step in steps), *there):
            kind_named(kind)  # one that this version does not have makes as little sense to it
        caller = f"operation/{operation.pk} fence/{operation.fence} pid/{os.getpid()}"
        return Claim(
            operation=str(operation.pk),
            spec=spec,
            steps=steps,
            states=states,
            recorded=recorded,
            aws=Aws(connection=self.connect(environment.account.access, spec.region), caller=caller),
            journal=_journal_of(operation),
            lease_seconds=LEASE_SECONDS,
            claimed_at=taken.asked_at,  # the lease in the row ends no earlier than one counted from here
            clock=taken.clock,
            usual=usual_of(environment.account),
            poll_seconds=environment.account.poll_seconds,
            cancelled=operation.cancel_requested,
        )


def _journal_of(operation: Operation) -> DatabaseJournal:
    return DatabaseJournal(
        operation_id=operation.pk, environment_id=operation.environment_id, fence=operation.fence
    )


def _is_ours(operation: Operation, fence: int) -> bool:
    """Whether nobody has claimed it since it was claimed under this fence."""
    if operation.fence != fence:
        logger.warning("lease lost", extra={"operation": str(operation.pk)})
    return operation.fence == fence


def owner() -> str:
    """This process, as the row names it."""
    return f"{socket.gethostname()}/{os.getpid()}"


def due_now() -> int:
    """How many operations wait for a worker at this moment."""
    return Operation.objects.due(Now()).count()


def next_wake(within: timedelta) -> float:
    """Seconds until the next parked operation is due, at most `within`."""
    now = timezone.now()
    soonest = (
        Operation.objects.open()
        .filter(wake_at__gt=now)
        .order_by("wake_at")
        .values_list("wake_at", flat=True)
        .first()
    )
    most = within.total_seconds()
    return min(most, max(0.0, (soonest - now).total_seconds())) if soonest else most
