"""The engine's words in the language of the moment.

The engine writes English, into plans and journals too. What it wrote is recognised here, by the list that
`word_finder` made, and told in the reader's language; what is not on the list stays as it is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

from django.utils.translation import get_language, gettext

from environments.engine_words import ENGINE_WORDS
from environments.former_words import FORMER_WORDS
from provisioning.errors import ProvisioningError
from provisioning.names import in_sentence

_WORDS = (*ENGINE_WORDS, *FORMER_WORDS)
_HOLE = re.compile(r"%\((\w+)\)s")


@dataclass(frozen=True, kw_only=True)
class _Sentence:
    """A text with holes, and what recognises it when they are filled."""

    msgid: str
    pattern: re.Pattern[str]


def worded(text: str) -> str:
    """A text of the engine in the language of the moment."""
    language = get_language() or "en"
    return text if language.startswith("en") or not text else _told(text, language)


def told(error: ProvisioningError) -> str:
    """An error as one paragraph: what happened, and what to do."""
    return f"{worded(error.message)} {worded(error.hint)}".strip()


@lru_cache(maxsize=4096)
def _told(text: str, language: str) -> str:
    if text in _plain():
        return gettext(text)
    for sentence in _sentences():
        match = sentence.pattern.fullmatch(text)
        if match is not None:
            return _filled(gettext(sentence.msgid), match.groupdict(), language)
    head, colon, tail = text.partition(": ")
    if colon:
        return f"{_told(head, language)}: {_told(tail, language)}"
    return text


def _filled(translated: str, holes: dict[str, str], language: str) -> str:
    """The translation with its holes filled, by words in the same language."""
    values = {}
    for name, text in holes.items():
        inner = _title_told(text, language)
        leads = translated.startswith(f"%({name})s")
        values[name] = inner if leads or inner == text else in_sentence(inner)
    return translated % values


def _title_told(text: str, language: str) -> str:
    """What fills a hole; a title that stood in the middle of a sentence is known by its capital letter."""
    inner = _told(text, language)
    if inner != text or not text:
        return inner
    title = text[0].upper() + text[1:]
    capital = _told(title, language)
    return text if capital == title else capital


@cache
def _plain() -> frozenset[str]:
    return frozenset(text for text in _WORDS if not _HOLE.search(text))


@cache
def _sentences() -> tuple[_Sentence, ...]:
    """Those with holes, the most telling first: "%(title)s: %(text)s" would take what others mean."""
    found = [text for text in _WORDS if _HOLE.search(text)]
    found.sort(key=lambda text: len(_HOLE.sub("", text)), reverse=True)
    return tuple(_Sentence(msgid=text, pattern=_pattern(text)) for text in found)


def _pattern(msgid: str) -> re.Pattern[str]:
    parts = _HOLE.split(msgid)
    literal, names = parts[::2], parts[1::2]
    pieces = [re.escape(literal[0].replace("%%", "%"))]
    for name, text in zip(names, literal[1:], strict=True):
        pieces.append(f"(?P<{name}>.+?)" + re.escape(text.replace("%%", "%")))
    return re.compile("".join(pieces), re.DOTALL)
