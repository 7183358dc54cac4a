"""Environments and the resources they consist of."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from environments.choices import DeployStatus, Drift, Health, Lifecycle
from environments.models.account import Account
from environments.models.team import Application
from environments.querysets import EnvironmentQuerySet
from provisioning.names import STACK_LENGTH, stack_of
from provisioning.pricing import Estimate
from provisioning.resource import Recorded
from provisioning.spec import Spec

GONE = Q(lifecycle=Lifecycle.DESTROYED)
# The account is asked what is left for so long; then the pages say that it gave no answer.
SWEPT_WITHIN = timedelta(hours=1)


class Environment(models.Model):
    """One running copy of an application: what was approved, where it stands, how it is."""

    application = models.ForeignKey(Application, models.PROTECT, related_name="environments")
    name = models.CharField(_("name"), max_length=30)
    slug = models.SlugField(max_length=100)
    identity = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    stack = models.CharField(max_length=STACK_LENGTH, unique=True, editable=False)  # of the identity
    architecture = models.CharField(_("architecture"), max_length=20)
    phase = models.CharField(_("phase"), max_length=20)
    region = models.CharField(_("region"), max_length=30)
    account = models.ForeignKey(Account, models.PROTECT, related_name="environments")
    owner = models.ForeignKey(User, models.PROTECT, related_name="environments")
    lifecycle = models.CharField(max_length=20, choices=Lifecycle, default=Lifecycle.REQUESTED)
    deploy_status = models.CharField(max_length=20, choices=DeployStatus, default=DeployStatus.NEVER)
    health = models.CharField(max_length=20, choices=Health, default=Health.UNKNOWN)
    drift = models.CharField(max_length=20, choices=Drift, default=Drift.UNKNOWN)
    protected = models.BooleanField(_("protected"), default=False)
    raw_spec = models.JSONField(default=dict, blank=True)
    raw_estimate = models.JSONField(default=dict, blank=True)
    outputs = models.JSONField(default=dict, blank=True)
    remains = models.JSONField(null=True, blank=True)
    expires_at = models.DateTimeField(_("expires"), null=True, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    ready_at = models.DateTimeField(null=True, blank=True)
    destroyed_at = models.DateTimeField(null=True, blank=True)

    objects = EnvironmentQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("environment")
        constraints = [
            models.UniqueConstraint(fields=["slug"], condition=~GONE, name="one_living_environment_per_name")
        ]

    def __str__(self) -> str:
        return self.slug

    def save(self, *args: Any, **kwargs: Any) -> None:
        """With its stack: the database keeps two environments from having one."""
        self.stack = stack_of(str(self.identity))
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("environment", args=[self.slug])

    @property
    def spec(self) -> Spec:
        """What was approved last."""
        return Spec.model_validate(self.raw_spec)

    @property
    def estimate(self) -> Estimate | None:
        """What it was expected to cost when it was approved."""
        return Estimate.from_json(self.raw_estimate) if self.raw_estimate else None

    @property
    def url(self) -> str:
        """Where its application answers, once it does."""
        return str(self.outputs.get("url", ""))

    @property
    def is_gone(self) -> bool:
        return self.lifecycle == Lifecycle.DESTROYED

    @property
    def awaits_sweep(self) -> bool:
        """Whether a worker will still look in the account for what is left."""
        if not self.is_gone or self.remains is not None or self.destroyed_at is None:
            return False
        return self.destroyed_at > timezone.now() - SWEPT_WITHIN

    @property
    def left_behind(self) -> list[dict[str, Any]]:
        """What the sweep found that nobody meant to keep."""
        return [one for one in self.remains or [] if not one["kept"]]

    @property
    def kept_snapshots(self) -> list[Snapshot]:
        """The last snapshots that were left on purpose."""
        kept = (Snapshot.of_arn(one["arn"]) for one in self.remains or [] if one["kept"])
        return [one for one in kept if one is not None]


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """A last snapshot of a database. What AWS's command line takes to restore and to delete it:
    https://docs.aws.amazon.com/cli/latest/reference/rds/"""

    name: str
    region: str
    cluster: bool

    @classmethod
    def of_arn(cls, arn: str) -> Snapshot | None:
        """None for what is no snapshot."""
        parts = arn.split(":")
        if len(parts) != 7 or parts[5] not in ("snapshot", "cluster-snapshot"):
            return None
        return cls(name=parts[6], region=parts[3], cluster=parts[5] == "cluster-snapshot")

    @property
    def commands(self) -> str:
        """One line to restore it, one to delete it."""
        thing = "db-cluster" if self.cluster else "db-instance"
        verb = "restore-db-cluster-from-snapshot" if self.cluster else "restore-db-instance-from-db-snapshot"
        named = "--snapshot-identifier" if self.cluster else "--db-snapshot-identifier"
        snapshot = "db-cluster-snapshot" if self.cluster else "db-snapshot"
        where = f"--region {self.region}"
        return (
            f"aws rds {verb} {where} {named} {self.name} --{thing}-identifier NEW-NAME"
            + (" --engine aurora-postgresql" if self.cluster else "")
            + f"\naws rds delete-{snapshot} {where} --{snapshot}-identifier {self.name}"
        )


class ResourceRecord(models.Model):
    """One thing in AWS, in the words of the journal; the columns beside `raw` are for lists and searches."""

    environment = models.ForeignKey(Environment, models.CASCADE, related_name="resources")
    key = models.CharField(max_length=60)
    kind = models.CharField(max_length=60)
    name = models.CharField(max_length=600)
    aws_id = models.CharField(max_length=2048, blank=True)
    standing = models.CharField(max_length=10)
    raw = models.JSONField()
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["pk"]
        constraints = [models.UniqueConstraint(fields=["environment", "key"], name="one_record_per_resource")]

    def __str__(self) -> str:
        return f"{self.key} of {self.environment_id}"

    @property
    def recorded(self) -> Recorded:
        """As the engine knows it."""
        return Recorded.model_validate(self.raw)
