"""People: with an audit line for each change, and never without a platform admin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from allauth.socialaccount.models import SocialApp, SocialToken
from django.contrib import admin, messages
from django.contrib.auth import admin as django_people
from django.contrib.auth.forms import UserChangeForm
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from environments.admin.base import AuditedAdmin

if TYPE_CHECKING:
    ChangeForm: TypeAlias = UserChangeForm[User]
    UserAdmin: TypeAlias = django_people.UserAdmin[User]
else:
    ChangeForm, UserAdmin = UserChangeForm, django_people.UserAdmin

_POWERS = ("is_active", "is_staff", "is_superuser")

# They show secrets of the single sign-on; ours has its own in the process environment.
admin.site.unregister([SocialApp, SocialToken, User])


class PersonForm(ChangeForm):
    """Somebody; the last who can use the admin keeps what it takes."""

    def clean(self) -> dict[str, Any]:
        """Raises ValidationError where nobody would be left to run the portal."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        powers = dict.fromkeys(_POWERS, True)
        runs_it = all(getattr(self.instance, name) for name in _POWERS)
        others = User.objects.filter(**powers).exclude(pk=self.instance.pk)
        if runs_it and not all(data.get(name, True) for name in _POWERS) and not others.exists():
            raise ValidationError(
                _("%(name)s is the only platform admin: make somebody else one first.")
                % {"name": self.instance.get_username()}
            )
        return data


@admin.register(User)
class PersonAdmin(AuditedAdmin, UserAdmin):
    """Everybody who signs in. Roles in teams are set there."""

    form = PersonForm  # type: ignore[assignment]  # of this very model

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """Only platform admins give or take what makes one."""
        fields = super().get_readonly_fields(request, obj)
        powers = ("is_staff", "is_superuser", "groups", "user_permissions")
        return fields if _runs_it(request.user) else (*fields, *powers)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody else changes a platform admin: a new password would be a way to become one."""
        allowed: bool = super().has_change_permission(request, obj)
        return allowed and (_runs_it(request.user) or not _runs_it(obj))

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Platform admins are made something else first."""
        allowed: bool = super().has_delete_permission(request, obj)
        return allowed and not _runs_it(obj)

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Says why where it is refused."""
        person = self.get_object(request, object_id)
        if _runs_it(person):
            self.message_user(
                request,
                _("A platform admin is not deleted: take the role first, or deactivate the account."),
                messages.ERROR,
            )
            return HttpResponseRedirect("../change/")
        answer: HttpResponse = super().delete_view(request, object_id, extra_context)
        return answer

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        """Django's, with an audit line that names the person and nothing else."""
        answer: HttpResponse = super().user_change_password(request, id, form_url)
        person = User.objects.filter(pk=id).first()
        if request.method == "POST" and answer.status_code == 302 and person is not None:
            self._audit(request, "password_set", person)
        return answer


def _runs_it(person: object) -> bool:
    return isinstance(person, User) and person.is_superuser
