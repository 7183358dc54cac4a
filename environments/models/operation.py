"""Operations, their steps and their log: the journal in Postgres."""

from __future__ import annotations

from datetime import UTC, datetime

from django.contrib.auth.models import User
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from environments.choices import OPEN_OPERATION, OperationKind, OperationStatus, RequestKind
from environments.models.environment import Environment
from environments.models.request import Request
from environments.querysets import OperationQuerySet
from provisioning.spec import Spec
from provisioning.steps import Step, StepState


class Operation(models.Model):
    """One run of a plan or recipe on one environment.

    Whoever holds the lease (`owner`, `lease_until`) under the current `fence` may write; everybody else may not.
    """

    environment = models.ForeignKey(Environment, models.CASCADE, related_name="operations")
    request = models.ForeignKey(Request, models.SET_NULL, null=True, blank=True, related_name="operations")
    kind = models.CharField(max_length=20, choices=OperationKind)
    status = models.CharField(max_length=20, choices=OperationStatus, default=OperationStatus.QUEUED)
    raw_spec = models.JSONField()
    requested_by = models.ForeignKey(User, models.PROTECT, related_name="operations")
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    wake_at = models.DateTimeField(default=timezone.now)
    owner = models.CharField(max_length=100, blank=True)
    fence = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    cancel_requested = models.BooleanField(default=False)
    unreadable = models.PositiveSmallIntegerField(default=0)  # claims in a row whose rows made no sense

    objects = OperationQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("operation")
        constraints = [
            models.UniqueConstraint(
                fields=["environment"],
                condition=Q(status__in=OPEN_OPERATION),
                name="one_open_operation_per_environment",
            )
        ]
        indexes = [
            models.Index(fields=["wake_at"], condition=Q(status__in=OPEN_OPERATION), name="open_operations")
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.get_kind_display()} {self.environment}"

    def get_absolute_url(self) -> str:
        return reverse("operation", args=[self.pk])

    @property
    def spec(self) -> Spec:
        return Spec.model_validate(self.raw_spec)

    @property
    def purpose(self) -> str:
        """What it is for, in the word of whoever asked: a change is carried out like a creation, and is none."""
        asked = self.request
        changes = (
            asked is not None and asked.kind == RequestKind.UPDATE and self.kind == OperationKind.PROVISION
        )
        return str((RequestKind.UPDATE if changes else OperationKind(self.kind)).label)

    @property
    def is_open(self) -> bool:
        return self.status in OPEN_OPERATION

    @property
    def can_retry(self) -> bool:
        return self.status in (OperationStatus.FAILED, OperationStatus.CANCELLED)


class StepRecord(models.Model):
    """One step of an operation: what it is (`raw_step`, never changed) and how far it is (`raw_state`)."""

    operation = models.ForeignKey(Operation, models.CASCADE, related_name="steps")
    position = models.PositiveIntegerField()
    key = models.CharField(max_length=80)
    status = models.CharField(max_length=20)
    raw_step = models.JSONField()
    raw_state = models.JSONField()

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["operation", "key"], name="one_record_per_step")]

    def __str__(self) -> str:
        return f"{self.key} of #{self.operation_id}"

    @property
    def title(self) -> str:
        """What people call it; its key where the row makes no sense."""
        return str(self.raw_step.get("title", self.key))

    @property
    def step(self) -> Step:
        return Step.model_validate(self.raw_step)

    @property
    def state(self) -> StepState:
        return StepState.model_validate(self.raw_state)

    @property
    def started_at(self) -> datetime | None:
        return _moment(self.raw_state.get("started_at"))

    @property
    def finished_at(self) -> datetime | None:
        return _moment(self.raw_state.get("finished_at"))


class LogLine(models.Model):
    """What people read of a run; secrets never reach it."""

    operation = models.ForeignKey(Operation, models.CASCADE, related_name="lines")
    at = models.DateTimeField()
    step = models.CharField(max_length=80)
    text = models.TextField()

    class Meta:
        ordering = ["pk"]

    def __str__(self) -> str:
        return f"{self.step}: {self.text}"


def _moment(seconds: float | None) -> datetime | None:
    return datetime.fromtimestamp(seconds, tz=UTC) if seconds is not None else None
