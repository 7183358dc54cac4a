"""Operations: start, cancel, retry, roll back, and what follows from an end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from environments import queue
from environments.choices import (
    Drift,
    Health,
    Lifecycle,
    Notice,
    OperationKind,
    OperationStatus,
    RequestKind,
    RequestStatus,
)
from environments.errors import Conflict, NotAllowed
from environments.models import Environment, Operation, Request, StepRecord, UsualDuration
from environments.services.actor import WORKER, Actor, audit
from environments.services.notices import tell
from environments.services.proposals import plan_of, usual_of
from environments.services.readiness import want_check
from provisioning.blueprints import blueprint_for
from provisioning.operations.destroy import roll_back as roll_back_steps
from provisioning.operations.provision import provision
from provisioning.references import is_resolved, resolve
from provisioning.resource import attributes_of
from provisioning.steps import Step, StepStatus, Verb, first_state, try_again


def start_operation(
    *,
    environment: Environment,
    request: Request | None,
    kind: OperationKind,
    steps: Iterable[Step],
    by: Actor,
) -> Operation:
    """Write an operation with all its steps and ring the doorbell once that is committed."""
    _forbid_another(environment, undoes=kind == OperationKind.DESTROY)
    operation = Operation.objects.create(
        environment=environment,
        request=request,
        kind=kind,
        raw_spec=environment.raw_spec,
        requested_by=by.person,
    )
    StepRecord.objects.bulk_create(
        StepRecord(
            operation=operation,
            position=position,
            key=step.key,
            status=StepStatus.PENDING,
            raw_step=step.model_dump(mode="json"),
            raw_state=first_state(step).model_dump(mode="json"),
        )
        for position, step in enumerate(steps)
    )
    audit("operation.started", operation, by=by, about=environment, after={"kind": kind})
    transaction.on_commit(queue.ring)
    return operation


def _forbid_another(environment: Environment, *, undoes: bool) -> None:
    """One at a time through this door, until the transaction ends; the constraint of the table is behind it.

    What `undoes` the environment is refused while it is protected: that may have come after the request or failure.
    """
    now = Environment.objects.select_for_update().get(pk=environment.pk)
    forbid_while_busy(environment)
    if undoes:
        forbid_while_protected(now)


def forbid_while_protected(environment: Environment) -> None:
    """Raises Conflict."""
    if environment.protected:
        raise Conflict(
            _("%(name)s is protected.") % {"name": environment.slug},
            code="environment.protected",
            hint=_("Take the protection off first; its team's admins may."),
        )


def forbid_while_busy(environment: Environment) -> None:
    """Raises Conflict, naming the operation that is under way."""
    busy = environment.operations.open().first()
    if busy is not None:
        raise Conflict(
            _("Operation #%(id)s is under way on %(name)s.") % {"id": busy.pk, "name": environment.slug},
            code="operation.blocked",
            hint=_("Wait until it ends, or cancel it."),
        )


@transaction.atomic
def cancel_operation(*, operation: Operation, by: Actor) -> Operation:
    """Stop between steps, within seconds. What AWS is working on stays recorded and can be destroyed or retried."""
    operation = _locked(operation, by)
    if not operation.is_open:
        raise Conflict(_("Operation #%(id)s has ended.") % {"id": operation.pk}, code="operation.ended")
    operation.cancel_requested = True
    operation.save(update_fields=["cancel_requested"])
    Operation.objects.filter(pk=operation.pk).update(wake_at=Now())  # by the clock that workers go by
    audit("operation.cancel_requested", operation, by=by, about=operation.environment)
    transaction.on_commit(queue.ring)
    return operation


@transaction.atomic
def retry_operation(*, operation: Operation, by: Actor) -> Operation:
    """Go on from the failed steps; what is done stays done."""
    operation = _locked(operation, by)
    if not operation.can_retry:
        raise Conflict(
            _("Only a failed or cancelled operation can be retried."), code="operation.not_retryable"
        )
    _forbid_another(operation.environment, undoes=_undoes(operation))
    _forbid_if_superseded(operation)
    again = operation.steps.filter(status__in=(StepStatus.FAILED, StepStatus.CANCELLED))
    for record in again:
        record.status = StepStatus.PENDING
        record.raw_state = try_again(record.state).model_dump(mode="json")
    StepRecord.objects.bulk_update(again, ["status", "raw_state"])
    Operation.objects.filter(pk=operation.pk).update(
        status=OperationStatus.QUEUED,
        cancel_requested=False,
        unreadable=0,
        finished_at=None,
        wake_at=Now(),
    )
    environment = operation.environment
    environment.lifecycle = _lifecycle_during(operation)
    environment.save(update_fields=["lifecycle"])
    if operation.request is not None:
        operation.request.status = RequestStatus.APPROVED
        operation.request.save(update_fields=["status"])
    audit("operation.retried", operation, by=by, about=environment)
    transaction.on_commit(queue.ring)
    operation.refresh_from_db()
    return operation


@transaction.atomic
def roll_back_operation(*, operation: Operation, by: Actor) -> Operation:
    """Take away what this operation made, by an operation of its own."""
    operation = _locked(operation, by)
    if operation.kind != OperationKind.PROVISION or not operation.can_retry:
        raise Conflict(
            _("Only a failed or cancelled provisioning can be rolled back."), code="operation.no_rollback"
        )
    _forbid_if_superseded(operation)
    environment = operation.environment
    _forbid_another(environment, undoes=_was_asked_to_create(operation))
    steps = _way_back(operation, environment)
    environment.lifecycle = Lifecycle.CHANGING
    environment.save(update_fields=["lifecycle", "raw_spec", "raw_estimate"])
    return start_operation(
        environment=environment, request=operation.request, kind=OperationKind.ROLLBACK, steps=steps, by=by
    )


def _way_back(operation: Operation, environment: Environment) -> tuple[Step, ...]:
    """Of a change: the steps back to what stood before it, which is the environment's spec again. Else the removal of
    what the operation made."""
    usual = usual_of(environment.account)
    asked = operation.request
    if asked is not None and asked.kind == RequestKind.UPDATE:
        before = environment.operations.succeeded().order_by("-pk")[0]
        environment.raw_spec, environment.raw_estimate = before.raw_spec, asked.raw_estimate_before or {}
        return provision(plan_of(environment, before.spec), usual)
    records = list(operation.steps.all())
    return roll_back_steps(
        [record.step for record in records],
        [record.state for record in records],
        [row.recorded for row in environment.resources.all()],
        usual,
    )


def finish_operation(*, operation: Operation, status: OperationStatus) -> None:
    """What follows from an end; called by the journal in the transaction that writes it down."""
    environment = operation.environment
    before = environment.lifecycle
    if status is OperationStatus.SUCCEEDED:
        _succeed(operation, environment)
        _learn(operation, environment)
    else:
        environment.lifecycle, environment.health = Lifecycle.FAILED, Health.UNKNOWN
    environment.save(update_fields=["lifecycle", "health", "drift", "outputs", "ready_at", "destroyed_at"])
    if operation.request is not None and operation.kind != OperationKind.ROLLBACK:
        done = status is OperationStatus.SUCCEEDED
        operation.request.status = RequestStatus.DONE if done else RequestStatus.FAILED
        operation.request.save(update_fields=["status"])
    audit(
        f"operation.{status.value}",
        operation,
        by=WORKER,
        about=environment,
        before={"lifecycle": before},
        after={"lifecycle": environment.lifecycle},
    )
    asked = operation.request.requester if operation.request else operation.requested_by
    tell({asked, environment.owner}, Notice(f"operation.{status.value}"), operation)


def _succeed(operation: Operation, environment: Environment) -> None:
    recorded = [row.recorded for row in environment.resources.all()]
    if not any(one.is_there for one in recorded):
        environment.lifecycle, environment.destroyed_at = Lifecycle.DESTROYED, timezone.now()
        environment.health, environment.drift, environment.outputs = Health.UNKNOWN, Drift.UNKNOWN, {}
        return
    spec = operation.spec
    told = resolve(dict(blueprint_for(spec.architecture, spec.phase).outputs(spec)), attributes_of(recorded))
    environment.outputs = {name: text for name, text in _items(told) if is_resolved(text)}
    environment.lifecycle, environment.ready_at = Lifecycle.READY, environment.ready_at or timezone.now()
    # The service counts as made only when its tasks passed the load balancer's health checks.
    environment.health, environment.drift = Health.HEALTHY, Drift.NONE
    want_check(environment)


def _items(told: Any) -> Iterable[tuple[str, Any]]:
    return told.items() if isinstance(told, dict) else ()


def _learn(operation: Operation, environment: Environment) -> None:
    """Remember how long steps took: the next run polls at the right time and tells a better ETA.

    A moving average over about five runs; a first guess, of which nothing was measured, counts as none.
    """
    known = {(one.kind, one.verb): one for one in environment.account.usual_durations.all()}
    learnt: dict[tuple[str, str], UsualDuration] = {}
    for (kind, verb), took in _measured(operation):
        one = known.get((kind, verb)) or UsualDuration(
            account=environment.account, kind=kind, verb=verb, seconds=took, samples=0
        )
        one.seconds += (took - one.seconds) / min(one.samples + 1, 5)
        one.samples += 1
        known[kind, verb] = learnt[kind, verb] = one
    UsualDuration.objects.bulk_create(
        [
            learnt[name] for name in sorted(learnt)
        ],  # in one order everywhere: no two of these lock each other out
        update_conflicts=True,
        unique_fields=["account", "kind", "verb"],
        update_fields=["seconds", "samples"],
    )


def _measured(operation: Operation) -> Iterator[tuple[tuple[str, str], float]]:
    """((kind, verb), seconds) of every step that AWS worked on."""
    for record in operation.steps.all():
        step, state = record.step, record.state
        if state.finished_at is not None and state.settling_since is not None:
            verb = "delete" if step.verb is Verb.REMOVE else ("create" if step.makes else "update")
            yield (step.target.kind, verb), state.finished_at - state.settling_since


def _undoes(operation: Operation) -> bool:
    """Whether going on with it leaves nothing of its environment."""
    rolls_back = operation.kind == OperationKind.ROLLBACK
    return operation.kind == OperationKind.DESTROY or (rolls_back and _was_asked_to_create(operation))


def _was_asked_to_create(operation: Operation) -> bool:
    """Whether taking back what it made leaves nothing of its environment."""
    return operation.request is not None and operation.request.kind == RequestKind.CREATE


def lifecycle_while(request: Request) -> Lifecycle:
    """Where an environment is while this request is carried out."""
    return _LIFECYCLE_WHILE[RequestKind(request.kind)]


def _lifecycle_during(operation: Operation) -> Lifecycle:
    if operation.kind == OperationKind.ROLLBACK or operation.request is None:
        return Lifecycle.CHANGING
    return lifecycle_while(operation.request)


_LIFECYCLE_WHILE = {
    RequestKind.CREATE: Lifecycle.BUILDING,
    RequestKind.UPDATE: Lifecycle.CHANGING,
    RequestKind.DESTROY: Lifecycle.DESTROYING,
}


def _locked(operation: Operation, by: Actor) -> Operation:
    if not Operation.objects.operable_by(by.person).filter(pk=operation.pk).exists():
        raise NotAllowed(_("You may not change operations of this team."))
    locked = Operation.objects.select_for_update(of=("self",)).select_related(
        "environment__application__team", "environment__account", "request"
    )
    return locked.get(pk=operation.pk)


def _forbid_if_superseded(operation: Operation) -> None:
    later = operation.environment.operations.filter(pk__gt=operation.pk).first()
    if later is not None:
        raise Conflict(
            _("Operation #%(id)s came after this one.") % {"id": later.pk},
            code="operation.superseded",
            hint=_("Go on from that one."),
        )
