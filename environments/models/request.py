"""Requests, the reviews on them, and the rules that say how many they need."""

from __future__ import annotations

from decimal import Decimal

from django.contrib.auth.models import User
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from environments.choices import RequestKind, RequestStatus, Verdict
from environments.models.environment import Environment
from environments.models.team import Team
from environments.querysets import RequestQuerySet, ReviewQuerySet
from provisioning.plan import Action, Plan
from provisioning.pricing import Estimate


class Rule(models.Model):
    """When a request needs no approval, one, or two. The first active rule that fits decides; without any, one."""

    name = models.CharField(_("name"), max_length=100)
    position = models.PositiveIntegerField(_("position"), default=100)
    team = models.ForeignKey(Team, models.CASCADE, null=True, blank=True)
    kind = models.CharField(_("kind"), max_length=20, choices=RequestKind, blank=True)
    architecture = models.CharField(_("architecture"), max_length=20, blank=True)
    phase = models.CharField(_("phase"), max_length=20, blank=True)
    cost_up_to = models.DecimalField(
        _("up to, USD a month"),
        max_digits=10,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
    )
    approvals = models.PositiveSmallIntegerField(_("approvals"), default=1)
    own = models.BooleanField(_("people may approve their own"), default=False)
    active = models.BooleanField(_("active"), default=True)

    class Meta:
        ordering = ["position", "pk"]
        verbose_name = _("rule")
        constraints = [models.CheckConstraint(condition=Q(approvals__lte=2), name="at_most_two_approvals")]

    def __str__(self) -> str:
        return self.name

    def fits(self, environment: Environment, *, kind: str, cost: Decimal | None) -> bool:
        """Whether it speaks of such a request; `cost` in USD a month, None where a price is missing.

        An unknown cost is not a small one: a rule with a limit does not speak of it.
        """
        return (
            (self.team_id is None or self.team_id == environment.application.team_id)
            and self.kind in ("", kind)
            and self.architecture in ("", environment.architecture)
            and self.phase in ("", environment.phase)
            and (self.cost_up_to is None or (cost is not None and cost <= self.cost_up_to))
        )


class Request(models.Model):
    """A proposed change of an environment, with the plan and the price that were shown."""

    environment = models.ForeignKey(Environment, models.CASCADE, related_name="requests")
    kind = models.CharField(max_length=20, choices=RequestKind)
    status = models.CharField(max_length=20, choices=RequestStatus, default=RequestStatus.PENDING)
    requester = models.ForeignKey(User, models.PROTECT, related_name="requests")
    note = models.TextField(blank=True)
    raw_plan = models.JSONField()
    raw_estimate = models.JSONField()
    raw_estimate_before = models.JSONField(null=True, blank=True)
    usage = models.JSONField(default=dict, blank=True)
    hash = models.CharField(max_length=64)
    rule = models.ForeignKey(Rule, models.SET_NULL, null=True, blank=True, related_name="+")
    approvals_needed = models.PositiveSmallIntegerField(default=1)
    own_approval = models.BooleanField(default=False)
    expires_in_days = models.PositiveIntegerField(null=True, blank=True)
    final_snapshot = models.BooleanField(default=True)  # of what holds data, when it is destroyed
    created_at = models.DateTimeField(auto_now_add=True)
    decided_at = models.DateTimeField(null=True, blank=True)

    objects = RequestQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("request")
        constraints = [
            models.UniqueConstraint(
                fields=["environment"],
                condition=Q(status=RequestStatus.PENDING),
                name="one_pending_request_per_environment",
            )
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.get_kind_display()} {self.environment}"

    def get_absolute_url(self) -> str:
        return reverse("request", args=[self.pk])

    @property
    def plan(self) -> Plan:
        """What was shown, and what runs when it is approved."""
        return Plan.model_validate(self.raw_plan)

    @property
    def resource_keys(self) -> set[str]:
        """Keys of what stands once it is carried out; read so that plans of other versions have them too."""
        changes = self.raw_plan.get("changes", ())
        return {change["key"] for change in changes if change["action"] != Action.DELETE}

    @property
    def estimate(self) -> Estimate:
        """The price after the change."""
        return Estimate.from_json(self.raw_estimate)

    @property
    def estimate_before(self) -> Estimate | None:
        """The price before the change."""
        return Estimate.from_json(self.raw_estimate_before) if self.raw_estimate_before else None


class Review(models.Model):
    """What somebody said of a request: a verdict on exactly the hash that they saw, or a comment."""

    request = models.ForeignKey(Request, models.CASCADE, related_name="reviews")
    reviewer = models.ForeignKey(User, models.PROTECT, related_name="reviews")
    # Copied here so that the database itself can keep reviewer and requester apart.
    requester = models.ForeignKey(User, models.PROTECT, related_name="+")
    by_rule = models.BooleanField(default=False)
    verdict = models.CharField(max_length=20, choices=Verdict)
    hash = models.CharField(max_length=64)
    comment = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = ReviewQuerySet.as_manager()

    class Meta:
        ordering = ["created_at"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(verdict=Verdict.APPROVE) | Q(by_rule=True) | ~Q(reviewer=F("requester")),
                name="nobody_approves_their_own_request",
            ),
            models.UniqueConstraint(
                fields=["request", "reviewer", "hash"],
                condition=Q(verdict=Verdict.APPROVE),
                name="one_approval_per_person",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reviewer}: {self.get_verdict_display()}"
