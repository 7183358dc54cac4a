"""Finishing: what is made before it is as wanted lets others begin at once, and is finished whatever happens."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import ClassVar

import pytest

from provisioning.aws import Aws
from provisioning.journal import MemoryJournal, Result
from provisioning.kind import Handle, Kind, Observed, Props, register
from provisioning.plan import plan_for
from provisioning.references import JsonObject
from provisioning.resource import Resource
from provisioning.run import Run
from provisioning.steps import StepPhase, StepStatus, try_again
from provisioning.tests.cloud import CLOUD, QUICK, SPEC, claim_of, error, run, steps_for

GATES: dict[str, str] = {}  # name -> to whom it is open


class GateProps(Props):
    """`open_to` names another gate, or nobody."""

    open_to: str = ""


@register
class GateKind(Kind[GateProps]):
    """A gate is shut when it is new; it is opened by a second call."""

    name = "fake.gate"
    title = "Gate"
    born: ClassVar[JsonObject] = {"open_to": ""}
    props = GateProps

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        CLOUD.enter("read", handle.key)
        if handle.key not in GATES:
            return None
        attributes = {"id": handle.key, "number": "7"}
        return Observed(
            id=handle.key, props={"open_to": GATES[handle.key]}, attributes=attributes, tags=handle.tags
        )

    def create(self, aws: Aws, handle: Handle, props: GateProps) -> Observed:
        CLOUD.enter("create", handle.key)
        assert handle.key not in GATES, "made twice"
        GATES[handle.key] = ""
        return Observed(id=handle.key, props={"open_to": ""}, attributes={"id": handle.key, "number": "7"})

    def update(self, aws: Aws, handle: Handle, props: GateProps, observed: Observed) -> Observed:
        CLOUD.enter("update", handle.key)
        GATES[observed.id] = props.open_to
        return observed

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        GATES.pop(handle.key, None)
        return True


def _gate(key: str, open_to: str = "", after: tuple[str, ...] = ()) -> Resource:
    return Resource(key=key, name=key, props=GateProps(open_to=open_to), after=after)


@pytest.fixture(autouse=True)
def _no_gates() -> Iterator[None]:
    GATES.clear()
    CLOUD.__init__()  # type: ignore[misc]  # the kinds know this very object
    yield


def _calls() -> list[tuple[str, str]]:
    return [call for call in CLOUD.calls if call[0] != "read"]


def test_others_that_only_need_its_id_begin_before_it_is_finished() -> None:
    steps = steps_for(_gate("inner", "${outer.id}"), _gate("outer", "road"))
    run_ = Run(claim_of(steps, MemoryJournal()), QUICK)
    now = time.time()

    (first,) = run_.due_calls(now)
    run_.write([run_.absorb(first, first.carry_out(), now)])

    assert {call.step.key for call in run_.due_calls(now)} == {"inner", "outer"}


def test_it_is_finished_by_its_second_call_without_a_look() -> None:
    journal = MemoryJournal()

    run(steps_for(_gate("inner", "${outer.id}"), _gate("outer", "road")), journal)

    assert journal.result is Result.SUCCEEDED
    assert GATES == {"outer": "road", "inner": "outer"}
    assert CLOUD.count("read", "outer") == 0
    assert sorted(_calls()) == [
        ("create", "inner"),
        ("create", "outer"),
        ("update", "inner"),
        ("update", "outer"),
    ]


def test_what_is_new_as_it_is_wanted_takes_one_call() -> None:
    run(steps_for(_gate("outer")), MemoryJournal())

    assert _calls() == [("create", "outer")]


@pytest.mark.parametrize(
    "waiting", [_gate("inner", "${outer.number}"), _gate("inner", "${outer.id}", after=("outer",))]
)
def test_who_needs_more_than_its_id_waits_until_it_is_finished(waiting: Resource) -> None:
    run(steps_for(waiting, _gate("outer", "road")), MemoryJournal())

    assert _calls()[:3] == [("create", "outer"), ("update", "outer"), ("create", "inner")]


def test_a_worker_that_dies_before_it_is_finished_is_followed_by_one_that_looks_and_makes_none() -> None:
    journal = MemoryJournal()
    steps = steps_for(_gate("inner", "${outer.id}"), _gate("outer", "road"))
    dead = Run(claim_of(steps, journal), QUICK)
    (first,) = dead.due_calls(time.time())
    dead.write([dead.absorb(first, first.carry_out(), time.time())])
    dead.due_calls(time.time())  # begun on paper, and never called
    assert journal.states["outer"].phase is StepPhase.LOOKING

    run(steps, journal)

    assert journal.result is Result.SUCCEEDED
    assert GATES == {"outer": "road", "inner": "outer"}
    assert CLOUD.count("create", "outer") == 1


def test_where_it_cannot_be_finished_the_operation_fails_and_a_retry_finishes_it() -> None:
    journal = MemoryJournal()
    CLOUD.failures["update", "outer"] = [error("InvalidParameterValue")]
    steps = steps_for(_gate("inner", "${outer.id}"), _gate("outer", "road"))
    run(steps, journal)
    assert journal.result is Result.FAILED
    assert journal.states["outer"].status is StepStatus.FAILED
    assert journal.states["inner"].status is StepStatus.SUCCEEDED

    journal.states = {
        key: state if state.status is StepStatus.SUCCEEDED else try_again(state)
        for key, state in journal.states.items()
    }
    journal.result = None
    run(steps, journal)

    assert journal.result is Result.SUCCEEDED
    assert GATES == {"outer": "road", "inner": "outer"}


def test_what_refers_to_one_that_never_was_finished_is_not_planned_anew() -> None:
    journal = MemoryJournal()
    CLOUD.failures["update", "outer"] = [error("InvalidParameterValue")]
    wanted = (_gate("inner", "${outer.id}"), _gate("outer", "road"))
    run(steps_for(*wanted), journal)

    plan = plan_for(SPEC, wanted, journal.recorded.values())

    assert {change.key: change.action for change in plan.changes} == {"outer": "create", "inner": "noop"}
