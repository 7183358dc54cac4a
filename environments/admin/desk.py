"""To set: teams, applications, accounts and rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin
from django.db.models import Count, Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from environments.admin.base import AuditedAdmin, TabularInline, actor_of
from environments.admin.forms import AccountForm, ApplicationForm, RuleForm
from environments.models import Account, Application, Membership, Rule, Team
from environments.services.actor import audit

if TYPE_CHECKING:
    from environments.admin.base import Form, Formset


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

    form = ApplicationForm  # type: ignore[assignment]  # of this very model
    list_display = ["name", "slug", "team", "image", "port", "health_path"]
    list_filter = ["team"]
    list_select_related = ["team"]
    search_fields = ["name", "slug", "repository", "image"]
    prepopulated_fields = {"slug": ["name"]}


@admin.register(Account)
class AccountAdmin(AuditedAdmin):
    """AWS accounts, and which teams may use them."""

    form = AccountForm  # type: ignore[assignment]  # of this very model
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

    form = RuleForm  # type: ignore[assignment]  # of this very model
    list_display = [
        *("name", "position", "team", "kind", "architecture", "phase", "cost_up_to"),
        *("approvals", "own", "active"),
    ]
    list_filter = ["active", "kind", "team"]
    list_select_related = ["team"]
    search_fields = ["name"]
