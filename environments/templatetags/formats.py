"""Numbers, moments and names as people read them: money, relative time, durations, initials."""

from __future__ import annotations

import re
import zlib
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

SIGNS = {"USD": "$", "EUR": "€", "GBP": "£"}
"""Signs that stand before the amount; any other currency is named by its code."""

TONES = ("neutral", "info", "success", "warning", "danger", "sleep")

_MINUTE = 60
_HOUR = 60 * _MINUTE
_DAY = 24 * _HOUR
_MINUS = "\N{MINUS SIGN}"


def plain_money(amount: Decimal, currency: str = "USD", *, signed: bool = False) -> str:
    """The amount with its currency, rounded half up to the cent; below a cent as a bound, never as zero.

    `signed` puts a plus before what is more than nothing: for changes.
    """
    size = abs(amount)
    rounded = size.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
    sign = _MINUS if amount < 0 else "+" if signed and amount > 0 else ""
    if size and not rounded:
        return f"{sign}< {_priced(Decimal('0.01'), currency)}"
    return f"{sign}{_priced(rounded, currency)}"


def _priced(size: Decimal, currency: str) -> str:
    number = formats.number_format(size, decimal_pos=2, force_grouping=True)
    sign = SIGNS.get(currency)
    return f"{sign}{number}" if sign else f"{currency} {number}"


def grouped(text: str) -> str:
    """The text with its numbers of five digits and more in groups of three, as the language has them."""
    return re.sub(
        r"\d{5,}(\.\d+)?", lambda found: formats.number_format(Decimal(found[0]), force_grouping=True), text
    )


def spoken_duration(length: timedelta | float | None) -> str:
    """A length of time (seconds or timedelta) in its two largest units; empty for None."""
    if length is None:
        return ""
    seconds = length.total_seconds() if isinstance(length, timedelta) else float(length)
    if seconds < 1:
        return _("< 1 s")
    whole = int(seconds)
    if whole < _MINUTE:
        return _("%(seconds)d s") % {"seconds": whole}
    if whole < _HOUR:
        return _("%(minutes)d min %(seconds)02d s") % {
            "minutes": whole // _MINUTE,
            "seconds": whole % _MINUTE,
        }
    if whole < _DAY:
        return _("%(hours)d h %(minutes)02d min") % {
            "hours": whole // _HOUR,
            "minutes": whole % _HOUR // _MINUTE,
        }
    return _("%(days)d d %(hours)d h") % {"days": whole // _DAY, "hours": whole % _DAY // _HOUR}


def rough_duration(seconds: float | None) -> str:
    """An expected length of time in one unit, as a guess should be told; empty for None."""
    if seconds is None:
        return ""
    if seconds < 1.5 * _MINUTE:
        return _("%(seconds)d s") % {"seconds": max(round(seconds), 1)}
    if seconds < 1.5 * _HOUR:
        return _("%(minutes)d min") % {"minutes": round(seconds / _MINUTE)}
    return _("%(hours)d h") % {"hours": round(seconds / _HOUR)}


def relative_words(moment: datetime, now: datetime) -> str:
    """How far a moment lies from now, in words; beyond 30 days its date."""
    seconds = int((moment - now).total_seconds())
    size = abs(seconds)
    if size < 10:
        return _("in a moment") if moment > now else _("just now")
    if size >= 30 * _DAY:
        return formats.date_format(timezone.localtime(moment), "DATE_FORMAT")
    amount = _amount(size)
    return (
        _("in %(amount)s") % {"amount": amount} if seconds > 0 else _("%(amount)s ago") % {"amount": amount}
    )


def _amount(size: int) -> str:
    if size < _MINUTE:
        return ngettext("%(count)d second", "%(count)d seconds", size) % {"count": size}
    if size < _HOUR:
        return ngettext("%(count)d minute", "%(count)d minutes", size // _MINUTE) % {"count": size // _MINUTE}
    if size < _DAY:
        return ngettext("%(count)d hour", "%(count)d hours", size // _HOUR) % {"count": size // _HOUR}
    return ngettext("%(count)d day", "%(count)d days", size // _DAY) % {"count": size // _DAY}


def exact_words(moment: datetime) -> str:
    """The moment to the second, with its zone. Raises ValueError for one without a zone."""
    return timezone.localtime(moment).strftime("%Y-%m-%d %H:%M:%S %Z")


def initials_of(name: str) -> str:
    """Two letters that stand for a person or team: of the first and last word, or the first two of the only one."""
    words: list[str] = re.findall(r"\w+", name.replace("_", " "))
    if not words:
        return "?"
    letters = words[0][0] + words[-1][0] if len(words) > 1 else words[0][:2]
    return letters.upper()


def tone_of(name: str) -> str:
    """A tone for a person or team that stays the same on every page and after every restart."""
    return TONES[zlib.crc32(name.encode()) % len(TONES)]


def exact_pattern(text: str) -> str:
    """The text as an HTML `pattern` that only this text matches (JavaScript's syntax, with its v flag)."""
    return re.sub(r"[\^$\\.*+?()\[\]{}|/]", r"\\\g<0>", text)
