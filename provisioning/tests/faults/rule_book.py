"""Which rule strikes a call: the counting and drawing behind `rules.When`."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from provisioning.tests.faults.recognition import Recognised
from provisioning.tests.faults.rules import Fault, Kill, Rule, When


@dataclass(frozen=True, kw_only=True, slots=True)
class Decision:
    """The fault for a call, and the index of its rule in the list."""

    rule: int
    fault: Fault


@dataclass(frozen=True, kw_only=True, slots=True)
class RuleCount:
    """How many calls met a rule's plain conditions, and how often it struck."""

    matched: int
    struck: int


@dataclass(kw_only=True, slots=True)
class _Tally:
    """One rule and what it has seen."""

    rule: Rule
    generator: random.Random
    matched: int = 0
    struck: int = 0
    seen: set[tuple[str, str, str]] = field(default_factory=set)

    def meets(self, call: Recognised) -> bool:
        """Counts the call if it meets the plain conditions; says whether the rule would strike it."""
        if not _concerns(self.rule, call):
            return False
        self.matched += 1
        when = self.rule.when
        drawn = when.probability >= 1.0 or self.generator.random() < when.probability
        return drawn and (when.nth is None or self.matched in when.nth) and self._is_first(when, call)

    def _is_first(self, when: When, call: Recognised) -> bool:
        if not when.first_per_resource:
            return True
        key = (call.service, call.operation, call.resource)
        if key in self.seen:
            return False
        self.seen.add(key)
        return True


class RuleBook:
    """The rules in force with their counters; deterministic for one order of calls."""

    def __init__(self, rules: Sequence[Rule] = ()) -> None:
        self._tallies: list[_Tally] = []
        self.replace(rules)

    @property
    def rules(self) -> tuple[Rule, ...]:
        """The rules in force, in order."""
        return tuple(tally.rule for tally in self._tallies)

    def replace(self, rules: Sequence[Rule]) -> None:
        """Puts other rules in force, their counters at nought."""
        self._tallies = [_Tally(rule=rule, generator=random.Random(rule.when.seed)) for rule in rules]

    def reset(self) -> None:
        """Counters to nought and generators to their seeds."""
        self.replace(self.rules)

    def counts(self) -> tuple[RuleCount, ...]:
        """What each rule has seen, in order."""
        return tuple(RuleCount(matched=tally.matched, struck=tally.struck) for tally in self._tallies)

    def decide(self, call: Recognised) -> Decision | None:
        """The fault for this call, if any; every rule that the call meets counts it."""
        struck = [(index, tally) for index, tally in enumerate(self._tallies) if tally.meets(call)]
        if not struck:
            return None
        index, tally = struck[0]
        tally.struck += 1
        return Decision(rule=index, fault=tally.rule.fault)


def _concerns(rule: Rule, call: Recognised) -> bool:
    when = rule.when
    if isinstance(rule.fault, Kill) and call.sender.pid is None:
        return False
    wanted = (when.mutating, when.operation_id, when.fence, when.pid)
    found = (call.mutating, call.sender.operation_id, call.sender.fence, call.sender.pid)
    if any(want is not None and want != have for want, have in zip(wanted, found, strict=True)):
        return False
    return fnmatchcase(call.service, when.service) and fnmatchcase(call.operation, when.operation)
