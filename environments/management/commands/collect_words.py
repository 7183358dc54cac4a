"""`manage.py collect_words`: writes down the engine's words for translation; `make messages` runs it first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from environments import word_finder

LIST = Path(word_finder.__file__).with_name("engine_words.py")
HEAD = '''"""What the engine says to people, for translation. Made by `make messages` out of its source: not by hand."""

from django.utils.translation import gettext_noop as _

# fmt: off
ENGINE_WORDS = (
'''


class Command(BaseCommand):
    help = (
        "Collects the engine's words, which stand unmarked in its source, into a list that gettext can read."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        LIST.write_text(source_of(word_finder.engine_words()))


def source_of(words: list[str]) -> str:
    """The module with these words. Where "80 % of" is no hole, gettext must be told so."""
    lines = [f"{_warning(text)}    _({_quoted(text)}),\n" for text in words]
    return f"{HEAD}{''.join(lines)})\n"


def _warning(text: str) -> str:
    return "    # xgettext:no-python-format\n" if "%" in text and "%(" not in text else ""


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
