"""Audit: who did what, from where, before and after."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import models
from django.utils.translation import gettext_lazy as _

from environments.choices import Via
from environments.models.environment import Environment
from environments.models.team import Team
from environments.querysets import AuditQuerySet


class AuditLine(models.Model):
    """Written in the transaction of the write that it tells of; never changed."""

    at = models.DateTimeField(auto_now_add=True)
    actor = models.ForeignKey(User, models.PROTECT, null=True, blank=True, related_name="+")
    via = models.CharField(max_length=10, choices=Via)
    address = models.GenericIPAddressField(null=True, blank=True)
    verb = models.CharField(max_length=60)  # "request.approved"
    subject = models.CharField(max_length=200)
    team = models.ForeignKey(Team, models.SET_NULL, null=True, blank=True, related_name="+")
    environment = models.ForeignKey(
        Environment, models.SET_NULL, null=True, blank=True, related_name="audit_lines"
    )
    before = models.JSONField(null=True, blank=True)
    after = models.JSONField(null=True, blank=True)

    objects = AuditQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = _("audit line")

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.verb} {self.subject}"
