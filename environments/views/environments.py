"""Environments: the list, one of them, and its end."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from environments.choices import Lifecycle, RequestKind, RequestStatus
from environments.connect import FRAMEWORKS, snippets
from environments.forms import DestroyForm
from environments.metric_pages import asked_range, metrics_context
from environments.models import AuditLine, Environment, ResourceRecord
from environments.services import requests
from environments.services.submissions import UNDECIDED
from environments.services.waiting import may_wait
from environments.views.session import actor_of, number_in, person_of, team_of
from environments.wording import told, worded
from provisioning.errors import ProvisioningError
from provisioning.kind import all_kinds, kind_named
from provisioning.pricing import Estimate
from provisioning.resource import Standing

PAGE = 25
TABS = ("overview", "resources", "metrics", "readiness", "cost", "connect", "activity")


@login_required
@require_GET
def environment_list(request: HttpRequest) -> HttpResponse:
    """Those that live; `?all=1` shows the destroyed too."""
    found = (
        Environment.objects.visible_to(person_of(request))
        .in_team(team_of(request))
        .for_list()
        .order_by("-pk")
    )
    everything = request.GET.get("all") == "1"
    if not everything:
        found = found.living()
    before = request.GET.get("before", "")
    if (key := number_in(before)) is not None:
        found = found.filter(pk__lt=key)
    rows = list(found[: PAGE + 1])
    suffix = "&all=1" if everything else ""
    older = f"?before={rows[PAGE - 1].pk}{suffix}" if len(rows) > PAGE else None
    context = {"environments": rows[:PAGE], "older_url": older, "everything": everything}
    return render(request, "environments/environments.html", context)


@login_required
@require_GET
def environment_detail(request: HttpRequest, slug: str, tab: str = "overview") -> HttpResponse:
    """One environment; each tab is a page of its own. While it changes, HTMX asks whether it still does."""
    environment = visible_environment(request, slug)
    return refreshed(request, environment) or render(
        request, "environments/environment.html", page_of(request, environment, tab)
    )


def refreshed(request: HttpRequest, environment: Environment) -> HttpResponse | None:
    """The answer to HTMX, which asks whether an environment is still as the page shows it (`?seen=changing`)."""
    seen = request.GET.get("seen")
    if not seen:
        return None
    return HttpResponse(headers={"HX-Refresh": "true"} if seen != environment.lifecycle else {})


def page_of(request: HttpRequest, environment: Environment, tab: str) -> dict[str, object]:
    """What environment.html takes."""
    rows = list(environment.resources.all())
    return {
        "environment": environment,
        "tab": tab,
        "tabs": _tabs(environment, tab, len([row for row in rows if row.standing != Standing.GONE])),
        "resources": [_shown(row, environment.estimate) for row in rows if row.standing != Standing.GONE],
        "estimate": environment.estimate,
        "states": {row.key: _status(row) for row in rows if row.standing != Standing.GONE},
        "wanted": _wanted(environment),
        "operation": environment.operations.order_by("-pk").first(),
        "pending": environment.requests.pending().first(),
        "changeable": changeable(request, environment),
        "activity": AuditLine.objects.filter(environment=environment).select_related("actor")[:50]
        if tab == "activity"
        else (),
        "curl": _curl(request, environment, tab),
        "may_wait": tab == "overview" and not environment.is_gone and may_wait(environment),
        "crumbs": crumbs_to(environment),
        **(_connect(request, environment) if tab == "connect" else {}),
        **(metrics_context(request, environment) if tab == "metrics" else {}),
    }


def changeable(request: HttpRequest, environment: Environment) -> bool:
    """Whether the person may change it."""
    return Environment.objects.changeable_by(person_of(request)).filter(pk=environment.pk).exists()


@login_required
@require_http_methods(["GET", "POST"])
def environment_destroy(request: HttpRequest, slug: str) -> HttpResponse:
    """Type the name; the list of what goes is on the page."""
    environment = visible_environment(request, slug)
    form = DestroyForm(request.POST or None)
    problem = None
    try:
        requests.forbid_destroy(environment, by=actor_of(request))
    except ProvisioningError as error:
        problem = error
    if form.is_bound and form.is_valid() and problem is None:
        try:
            made = requests.request_destroy(
                environment=environment,
                confirm_name=form.cleaned_data["confirm_name"],
                final_snapshot=form.cleaned_data["final_snapshot"],
                by=actor_of(request),
            )
            return redirect(made.operations.first() or made)
        except ProvisioningError as error:
            form.add_error("confirm_name", told(error))
    rows = [_shown(row, None) for row in environment.resources.exclude(standing=Standing.GONE)]
    context = {
        "environment": environment,
        "form": form,
        "problem": problem,
        "resources": rows,
        "consequences": [
            ngettext(
                "%(count)s resource goes, with everything in it.",
                "%(count)s resources go, with everything in them.",
                len(rows),
            )
            % {"count": len(rows)},
            *_losses(environment),
        ],
        "curl": _curl(request, environment),
        "crumbs": crumbs_to(environment, _("Destroy")),
    }
    return render(request, "environments/destroy.html", context, status=422 if form.errors else 200)


def visible_environment(request: HttpRequest, slug: str) -> Environment:
    """The one of this name that the person may see; of several, the living. 404 otherwise."""
    found = Environment.objects.visible_to(person_of(request)).for_list().filter(slug=slug)
    return get_object_or_404(found.newest_first()[:1])


def crumbs_to(environment: Environment, here: str = "") -> list[dict[str, str]]:
    """The way to the page of an environment, or to a page below it."""
    below = [{"label": here, "url": ""}] if here else []
    return [
        {"label": _("Environments"), "url": "/environments/"},
        {"label": environment.slug, "url": environment.get_absolute_url()},
        *below,
    ]


def _tabs(environment: Environment, tab: str, count: int) -> list[dict[str, object]]:
    labels = {
        "overview": _("Overview"),
        "resources": _("Resources"),
        "metrics": _("Metrics"),
        "readiness": _("Readiness"),
        "cost": _("Cost"),
        "connect": _("Connect"),
        "activity": _("Activity"),
    }
    address = environment.get_absolute_url()
    return [
        {
            "label": labels[name],
            "url": address if name == "overview" else f"{address}{name}/",
            "current": name == tab,
            "count": count if name == "resources" else None,
        }
        for name in TABS
    ]


def _shown(row: ResourceRecord, estimate: Estimate | None) -> dict[str, object]:
    """A resource as resources.html takes it."""
    lines = [line for line in estimate.lines if line.resource == row.key] if estimate else []
    return {
        "title": _title(row),
        "kind": row.kind,
        "aws_id": row.aws_id,
        "status": _status(row),
        "billed": bool(lines),
        "amount": sum((line.amount.expected for line in lines if line.amount), start=0) if lines else None,
    }


def _losses(environment: Environment) -> list[str]:
    """What goes with some of its resources that nobody would read from their names."""
    kinds = environment.resources.exclude(standing=Standing.GONE).values_list("kind", flat=True)
    known = {kind.name: kind.loses for kind in all_kinds()}
    return [worded(text) for text in dict.fromkeys(known.get(name, "") for name in kinds) if text]


def _title(row: ResourceRecord) -> str:
    """What people call it; its key where the row makes no sense to this version."""
    try:
        return row.recorded.title or kind_named(row.kind).title
    except (ValueError, KeyError):
        return row.key


def _status(row: ResourceRecord) -> str:
    if row.standing == Standing.MADE:
        return "ready"
    return "pending" if row.aws_id else "planned"


def _wanted(environment: Environment) -> set[str] | None:
    """Keys of the resources that were asked for; None where nobody can tell."""
    asked = environment.requests.exclude(kind=RequestKind.DESTROY).not_refused()
    changes = Q(kind=RequestKind.UPDATE)
    not_in_force = changes & Q(status__in=UNDECIDED)
    if environment.lifecycle == Lifecycle.READY:  # a change that failed was taken back
        not_in_force |= changes & Q(status=RequestStatus.FAILED)
    last = asked.exclude(not_in_force).order_by("-pk").first()
    return last.resource_keys if last else None


def _connect(request: HttpRequest, environment: Environment) -> dict[str, object]:
    """What to copy, for the framework that was asked for."""
    asked = request.GET.get("framework", "")
    framework = asked if asked in FRAMEWORKS else next(iter(FRAMEWORKS))
    return {
        "snippets": snippets(environment, framework, request.build_absolute_uri("/")),
        "frameworks": [
            {"name": name, "label": label, "current": name == framework} for name, label in FRAMEWORKS.items()
        ],
    }


def _curl(request: HttpRequest, environment: Environment, tab: str = "") -> str:
    address = request.build_absolute_uri(f"/api/v1/environments/{environment.slug}")
    if tab == "metrics":
        address = f"'{address}/metrics?range={asked_range(request)}'"
    verb = "" if tab == "metrics" or environment.lifecycle == Lifecycle.DESTROYED else "-X DELETE "
    return f'curl {verb}{address} \\\n  -H "Authorization: Bearer $ANDAMIO_TOKEN"'
