"""Tags and filters of Andamio's templates: `{% load andamio %}`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from decimal import Decimal

from django import template
from django.http import HttpRequest
from django.template.context import Context
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from environments.templatetags import formats, pictures
from environments.templatetags.deeds import deed_of
from environments.templatetags.prices import PriceScale, ServiceLines, scale_of, services_of
from environments.templatetags.statuses import ChangeLook, Look, change_of, counted, look_of
from environments.wording import worded
from provisioning.pricing import Estimate

register = template.Library()

register.filter("duration", formats.spoken_duration)
register.filter("rough_duration", formats.rough_duration)
register.filter("initials", formats.initials_of)
register.filter("avatar_tone", formats.tone_of)
register.filter("exact_pattern", formats.exact_pattern)
register.filter("grouped", formats.grouped)
register.filter("worded", worded)
register.filter("deed", deed_of)
register.filter("change_look", change_of)

_PERIODS = {"month": "/ month", "hour": "/ hour", "day": "/ day", "": ""}


@register.simple_tag
def icon(name: str, label: str = "", size: str = "") -> SafeString:
    """An icon of svg/icons.svg. Without `label` it is decoration, hidden from screen readers; `size`: "large"."""
    classes = f"icon icon-{size}" if size else "icon"
    if name == "working":
        classes += " icon-working"
    speaks = format_html('role="img" aria-label="{}"', label) if label else SafeString('aria-hidden="true"')
    return format_html(
        '<svg class="{}" {} focusable="false"><use href="{}#{}"></use></svg>',
        classes,
        speaks,
        static("svg/icons.svg"),
        name,
    )


@register.simple_tag(takes_context=True)
def component(context: Context, part: str, /, **parameters: object) -> SafeString:
    """`templates/components/<part>.html` with exactly these parameters: nothing of the page leaks into it.

    What each component takes stands at the top of its file.
    """
    request = context.get("request")
    parameters.setdefault("csrf_token", context.get("csrf_token", ""))
    return SafeString(
        render_to_string(
            f"components/{part}.html", parameters | ({"request": request} if request is not None else {})
        )
    )


@register.simple_tag
def money(
    amount: Decimal | None, currency: str = "USD", period: str = "month", partial: bool = False
) -> SafeString:
    """An amount with currency and period ("month", "day", "hour" or "" for none).

    None is a missing price: it is said, never shown as 0. `partial` marks a sum in which a price is missing.
    """
    if amount is None:
        return format_html('<span class="money money-unknown">{}</span>', _("no price"))
    mark = (
        format_html(
            '<abbr class="money-partial" title="{}">{}</abbr>',
            _("Some parts have no price in this book; the real sum is higher."),
            _("partial"),
        )
        if partial
        else ""
    )
    return format_html(
        '<span class="money">{}{}{}</span>',
        formats.plain_money(Decimal(amount), currency),
        _period(period),
        mark,
    )


@register.simple_tag
def money_change(amount: Decimal | None, currency: str = "USD", period: str = "month") -> SafeString:
    """A difference of price with sign and words, so that neither colour nor sign speaks alone."""
    if amount is None:
        return format_html(
            '<span class="money money-unknown">{}</span>', _("change unknown: a price is missing")
        )
    change = Decimal(amount).quantize(Decimal("0.01"))
    if not change:
        return format_html('<span class="money">{}</span>', _("no change in price"))
    direction, word = ("up", _("more")) if change > 0 else ("down", _("less"))
    return format_html(
        '<span class="money money-{}">{}{} {}</span>',
        direction,
        formats.plain_money(change, currency, signed=True),
        _period(period),
        word,
    )


def _period(period: str) -> SafeString:
    words = {"month": _("/ month"), "day": _("/ day"), "hour": _("/ hour")}
    if period not in words:
        return SafeString("")
    return format_html(' <span class="money-period">{}</span>', words[period])


@register.simple_tag
def relative_time(moment: datetime | None, now: datetime | None = None) -> SafeString:
    """`<time>` with words ("5 minutes ago"), the exact moment on hover, kept fresh by andamio.js; a dash for None."""
    if moment is None:
        return format_html('<span class="muted">{}</span>', "–")
    return format_html(
        '<time datetime="{}" title="{}" data-relative>{}</time>',
        moment.isoformat(),
        formats.exact_words(moment),
        formats.relative_words(moment, now or timezone.now()),
    )


@register.inclusion_tag("components/badge.html")
def badge(family: str, status: str, plain: bool = False) -> dict[str, Look | bool]:
    """A status as word, icon and tone; `family` is a key of statuses.LOOKS. `plain` drops the coloured ground."""
    return {"look": look_of(family, status), "plain": plain}


@register.simple_tag
def status_look(family: str, status: str) -> Look:
    """The look of a status, for templates that draw it themselves."""
    return look_of(family, status)


@register.inclusion_tag("components/avatar.html")
def avatar(name: str, team: bool = False, size: str = "") -> dict[str, str | bool]:
    """Initials in a disc (a square for a team); decoration beside the written name. `size`: "large"."""
    return {"name": name, "team": team, "size": size}


@register.inclusion_tag("components/nav_link.html", takes_context=True)
def nav_link(context: Context, view: str, label: str, icon_name: str, count: int = 0) -> dict[str, object]:
    """A link of the main navigation; current on its page and below it. A view that is not wired shows nothing."""
    try:
        url = reverse(view)
    except NoReverseMatch:
        return {"url": ""}
    request = context.get("request")
    path = request.path if isinstance(request, HttpRequest) else ""
    current = path == url or (url != "/" and path.startswith(url))
    return {"url": url, "label": label, "icon_name": icon_name, "count": count, "current": current}


@register.simple_tag(takes_context=True)
def theme(context: Context) -> str:
    """The theme that this browser chose ("light" or "dark"), or "" to follow the system. Kept in a cookie."""
    request = context.get("request")
    chosen = request.COOKIES.get("theme", "") if isinstance(request, HttpRequest) else ""
    return chosen if chosen in ("light", "dark") else ""


@register.simple_block_tag(end_name="endcard")
def card(content: str, title: str = "", **options: str) -> SafeString:
    """A card around its content. Options: `hint`, `icon`, `foot`, `level` ("2" to "4"), `flush` (no padding), `id`."""
    return SafeString(
        render_to_string("components/card.html", {"title": title, "content": content, **options})
    )


@register.simple_block_tag(end_name="endnotice")
def notice(content: str, tone: str = "info", title: str = "", **options: str) -> SafeString:
    """A notice around its content. `tone`: neutral, info, success, warning, danger, sleep. Options: `icon`, `role`."""
    return SafeString(
        render_to_string(
            "components/notice.html", {"tone": tone, "title": title, "content": content, **options}
        )
    )


@register.simple_block_tag(end_name="enddialog")
def dialog(content: str, id: str, title: str) -> SafeString:
    """A dialog that `<button data-dialog="ID">` opens; without a script its button's form or link must do."""
    return SafeString(
        render_to_string("components/dialog.html", {"content": content, "id": id, "title": title})
    )


