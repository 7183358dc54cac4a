"""To look at: what operations, people's requests and the audit write is never changed by hand; the services do that."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from environments.admin.base import ReadOnlyAdmin, ReadOnlyInline, actor_of
from environments.models import (
    AuditLine,
    Environment,
    LogLine,
    Notification,
    Operation,
    ReadinessCheck,
    ReadinessTick,
    Request,
    ResourceRecord,
    Review,
    StepRecord,
    Token,
    UsualDuration,
)
from environments.services.tokens import revoke_token


class ResourceInline(ReadOnlyInline):
    """What an environment consists of."""

    model = ResourceRecord
    readonly_fields = fields = ("key", "kind", "name", "aws_id", "standing", "changed_at")


@admin.register(Environment)
class EnvironmentAdmin(ReadOnlyAdmin):
    """Every environment, the destroyed ones too."""

    list_display = [
        *("slug", "lifecycle", "deploy_status", "health", "drift"),
        *("application", "account", "region", "owner", "protected", "expires_at"),
    ]
    list_filter = [
        *("lifecycle", "health", "drift", "architecture", "phase", "region", "account"),
        *("application__team", "protected"),
    ]
    list_select_related = ["application", "account", "owner"]
    search_fields = ["slug", "name", "application__name", "owner__username"]
    date_hierarchy = "created_at"
    inlines = [ResourceInline]


@admin.register(ReadinessCheck)
class ReadinessCheckAdmin(ReadOnlyAdmin):
    """When each environment was checked last, and which checks are wanted or at work."""

    list_display = ["environment", "wanted_at", "started_at", "checked_at", "readable"]
    list_select_related = ["environment"]
    search_fields = ["environment__slug"]


@admin.register(ReadinessTick)
class ReadinessTickAdmin(ReadOnlyAdmin):
    """What people ticked."""

    list_display = ["item", "environment", "by", "at", "note"]
    list_filter = ["item"]
    list_select_related = ["environment", "by"]
    search_fields = ["environment__slug", "by__username", "note"]


@admin.register(ResourceRecord)
class ResourceRecordAdmin(ReadOnlyAdmin):
    """Every resource; found by its AWS id."""

    list_display = ["key", "kind", "name", "aws_id", "standing", "environment", "changed_at"]
    list_filter = ["standing", "kind"]
    list_select_related = ["environment"]
    search_fields = ["aws_id", "name", "key", "environment__slug"]


class ReviewInline(ReadOnlyInline):
    """What was said of a request."""

    model = Review
    fk_name = "request"
    readonly_fields = fields = ("reviewer", "verdict", "by_rule", "hash", "comment", "created_at")


@admin.register(Request)
class RequestAdmin(ReadOnlyAdmin):
    """Every request and its reviews."""

    list_display = [
        *("id", "kind", "environment", "status", "requester"),
        *("approvals_needed", "rule", "created_at", "decided_at"),
    ]
    list_filter = ["status", "kind", "environment__application__team"]
    list_select_related = ["environment", "requester", "rule"]
    search_fields = ["environment__slug", "requester__username", "note", "hash"]
    date_hierarchy = "created_at"
    inlines = [ReviewInline]


class StepInline(ReadOnlyInline):
    """How far each step is."""

    model = StepRecord
    readonly_fields = fields = ("position", "key", "status", "raw_state")


@admin.register(Operation)
class OperationAdmin(ReadOnlyAdmin):
    """Every operation, who holds it and when it is due."""

    list_display = [
        *("id", "kind", "environment", "status", "requested_by", "started_at", "finished_at"),
        *("wake_at", "owner", "fence", "lease_until", "cancel_requested"),
    ]
    list_filter = ["status", "kind", "cancel_requested", "environment__application__team"]
    list_select_related = ["environment", "requested_by"]
    search_fields = ["environment__slug", "requested_by__username", "owner"]
    date_hierarchy = "created_at"
    inlines = [StepInline]


@admin.register(LogLine)
class LogLineAdmin(ReadOnlyAdmin):
    """What people read of the runs."""

    list_display = ["at", "operation", "step", "text"]
    list_select_related = ["operation__environment"]
    search_fields = ["text", "step", "operation__environment__slug"]


@admin.register(AuditLine)
class AuditLineAdmin(ReadOnlyAdmin):
    """Who did what, from where, before and after."""

    list_display = ["at", "actor", "via", "verb", "subject", "team", "address"]
    list_filter = ["via", "verb", "team"]
    list_select_related = ["actor", "team"]
    search_fields = ["verb", "subject", "actor__username", "address"]
    date_hierarchy = "at"


@admin.register(UsualDuration)
class UsualDurationAdmin(ReadOnlyAdmin):
    """How long things usually take in each account."""

    list_display = ["account", "kind", "verb", "seconds", "samples"]
    list_filter = ["account", "verb"]
    list_select_related = ["account"]
    search_fields = ["kind"]


@admin.register(Notification)
class NotificationAdmin(ReadOnlyAdmin):
    """What people were told."""

    list_display = ["created_at", "user", "text", "read_at"]
    list_filter = ["key"]
    list_select_related = ["user", "request__environment", "operation__environment"]
    search_fields = ["user__username"]


@admin.register(Token)
class TokenAdmin(ReadOnlyAdmin):
    """Everybody's tokens; any of them can be revoked at once."""

    list_display = [
        "prefix",
        "name",
        "user",
        "scopes",
        "created_at",
        "expires_at",
        "last_used_at",
        "revoked_at",
    ]
    list_filter = ["expires_at", "revoked_at"]
    list_select_related = ["user"]
    search_fields = ["prefix", "name", "user__username"]
    exclude = ["digest"]
    actions = ["revoke"]

    @admin.action(description=_("Revoke the chosen tokens"))
    def revoke(self, request: HttpRequest, tokens: QuerySet[Token]) -> None:
        """They work no more from now on."""
        live = list(tokens.filter(revoked_at=None))
        for token in live:
            revoke_token(token=token, by=actor_of(request))
        text = ngettext("%(count)d token was revoked.", "%(count)d tokens were revoked.", len(live))
        self.message_user(request, text % {"count": len(live)}, messages.SUCCESS)
