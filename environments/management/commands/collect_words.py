"""`manage.py collect_words`: writes down the engine's words for translation; `make messages` runs it first."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from environments import word_finder

LISTS = Path(word_finder.__file__).with_name("engine_words")
HEAD = '''"""What the engine says to people, for translation. Made by `make messages` out of its source: not by hand."""
'''


class Command(BaseCommand):
    help = (
        "Collects the engine's words, which stand unmarked in its source, into lists that gettext can read."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        LISTS.mkdir(exist_ok=True)
        sources = modules()
        for old in LISTS.glob("*.py"):
            if old.name not in sources:
                old.unlink()
        for name, source in sources.items():
            (LISTS / name).write_text(source)


def modules() -> dict[str, str]:
    """File name -> source: a module with the words of each folder of the engine, and the package that has them all."""
    found = word_finder.words_by_folder()
    return {
        "__init__.py": _package(sorted(found)),
        **{f"{folder}.py": _module(words) for folder, words in found.items()},
    }


def _package(folders: list[str]) -> str:
    names = "".join(f"    {name},\n" for name in folders)
    words = "".join(f"    *{name}.WORDS,\n" for name in folders)
    return f"{HEAD}\nfrom environments.engine_words import (\n{names})\n\nENGINE_WORDS = (\n{words})\n"


def _module(words: list[str]) -> str:
    """Where "80 % of" is no hole, gettext must be told so."""
    lines = [f"{_warning(text)}    _({_quoted(text)}),\n" for text in words]
    intro = "\nfrom django.utils.translation import gettext_noop as _\n\n# fmt: off\nWORDS = (\n"
    return f"{HEAD}{intro}{''.join(lines)})\n"


def _warning(text: str) -> str:
    return "    # xgettext:no-python-format\n" if "%" in text and "%(" not in text else ""


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
