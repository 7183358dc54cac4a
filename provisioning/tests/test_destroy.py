"""Taking away: in AWS's order and no other, with no call too many, and only what one operation made."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from provisioning.journal import MemoryJournal, Result
from provisioning.operations.destroy import destroy, roll_back
from provisioning.operations.provision import provision
from provisioning.plan import plan_for
from provisioning.steps import StepState, StepStatus
from provisioning.tests.cloud import CLOUD, SPEC, error, run, steps_for, thing


@pytest.fixture(autouse=True)
def _empty_cloud() -> Iterator[None]:
    CLOUD.__init__()  # type: ignore[misc]  # the kinds know this very object
    yield


def test_a_deletion_that_aws_refuses_for_now_is_asked_for_again_without_a_look() -> None:
    journal = MemoryJournal()
    run(steps_for(thing("root")), journal)
    CLOUD.failures["delete", "root"] = [error("DependencyViolation"), error("Throttling")]
    CLOUD.calls.clear()
    journal.states.clear()

    run(destroy(journal.recorded.values()), journal)

    assert journal.result is Result.SUCCEEDED
    assert CLOUD.calls == [("delete", "root")] * 3


def test_a_deletion_without_an_answer_is_looked_at_before_it_is_repeated() -> None:
    journal = MemoryJournal()
    run(steps_for(thing("root")), journal)
    CLOUD.failures["delete", "root"] = [error("InternalError", 500)]
    CLOUD.calls.clear()
    journal.states.clear()

    run(destroy(journal.recorded.values()), journal)

    assert journal.result is Result.SUCCEEDED
    assert CLOUD.calls[:2] == [("delete", "root"), ("read", "root")]


def test_what_goes_with_another_thing_waits_for_it_and_needs_no_call() -> None:
    journal = MemoryJournal()
    run(steps_for(thing("root"), thing("leaf", host="root")), journal)
    CLOUD.calls.clear()
    journal.states.clear()

    run(destroy(journal.recorded.values()), journal)

    assert journal.result is Result.SUCCEEDED
    assert CLOUD.calls == [("delete", "root")]
    assert not any(one.is_there for one in journal.recorded.values())


def test_what_would_go_with_another_is_deleted_itself_when_the_other_stays() -> None:
    journal = MemoryJournal()
    run(steps_for(thing("root"), thing("leaf", host="root")), journal)
    leaf = journal.recorded["leaf"]
    journal.states.clear()

    run(destroy([leaf]), journal)

    assert CLOUD.living("leaf") == []
    assert len(CLOUD.living("root")) == 1


def test_what_would_have_gone_with_a_skipped_removal_is_deleted_itself() -> None:
    journal = MemoryJournal()
    run(steps_for(thing("root"), thing("leaf", host="root")), journal)
    steps = destroy(journal.recorded.values())
    journal.states = {"root": StepState(key="root", status=StepStatus.SKIPPED)}

    run(steps, journal)

    assert CLOUD.living("leaf") == []
    assert len(CLOUD.living("root")) == 1


def test_destroy_waits_only_for_what_holds_a_thing() -> None:
    journal = MemoryJournal()
    run(steps_for(thing("root"), thing("leaf", parent="root"), thing("other")), journal)
    CLOUD.calls.clear()

    steps = destroy(journal.recorded.values())
    journal.states.clear()
    run(steps, journal)

    assert CLOUD.living() == []
    order = [key for verb, key in CLOUD.calls if verb == "delete"]
    assert order.index("leaf") < order.index("root")
    assert {step.key: step.needs for step in steps} == {"leaf": (), "other": (), "root": ("leaf",)}
    assert all(not one.is_there for one in journal.recorded.values())


def test_rolling_back_takes_away_what_this_operation_made_and_nothing_else() -> None:
    journal = MemoryJournal()
    run(steps_for(thing("old")), journal)
    both = plan_for(SPEC, [thing("old"), thing("new", parent="old")], journal.recorded.values())
    journal.states.clear()
    second = provision(both)
    run(second, journal)

    steps = roll_back(second, journal.states.values(), journal.recorded.values())

    assert [step.target.key for step in steps] == ["new"]
