"""Teams: which ones somebody is in, who else is, and, for their admins, who shall be."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from environments.choices import Role
from environments.forms import MemberForm
from environments.models import Team
from environments.services import teams
from environments.views.api_calls import curl
from environments.views.session import actor_of, person_of
from environments.wording import told
from provisioning.errors import ProvisioningError


@login_required
@require_GET
def team_list(request: HttpRequest) -> HttpResponse:
    """Those that somebody is in; a platform admin sees all."""
    person = person_of(request)
    rows = [
        {"team": team, "role": Role(team.role).label if team.role else ""}
        for team in Team.objects.visible_to(person).for_list(person)
    ]
    return render(request, "environments/teams.html", {"rows": rows})


@login_required
@require_http_methods(["GET", "POST"])
def team_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """Its people; its admins take somebody in."""
    team = _visible_team(request, slug)
    form = MemberForm(request.POST or None)
    if form.is_bound and form.is_valid():
        try:
            by = actor_of(request)
            user = teams.newcomer(team=team, username=form.cleaned_data["username"], by=by)
            teams.set_role(team=team, user=user, role=form.cleaned_data["role"], by=by)
            messages.success(request, _("%(person)s is in the team.") % {"person": user.get_username()})
            return redirect(team)
        except ProvisioningError as error:
            form.add_error(error.field if error.field in form.fields else None, told(error))
    context = {
        "team": team,
        "members": team.memberships.select_related("user").order_by("user__username"),
        "administered": Team.objects.administered_by(person_of(request)).filter(pk=team.pk).exists(),
        "roles": Role.choices,
        "form": form,
        "curl": curl(
            request,
            "PUT",
            f"teams/{team.slug}/members/{form.data.get('username') or 'USERNAME'}",
            {"role": form.data.get("role") or Role.DEVELOPER.value},
        ),
        "crumbs": [{"label": _("Teams"), "url": "/teams/"}, {"label": team.name, "url": ""}],
    }
    return render(request, "environments/team.html", context, status=422 if form.errors else 200)


@login_required
@require_POST
def member_change(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Another role for somebody (`role`), or none: they are taken out."""
    team = _visible_team(request, slug)
    user = get_object_or_404(team.memberships.select_related("user"), user=pk).user
    name, role = user.get_username(), request.POST.get("role", "")
    try:
        if role:
            teams.set_role(team=team, user=user, role=role, by=actor_of(request))
            messages.success(request, _("%(person)s has another role.") % {"person": name})
        else:
            teams.remove_member(team=team, user=user, by=actor_of(request))
            messages.success(request, _("%(person)s is no longer in the team.") % {"person": name})
    except ProvisioningError as error:
        messages.error(request, told(error))
    still_there = Team.objects.visible_to(person_of(request)).filter(pk=team.pk).exists()
    return redirect(team) if still_there else redirect("teams")


def _visible_team(request: HttpRequest, slug: str) -> Team:
    return get_object_or_404(Team.objects.visible_to(person_of(request)), slug=slug)
