"""Wishes that add up while a call is under way, and errors that find the one who caused them."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest

from provisioning.errors import AwsError, translate
from provisioning.gathering import Gathering


def refused(code: str = "ParameterNotFound") -> AwsError:
    return translate(
        service="ssm", operation="delete_parameters", aws_code=code, aws_message="no", status=400
    )


class Slow:
    """An action whose first call lasts until all the others wait behind it."""

    def __init__(self, gathering: Gathering, company: int, bad: str = "") -> None:
        self.gathering = gathering
        self.company = company
        self.bad = bad
        self.calls: list[list[str]] = []

    def __call__(self, items: Sequence[str]) -> None:
        self.calls.append(sorted(items))
        while len(self.calls) == 1 and len(self.gathering._by_call["delete"].waiting) < self.company:
            pass
        if self.bad in items:
            raise refused()


def carry_out(gathering: Gathering, act: Slow, items: Sequence[str], most: int) -> dict[str, AwsError]:
    errors: dict[str, AwsError] = {}

    def one(item: str) -> None:
        try:
            gathering.carry_out("delete", item, act, most=most)
        except AwsError as error:
            errors[item] = error

    threads = [threading.Thread(target=one, args=(item,)) for item in items]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return errors


def test_what_comes_while_a_call_is_under_way_goes_with_the_next() -> None:
    gathering = Gathering()
    act = Slow(gathering, company=8)

    assert carry_out(gathering, act, "abcdefghi", most=100) == {}

    assert [len(call) for call in act.calls] == [1, 8]
    assert sorted(item for call in act.calls for item in call) == list("abcdefghi")


def test_no_call_is_about_more_than_aws_takes() -> None:
    gathering = Gathering()
    act = Slow(gathering, company=8)

    carry_out(gathering, act, "abcdefghi", most=5)

    assert [len(call) for call in act.calls] == [1, 5, 3]


def test_an_error_comes_to_the_one_who_caused_it_and_to_nobody_else() -> None:
    gathering = Gathering()
    act = Slow(gathering, company=3, bad="c")

    errors = carry_out(gathering, act, "abcd", most=10)

    assert errors.keys() == {"c"}
    assert {"a", "b", "d"} <= {call[0] for call in act.calls if len(call) == 1} | set(act.calls[0])


def test_a_wish_that_comes_alone_is_carried_out_at_once() -> None:
    act = Slow(Gathering(), company=0)

    Gathering().carry_out("delete", "a", act, most=10)

    assert act.calls == [["a"]]


def test_an_error_of_a_lonely_wish_is_raised_once() -> None:
    act = Slow(Gathering(), company=0, bad="a")

    with pytest.raises(AwsError):
        Gathering().carry_out("delete", "a", act, most=10)

    assert act.calls == [["a"]]
