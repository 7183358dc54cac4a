"""Ownership in descriptions: written, read back, and not mistaken."""

from __future__ import annotations

import pytest

from provisioning.kind import TAG_GENERATION, Handle
from provisioning.marks import marked, tags_of_mark, unmarked


def _handle(stack: str = "sabcdefg", key: str = "database-subnets", generation: str = "") -> Handle:
    tags = {TAG_GENERATION: generation} if generation else {}
    return Handle(stack=stack, key=key, name="n", token="t", tags=tags, account="1", region="us-east-1")


@pytest.mark.parametrize("description", ["Subnets of the database", "Two (2) subnets", ""])
def test_a_mark_is_read_back_and_the_description_stays(description: str) -> None:
    text = marked(_handle(), description)

    assert _handle().owns(tags_of_mark(text))
    assert unmarked(text) == description


def test_the_mark_of_another_environment_or_key_is_not_ours() -> None:
    text = marked(_handle(), "Subnets")

    assert not _handle(stack="sstrange").owns(tags_of_mark(text))
    assert not _handle(key="cache-subnets").owns(tags_of_mark(text))


def test_one_is_told_from_the_one_that_takes_its_place() -> None:
    second = marked(_handle(generation="2"), "Subnets")

    assert _handle(generation="2").owns(tags_of_mark(second))
    assert not _handle(generation="1").owns(tags_of_mark(second))
    assert not _handle(generation="2").owns(tags_of_mark(marked(_handle(generation="1"), "Subnets")))
    assert unmarked(second) == "Subnets"


@pytest.mark.parametrize("text", ["By hand", "", "(andamio)", "(andamio sabcdefg/database-subnets) copied"])
def test_other_descriptions_carry_no_mark(text: str) -> None:
    assert tags_of_mark(text) == {}
    assert unmarked(text) == text
