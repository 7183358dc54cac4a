"""Notifications: what the portal tells one person about what happened."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from environments.choices import Notice
from environments.models.operation import Operation
from environments.models.request import Request
from environments.querysets import NotificationQuerySet


class Notification(models.Model):
    """One sentence for one person about a request or an operation; each reads it in their own language."""

    user = models.ForeignKey(User, models.CASCADE, related_name="notifications")
    key = models.CharField(max_length=40, choices=Notice)
    request = models.ForeignKey(Request, models.CASCADE, null=True, blank=True, related_name="+")
    operation = models.ForeignKey(Operation, models.CASCADE, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    mail_due = models.BooleanField(default=False)  # its person wants it by mail and has not got it yet
    read_at = models.DateTimeField(null=True, blank=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        verbose_name = _("notification")
        constraints = [
            models.CheckConstraint(
                condition=Q(request=None) ^ Q(operation=None), name="a_notification_is_about_one_thing"
            )
        ]
        indexes = [
            models.Index(fields=["user"], condition=Q(read_at=None), name="unread_notifications"),
            models.Index(fields=["created_at"], condition=Q(mail_due=True), name="due_mails"),
        ]

    def __str__(self) -> str:
        return self.text

    def get_absolute_url(self) -> str:
        return self.subject.get_absolute_url()

    @property
    def subject(self) -> Request | Operation:
        """What it is about."""
        subject = self.request or self.operation
        assert subject is not None  # noqa: S101 # the constraint keeps it
        return subject

    @property
    def text(self) -> str:
        """The sentence, in the language of the moment."""
        return str(Notice(self.key).label) % {"subject": self.subject}
