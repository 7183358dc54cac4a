"""The engine: order, parallelism, retries, resumption, cancelling, leases."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest

from provisioning.engine import Engine
from provisioning.journal import Claim, MemoryJournal, Result
from provisioning.operations.destroy import destroy
from provisioning.operations.provision import provision
from provisioning.plan import plan_for
from provisioning.run import Run
from provisioning.steps import StepPhase, StepStatus, try_again
from provisioning.tests.cloud import CLOUD, QUICK, SPEC, Once, claim_of, error, run, steps_for, thing
from provisioning.timing import Timing


@pytest.fixture(autouse=True)
def _empty_cloud() -> Iterator[None]:
    CLOUD.__init__()  # type: ignore[misc]  # the kinds know this very object
    yield


def test_everything_is_made_after_what_it_needs_and_told_its_id() -> None:
    journal = MemoryJournal()

    run(steps_for(thing("leaf", parent="branch"), thing("branch", parent="root"), thing("root")), journal)

    assert journal.result is Result.SUCCEEDED
    assert [key for verb, key in CLOUD.calls if verb == "create"] == ["root", "branch", "leaf"]
    assert journal.recorded["leaf"].props["parent"] == "${branch.id}"
    assert journal.recorded["root"].attributes["id"] == journal.recorded["root"].id


def test_a_first_attempt_makes_one_call_and_no_look() -> None:
    run(steps_for(thing("root")), MemoryJournal())

    assert CLOUD.count("read", "root") == 0


def test_what_does_not_wait_for_each_other_is_made_at_once() -> None:
    CLOUD.delay = 0.3

    run(steps_for(*(thing(f"t{n}") for n in range(8))), MemoryJournal())

    assert CLOUD.most_at_once == 8


def test_a_thing_waits_for_what_it_needs_and_for_nothing_else() -> None:
    steps = steps_for(thing("a"), thing("b", parent="a"), thing("c"))
    run_ = Run(claim_of(steps, MemoryJournal()), QUICK)
    now = time.time()

    first = {call.step.key: call for call in run_.due_calls(now)}
    run_.write([run_.absorb(first["a"], first["a"].carry_out(), now)])

    assert first.keys() == {"a", "c"}
    assert run_.in_flight == {"c"}
    assert [call.step.key for call in run_.due_calls(now)] == ["b"]


@pytest.mark.parametrize(
    "code", ["Throttling", "InternalError", "InvalidVpcID.NotFound", "DependencyViolation"]
)
def test_a_passing_failure_is_tried_again_and_makes_only_one(code: str) -> None:
    journal = MemoryJournal()
    CLOUD.failures["create", "root"] = [error(code), error(code)]

    run(steps_for(thing("root")), journal)

    assert journal.result is Result.SUCCEEDED
    assert len(CLOUD.living("root")) == 1


def test_a_reply_that_is_lost_after_the_fact_leads_to_adoption() -> None:
    CLOUD.failures["create", "root"] = [error("ConnectionClosedError", 500)]

    run(steps_for(thing("root"), thing("leaf", parent="root")), MemoryJournal())

    assert len(CLOUD.living("root")) == 1
    assert CLOUD.count("create", "root") == 1


def test_a_thing_that_only_tags_tell_apart_is_looked_for_several_times_before_it_is_made_again() -> None:
    CLOUD.failures["before create", "root"] = [error("InternalError", 500)]

    run(steps_for(thing("root")), MemoryJournal())

    assert CLOUD.count("read", "root") == 3
    assert len(CLOUD.living("root")) == 1


def test_after_each_attempt_it_is_looked_for_as_often_again() -> None:
    journal = MemoryJournal()
    CLOUD.failures["before create", "root"] = [error("InternalError", 500), error("InternalError", 500)]

    run(steps_for(thing("root")), journal)

    assert CLOUD.count("read", "root") == 6
    before_attempts = [
        entry.states[0].looks for entry in journal.entries if entry.states[0].status == "running"
    ]
    assert before_attempts == [0] * len(before_attempts), (
        "a worker that dies in one is followed by one that looks"
    )


def test_a_refusal_fails_the_step_and_what_needs_it_never_starts() -> None:
    journal = MemoryJournal()
    CLOUD.failures["before create", "root"] = [error("VpcLimitExceeded")]

    run(steps_for(thing("root"), thing("leaf", parent="root"), thing("other", wait=0.1)), journal)

    assert journal.result is Result.FAILED
    assert journal.states["root"].status is StepStatus.FAILED
    assert journal.states["root"].error is not None
    assert journal.states["root"].error.code == "aws.VpcLimitExceeded"
    assert "leaf" not in journal.states
    assert journal.states["other"].status is StepStatus.SUCCEEDED, "what was under way is seen to its end"


def test_retrying_goes_on_from_the_failed_step() -> None:
    journal = MemoryJournal()
    CLOUD.failures["before create", "leaf"] = [error("AccessDenied")]
    steps = steps_for(thing("root"), thing("leaf", parent="root"))
    run(steps, journal)

    journal.states["leaf"] = try_again(journal.states["leaf"])
    run(steps, journal)

    assert journal.result is Result.SUCCEEDED
    assert CLOUD.count("create", "root") == 1
    assert len(CLOUD.living("leaf")) == 1


def test_what_aws_gave_up_on_is_taken_away_and_made_again_on_retry() -> None:
    journal = MemoryJournal()
    steps = steps_for(thing("root", wait=0.2))
    engine = Engine(Once(claim_of(steps, journal)), timing=QUICK)

    threading.Timer(0.1, lambda: setattr(CLOUD.things[0], "failed", True)).start()
    engine.work()
    assert journal.result is Result.FAILED
    assert journal.states["root"].error is not None
    assert "broken" in journal.states["root"].error.message

    journal.states["root"] = try_again(journal.states["root"])
    run(steps, journal)
    engine.close()

    assert journal.states["root"].status is StepStatus.SUCCEEDED
    assert len(CLOUD.living("root")) == 1
    assert not CLOUD.living("root")[0].failed


def test_a_step_that_never_settles_fails_at_its_deadline() -> None:
    journal = MemoryJournal()
    step = steps_for(thing("root", wait=60))[0].model_copy(update={"deadline": 0.2})

    run([step], journal)

    assert journal.states["root"].error is not None
    assert journal.states["root"].error.code == "step.deadline"


def test_waiting_operations_are_parked_with_the_time_to_wake_them() -> None:
    journal = MemoryJournal()
    timing = Timing(poll=10.0, linger=0.1)

    started = time.monotonic()
    run(steps_for(thing("root", wait=100)), journal, timing)

    assert time.monotonic() - started < 30
    assert journal.result is None
    assert journal.wake_at == pytest.approx(time.time() + 10, abs=5)


def test_a_full_worker_keeps_nobody_who_only_waits() -> None:
    waits, due = MemoryJournal(), MemoryJournal()
    source = Once(
        claim_of(steps_for(thing("slow", wait=100)), waits), claim_of(steps_for(thing("quick")), due)
    )
    engine = Engine(source, timing=Timing(poll=0.5, linger=60.0), capacity=1)

    engine.work(claim_every=0.01)
    engine.close()

    assert due.result is Result.SUCCEEDED
    assert waits.result is None
    assert waits.wake_at is not None


def test_a_parked_operation_resumes_from_the_journal_alone() -> None:
    journal = MemoryJournal()
    steps = steps_for(thing("root", wait=0.4), thing("leaf", parent="root"))
    run(steps, journal, Timing(poll=0.3, linger=0.1))
    assert journal.result is None

    time.sleep(0.45)
    run(steps, journal)

    assert journal.result is Result.SUCCEEDED
    assert CLOUD.count("create", "root") == 1


def test_a_worker_that_died_right_after_the_call_is_followed_by_one_that_looks() -> None:
    journal = MemoryJournal()
    steps = steps_for(thing("root"))
    CLOUD.failures["create", "root"] = [error("InternalError", 500)]
    run(steps, journal)
    first_intent = journal.entries[0].states[0]

    assert first_intent.phase is StepPhase.LOOKING, (
        "the paper says that the outcome is open before the call is made"
    )
    assert journal.entries[0].resources[0].key == "root"


def test_cancelling_stops_within_a_moment_and_says_what_is_left() -> None:
    journal = MemoryJournal()
    steps = steps_for(thing("root", wait=30), thing("leaf", parent="root"))

    threading.Timer(0.1, lambda: setattr(journal, "cancelled", True)).start()
    started = time.monotonic()
    run(steps, journal, lease_seconds=3.0)

    assert time.monotonic() - started < 20
    assert journal.result is Result.CANCELLED
    assert journal.states["leaf"].status is StepStatus.CANCELLED
    assert journal.recorded["root"].is_there


def test_a_worker_that_lost_its_lease_writes_nothing_more() -> None:
    journal = MemoryJournal()
    CLOUD.delay = 0.05
    steps = steps_for(*(thing(f"t{n}", parent=f"t{n - 1}" if n else "") for n in range(20)))

    threading.Timer(0.2, lambda: setattr(journal, "owned", False)).start()
    run(steps, journal)

    entries = len(journal.entries)
    assert journal.result is None
    assert len(CLOUD.living()) < 20
    time.sleep(0.1)
    assert len(journal.entries) == entries


def test_a_lease_that_ran_out_unnoticed_stops_the_next_call() -> None:
    journal = MemoryJournal()
    run_ = Run(claim_of(steps_for(thing("root")), journal), QUICK)
    call = run_.due_calls(time.time())[0]
    run_.lease_until = time.monotonic() - 1

    with pytest.raises(Exception, match="lease"):
        call.context.aws.guard()


def test_destroying_what_was_begun_and_never_confirmed_finds_it_by_its_tags() -> None:
    journal = MemoryJournal()
    run(steps_for(thing("root")), journal)
    journal.recorded["root"] = journal.recorded["root"].model_copy(
        update={"id": None, "standing": "intended"}
    )
    journal.states.clear()

    run(destroy(journal.recorded.values()), journal)

    assert CLOUD.living() == []


def test_a_second_plan_of_what_stands_is_empty() -> None:
    journal = MemoryJournal()
    wanted = [thing("root"), thing("leaf", parent="root")]
    run(steps_for(*wanted), journal)

    assert plan_for(SPEC, wanted, journal.recorded.values()).is_empty


def test_a_change_in_place_is_made_by_one_read_and_one_update() -> None:
    journal = MemoryJournal()
    run(steps_for(thing("root")), journal)
    CLOUD.calls.clear()
    journal.states.clear()

    run(provision(plan_for(SPEC, [thing("root", size=2)], journal.recorded.values())), journal)

    assert CLOUD.count("create", "root") == 0
    assert CLOUD.living("root")[0].size == 2


def test_what_stood_before_and_broke_is_mended_in_place_and_never_taken_away() -> None:
    journal = MemoryJournal()
    run(steps_for(thing("root")), journal)
    CLOUD.things[0].failed = True
    journal.states.clear()

    run(provision(plan_for(SPEC, [thing("root", size=2)], journal.recorded.values())), journal)

    assert CLOUD.count("delete", "root") == 0
    assert journal.states["root"].status is StepStatus.SUCCEEDED
    assert CLOUD.living("root")[0].id == "t-0"


def test_a_source_that_fails_once_costs_no_operation_in_hand() -> None:
    class Faltering(Once):
        asked = 0

        def claim(self, limit: int) -> list[Claim]:
            self.asked += 1
            if self.asked == 2:
                raise OSError("the database is away")
            return super().claim(limit)

    journal = MemoryJournal()
    source = Faltering(claim_of(steps_for(thing("root", wait=0.6)), journal))
    engine = Engine(source, timing=QUICK)
    engine.work(claim_every=0.05)
    engine.close()

    assert source.asked > 2
    assert journal.result is Result.SUCCEEDED
