"""When to come back: polls, retries and leases as plain numbers and pure functions."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

from provisioning.errors import AwsError, FailureClass


@dataclass(frozen=True, kw_only=True)
class Timing:
    """All waits of an engine, in seconds.

    `poll` is the least time between two looks at one thing (AWS: no tight loops); `linger` how long a waiting
    operation is kept in memory rather than parked; `settle` the pause between looks for a thing that only tags tell
    apart; `not_yet` how long something just made may stay invisible.
    """

    poll: float = 5.0
    longest_poll: float = 30.0
    linger: float = 2.0
    settle: float = 10.0
    not_yet: float = 300.0
    retry: float = 1.0
    longest_retry: float = 60.0

    def at_pace(self, poll: float | None) -> Timing:
        """The same waits for an account that is quicker or slower than AWS is at five seconds a poll."""
        if poll is None or poll == self.poll:
            return self
        pace = poll / self.poll
        return replace(
            self,
            poll=poll,
            longest_poll=self.longest_poll * pace,
            settle=self.settle * pace,
            retry=self.retry * pace,
            longest_retry=self.longest_retry * pace,
        )


def first_poll(expected: float, known: bool, timing: Timing) -> float:
    """Seconds after the start of the first look: at nine tenths of the usual time, where that is known."""
    return max(timing.poll, 0.9 * expected) if known else next_poll(0.0, expected, known, timing)


def next_poll(elapsed: float, expected: float, known: bool, timing: Timing) -> float:
    """Seconds until the next look at something that AWS has worked on for `elapsed` seconds.

    Towards the usual time looks come at 5 % of it, one exactly when it is reached; right after it, when each second
    is one that somebody waits for nothing, at 2 %. Where nothing was ever measured, or it is long overdue, the pauses
    grow with the time that has passed; a guess says only how coarse they may be.
    """
    if known and elapsed < expected:
        pause = max(timing.poll, 0.05 * expected)
        left = expected - elapsed
        return left + 0.02 * timing.poll if left <= pause * 1.5 else pause
    if known and elapsed < 1.3 * expected:
        return min(max(timing.poll, 0.02 * expected), timing.longest_poll)
    scale = elapsed if known else max(elapsed, 0.5 * expected)
    return min(max(timing.poll, 0.05 * scale), timing.longest_poll)


def may_be_old(elapsed: float, timing: Timing) -> float:
    """How many seconds old the answer may be that a look at something takes from others.

    A moment, and of what takes long a hundredth: where an account has a thousand databases, one list of them takes
    longer than the moment, and would else serve nobody but who asked for it.
    """
    return min(elapsed, max(0.8 * timing.poll, 0.01 * elapsed), 0.5 * timing.longest_poll)


def retry_after(error: AwsError | None, attempt: int, timing: Timing) -> float:
    """Seconds until the next attempt: exponential with full jitter for throttles, gentle growth otherwise."""
    if error is not None and error.failure is FailureClass.THROTTLE:
        most = min(timing.longest_retry, timing.retry * 2**attempt)
        return random.uniform(most / 4, most)  # noqa: S311 # jitter, not a secret
    return float(min(timing.longest_retry / 4, timing.retry * 1.5 ** min(attempt, 12)))


def may_retry(error: AwsError, *, elapsed: float, timing: Timing) -> bool:
    """Whether another attempt can help, `elapsed` seconds after the first. The step's deadline comes on top."""
    if error.failure is FailureClass.FATAL:
        return False
    if error.failure in {FailureClass.NOT_YET, FailureClass.ABSENT, FailureClass.EXISTS}:
        return elapsed < timing.not_yet
    return True
