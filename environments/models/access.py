"""Tokens: how scripts sign in. Only a digest is kept."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from environments.choices import Scope
from environments.querysets import TokenQuerySet


class Token(models.Model):
    """A key to the API with scopes and an end; it is shown once, when it is made."""

    user = models.ForeignKey(User, models.CASCADE, related_name="tokens")
    name = models.CharField(_("name"), max_length=100)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    prefix = models.CharField(max_length=12, editable=False)
    scopes = models.JSONField(_("scopes"), default=list)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(_("expires"))
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = TokenQuerySet.as_manager()

    class Meta:
        ordering = ["-created_at"]
        verbose_name = _("token")

    def __str__(self) -> str:
        return f"{self.prefix}… {self.name}"

    @property
    def scope_words(self) -> list[str]:
        """What it may, as people read it; a scope of another version as it is written."""
        return [str(Scope(one).label) if one in Scope.values else one for one in self.scopes]

    @property
    def is_live(self) -> bool:
        """Whether it still opens anything."""
        return self.revoked_at is None and self.expires_at > timezone.now() and self.user.is_active
