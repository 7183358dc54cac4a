"""Ensure: what is found is ours or refused, what vanishes is made again, what AWS took back fails with its reason."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from provisioning.aws import Aws
from provisioning.journal import MemoryJournal, Result
from provisioning.kind import Handle, Kind, Observed, Props, register
from provisioning.operations.destroy import destroy
from provisioning.operations.provision import provision
from provisioning.plan import plan_for
from provisioning.references import JsonObject
from provisioning.resource import Resource, Standing
from provisioning.steps import StepPhase, StepStatus, try_again
from provisioning.tests.cloud import CLOUD, QUICK, SPEC, error, run, steps_for, thing

BOOK: dict[str, str] = {}


class EntryProps(Props):
    """A line in a book that knows no tags: `line` says which, `text` what stands there, `page` refers to a thing."""

    line: str
    text: str
    page: str = ""


@register
class EntryKind(Kind[EntryProps]):
    """Its id is its line: nobody but the book gives it, and a line that is written already is refused."""

    name = "fake.entry"
    title = "Entry"
    props = EntryProps

    def identify(self, handle: Handle, wanted: JsonObject) -> str | None:
        return None if "${" in str(wanted["line"]) else str(wanted["line"])

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        CLOUD.enter("read", handle.key)
        if handle.id is None or handle.id not in BOOK:
            return None
        return Observed(id=handle.id, props={"line": handle.id, "text": BOOK[handle.id]}, tags=handle.tags)

    def create(self, aws: Aws, handle: Handle, props: EntryProps) -> Observed:
        CLOUD.enter("before create", handle.key)
        if props.line in BOOK:
            raise error("ResourceAlreadyExistsException")
        BOOK[props.line] = props.text
        CLOUD.enter("create", handle.key)
        return Observed(id=props.line, attributes={"id": props.line})

    def update(self, aws: Aws, handle: Handle, props: EntryProps, observed: Observed) -> Observed:
        CLOUD.enter("update", handle.key)
        BOOK[observed.id] = props.text
        return observed

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        CLOUD.enter("delete", handle.key)
        BOOK.pop(handle.id or "", None)
        return True


@pytest.fixture(autouse=True)
def _empty_cloud() -> Iterator[None]:
    CLOUD.__init__()  # type: ignore[misc]  # the kinds know this very object
    BOOK.clear()
    yield


def _entry(line: str = "one", text: str = "ours", page: str = "") -> Resource:
    return Resource(key="entry", props=EntryProps(line=line, text=text, page=page))


# What only its properties tell apart -------------------------------------------------------------------------


def test_what_was_made_and_never_recorded_is_found_by_the_id_that_it_must_have() -> None:
    journal = MemoryJournal()
    CLOUD.failures["create", "entry"] = [error("ConnectionClosedError", 500)]

    run(steps_for(_entry()), journal)

    assert journal.result is Result.SUCCEEDED
    assert journal.recorded["entry"].id == "one"
    assert CLOUD.count("create", "entry") == 1


def test_what_stands_there_otherwise_is_not_ours_and_stays() -> None:
    journal = MemoryJournal()
    BOOK["one"] = "theirs"

    run(steps_for(_entry()), journal)

    assert journal.result is Result.FAILED
    failure = journal.states["entry"].error
    assert failure is not None and failure.code == "resource.name_taken"
    assert BOOK == {"one": "theirs"}


def test_destroying_what_was_made_and_never_recorded_takes_it_away_by_the_id_that_it_must_have() -> None:
    journal = MemoryJournal()
    wanted = [thing("root"), _entry(line="${root.id}", page="${root.id}")]
    run(steps_for(*wanted), journal)
    assert BOOK == {"t-0": "ours"}
    forgotten: dict[str, object] = {"id": None, "standing": Standing.INTENDED, "attributes": {}}
    journal.recorded["entry"] = journal.recorded["entry"].model_copy(update=forgotten)
    # Even when what its id is made of has gone before it.
    journal.recorded["root"] = journal.recorded["root"].model_copy(update={"standing": Standing.GONE})
    journal.states.clear()

    run(destroy(journal.recorded.values()), journal)

    assert BOOK == {}
    assert not journal.recorded["entry"].is_there


def test_destroying_leaves_what_others_wrote_there() -> None:
    journal = MemoryJournal()
    CLOUD.failures["before create", "entry"] = [error("AccessDenied")]
    run(steps_for(_entry()), journal)
    BOOK["one"] = "theirs"
    journal.states.clear()

    run(destroy(journal.recorded.values()), journal)

    assert BOOK == {"one": "theirs"}


# What vanishes while AWS works -------------------------------------------------------------------------------


def test_a_thing_that_vanished_while_it_was_made_is_made_again_and_not_waited_for_till_the_deadline() -> None:
    journal = MemoryJournal()
    steps = steps_for(thing("root", wait=0.2))
    CLOUD.vanishing = 1

    run(steps, journal)

    assert journal.result is Result.SUCCEEDED
    assert [one.id for one in CLOUD.living("root")] == ["t-1"]
    assert journal.recorded["root"].id == "t-1"


def test_what_is_not_visible_for_a_moment_is_waited_for() -> None:
    journal = MemoryJournal()
    CLOUD.unseen = 3  # of the looks at it

    run(steps_for(thing("root", wait=0.1)), journal, QUICK)

    assert journal.result is Result.SUCCEEDED
    assert [one.id for one in CLOUD.things] == ["t-0"]


# What AWS takes back -----------------------------------------------------------------------------------------


def test_a_change_that_aws_took_back_fails_at_once_and_what_was_there_goes_on() -> None:
    journal = MemoryJournal()
    run(steps_for(thing("root")), journal)
    CLOUD.takes_back = True
    journal.states.clear()
    started = time.monotonic()

    run(provision(plan_for(SPEC, [thing("root", size=2)], journal.recorded.values())), journal)

    failure = journal.states["root"].error
    assert journal.states["root"].status is StepStatus.FAILED
    assert failure is not None and failure.code == "resource.failed" and "rolled back" in failure.message
    assert time.monotonic() - started < 60, "long before the deadline of the step"
    assert [(one.id, one.size) for one in CLOUD.living("root")] == [("t-0", 1)]


def test_a_change_that_aws_took_back_is_tried_again_on_retry_and_nothing_is_taken_away() -> None:
    journal = MemoryJournal()
    run(steps_for(thing("root")), journal)
    CLOUD.takes_back = True
    journal.states.clear()
    steps = provision(plan_for(SPEC, [thing("root", size=2)], journal.recorded.values()))
    run(steps, journal)
    CLOUD.takes_back = False

    journal.states["root"] = try_again(journal.states["root"])
    assert journal.states["root"].phase is StepPhase.LOOKING
    run(steps, journal)

    assert journal.result is Result.SUCCEEDED
    assert [(one.id, one.size) for one in CLOUD.living("root")] == [("t-0", 2)]
    assert CLOUD.count("delete", "root") == 0
