"""Answers: what was found about one item, in words that name what was seen."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum

from provisioning.references import JsonObject


class State(StrEnum):
    """How an item stands."""

    PASS = "pass"  # noqa: S105 # no password
    FAIL = "fail"
    NOT_APPLICABLE = "not_applicable"
    UNKNOWN = "unknown"  # AWS gave no answer, or may not be asked
    MANUAL = "manual"  # for a person to see to


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What one look found. `seen` names it; `code` is AWS's own word where it gave no answer; `command` sets right
    what no option does."""

    state: State
    seen: str
    code: str = ""
    command: str = ""

    def as_json(self) -> JsonObject:
        """For keeping."""
        return {**asdict(self), "state": self.state.value}

    @classmethod
    def from_json(cls, raw: JsonObject) -> Answer:
        """What was kept. Raises KeyError or ValueError for what another version wrote."""
        return cls(
            state=State(str(raw["state"])),
            seen=str(raw["seen"]),
            code=str(raw.get("code", "")),
            command=str(raw.get("command", "")),
        )


def met(words: str) -> Answer:
    """As it should be."""
    return Answer(state=State.PASS, seen=words)


def unmet(words: str) -> Answer:
    """Not as it should be."""
    return Answer(state=State.FAIL, seen=words)


def not_needed(reason: str) -> Answer:
    """This environment has no such thing, or needs none."""
    return Answer(state=State.NOT_APPLICABLE, seen=reason)


def silent(words: str, code: str = "") -> Answer:
    """AWS did not say."""
    return Answer(state=State.UNKNOWN, seen=words, code=code)
