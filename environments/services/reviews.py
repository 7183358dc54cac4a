"""Reviews: approve, deny, ask. An approval binds to the hash of spec, plan and price that its reviewer saw."""

from __future__ import annotations

from django.db import transaction
from django.utils.translation import gettext as _

from environments.choices import Notice, RequestStatus, Verdict
from environments.errors import Conflict, InvalidInput, NotAllowed
from environments.models import Request, Review
from environments.services.actor import Actor, audit
from environments.services.notices import tell
from environments.services.submissions import carry_out, close, forbid_unless, locked, work_out_again

LONGEST_COMMENT = 4000


def approve(*, request: Request, seen: str, comment: str = "", by: Actor) -> Request:
    """Say yes to exactly what was seen (`seen` is its hash); with enough yeses it is carried out.

    When spec, plan or price are no longer what the request shows, it becomes stale instead: Conflict.
    """
    if not seen:
        raise InvalidInput(
            _("An approval must say what it is of."),
            hint=_("Read the request and send the hash that it has."),
            field="hash",
        )
    if _goes_stale(request, by):
        raise Conflict(
            _("What request #%(id)s would make or cost has changed since it was written.")
            % {"id": request.pk},
            code="request.stale",
            hint=_("Its requester can renew it; it is then approved as it stands."),
        )
    return _approve(request, seen, comment, by)


@transaction.atomic
def _goes_stale(request: Request, by: Actor) -> bool:
    """Marks a request whose hash no longer holds. A transaction of its own: the refusal must not undo it."""
    request = locked(request)
    _forbid_decision(request, by)
    now = work_out_again(request).hash
    if now == request.hash:
        return False
    request.status = RequestStatus.STALE
    request.save(update_fields=["status"])
    tell([request.requester], Notice.REQUEST_STALE, request, but=by.user)
    audit(
        "request.stale",
        request,
        by=by,
        about=request.environment,
        before={"hash": request.hash},
        after={"hash": now},
    )
    return True


@transaction.atomic
def _approve(request: Request, seen: str, comment: str, by: Actor) -> Request:
    request = locked(request)
    _forbid_decision(request, by)
    if seen != request.hash:
        raise Conflict(
            _("The request changed since you looked."),
            code="request.changed",
            hint=_("Look at it again and approve what it says now."),
            field="hash",
        )
    said_before = Review.objects.approving(request).filter(reviewer=by.person).exists()
    if not said_before:
        _review(request, Verdict.APPROVE, comment, by)
    if Review.objects.counting(request).count() >= request.approvals_needed:
        carry_out(request, by=by)
        tell([request.requester], Notice.REQUEST_APPROVED, request, but=by.user)
    elif said_before:
        raise Conflict(_("You have approved this already."), hint=_("It waits for somebody else."))
    return request


@transaction.atomic
def deny(*, request: Request, reason: str, by: Actor) -> Request:
    """Say no, and why."""
    request = locked(request)
    _forbid_decision(request, by)
    if not reason.strip():
        raise InvalidInput(_("A denial needs a reason."), field="reason")
    _review(request, Verdict.DENY, reason, by)
    close(request, RequestStatus.DENIED, by=by)
    tell([request.requester], Notice.REQUEST_DENIED, request, but=by.user)
    return request


@transaction.atomic
def comment(*, request: Request, text: str, by: Actor) -> Request:
    """Ask or say something without deciding; everybody may who sees the request."""
    if not Request.objects.visible_to(by.person).filter(pk=request.pk).exists():
        raise NotAllowed(_("Only people of the team take part in the discussion."))
    if not text.strip():
        raise InvalidInput(_("Write something."), field="comment")
    _review(request, Verdict.COMMENT, text, by)
    return request


def _forbid_decision(request: Request, by: Actor) -> None:
    if request.requester_id == by.person.pk and not request.own_approval:
        raise NotAllowed(
            _("Nobody decides on their own request."), code="request.own", hint=_("Ask another approver.")
        )
    if not Request.objects.decidable_by(by.person).filter(pk=request.pk).exists():
        raise NotAllowed(_("Only approvers of the team decide on requests."))
    forbid_unless(request, (RequestStatus.PENDING,))


def _review(request: Request, verdict: Verdict, text: str, by: Actor) -> None:
    if len(text) > LONGEST_COMMENT or "\0" in text:
        raise InvalidInput(
            _("A comment has at most %(count)s characters of text.") % {"count": LONGEST_COMMENT},
            field="reason" if verdict is Verdict.DENY else "comment",
        )
    Review.objects.create(
        request=request,
        reviewer=by.person,
        requester_id=request.requester_id,
        by_rule=request.own_approval and request.requester_id == by.person.pk,
        verdict=verdict,
        hash=request.hash,
        comment=text,
    )
    audit(
        f"request.{_PAST[verdict]}",
        request,
        by=by,
        about=request.environment,
        after={"hash": request.hash, "comment": text},
    )


_PAST = {Verdict.APPROVE: "approved", Verdict.DENY: "refused", Verdict.COMMENT: "commented"}
