"""The Spanish of the portal: whole, compiled, with the same holes, and on every page."""

from __future__ import annotations

import gettext
import re
from pathlib import Path

import pytest
from django.conf import settings

from environments.management.commands.collect_words import LISTS, modules
from portal.tests.texts import Entry, read_po, texts_of_source

FOLDER = Path(settings.BASE_DIR) / "locale" / "es" / "LC_MESSAGES"
HOLE = re.compile(r"%\(\w+\)\d*[sd]|%%|%[sd]")
MARK = re.compile(r"</?[a-z][^>]*>")
RUN_MESSAGES = "run `make messages`, then write the Spanish"


@pytest.fixture(scope="module")
def entries() -> list[Entry]:
    return read_po(FOLDER / "django.po")


def test_the_engines_words_are_collected() -> None:
    assert {path.name: path.read_text() for path in LISTS.glob("*.py")} == modules(), RUN_MESSAGES


def test_every_text_of_the_source_has_its_spanish(entries: list[Entry]) -> None:
    known = {entry.text for entry in entries}

    assert sorted(map(str, texts_of_source() - known)) == [], RUN_MESSAGES


def test_no_text_is_left_that_nothing_says_any_more(entries: list[Entry]) -> None:
    known = {entry.text for entry in entries}

    assert sorted(map(str, known - texts_of_source())) == [], RUN_MESSAGES


def test_nothing_is_empty_or_guessed(entries: list[Entry]) -> None:
    unsaid = [entry.text.msgid for entry in entries if entry.fuzzy or not entry.said or not all(entry.said)]

    assert unsaid == []


def test_every_translation_has_the_holes_and_marks_of_its_original(entries: list[Entry]) -> None:
    for entry in entries:
        allowed = [shape(one) for one in (entry.text.msgid, entry.plural) if one is not None]
        for said in entry.said:
            assert shape(said) in allowed, entry.text.msgid


def shape(text: str) -> tuple[list[str], list[str], bool]:
    """What must be the same in every language: holes, HTML, and whether it ends as a sentence."""
    holes = HOLE.findall(text) if "%(" in text else []
    return sorted(holes), sorted(MARK.findall(text)), text.rstrip().endswith((".", "…"))


def test_the_compiled_file_says_what_the_written_one_says(entries: list[Entry]) -> None:
    with (FOLDER / "django.mo").open("rb") as compiled:
        catalogue = gettext.GNUTranslations(compiled)._catalog  # type: ignore[attr-defined]  # no public way
    del catalogue[""]
    written: dict[object, str] = {}
    for entry in entries:
        msgid = f"{entry.text.context}\x04{entry.text.msgid}" if entry.text.context else entry.text.msgid
        if entry.plural is None:
            written[msgid] = entry.said[0]
        else:
            written.update({(msgid, form): said for form, said in enumerate(entry.said)})

    assert catalogue == written, RUN_MESSAGES
