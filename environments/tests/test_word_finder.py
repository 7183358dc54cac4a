"""The finder of the engine's words: which texts of a source it takes, and as which msgids."""

from __future__ import annotations

from pathlib import Path

import pytest

from environments.word_finder import engine_words, words_by_folder


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ('class Vpc:\n    title = "Virtual network"', ["Virtual network"]),
        ('Resource(key="a", title=f"Subnet {key}")', ["Subnet %(key)s"]),
        ("Resource(title=f\"Group {key.removesuffix('-group')}\")", ["Group %(key)s"]),
        (
            "Step(title=f\"{'Create' if new else 'Update'} {change.title}\")",
            ["Create %(title)s", "Update %(title)s"],
        ),
        ('Step(title=f"Delete {in_sentence(change.title)}")', ["Delete %(title)s"]),
        ('Outcome(note=reason or "being made")', ["being made"]),
        ('raise InvalidSpec("It cannot be.", hint="Choose another.")', ["Choose another.", "It cannot be."]),
        ('why = f"{size:g} GB kept"\nline(why=why)', ["%(size)s GB kept"]),
        ('def line(sku, why): ...\nline("S3/put", "Every write")', ["Every write"]),
        ('cache = Field(1, title="Cache node", description="One node.")', ["Cache node", "One node."]),
        ('_HINTS = {"AccessDenied": "Ask an admin."}', ["Ask an admin."]),
        ('_WANTED = {"ge": "Give {ge} or more."}', ["Give %(ge)s or more."]),
        ('Alarm(title="CPU above 80 %")', ["CPU above 80 %"]),
        ('Alarm(title=f"{most} is 80 % of all")', ["%(most)s is 80 %% of all"]),
        ('Alarm(title=f"{a.x} or {b.x}")', ["%(x)s or %(x2)s"]),
        ('Role(description="What AWS shows")', []),
        ('"""A docstring is no text."""\nlog("Started")', []),
        ('translate(message="AWS says")', []),
        ('Kind(title="VPC")', []),
    ],
)
def test_the_words_for_people_are_found_as_msgids(tmp_path: Path, source: str, found: list[str]) -> None:
    (tmp_path / "kind.py").write_text(source)

    assert engine_words(tmp_path) == found


def test_a_word_stands_with_the_first_folder_that_says_it(tmp_path: Path) -> None:
    for folder, words in ((".", "One"), ("kinds", "Two"), ("kinds/parts", "Three"), ("verbs", "Two")):
        (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / folder / "file.py").write_text(f'Thing(title="{words}")')

    assert words_by_folder(tmp_path) == {"engine": ["One"], "kinds": ["Two"], "kinds_parts": ["Three"]}


def test_tests_and_the_simulator_speak_to_nobody(tmp_path: Path) -> None:
    for folder in ("tests", "simulator", "bench"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "one.py").write_text('Thing(title="A thing")')

    assert engine_words(tmp_path) == []
