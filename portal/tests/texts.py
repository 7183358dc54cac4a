"""For tests: the texts of the source that ask for translation, and what a .po file says of them. No gettext needed."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from django.utils.translation.template import templatize

BASE: Path = settings.BASE_DIR
CALLS = {
    "_",
    "gettext",
    "gettext_lazy",
    "gettext_noop",
    "ngettext",
    "ngettext_lazy",
    "pgettext",
    "pgettext_lazy",
}
_IN_TEMPLATE = re.compile(r"\b(_|n?p?gettext)\(")
_LITERAL = re.compile(r"""\s*,?\s*u?('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")""", re.DOTALL)


@dataclass(frozen=True)
class Text:
    """One text to translate, as gettext tells them apart."""

    msgid: str
    context: str | None = None


@dataclass
class Entry:
    """What a .po file has for one text: `said` holds one translation, or one for each plural form."""

    text: Text
    plural: str | None = None
    said: list[str] = field(default_factory=list)
    fuzzy: bool = False


def texts_of_source() -> set[Text]:
    """Every text that Python or a template of ours marks; tests are left out."""
    found: set[Text] = set()
    for package in ("environments", "portal"):
        for path in (BASE / package).rglob("*.py"):
            if "tests" not in path.parts:
                found.update(_in_python(path))
    for path in (BASE / "templates").rglob("*.*"):
        found.update(_in_template(path))
    return found


def _in_python(path: Path) -> Iterator[Text]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            words = [one.value for one in node.args if isinstance(one, ast.Constant)]
            if name in CALLS and words and isinstance(words[0], str):
                yield _text(name, [str(word) for word in words])


def _in_template(path: Path) -> Iterator[Text]:
    source = templatize(path.read_text(), origin=str(path))
    for call in _IN_TEMPLATE.finditer(source):
        words, place = [], call.end()
        while literal := _LITERAL.match(source, place):
            words.append(ast.literal_eval(literal[1]))
            place = literal.end()
        if words:
            yield _text(call[1], words)


def _text(call: str, words: list[str]) -> Text:
    return Text(words[1], context=words[0]) if call.startswith("p") else Text(words[0])


def read_po(path: Path) -> list[Entry]:
    """The entries of a .po file, its header left out."""
    blocks = re.split(r"\n\s*\n", path.read_text())
    entries = [_entry(block) for block in blocks if re.search(r"^msgid ", block, re.MULTILINE)]
    return [entry for entry in entries if entry.text.msgid]


def _entry(block: str) -> Entry:
    parts: dict[str, str] = {}
    key = ""
    for line in block.splitlines():
        start = re.match(r"(msg\w+(?:\[\d\])?) ", line)
        if start:
            key = start[1]
            parts[key] = ""
        if not line.startswith("#"):
            parts[key] += ast.literal_eval(line[line.index('"') :])
    return Entry(
        text=Text(parts["msgid"], context=parts.get("msgctxt")),
        plural=parts.get("msgid_plural"),
        said=[text for name, text in sorted(parts.items()) if name.startswith("msgstr")],
        fuzzy=bool(re.search(r"^#,.*\bfuzzy\b", block, re.MULTILINE)),
    )
