"""Readiness: what the last check of an environment found, and what people ticked."""

from __future__ import annotations

import logging
from datetime import datetime

from django.contrib.auth.models import User
from django.db import models
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from environments.models.environment import Environment
from environments.querysets import ReadinessCheckQuerySet
from provisioning.readiness.answer import Answer

logger = logging.getLogger(__name__)


class ReadinessCheck(models.Model):
    """The last look at an environment, and the next: one is wanted, or at work, while `wanted_at` is set."""

    environment = models.OneToOneField(Environment, models.CASCADE, related_name="readiness_check")
    wanted_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    readable = models.BooleanField(default=True)  # whether this version understood what is recorded
    raw_answers = models.JSONField(default=dict, blank=True)

    objects = ReadinessCheckQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("readiness check")
        indexes = [
            models.Index(
                fields=["wanted_at"],
                condition=models.Q(wanted_at__isnull=False),
                name="wanted_readiness_checks",
            )
        ]

    def __str__(self) -> str:
        return f"readiness of #{self.environment_id}"

    @property
    def answers(self) -> dict[str, Answer]:
        """Item -> answer; what another version wrote and this one cannot read is left out."""
        answers = {}
        for key, raw in self.raw_answers.items():
            try:
                answers[key] = Answer.from_json(raw)
            except (KeyError, TypeError, ValueError):
                logger.warning("An answer cannot be read", extra={"check": self.pk, "item": key})
        return answers

    @property
    def since(self) -> dict[str, datetime]:
        """Item -> the check that first found it as the last one did."""
        told = {key: raw.get("since") for key, raw in self.raw_answers.items() if isinstance(raw, dict)}
        moments = {key: parse_datetime(text) for key, text in told.items() if isinstance(text, str)}
        return {key: moment for key, moment in moments.items() if moment is not None}


class ReadinessTick(models.Model):
    """Somebody said that an item is done which no probe can see."""

    environment = models.ForeignKey(Environment, models.CASCADE, related_name="readiness_ticks")
    item = models.CharField(max_length=60)
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    note = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["item"]
        verbose_name = _("readiness tick")
        constraints = [
            models.UniqueConstraint(fields=["environment", "item"], name="one_readiness_tick_per_item")
        ]

    def __str__(self) -> str:
        return f"{self.item} of {self.environment_id}"
