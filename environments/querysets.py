"""Questions to the database, each named like an adjective. Permission is here: what you may not see is not there."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Self

from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Now
from django.utils import timezone

from environments.choices import (
    OPEN_OPERATION,
    Lifecycle,
    OperationStatus,
    RequestKind,
    RequestStatus,
    Role,
    Verdict,
)

if TYPE_CHECKING:
    from environments.models import (
        Account,
        Application,
        AuditLine,
        Environment,
        Notification,
        Operation,
        ReadinessCheck,
        Request,
        Review,
        Team,
        Token,
    )

Person = User | AnonymousUser
DEVELOPERS = (Role.DEVELOPER, Role.APPROVER, Role.ADMIN)
APPROVERS = (Role.APPROVER, Role.ADMIN)
ADMINS = (Role.ADMIN,)
GIVEN_UP_AFTER = timedelta(minutes=5)  # a check that no worker ended for so long


def is_platform_admin(person: Person) -> bool:
    """Whether somebody runs the whole portal."""
    return bool(person.is_active and person.is_superuser)


def _member(person: Person, team: str, roles: tuple[str, ...] = tuple(Role)) -> Q:
    """Rows whose team (found by the path `team`) has this person in one of these roles; all for a platform admin.

    A subquery, not a join: no row comes twice, and rows can be locked.
    """
    from environments.models import Membership

    if is_platform_admin(person):
        return Q()
    if not person.is_authenticated or not person.is_active:
        return Q(pk__in=[])
    return Q(**{f"{team}__in": Membership.objects.filter(user=person, role__in=roles).values("team")})


class TeamQuerySet(QuerySet["Team"]):
    def visible_to(self, person: Person) -> Self:
        return self.filter(_member(person, "pk"))

    def administered_by(self, person: Person) -> Self:
        """Teams whose people this person chooses."""
        return self.filter(_member(person, "pk", ADMINS))

    def for_list(self, person: User) -> Self:
        """With `people`, their number, and `role`, what this person is in each."""
        from environments.models import Membership

        theirs = Membership.objects.filter(team=OuterRef("pk"), user=person).values("role")
        return self.annotate(people=Count("memberships"), role=Subquery(theirs))


class ApplicationQuerySet(QuerySet["Application"]):
    def visible_to(self, person: Person) -> Self:
        return self.filter(_member(person, "team"))

    def requestable_by(self, person: Person) -> Self:
        """Applications that this person may ask an environment for."""
        return self.filter(_member(person, "team", DEVELOPERS))


class AccountQuerySet(QuerySet["Account"]):
    def usable_by(self, team: Team) -> Self:
        return self.filter(active=True, teams=team)

    def visible_to(self, person: Person) -> Self:
        if is_platform_admin(person):
            return self
        return self.filter(_member(person, "teams")).distinct()


class EnvironmentQuerySet(QuerySet["Environment"]):
    def visible_to(self, person: Person) -> Self:
        return self.filter(_member(person, "application__team"))

    def in_team(self, team: int | None) -> Self:
        """Of one team, by its key; None: of all."""
        return self if team is None else self.filter(application__team=team)

    def changeable_by(self, person: Person) -> Self:
        return self.filter(_member(person, "application__team", DEVELOPERS))

    def administered_by(self, person: Person) -> Self:
        return self.filter(_member(person, "application__team", ADMINS))

    def living(self) -> Self:
        return self.exclude(lifecycle=Lifecycle.DESTROYED)

    def unchecked_since(self, moment: datetime) -> Self:
        """Ready, with no readiness check since then, and none wanted."""
        late = Q(readiness_check=None) | Q(readiness_check__wanted_at=None) & (
            Q(readiness_check__checked_at=None) | Q(readiness_check__checked_at__lte=moment)
        )
        return self.filter(late, lifecycle=Lifecycle.READY)

    def for_list(self) -> Self:
        """Everything that a row of a list shows, in one query."""
        return self.select_related("application__team", "account", "owner")

    def newest_first(self) -> Self:
        """Of several with one name the living one comes first."""
        return self.order_by(F("destroyed_at").desc(nulls_first=True), "-pk")


class RequestQuerySet(QuerySet["Request"]):
    def visible_to(self, person: Person) -> Self:
        return self.filter(_member(person, "environment__application__team"))

    def in_team(self, team: int | None) -> Self:
        """Of one team, by its key; None: of all."""
        return self if team is None else self.filter(environment__application__team=team)

    def pending(self) -> Self:
        return self.filter(status=RequestStatus.PENDING)

    def not_refused(self) -> Self:
        return self.exclude(status__in=(RequestStatus.DENIED, RequestStatus.CANCELLED))

    def undecided(self) -> Self:
        return self.filter(status__in=(RequestStatus.PENDING, RequestStatus.STALE))

    def carried_out(self) -> Self:
        """Those that made or changed what stands."""
        return self.filter(status=RequestStatus.DONE).exclude(kind=RequestKind.DESTROY)

    def decidable_by(self, person: Person) -> Self:
        """Requests on which this person's verdict counts."""
        mine = self.filter(_member(person, "environment__application__team", APPROVERS))
        if person.is_authenticated:
            mine = mine.filter(~Q(requester=person) | Q(own_approval=True))
        return mine

    def renewable_by(self, person: Person) -> Self:
        """Requests out of date that this person may write anew."""
        theirs = self.filter(_member(person, "environment__application__team", DEVELOPERS))
        return theirs.filter(status=RequestStatus.STALE)

    def awaiting_verdict_of(self, person: Person) -> Self:
        """Pending, decidable and not yet approved by this person."""
        from environments.models import Review

        said = Review.objects.filter(
            request=OuterRef("pk"), reviewer_id=person.pk, hash=OuterRef("hash"), verdict=Verdict.APPROVE
        )
        return self.pending().decidable_by(person).filter(~Exists(said))

    def stale_of(self, person: Person) -> Self:
        """This person's own, out of date: theirs to renew."""
        return self.filter(status=RequestStatus.STALE, requester_id=person.pk)

    def waiting_for(self, person: Person) -> Self:
        """What the inbox counts: those to decide, and their own that are to be renewed."""
        undecided = self.awaiting_verdict_of(person)
        return self.filter(Q(pk__in=undecided.values("pk")) | Q(pk__in=self.stale_of(person).values("pk")))

    def for_list(self) -> Self:
        return self.select_related("environment__application__team", "environment__account", "requester")


