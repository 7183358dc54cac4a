"""Operations: what happens now, and what can be done when it went wrong."""

from __future__ import annotations

from datetime import timedelta

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from environments.choices import OperationKind, OperationStatus
from environments.models import Operation
from environments.progress import progress_of
from environments.services import operations
from environments.views.api_calls import curl
from environments.views.session import actor_of, number_in, person_of, team_of
from environments.wording import told
from provisioning.errors import ProvisioningError

PAGE = 25
LOG_LINES = 400


@login_required
@require_GET
def operation_list(request: HttpRequest) -> HttpResponse:
    """The newest first, by cursor."""
    found = (
        Operation.objects.visible_to(person_of(request)).in_team(team_of(request)).for_list().order_by("-pk")
    )
    before = request.GET.get("before", "")
    if (key := number_in(before)) is not None:
        found = found.filter(pk__lt=key)
    rows = list(found[: PAGE + 1])
    older = f"?before={rows[PAGE - 1].pk}" if len(rows) > PAGE else None
    return render(
        request,
        "environments/operations.html",
        {"operations": rows[:PAGE], "older_url": older, "before": before},
    )


@login_required
@require_GET
def operation_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Every step live; HTMX asks for the part that moves, until it is over."""
    found = get_object_or_404(
        Operation.objects.visible_to(person_of(request)).for_list().select_related("request"), pk=pk
    )
    progress = progress_of(found, list(found.steps.all()))
    eta = timezone.now() + timedelta(seconds=progress.eta) if progress.eta is not None else None
    lines = list(found.lines.order_by("-pk")[:LOG_LINES])[::-1]
    context = {
        "operation": found,
        "environment": found.environment,
        "progress": progress,
        "eta": eta,
        "log": "\n".join(f"{line.at:%H:%M:%S} {line.step}: {line.text}" for line in lines),
        "actions": _actions(found),
        "curl": _curl(request, found),
        "tone": _TONES.get(OperationStatus(found.status), ""),
        "crumbs": [
            {"label": _("Environments"), "url": "/environments/"},
            {"label": found.environment.slug, "url": found.environment.get_absolute_url()},
            {"label": f"#{found.pk}", "url": ""},
        ],
    }
    partial = "#live" if request.headers.get("HX-Request") else ""
    return render(request, f"environments/operation.html{partial}", context)


_TONES = {
    OperationStatus.SUCCEEDED: "success",
    OperationStatus.FAILED: "danger",
    OperationStatus.CANCELLED: "neutral",
}


def _actions(found: Operation) -> list[dict[str, str]]:
    """The exits of a failed or cancelled operation."""
    if not found.can_retry:
        return []
    address = found.get_absolute_url()
    again = {"label": _("Retry from here"), "url": f"{address}retry/", "kind": "primary", "icon": "refresh"}
    exits = [{**again, "method": "post"}]
    if found.kind == OperationKind.PROVISION:
        back = {"label": _("Roll back"), "url": f"{address}rollback/", "kind": "", "icon": "undo"}
        exits.append({**back, "method": "post"})
    gone = {"label": _("Destroy"), "url": f"{found.environment.get_absolute_url()}destroy/", "icon": "trash"}
    return [*exits, {**gone, "kind": "quiet-danger", "method": "get"}]


def _curl(request: HttpRequest, found: Operation) -> str:
    """The call that does what the first button does; where nothing can be done, the one that reads it."""
    if found.is_open:
        return curl(request, "POST", f"operations/{found.pk}/cancel")
    if found.can_retry:
        return curl(request, "POST", f"operations/{found.pk}/retry")
    return curl(request, "GET", f"operations/{found.pk}")


@login_required
@require_POST
def operation_act(request: HttpRequest, pk: int, action: str) -> HttpResponse:
    """Cancel, retry or roll back."""
    found = get_object_or_404(Operation.objects.visible_to(person_of(request)), pk=pk)
    by = actor_of(request)
    try:
        match action:
            case "cancel":
                operations.cancel_operation(operation=found, by=by)
                messages.info(request, _("Stopping: what AWS is working on is left as it is."))
            case "retry":
                operations.retry_operation(operation=found, by=by)
            case "rollback":
                return redirect(operations.roll_back_operation(operation=found, by=by))
            case _:
                raise Http404(action)
    except ProvisioningError as error:
        messages.error(request, told(error))
    return redirect(found)
