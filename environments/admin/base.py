"""What the admin's pages have in common: some are to look at, some to change with an audit line for each change."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from django import forms
from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import Model, QuerySet, URLField
from django.http import HttpRequest

from environments.choices import Via
from environments.models import Team
from environments.services.actor import Actor, audit

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
        changed = [name for name in form.changed_data if "password" not in name]
        self._audit(
            request,
            "changed" if change else "added",
            obj,
            before={name: str(form.initial.get(name)) for name in changed} if change else None,
            after={name: str(form.cleaned_data[name]) for name in changed},
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
