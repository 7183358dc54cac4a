"""The calls about people: what they were told, and who is in which team."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from ninja import Router, Status

from environments.api import schemas
from environments.api.access import caller_of, one_of
from environments.api.paging import page_of
from environments.choices import Scope
from environments.models import Notification, Preferences, Team
from environments.services import mails, notices, teams

router = Router()


@router.get("/notifications", response=dict[str, Any], summary="List notifications")
def list_notifications(
    request: HttpRequest, cursor: int | None = None, unread: bool = False
) -> dict[str, Any]:
    """What the token's user was told, newest first; `unread=true` leaves out what was read. Scope: `read`."""
    by = caller_of(request, Scope.READ)
    found = Notification.objects.of(by.person).for_list()
    return page_of(found.unread() if unread else found, cursor, schemas.notification_out)


@router.post("/notifications/read", response=schemas.MarkedOut, summary="Mark notifications as read")
def mark_notifications_read(request: HttpRequest, body: schemas.MarkIn) -> schemas.MarkedOut:
    """Those of `ids`, or all. Scope: `notifications:write`."""
    by = caller_of(request, Scope.NOTIFICATIONS)
    return schemas.MarkedOut(marked=notices.mark_read(only=body.ids, by=by))


@router.get("/notifications/mail", response=schemas.MailChoice, summary="Read the choice of mail")
def read_mail_choice(request: HttpRequest) -> schemas.MailChoice:
    """Whether notifications come by mail too, and in which language. Scope: `read`."""
    by = caller_of(request, Scope.READ)
    return schemas.mail_choice_of(Preferences.objects.filter(user=by.person).first())


@router.put("/notifications/mail", response=schemas.MailChoice, summary="Choose mail")
def choose_mail(request: HttpRequest, body: schemas.MailChoice) -> schemas.MailChoice:
    """From now on notifications come by mail too, or no more. Scope: `notifications:write`."""
    by = caller_of(request, Scope.NOTIFICATIONS)
    return schemas.mail_choice_of(mails.choose_mail(mail=body.mail, language=body.language, by=by))


@router.get("/teams", response=list[schemas.TeamOut], summary="List teams")
def list_teams(request: HttpRequest) -> list[schemas.TeamOut]:
    """Those of the token's user, with the role in each. Scope: `read`."""
    by = caller_of(request, Scope.READ)
    return [
        schemas.TeamOut(slug=team.slug, name=team.name, role=team.role, people=team.people)
        for team in Team.objects.visible_to(by.person).for_list(by.person)
    ]


@router.get("/teams/{slug}/members", response=list[schemas.MemberOut], summary="List the people of a team")
def list_members(request: HttpRequest, slug: str) -> list[schemas.MemberOut]:
    """Who is in it, and as what. Scope: `read`."""
    by = caller_of(request, Scope.READ)
    team = one_of(Team.objects.visible_to(by.person), slug=slug)
    members = team.memberships.select_related("user").order_by("user__username")
    return [schemas.MemberOut(username=one.user.get_username(), role=one.role) for one in members]


@router.put(
    "/teams/{slug}/members/{username}",
    response=schemas.MemberOut,
    summary="Take somebody in, or change a role",
)
def set_member(request: HttpRequest, slug: str, username: str, body: schemas.RoleIn) -> schemas.MemberOut:
    """Only admins of the team can. Scope: `teams:write`."""
    by = caller_of(request, Scope.TEAMS)
    team = one_of(Team.objects.visible_to(by.person), slug=slug)
    user = teams.newcomer(team=team, username=username, by=by)
    member = teams.set_role(team=team, user=user, role=body.role, by=by)
    return schemas.MemberOut(username=username, role=member.role)


@router.delete("/teams/{slug}/members/{username}", response={204: None}, summary="Take somebody out")
def remove_member(request: HttpRequest, slug: str, username: str) -> Status[None]:
    """Only admins of the team can. Scope: `teams:write`."""
    by = caller_of(request, Scope.TEAMS)
    team = one_of(Team.objects.visible_to(by.person), slug=slug)
    member = one_of(team.memberships.select_related("user"), user__username=username)
    teams.remove_member(team=team, user=member.user, by=by)
    return Status(204, None)