@register.simple_block_tag(end_name="endfold")
def fold(content: str, title: str, open: bool = False, icon: str = "") -> SafeString:
    """Something that can be unfolded."""
    return SafeString(
        render_to_string(
            "components/fold.html", {"content": content, "title": title, "open": open, "icon": icon}
        )
    )


@register.inclusion_tag("components/stepper.html")
def request_stepper(
    current: str, failed: bool = False, actor: str = "", detail: str = ""
) -> dict[str, list[dict[str, str]]]:
    """Requested → Approved → Building → Ready, with who must act now.

    `current` is the stage that is under way ("requested" while it is being written, "approved" while it waits for
    approval, "building", "ready"), or "done" when all is; `failed` marks it; `actor` says who must act.
    """
    names = {
        "requested": pgettext("stage", "Requested"),
        "approved": pgettext("stage", "Approved"),
        "building": pgettext("stage", "Building"),
        "ready": pgettext("stage", "Ready"),
    }
    order = [*names, "done"]
    place = order.index(current)
    states = ["done"] * place + ["failed" if failed else "current"] + ["upcoming"] * len(order)
    steps = [
        {
            "label": label,
            "state": states[index],
            "actor": actor if index == place else "",
            "detail": detail if index == place else "",
        }
        for index, label in enumerate(names.values())
    ]
    return {"steps": steps}


@register.filter
def change_counts(changes: Iterable[object]) -> list[tuple[ChangeLook, str]]:
    """How many changes of each action a plan has, in words, in the order create, update, replace, delete."""
    found = Counter(str(getattr(change, "action", "")) for change in changes)
    actions = [action for action in ("create", "update", "replace", "delete") if found[action]]
    return [(change_of(action), counted(action, found[action])) for action in actions]


@register.filter
def price_services(estimate: Estimate) -> list[ServiceLines]:
    """The lines of an estimate by AWS service, the dearest first."""
    return services_of(estimate)


@register.filter
def price_scale(estimate: Estimate) -> PriceScale:
    """Where the expected price lies between floor and ceiling, in percent."""
    return scale_of(estimate)


@register.inclusion_tag("components/picture.html")
def architecture_picture(
    name: str,
    states: dict[str, str] | None = None,
    caption: str = "",
    wanted: Collection[str] | None = None,
    open_choice: bool = False,
    mark: object = "",
) -> dict[str, object]:
    """The drawing of an architecture; `states`: key of a resource -> a status of family "resource"; `wanted`: keys of
    the resources that are chosen, where that is known: what is optional and not among them is dashed; `open_choice`:
    those are only the defaults; `mark`: what its ids end in, where a page has several."""
    picture = pictures.drawn(name, states or {}, wanted, open_choice=open_choice)
    return {"picture": picture, "caption": caption, "mark": mark}


@register.filter
def seconds_between(start: datetime | None, end: datetime | None) -> timedelta | None:
    """How long something took, or takes until now; None if it has not started."""
    if start is None:
        return None
    return (end or timezone.now()) - start


@register.inclusion_tag("components/stepper.html")
def stage_stepper(status: str, stage: int, operation: object | None) -> dict[str, list[dict[str, str]]]:
    """Where a request is: `stage` 1 waits for approval, 2 is being built, 4 is done; `status` as of requests."""
    if stage == 4:
        return request_stepper("done")
    if stage == 2:
        return request_stepper("building", failed=status == "failed")
    ends = {"denied": _("it was denied"), "cancelled": _("it was withdrawn")}
    if status in ends:
        return request_stepper("approved", failed=True, detail=ends[status])
    stale = status == "stale"
    actor = _("somebody of the team must renew it") if stale else _("an approver must decide")
    return request_stepper("approved", actor=actor)
