"""Steps: what an operation does, as data; and how far each has come."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from provisioning.thing import Thing


class Verb(StrEnum):
    """What a step does to its target; `verbs/` holds one file for each."""

    ENSURE = "ensure"
    REMOVE = "remove"
    CHECK = "check"


class Target(Thing):
    """The resource that a step is about."""

    final_name: str | None = None  # of the last snapshot that a removal takes
    goes_with: tuple[str, ...] = ()  # keys of what takes it along when it is deleted


class Step(BaseModel):
    """One journaled unit of an operation.

    `expected` and `deadline` are in seconds from its start; `needs` are keys of steps that must have succeeded,
    or of which, where they are `early` too, the thing exists;
    after a step that `commits` there is no way back to before it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str
    verb: Verb
    title: str
    target: Target
    needs: tuple[str, ...] = ()
    early: tuple[str, ...] = ()
    expected: float = 0
    deadline: float = 900
    makes: bool = False  # its target did not exist before: undoing it is removing it
    tried: bool = False  # an earlier operation may have made it: look first
    commits: bool = False
    count: int = 1  # things of one kind that a check is about, this one among them


class StepStatus(StrEnum):
    """Where a step is. The last four are final."""

    PENDING = "pending"
    RUNNING = "running"  # a call is, or may be, under way
    WAITING = "waiting"  # AWS works, or a retry is due later
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"

    @property
    def is_final(self) -> bool:
        return self in _FINAL


_FINAL = frozenset({StepStatus.SUCCEEDED, StepStatus.FAILED, StepStatus.CANCELLED, StepStatus.SKIPPED})
GOOD = frozenset({StepStatus.SUCCEEDED, StepStatus.SKIPPED})


class StepPhase(StrEnum):
    """What the next call of a step has to be."""

    NEW = "new"  # nothing was ever tried: act without looking
    LOOKING = "looking"  # something was tried and its outcome is not known: look first
    FINISHING = "finishing"  # exists, and others may refer to it; what its creation leaves open is set next
    SETTLING = "settling"  # acted; wait until AWS says it is so
    CLEARING = "clearing"  # a broken one is being taken away before a new one is made


class StepError(BaseModel):
    """Why a step failed, or why it is being tried again."""

    model_config = ConfigDict(frozen=True)

    code: str
    message: str
    hint: str = ""


class StepState(BaseModel):
    """How far a step has come. Times are seconds since the epoch."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    key: str
    status: StepStatus = StepStatus.PENDING
    phase: StepPhase = StepPhase.NEW
    attempts: int = 0
    looks: int = 0
    updated: bool = False
    started_at: float | None = None
    finished_at: float | None = None
    settling_since: float | None = None
    due_at: float | None = None
    note: str = ""
    warning: bool = False  # what the note says is worth a thought
    error: StepError | None = None

    def later(self, seconds: float) -> StepState:
        """As if all that is under way had begun so much later: time in which nobody could look does not count."""
        if self.status.is_final:
            return self
        times = {
            "started_at": self.started_at,
            "settling_since": self.settling_since,
            "due_at": self.due_at,
        }
        return self.evolve(**{name: at + seconds for name, at in times.items() if at is not None})

    def evolve(self, **changes: object) -> StepState:
        """A copy with some fields changed (they are ours: not validated again)."""
        return self.model_copy(update=changes)


def first_state(step: Step) -> StepState:
    """Where a step starts: what exists already, or may, is looked at before it is changed."""
    looks = step.verb is Verb.ENSURE and (step.tried or not step.makes)
    return StepState(key=step.key, phase=StepPhase.LOOKING if looks else StepPhase.NEW)


def try_again(state: StepState) -> StepState:
    """The state of a failed or cancelled step that is to be tried again; what was tried before is looked for first."""
    phase = StepPhase.LOOKING if state.attempts else state.phase
    return StepState(key=state.key, phase=phase, attempts=state.attempts)


def critical_path(steps: Iterable[Step], *, call: float = 0.1) -> float:
    """Seconds that the steps must take whatever the number of hands. `call`: seconds of a step's own call."""
    return max(remaining_paths(tuple(steps), call=call).values(), default=0.0)


def dependants_of(steps: tuple[Step, ...]) -> Mapping[str, list[str]]:
    """Step key -> keys of the steps that need it."""
    dependants: dict[str, list[str]] = {step.key: [] for step in steps}
    for step in steps:
        for need in step.needs:
            if need in dependants:
                dependants[need].append(step.key)
    return dependants


def unmet_needs(steps: tuple[Step, ...], states: Mapping[str, StepState]) -> dict[str, set[str]]:
    """Step key -> keys of the steps that it still has to wait for."""
    known = {step.key for step in steps}
    return {
        step.key: {need for need in step.needs if need in known and not is_met(step, need, states)}
        for step in steps
    }


def is_met(step: Step, need: str, states: Mapping[str, StepState]) -> bool:
    """Whether a step need not wait for this one of its needs any more."""
    state = states.get(need)
    if state is None:
        return False
    return state.status in GOOD or (need in step.early and state.phase is StepPhase.FINISHING)


def remaining_paths(steps: tuple[Step, ...], *, call: float = 0.1) -> Mapping[str, float]:
    """Step key -> expected seconds from its start to the end of the longest chain that waits for it."""
    dependants = dependants_of(steps)
    own = {step.key: step.expected + call for step in steps}
    longest: dict[str, float] = {}

    def length(key: str) -> float:
        if key not in longest:
            longest[key] = own[key] + max((length(after) for after in dependants[key]), default=0.0)
        return longest[key]

    for step in steps:
        length(step.key)
    return longest