class ReviewQuerySet(QuerySet["Review"]):
    def approving(self, request: Request) -> Self:
        """Approvals of exactly what the request says now."""
        return self.filter(request=request, verdict=Verdict.APPROVE, hash=request.hash)

    def counting(self, request: Request) -> Self:
        """Those of them by people who may still approve: whoever lost the role takes their yes along."""
        from environments.models import Membership

        approvers = Membership.objects.filter(
            team=request.environment.application.team_id, role__in=APPROVERS
        ).values("user")
        theirs = self.approving(request).filter(
            Q(reviewer__is_superuser=True) | Q(reviewer__in=approvers), reviewer__is_active=True
        )
        return theirs if request.own_approval else theirs.exclude(reviewer=request.requester_id)


class OperationQuerySet(QuerySet["Operation"]):
    def visible_to(self, person: Person) -> Self:
        return self.filter(_member(person, "environment__application__team"))

    def in_team(self, team: int | None) -> Self:
        """Of one team, by its key; None: of all."""
        return self if team is None else self.filter(environment__application__team=team)

    def operable_by(self, person: Person) -> Self:
        return self.filter(_member(person, "environment__application__team", DEVELOPERS))

    def open(self) -> Self:
        return self.filter(status__in=OPEN_OPERATION)

    def succeeded(self) -> Self:
        return self.filter(status=OperationStatus.SUCCEEDED)

    def due(self, now: datetime | Now) -> Self:
        """Open, its time has come, and nobody alive has it; or given back at a time that is still to come: the clock
        was set back since."""
        free = Q(lease_until=None) | Q(lease_until__lt=now)
        come = Q(status=OperationStatus.QUEUED) | Q(wake_at__lte=now)
        return self.open().filter(free & come | Q(owner="", lease_until__gt=now))

    def for_list(self) -> Self:
        return self.select_related("environment__application__team", "requested_by", "request")


class ReadinessCheckQuerySet(QuerySet["ReadinessCheck"]):
    def due(self, now: datetime) -> Self:
        """Wanted, and in nobody's hands; whoever took one and did not end it for so long is gone."""
        free = Q(started_at=None) | Q(started_at__lt=now - GIVEN_UP_AFTER)
        return self.filter(free, wanted_at__isnull=False).order_by("wanted_at")


class NotificationQuerySet(QuerySet["Notification"]):
    def of(self, person: Person) -> Self:
        return self.filter(user_id=person.pk)

    def unread(self) -> Self:
        return self.filter(read_at=None)

    def for_list(self) -> Self:
        return self.select_related("request__environment", "operation__environment")


class TokenQuerySet(QuerySet["Token"]):
    def of(self, person: Person) -> Self:
        return self.filter(user_id=person.pk)

    def live(self) -> Self:
        return self.filter(revoked_at=None, expires_at__gt=timezone.now())


class AuditQuerySet(QuerySet["AuditLine"]):
    def visible_to(self, person: Person) -> Self:
        return self.filter(_member(person, "team"))
