"""Which calls a rule strikes: globs, counting, drawing, first per resource, senders; and rules as JSON."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from provisioning.tests.faults import Kill, LostResponse, Rule, Throttle, When, kill_at
from provisioning.tests.faults.recognition import Recognised, Sender, is_mutating
from provisioning.tests.faults.rule_book import RuleBook
from provisioning.tests.faults.rules import rules_from_json, rules_to_json


def call(
    operation: str = "CreateVpc", *, resource: str = "", service: str = "ec2", pid: int = 9
) -> Recognised:
    return Recognised(
        service=service,
        operation=operation,
        protocol="ec2",
        mutating=is_mutating(operation),
        resource=resource,
        parameters={},
        sender=Sender(operation_id="op-1", fence=4, pid=pid or None),
    )


def struck(when: When, *calls: Recognised) -> list[int]:
    """The places, from 1, of the calls that a rule with this condition strikes."""
    book = RuleBook([Rule(when=when, fault=Throttle())])
    return [place for place, made in enumerate(calls, 1) if book.decide(made)]


def test_globs_choose_service_and_operation() -> None:
    made = call(), call("DescribeVpcs"), call("CreateRole", service="iam"), call("CreateSubnet")
    assert struck(When(operation="Create*"), *made) == [1, 3, 4]
    assert struck(When(service="ec2", operation="Create*"), *made) == [1, 4]
    assert struck(When(mutating=False), *made) == [2]


def test_nth_counts_only_calls_that_meet_the_rest() -> None:
    made = call("DescribeVpcs"), call(), call("DescribeVpcs"), call("CreateSubnet"), call("CreateTags")
    assert struck(When(mutating=True, nth=frozenset({2, 3})), *made) == [4, 5]


def test_probability_repeats_with_its_seed_and_differs_with_another() -> None:
    made = [call() for _ in range(400)]
    first = struck(When(probability=0.25, seed=1), *made)
    assert first == struck(When(probability=0.25, seed=1), *made)
    assert first != struck(When(probability=0.25, seed=2), *made)
    assert 60 < len(first) < 140


def test_first_per_resource_strikes_each_operation_once_a_resource() -> None:
    made = call(resource="a"), call(resource="a"), call(resource="b"), call("CreateTags", resource="a")
    assert struck(When(first_per_resource=True), *made) == [1, 3, 4]


def test_senders_are_told_apart() -> None:
    made = call(pid=9), call(pid=10)
    assert struck(When(pid=10), *made) == [2]
    assert struck(When(fence=5), *made) == []
    assert struck(When(operation_id="op-1", fence=4), *made) == [1, 2]


def test_a_kill_passes_over_calls_that_name_no_process() -> None:
    book = RuleBook([kill_at(1, "before")])
    assert book.decide(call(pid=0)) is None
    assert book.decide(call(pid=9)) is not None


def test_of_two_rules_the_first_strikes_and_both_count() -> None:
    book = RuleBook([Rule(fault=Throttle()), Rule(when=When(nth=frozenset({2})), fault=LostResponse())])
    decisions = [book.decide(call()) for _ in range(2)]
    assert [decision.rule for decision in decisions if decision] == [0, 0]
    assert [(count.matched, count.struck) for count in book.counts()] == [(2, 2), (2, 0)]


def test_reset_counts_from_one_again() -> None:
    book = RuleBook([Rule(when=When(nth=frozenset({1})), fault=Throttle())])
    assert [bool(book.decide(call())) for _ in range(2)] == [True, False]
    book.reset()
    assert book.decide(call())


def test_rules_survive_json() -> None:
    rules = (
        kill_at(3, "after_response"),
        Rule(when=When(service="rds", probability=0.5, seed=8), fault=LostResponse()),
    )
    assert rules_from_json(rules_to_json(rules)) == rules
    short = '[{"when": {"nth": [3]}, "fault": {"type": "kill", "when": "before"}}]'
    assert rules_from_json(short) == (Rule(when=When(nth=frozenset({3})), fault=Kill(when="before")),)


@pytest.mark.parametrize(
    "text",
    [
        '[{"fault": {"type": "earthquake"}}]',
        '[{"fault": {"type": "kill"}, "when": {"operations": "Create*"}}]',
        '[{"fault": {"type": "kill"}, "when": {"nth": [0]}}]',
        '[{"fault": {"type": "kill", "seconds": 3}}]',
    ],
)
def test_a_rule_with_a_slip_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        rules_from_json(text)
