"""AWS accounts, and how long things usually take in each."""

from __future__ import annotations

import secrets

from django.core.validators import MaxValueValidator, MinValueValidator, RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from environments.models.team import Team
from environments.querysets import AccountQuerySet
from provisioning.aws import AccountAccess


def new_external_id() -> str:
    """Made by the portal, never chosen by the other side (AWS: "The confused deputy problem")."""
    return secrets.token_hex(16)


class Account(models.Model):
    """An AWS account with the role to assume there and the regions that may be used; or the simulator."""

    name = models.CharField(_("name"), max_length=100)
    slug = models.SlugField(unique=True)
    number = models.CharField(_("number"), max_length=12, validators=[RegexValidator(r"^\d{12}$")])
    role_arn = models.CharField(_("role"), max_length=200, blank=True)
    external_id = models.CharField(max_length=64, default=new_external_id, editable=False)
    endpoint_url = models.URLField(_("endpoint"), blank=True, help_text=_("Empty for AWS itself."))
    simulated = models.BooleanField(_("simulated"), default=False)
    zones = models.JSONField(
        _("zones"),
        default=dict,
        help_text=_('Region → two availability zones: {"us-east-1": ["us-east-1a", …]}.'),
    )
    poll_seconds = models.FloatField(
        _("seconds between polls"),
        default=5.0,
        validators=[MinValueValidator(0.1), MaxValueValidator(60)],
    )
    teams: models.ManyToManyField[Team, models.Model] = models.ManyToManyField(Team, related_name="accounts")
    active = models.BooleanField(_("active"), default=True)

    objects = AccountQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name = _("account")

    def __str__(self) -> str:
        return self.name

    @property
    def regions(self) -> list[str]:
        """Where environments may be made."""
        return sorted(self.zones)

    @property
    def access(self) -> AccountAccess:
        """How a worker reaches it."""
        return AccountAccess(
            account=self.number,
            role_arn=self.role_arn,
            external_id=self.external_id,
            endpoint_url=self.endpoint_url,
        )


class UsualDuration(models.Model):
    """How long one kind of step takes in one account: a moving average of what was measured."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="usual_durations")
    kind = models.CharField(max_length=60)
    verb = models.CharField(max_length=10)
    seconds = models.FloatField()
    samples = models.PositiveIntegerField(default=1)

    class Meta:
        ordering = ["account", "kind", "verb"]
        constraints = [
            models.UniqueConstraint(fields=["account", "kind", "verb"], name="one_usual_duration_per_step")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.verb}: {self.seconds:.0f} s"
