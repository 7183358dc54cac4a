"""Teams: who is in one, and as what."""

from __future__ import annotations

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from environments.choices import Role
from environments.errors import Conflict, InvalidInput, NotAllowed
from environments.models import Membership, Team
from environments.services.actor import Actor, audit
from provisioning.errors import brief


@transaction.atomic
def set_role(*, team: Team, user: User, role: str, by: Actor) -> Membership:
    """Take somebody into a team, or give them another role there. Raises InvalidInput, NotAllowed, Conflict."""
    _forbid_unless_admin(team, by)
    if role not in Role.values:
        raise InvalidInput(
            _("There is no role %(role)s.") % {"role": brief(role)},
            hint=_("Roles: %(roles)s.") % {"roles": ", ".join(Role.values)},
            field="role",
        )
    before = Membership.objects.filter(team=team, user=user).values_list("role", flat=True).first()
    if before == Role.ADMIN != role:
        _forbid_last_admin(team, user)
    membership, _made = Membership.objects.update_or_create(team=team, user=user, defaults={"role": role})
    _audit("team.role_set", team, user, by, before=before, after=role)
    return membership


@transaction.atomic
def remove_member(*, team: Team, user: User, by: Actor) -> None:
    """Take somebody out of a team; what they own there stays with the team."""
    _forbid_unless_admin(team, by)
    membership = Membership.objects.filter(team=team, user=user).first()
    if membership is not None:
        if membership.role == Role.ADMIN:
            _forbid_last_admin(team, user)
        membership.delete()
        _audit("team.member_removed", team, user, by, before=membership.role, after=None)


def _forbid_last_admin(team: Team, user: User) -> None:
    """A team that nobody leads could be helped by platform admins alone. One at a time through this door."""
    Team.objects.select_for_update().get(pk=team.pk)
    if not Membership.objects.filter(team=team, role=Role.ADMIN).exclude(user=user).exists():
        raise Conflict(
            _("%(person)s is the only admin of %(team)s.")
            % {"person": user.get_username(), "team": team.name},
            code="team.last_admin",
            hint=_("Make somebody else an admin first."),
        )


def _audit(verb: str, team: Team, user: User, by: Actor, *, before: str | None, after: str | None) -> None:
    audit(verb, f"{user} in {team}", by=by, about=team, before={"role": before}, after={"role": after})


def newcomer(*, team: Team, username: str, by: Actor) -> User:
    """The active person of this name, for who may take them into the team. Raises NotAllowed before it tells whether
    there is such a name, InvalidInput."""
    _forbid_unless_admin(team, by)
    found = User.objects.filter(username=username.strip(), is_active=True).first()
    if found is None:
        raise InvalidInput(
            _("Nobody signs in as %(name)s.") % {"name": brief(username)},
            hint=_("People are known here once they have signed in."),
            field="username",
        )
    return found


def _forbid_unless_admin(team: Team, by: Actor) -> None:
    if not Team.objects.administered_by(by.person).filter(pk=team.pk).exists():
        raise NotAllowed(_("Only admins of %(team)s change who is in it.") % {"team": team.name})
