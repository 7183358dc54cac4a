"""The platform admin's desk: teams, applications, accounts and rules are set here; all else can be looked at.

What operations, people's requests and the audit write is never changed by hand: the services do that.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.db.models import Count, Model, QuerySet, URLField
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from environments.choices import Via
from environments.models import (
    Account,
    Application,
    AuditLine,
    Environment,
    LogLine,
    Membership,
    Notification,
    Operation,
    Request,
    ResourceRecord,
    Review,
    Rule,
    StepRecord,
    Team,
    Token,
    UsualDuration,
)
from environments.services.actor import Actor, audit
from environments.services.tokens import revoke_token

if TYPE_CHECKING:
    ModelAdmin: TypeAlias = admin.ModelAdmin[Model]
    TabularInline: TypeAlias = admin.TabularInline[Model, Model]
    Form: TypeAlias = forms.ModelForm[Model]
    Formset: TypeAlias = forms.BaseModelFormSet[Model, Form]
else:
    ModelAdmin, TabularInline = admin.ModelAdmin, admin.TabularInline


class _Unchanging:
    """Nothing is added, changed or deleted by hand."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """No."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """No."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """No."""
        return False


class ReadOnlyAdmin(_Unchanging, ModelAdmin):
    """To look at."""

    show_full_result_count = False


class ReadOnlyInline(_Unchanging, TabularInline):
    """To look at, inside its parent."""

    extra = 0
    show_change_link = False


class AuditedAdmin(ModelAdmin):
    """To change; each change leaves an audit line beside Django's own history."""

    formfield_overrides = {URLField: {"assume_scheme": "https"}}

    def save_model(self, request: HttpRequest, obj: Model, form: Form, change: bool) -> None:
        """Save, and tell what it was before."""
        super().save_model(request, obj, form, change)
        self._audit(
            request,
            "changed" if change else "added",
            obj,
            before={name: str(form.initial.get(name)) for name in form.changed_data} if change else None,
            after={name: str(form.cleaned_data[name]) for name in form.changed_data},
        )

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        """Delete, and tell."""
        self._audit(request, "deleted", obj)
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Model]) -> None:
        """Delete several, and tell of each."""
        for obj in queryset:
            self._audit(request, "deleted", obj)
        super().delete_queryset(request, queryset)

    def _audit(
        self,
        request: HttpRequest,
        verb: str,
        obj: Model,
        *,
        before: dict[str, str] | None = None,
        after: dict[str, str] | None = None,
    ) -> None:
        about = obj if isinstance(obj, Team) and verb != "deleted" else getattr(obj, "team", None)
        name = obj._meta.model_name
        audit(f"{name}.{verb}", obj, by=actor_of(request), about=about, before=before, after=after)


def actor_of(request: HttpRequest) -> Actor:
    """The admin at work."""
    assert isinstance(request.user, User)  # noqa: S101 # the admin site lets nobody else in
    return Actor(user=request.user, via=Via.PAGE, address=request.META.get("REMOTE_ADDR") or None)


# Set here --------------------------------------------------------------------------------------------------------


class MembershipInline(TabularInline):
    """Who is in the team."""

    model = Membership
    extra = 0
    autocomplete_fields = ["user"]


@admin.register(Team)
class TeamAdmin(AuditedAdmin):
    """Teams, and who is in them."""

    list_display = ["name", "slug", "cost_center", "monthly_budget", "people"]
    search_fields = ["name", "slug", "cost_center"]
    prepopulated_fields = {"slug": ["name"]}
    inlines = [MembershipInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Model]:
        """With the number of people."""
        teams: QuerySet[Model] = super().get_queryset(request).annotate(people=Count("memberships"))
        return teams

    @admin.display(description=_("people"), ordering="people")
    def people(self, team: Team) -> int:
        """How many are in it."""
        return int(getattr(team, "people", 0))

    def save_formset(self, request: HttpRequest, form: Form, formset: Formset, change: bool) -> None:
        """Save who is in it, and tell what changed."""
        super().save_formset(request, form, formset, change)
        kept = (*formset.new_objects, *(member for member, _fields in formset.changed_objects))
        gone = [_told(member) for member in formset.deleted_objects]
        here = [_told(member) for member in kept]
        if gone or here:
            audit(
                "team.members_changed",
                form.instance,
                by=actor_of(request),
                about=Team.objects.get(pk=form.instance.pk),
                before={"removed": gone},
                after={"set": here},
            )


def _told(member: Model) -> str:
    assert isinstance(member, Membership)  # noqa: S101 # the only inline that a team has
    return f"{member.user} as {member.role}"


@admin.register(Application)
class ApplicationAdmin(AuditedAdmin):
    """What teams deploy."""

    list_display = ["name", "slug", "team", "image", "port", "health_path"]
    list_filter = ["team"]
    list_select_related = ["team"]
    search_fields = ["name", "slug", "repository", "image"]
    prepopulated_fields = {"slug": ["name"]}


@admin.register(Account)
class AccountAdmin(AuditedAdmin):
    """AWS accounts, and which teams may use them."""

    list_display = ["name", "number", "where", "simulated", "active", "poll_seconds"]
    list_filter = ["active", "simulated", "teams"]
    search_fields = ["name", "slug", "number", "role_arn"]
    prepopulated_fields = {"slug": ["name"]}
    filter_horizontal = ["teams"]
    readonly_fields = ["external_id"]

    @admin.display(description=_("regions"))
    def where(self, account: Account) -> str:
        """Its regions."""
        return ", ".join(account.regions)


@admin.register(Rule)
class RuleAdmin(AuditedAdmin):
    """When a request needs no approval, one, or two: the first active rule that fits decides."""

    list_display = [
        *("name", "position", "team", "kind", "architecture", "phase", "cost_up_to"),
        *("approvals", "own", "active"),
    ]
    list_filter = ["active", "kind", "team"]
    list_select_related = ["team"]
    search_fields = ["name"]


# To look at ------------------------------------------------------------------------------------------------------


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
