"""When looks come: few, one exactly when it usually is over, dense only right after that."""

from __future__ import annotations

import pytest

from provisioning.timing import Timing, first_poll, may_be_old, next_poll

AWS = Timing()


def looks(took: float, expected: float, *, known: bool) -> list[float]:
    """The moments of all looks at something that takes `took` seconds."""
    at = [first_poll(expected, known, AWS)]
    while at[-1] < took:
        at.append(at[-1] + next_poll(at[-1], expected, known, AWS))
    return at


@pytest.mark.parametrize("usual", [60.0, 90.0, 180.0, 240.0, 300.0])
def test_what_takes_as_long_as_usual_is_seen_at_once_with_three_looks_at_most(usual: float) -> None:
    at = looks(usual, usual, known=True)

    assert len(at) <= 3
    assert at[-1] - usual <= 0.02 * AWS.poll + 1e-9


def test_what_is_a_little_late_is_seen_within_two_hundredths() -> None:
    at = looks(312.0, 300.0, known=True)

    assert at[-1] - 312.0 <= 6.1


def test_what_is_quicker_than_usual_is_seen_within_a_twentieth() -> None:
    at = looks(280.0, 300.0, known=True)

    assert at[-1] - 280.0 <= 15.1


def test_a_guess_is_no_reason_to_wait_long_and_none_to_ask_every_five_seconds() -> None:
    at = looks(300.0, 600.0, known=False)

    assert at[0] <= 15.0
    assert len(at) <= 21
    assert at[-1] - 300.0 <= AWS.longest_poll


def test_what_has_no_expected_time_is_looked_at_after_one_poll() -> None:
    assert first_poll(0.0, False, AWS) == AWS.poll


def test_pauses_never_exceed_the_longest_however_long_it_takes() -> None:
    assert next_poll(10_000.0, 300.0, True, AWS) == AWS.longest_poll
    assert next_poll(10_000.0, 0.0, False, AWS) == AWS.longest_poll


def test_a_look_takes_an_answer_of_a_moment_ago_and_of_what_takes_long_a_hundredth() -> None:
    assert may_be_old(2.0, AWS) == 2.0
    assert may_be_old(60.0, AWS) == 0.8 * AWS.poll
    assert may_be_old(720.0, AWS) == 7.2
    assert may_be_old(1e6, AWS) == AWS.longest_poll / 2
