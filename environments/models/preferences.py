"""What a person chose for themselves."""

from __future__ import annotations

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models
from django.utils.translation import gettext_lazy as _


class Preferences(models.Model):
    """Whether notifications come by mail too, and in which language. Nobody gets mail without having asked for it."""

    user = models.OneToOneField(User, models.CASCADE, related_name="preferences")
    mail = models.BooleanField(_("notifications by mail too"), default=False)
    language = models.CharField(_("language"), max_length=10, choices=settings.LANGUAGES, default="en")

    class Meta:
        ordering = ["user"]
        verbose_name = _("preferences")
        verbose_name_plural = _("preferences")

    def __str__(self) -> str:
        return f"preferences of {self.user}"
