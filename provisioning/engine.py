"""The engine: one loop that carries many operations at once on a few threads and holds nobody while AWS works.

Postgres (the journal) is the truth; whatever is here may die at any moment and be taken up by another worker.
"""

from __future__ import annotations

import itertools
import logging
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from provisioning.errors import LeaseLost, ProvisioningError
from provisioning.journal import Result, Source
from provisioning.run import Call, Run
from provisioning.timing import Timing
from provisioning.verbs import Outcome

logger = logging.getLogger(__name__)

_Reply = tuple[Run, Call, Outcome | ProvisioningError | BaseException]


@dataclass(order=True)
class _Job:
    """A call in the queue: what most waits behind goes first."""

    rank: float
    number: int
    run: Run | None = field(compare=False)
    call: Call | None = field(compare=False)


class Engine:
    """Claims operations that are due, carries their calls out in parallel, parks them while only waiting is left.

    `threads` bounds the calls under way; `capacity` the operations in memory at once.
    """

    def __init__(
        self,
        source: Source,
        *,
        timing: Timing,
        threads: int = 16,
        capacity: int = 8,
        stopping: Callable[[], bool] = lambda: False,
    ) -> None:
        self.source = source
        self.timing = timing
        self.capacity = capacity
        self.stopping = stopping
        self.runs: list[Run] = []
        self._jobs: queue.PriorityQueue[_Job] = queue.PriorityQueue()
        self._replies: queue.SimpleQueue[_Reply] = queue.SimpleQueue()
        self._numbers = itertools.count()
        self._threads = [threading.Thread(target=self._serve, daemon=True) for _ in range(threads)]
        for thread in self._threads:
            thread.start()

    def work(self, *, claim_every: float = 0.25) -> int:
        """Go on until nothing is due and nothing is left in memory. Returns how many operations were claimed."""
        claimed = 0
        look_at = 0.0
        while True:
            if (not self.runs or time.monotonic() >= look_at) and not self.stopping():
                claimed += self._claim()
                look_at = time.monotonic() + claim_every
            if not self.runs:
                return claimed
            self.runs = [run for run in self.runs if self._keep(run)]
            if self.runs:
                self._await_replies(min(self._patience(), max(0.0, look_at - time.monotonic())))

    def close(self) -> None:
        """Send the threads home once they have finished their calls."""
        for _ in self._threads:
            self._jobs.put(_Job(float("inf"), next(self._numbers), None, None))
        for thread in self._threads:
            thread.join()

    def _claim(self) -> int:
        room = self.capacity - len(self.runs)
        if room <= 0:
            return 0
        try:
            runs = [Run(claim, self.timing.at_pace(claim.poll_seconds)) for claim in self.source.claim(room)]
        except Exception:
            # What is in hand goes on; what was to be claimed is due again when its lease has run out.
            logger.exception("nothing could be claimed")
            return 0
        self.runs.extend(runs)
        return len(runs)

    def _keep(self, run: Run) -> bool:
        """Move one operation on; False when it is finished, parked or no longer ours."""
        try:
            return self._advance(run)
        except LeaseLost:
            logger.warning("lease lost", extra={"operation": run.claim.operation})
        except Exception:
            # The journal could not be written: whoever claims the operation next finds the last state that was.
            logger.exception("operation dropped", extra={"operation": run.claim.operation})
        return False

    def _advance(self, run: Run) -> bool:
        run.keep_lease()
        now = run.now()
        if run.cancelled and not run.in_flight:
            run.write([run.cancel_entry(now)])
        elif not self.stopping():
            for call in run.due_calls(now):
                self._jobs.put(_Job(-call.weight, next(self._numbers), run, call))
        result = run.result()
        if result is not None:
            self._finish(run, result)
            return False
        if run.in_flight:
            return True
        return not self._parked(run, now)

    def _finish(self, run: Run, result: Result) -> None:
        run.claim.journal.finish(result)
        logger.info("operation finished", extra={"operation": run.claim.operation, "result": result.value})

    def _parked(self, run: Run, now: float) -> bool:
        if self.stopping():
            run.claim.journal.park(0)
            return True
        wake_at = run.wake_at()
        if wake_at is None:
            raise RuntimeError(f"Operation {run.claim.operation} has nothing to do and nothing to wait for")
        # A full worker keeps nobody who only waits: others may be due.
        if wake_at - now <= self.timing.linger and len(self.runs) < self.capacity:
            return False
        run.claim.journal.park(wake_at - now)
        return True

    def _patience(self) -> float:
        """Seconds until somebody wants something, if no reply comes first."""
        tick = time.monotonic()
        wakes = [wake_at - run.now() for run in self.runs if (wake_at := run.wake_at()) is not None]
        renewals = [run.renew_at - tick for run in self.runs]
        return max(0.0, min([*wakes, *renewals, 1.0]))

    def _await_replies(self, patience: float) -> None:
        """Take in every reply that is there, waiting for the first one; one entry a run."""
        replies: list[_Reply] = []
        try:
            replies.append(self._replies.get(timeout=patience))
            while True:
                replies.append(self._replies.get_nowait())
        except queue.Empty:
            pass
        for run in {id(run): run for run, _, _ in replies}.values():
            mine = [(call, reply) for one, call, reply in replies if one is run]
            if run in self.runs and not self._absorbed(run, mine):
                self.runs.remove(run)

    def _absorbed(
        self, run: Run, replies: list[tuple[Call, Outcome | ProvisioningError | BaseException]]
    ) -> bool:
        try:
            now = run.now()
            run.write([run.absorb(call, _expected(call, reply), now) for call, reply in replies])
            return True
        except LeaseLost:
            logger.warning("lease lost", extra={"operation": run.claim.operation})
        except Exception:
            logger.exception("operation dropped", extra={"operation": run.claim.operation})
        return False

    def _serve(self) -> None:
        """What each thread does: one call after the other, the heaviest first."""
        while True:
            job = self._jobs.get()
            if job.run is None or job.call is None:
                return
            try:
                job.run.guard()
                self._replies.put((job.run, job.call, job.call.carry_out()))
            except BaseException as error:  # noqa: BLE001 # a thread that dies would take its call's outcome with it
                self._replies.put((job.run, job.call, error))


def _expected(call: Call, reply: Outcome | ProvisioningError | BaseException) -> Outcome | ProvisioningError:
    """A fault of ours as an error that a person can read; the traceback goes to the operators' log."""
    if isinstance(reply, Outcome | ProvisioningError):
        return reply
    logger.error("step crashed", exc_info=reply, extra={"step": call.step.key})
    return ProvisioningError(
        f"{call.step.title} stopped on a fault of the portal: {type(reply).__name__}.",
        code="portal.fault",
        hint="Retry from this step; if it stays, a platform admin finds the cause in the worker's log.",
    )
