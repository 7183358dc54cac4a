"""A run: one operation in the hands of one worker. It decides what to do next and keeps the journal; it never blocks.

The engine carries the calls out. What a run holds in memory can be lost at any moment: the journal has it all.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

from provisioning.aws import Aws
from provisioning.errors import AwsError, FailureClass, LeaseLost, ProvisioningError
from provisioning.journal import Claim, Entry, Line, Result
from provisioning.resource import Recorded, Standing, attributes_of, old_key
from provisioning.steps import (
    GOOD,
    Step,
    StepError,
    StepPhase,
    StepState,
    StepStatus,
    Verb,
    dependants_of,
    is_met,
    remaining_paths,
    unmet_needs,
)
from provisioning.timing import Timing, first_poll, may_be_old, may_retry, next_poll, retry_after
from provisioning.verbs import ADVANCE, Context, Outcome


@dataclass(frozen=True, kw_only=True)
class Call:
    """One call of a verb, ready to be carried out by any thread. `weight`: seconds that wait behind it."""

    step: Step
    context: Context
    weight: float

    def carry_out(self) -> Outcome | ProvisioningError:
        """Its outcome, or the error as a value. An answer without the fields it must have is an unknown outcome."""
        try:
            return ADVANCE[self.step.verb](self.context)
        except ProvisioningError as error:
            return error
        except (KeyError, IndexError, TypeError) as error:
            return ProvisioningError(
                f"{self.step.title}: AWS's answer lacks {error}.",
                code="aws.answer_incomplete",
                hint="Retried by itself; if it stays, report it with the log.",
            )


class Run:
    """The state machine of one operation."""

    def __init__(self, claim: Claim, timing: Timing) -> None:
        self.claim = claim
        self.timing = timing
        self.states = dict(claim.states)
        self.recorded = dict(claim.recorded)
        self.cancelled = claim.cancelled
        self.in_flight: set[str] = set()
        self.steps = {step.key: step for step in claim.steps}
        self._weights = remaining_paths(claim.steps)
        self._waiting_for = unmet_needs(claim.steps, self.states)
        self._dependants = dependants_of(claim.steps)
        self.lease_until = claim.claimed_at + claim.lease_seconds
        self.renew_at = claim.claimed_at + claim.lease_seconds / 3

    # What is next -----------------------------------------------------------------------------------------------

    def due_calls(self, now: float) -> list[Call]:
        """Calls to carry out now, their intent already in the journal. Empty when there is only waiting left."""
        due = [step for step in self._open() if self._is_due(step, now)]
        intents = [self._begin(step, now) for step in due]
        self.write([intent for intent in intents if intent is not None])
        self.in_flight.update(step.key for step in due)
        return [
            Call(step=step, context=self._context(step, now), weight=self._weights[step.key]) for step in due
        ]

    def now(self) -> float:
        """The time of the journal's clock when this was claimed, and what has passed since: whatever the clock of this
        host is set to meanwhile."""
        return self.claim.clock + time.monotonic() - self.claim.claimed_at

    def wake_at(self) -> float | None:
        """When the next waiting step is due; None when nothing waits."""
        times = [s.due_at for s in self.states.values() if not s.status.is_final and s.due_at is not None]
        return min(times, default=None)

    def result(self) -> Result | None:
        """How it ended, or None while it goes on."""
        if self.in_flight:
            return None
        statuses = {state.status for state in self.states.values()}
        if self.cancelled:
            return Result.SUCCEEDED if statuses <= GOOD else Result.CANCELLED
        if StepStatus.FAILED in statuses:
            return None if any(self._goes_on(state) for state in self.states.values()) else Result.FAILED
        return Result.SUCCEEDED if statuses <= GOOD else None

    def _open(self) -> Iterator[Step]:
        failed = self.cancelled or any(s.status is StepStatus.FAILED for s in self.states.values())
        for step in self.claim.steps:
            state = self.states[step.key]
            if state.status.is_final or step.key in self.in_flight or self.cancelled:
                continue
            if failed and not self._goes_on(state):
                continue
            yield step

    def _goes_on(self, state: StepState) -> bool:
        """After a failure elsewhere nothing new starts, but what AWS is working on is seen to its end."""
        return state.status in {StepStatus.RUNNING, StepStatus.WAITING}

    def _is_due(self, step: Step, now: float) -> bool:
        if self._waiting_for[step.key]:
            return False
        due_at = self.states[step.key].due_at
        return due_at is None or due_at <= now

    # Before a call ----------------------------------------------------------------------------------------------

    def _begin(self, step: Step, now: float) -> Entry | None:
        """Mark a step as begun; what the journal must hold first, if anything: that it was tried, and what it may
        have made. A mere look at what AWS works on needs no entry."""
        state = self.states[step.key]
        if state.phase is StepPhase.SETTLING:
            self.states[step.key] = state.evolve(due_at=None)
            return None
        begun = state.evolve(
            status=StepStatus.RUNNING,
            attempts=state.attempts + (state.phase is not StepPhase.FINISHING),
            started_at=state.started_at or now,
            due_at=None,
        )
        self.states[step.key] = begun
        # On paper the outcome is open from now on: whoever reads this after a crash looks first, as often as ever.
        looks_first = begun.phase in {StepPhase.NEW, StepPhase.FINISHING}
        phase = StepPhase.LOOKING if looks_first else begun.phase
        paper = begun.evolve(phase=phase, looks=0)
        intended = self._intended(step) if step.verb is Verb.ENSURE else []
        return Entry(states=[paper], resources=intended)

    def _intended(self, step: Step) -> list[Recorded]:
        """What may be made from now on; and what it takes the place of, which stays on record until it is gone."""
        target = step.target
        known = self.recorded.get(target.key)
        same = known is not None and known.is_there and known.generation == target.generation
        if same and known is not None and known.props == target.props:
            return []
        recorded = Recorded(
            **target.itself(),
            id=known.id if same and known else None,
            attributes=known.attributes if same and known else {},
            standing=known.standing if same and known else Standing.INTENDED,
        )
        self.recorded[target.key] = recorded
        if known is None or same or not known.is_there:
            return [recorded]
        old = known.model_copy(update={"key": old_key(known.key, known.generation)})
        if old.key not in self.steps:  # it was gone already
            return [recorded]
        self.recorded[old.key] = old
        return [recorded, old]

    def _context(self, step: Step, now: float) -> Context:
        recorded = self.recorded.get(step.target.key) or _recorded_of(step)
        if step.verb is not Verb.ENSURE and recorded.generation != step.target.generation:
            recorded = _recorded_of(step)
        state = self.states[step.key]
        return Context(
            aws=self._aws(step, state, now).in_region(recorded.region),
            step=step,
            state=state,
            handle=recorded.handle(self.claim.spec, self.claim.operation),
            attributes=attributes_of(self.recorded.values()),
            remembered={one.key: one.attributes for one in self.recorded.values()},
        )

    def _aws(self, step: Step, state: StepState, now: float) -> Aws:
        """A poll may take an answer that another environment got a moment ago; anything else needs its own.

        Once the usual time is over, an answer from before that moment would only say that it was not over.
        """
        guarded = replace(self.claim.aws, guard=self.guard)
        if state.phase is not StepPhase.SETTLING:
            return guarded
        elapsed = max(0.0, now - (state.settling_since or now))
        over = elapsed - (self._usual(step) or 0.0)
        age = min(may_be_old(elapsed, self.timing), over if over >= 0 else elapsed)
        return guarded.since(time.monotonic() - age)

    def _usual(self, step: Step) -> float | None:
        """Seconds that AWS took for such a step in this account before; None when it never was measured."""
        return self.claim.usual.get((step.target.kind, _usual_verb(step)))

    def guard(self) -> None:
        """Raise before a call when the lease has run out: somebody else may own the operation."""
        if time.monotonic() >= self.lease_until:
            raise LeaseLost("The lease of this operation has run out.")

    # After a call -----------------------------------------------------------------------------------------------

    def absorb(self, call: Call, outcome: Outcome | ProvisioningError, now: float) -> Entry:
        """Take in what came of a call; the entry must be written before anything else is done."""
        self.in_flight.discard(call.step.key)
        if isinstance(outcome, LeaseLost):
            raise outcome
        if isinstance(outcome, ProvisioningError):
            return self._absorb_error(call.step, outcome, now)
        return self._absorb_outcome(call.step, outcome, now)

    def _absorb_outcome(self, step: Step, outcome: Outcome, now: float) -> Entry:
        state = self.states[step.key]
        resources = self._record(step, outcome)
        if outcome.done:
            told = {"note": outcome.note, "warning": outcome.warning, "error": None}
            after = state.evolve(status=StepStatus.SUCCEEDED, finished_at=now, due_at=None, **told)
            line = ": ".join(filter(None, ("warning" if outcome.warning else "done", outcome.note)))
        elif now - (state.started_at or now) > step.deadline:
            return self._fail(step, _overdue(step, outcome.note), now, resources)
        else:
            after = self._waiting(step, state, outcome, now)
            line = outcome.note
        lines = [Line(at=now, step=step.key, text=line)] if line and line != state.note else []
        self.states[step.key] = after
        for dependant in self._dependants[step.key]:
            if is_met(self.steps[dependant], step.key, self.states):
                self._waiting_for[dependant].discard(step.key)
        # The next look is due anyway: a state that differs by nothing else is not worth a write.
        same = after.evolve(due_at=None) == state.evolve(due_at=None) and not resources
        return Entry() if same else Entry(states=[after], resources=resources, lines=lines)

    def _waiting(self, step: Step, state: StepState, outcome: Outcome, now: float) -> StepState:
        since = state.settling_since if state.settling_since is not None else now
        if outcome.absent:
            since = since if state.note == outcome.note else now
            if now - since > self.timing.not_yet:
                # It was there, or was said to be, and is not: look once more, then make it again.
                return state.evolve(
                    phase=StepPhase.LOOKING, looks=0, updated=False, settling_since=None, due_at=now
                )
        return state.evolve(
            status=StepStatus.WAITING,
            phase=outcome.phase,
            looks=state.looks + outcome.looked,
            updated=state.updated or outcome.updated,
            settling_since=since,
            due_at=now + self._pause(step, outcome, now - since, first=state.settling_since is None),
            note=outcome.note,
            error=None,
        )

    def _pause(self, step: Step, outcome: Outcome, elapsed: float, *, first: bool) -> float:
        if outcome.phase is StepPhase.FINISHING:
            return 0.0
        if outcome.looked:
            return self.timing.settle
        usual = self._usual(step)
        expected = usual if usual is not None else step.expected
        if first:
            return first_poll(expected, usual is not None, self.timing)
        return next_poll(elapsed, expected, usual is not None, self.timing)

    def _record(self, step: Step, outcome: Outcome) -> list[Recorded]:
        recorded = self.recorded.get(step.target.key)
        if recorded is None or recorded.generation != step.target.generation:
            return []
        if outcome.gone and step.verb is Verb.REMOVE:
            after = recorded.model_copy(update={"standing": Standing.GONE})
        elif outcome.observed is not None:
            seen = outcome.observed
            attributes = {**recorded.attributes, **seen.attributes}
            standing = Standing.MADE if outcome.done and step.verb is Verb.ENSURE else recorded.standing
            after = recorded.model_copy(
                update={"id": seen.id, "attributes": attributes, "standing": standing}
            )
        else:
            return []
        self.recorded[step.target.key] = after
        return [after] if after != recorded else []

    def _absorb_error(self, step: Step, error: ProvisioningError, now: float) -> Entry:
        state = self.states[step.key]
        elapsed = now - (state.started_at or now)
        unclear = error.code == "aws.answer_incomplete"
        aws_error = error if isinstance(error, AwsError) else None
        retryable = unclear or (
            aws_error is not None and may_retry(aws_error, elapsed=elapsed, timing=self.timing)
        )
        if not retryable or elapsed > step.deadline:
            return self._fail(step, error, now)
        throttled = aws_error is not None and aws_error.failure is FailureClass.THROTTLE
        pause = retry_after(aws_error, state.attempts, self.timing)
        after = state.evolve(
            status=StepStatus.WAITING,
            phase=_phase_after(step, state, aws_error),
            looks=0,  # it may have been made by this very attempt, and not be seen yet
            attempts=state.attempts + (state.phase is StepPhase.SETTLING),
            due_at=now + pause,
            note="AWS asks for patience" if throttled else _short(error),
            error=StepError(code=error.code, message=error.message, hint=error.hint or ""),
        )
        self.states[step.key] = after
        text = f"{_short(error)}; again in {pause:.1f} s"
        lines = [Line(at=now, step=step.key, text=text)] if text.split(";", 1)[0] != state.note else []
        return Entry(states=[after], lines=lines)

    def _fail(
        self, step: Step, error: ProvisioningError, now: float, resources: list[Recorded] | None = None
    ) -> Entry:
        after = self.states[step.key].evolve(
            status=StepStatus.FAILED,
            phase=StepPhase.LOOKING,
            finished_at=now,
            due_at=None,
            error=StepError(code=error.code, message=error.message, hint=error.hint or ""),
        )
        self.states[step.key] = after
        line = Line(at=now, step=step.key, text=f"failed: {error.message}")
        return Entry(states=[after], resources=resources or [], lines=[line])

    # The lease and the end --------------------------------------------------------------------------------------

    def keep_lease(self) -> None:
        """Renew the lease when a third of it is gone. Raises LeaseLost."""
        now = time.monotonic()
        if now >= self.renew_at:
            self._renewed(now, cancelled=self.claim.journal.renew())

    def cancel_entry(self, now: float) -> Entry:
        """What cancelling leaves: every step that is not final is cancelled, in whatever phase it was."""
        open_states = [s for s in self.states.values() if not s.status.is_final]
        after = [
            s.evolve(
                status=StepStatus.CANCELLED,
                phase=StepPhase.LOOKING if s.attempts else StepPhase.NEW,
                finished_at=now,
                due_at=None,
            )
            for s in open_states
        ]
        self.states.update((s.key, s) for s in after)
        return Entry(states=after)

    def write(self, entries: list[Entry]) -> None:
        """Several entries in one transaction, which keeps the lease too. Raises LeaseLost."""
        entry = Entry(
            states=[state for entry in entries for state in entry.states],
            resources=[one for entry in entries for one in entry.resources],
            lines=[line for entry in entries for line in entry.lines],
        )
        if not entry.is_empty:
            now = time.monotonic()
            self._renewed(now, cancelled=self.claim.journal.write(entry))

    def _renewed(self, at: float, *, cancelled: bool) -> None:
        self.cancelled = self.cancelled or cancelled
        self.lease_until = at + self.claim.lease_seconds
        self.renew_at = at + self.claim.lease_seconds / 3


def _phase_after(step: Step, state: StepState, error: AwsError | None) -> StepPhase:
    """What the attempt after a passing failure has to be. A refused deletion changed nothing: it is asked for again."""
    refused = error is not None and error.failure in {FailureClass.BUSY, FailureClass.THROTTLE}
    if state.phase is StepPhase.SETTLING or (step.verb is Verb.REMOVE and refused):
        return state.phase
    return StepPhase.LOOKING


def _recorded_of(step: Step) -> Recorded:
    return Recorded(**step.target.itself())


def _usual_verb(step: Step) -> str:
    if step.verb is Verb.REMOVE:
        return "delete"
    return "create" if step.makes else "update"


def _overdue(step: Step, note: str) -> ProvisioningError:
    return ProvisioningError(
        f"{step.title} took longer than {step.deadline / 60:.0f} minutes. AWS's last word: {note or 'none'}.",
        code="step.deadline",
        hint="Look at the resource in AWS, then retry from this step.",
    )


def _short(error: ProvisioningError) -> str:
    return error.aws_code if isinstance(error, AwsError) else error.message[:120]
