"""What every kind must keep, whatever it makes: read tells what create and update did, a cut is repaired."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterable
from dataclasses import fields, replace
from typing import Any, Protocol, TypeVar

import pytest

from provisioning.aws import Aws
from provisioning.errors import AwsError, Busy, FailureClass
from provisioning.kind import (
    TAG_KEY,
    TAG_OPERATION,
    TAG_STACK,
    Handle,
    Kind,
    Observed,
    Props,
    Status,
    kind_named,
    kind_of,
)
from provisioning.kinds.tests.noted import NotedConnection
from provisioning.names import build as build_name
from provisioning.references import is_resolved, resolve
from provisioning.shared_reads import SharedReads
from provisioning.template_parts import Place

ACCOUNT = "123456789012"
REGION = "us-east-1"
STACK = "sabcdefg"
T = TypeVar("T")


class MakeHandle(Protocol):
    """The fixture `handle`."""

    def __call__(self, key: str, kind: str, **fields: str) -> Handle: ...


class Build(Protocol):
    """The fixture `build`."""

    def __call__(self, key: str, props: Props, **fields: str) -> Observed: ...


class Cut(Exception):
    """The process died here."""


def handle_for(key: str, kind: str, *, stack: str = STACK, name: str = "", id: str | None = None) -> Handle:
    """The handle of the thing `key` in the test's environment; `name` when a blueprint gives one."""
    return Handle(
        stack=stack,
        key=key,
        name=name or build_name(kind_named(kind).naming, slug="shop", stack=stack, key=key),
        token=str(uuid.uuid5(uuid.NAMESPACE_DNS, f"{stack}/{key}")),
        tags={TAG_STACK: stack, TAG_KEY: key, TAG_OPERATION: "1", "Application": "shop"},
        account=ACCOUNT,
        region=REGION,
        id=id,
    )


def patiently(call: Callable[[], T], *, seconds: float = 30) -> T:
    """What `call` answers once AWS is no longer busy and sees what was made just now; the engine comes back as well."""
    limit = time.monotonic() + seconds
    while True:
        try:
            return call()
        except AwsError as error:
            if error.failure not in {FailureClass.NOT_YET, FailureClass.BUSY} or time.monotonic() > limit:
                raise
        time.sleep(0.05)


def settled(aws: Aws, handle: Handle, props: Props, *, seconds: float = 30) -> Observed:
    """Reads until the thing is ready and as wanted."""
    kind = kind_of(props)
    limit = time.monotonic() + seconds
    while True:
        now = kind.read(aws, handle)
        assert now is not None, f"{handle.key} is not there"
        assert now.status is not Status.FAILED, now.reason
        differences = kind.differences(props.dump(), now)
        if now.status is Status.READY and not differences:
            return now
        assert time.monotonic() < limit, (
            f"{handle.key} is {now.status}, {now.reason}, different: {differences}"
        )
        time.sleep(0.05)


def gone(aws: Aws, handle: Handle, kind: str, *, seconds: float = 30, told: bool = True) -> None:
    """Deletes the thing, waits until it reads as absent, and deletes it once more. `told`: AWS says of it meanwhile
    that it is being deleted."""
    subject = kind_named(kind)
    limit = time.monotonic() + seconds
    if not _deleted(aws, handle, subject, limit):
        while (now := subject.read(aws, handle)) is not None:
            assert now.status is Status.DELETING or not told
            assert time.monotonic() < limit, f"{handle.key} does not go"
            time.sleep(0.05)
    assert subject.read(aws, handle) is None
    subject.delete(aws, handle)


def _deleted(aws: Aws, handle: Handle, subject: Kind[Any], limit: float) -> bool:
    """What `delete` answers once nothing is in its way any more."""
    while True:
        try:
            return subject.delete(aws, handle)
        except Busy as error:
            assert time.monotonic() < limit, f"{handle.key} does not go: {error.message}"
            time.sleep(0.05)


def cut_after(aws: Aws, calls: int) -> Aws:
    """The same AWS in a process that dies before its call number `calls` + 1."""
    left, counted = calls, aws.connection.calls

    def guard() -> None:
        nonlocal left, counted
        if aws.connection.calls != counted:  # the same call once more, in the last moment before it leaves
            counted = aws.connection.calls
            return
        if left == 0:
            raise Cut
        left -= 1

    return replace(aws, guard=guard)


def check_contract(
    aws: Aws,
    handle: Handle,
    props: Props,
    *,
    changes: Iterable[Props] = (),
    attributes: Iterable[str] = (),
    also_permitted: Iterable[str] | None = None,
    deletion_told: bool = True,
) -> None:
    """Absent, made, found again without its id, changed in every way, taken away, and taken away again.

    `changes` are wanted properties one after the other; `attributes` what other kinds refer to besides "id".
    With `also_permitted`, the kind asks for the permissions of the calls made here, for those, and for no others.
    """
    kind = kind_of(props)
    noted = aws.connection
    assert isinstance(noted, NotedConnection)
    noted.actions.clear()
    noted.shared = SharedReads()  # what another test was told is not asked for again
    kind.preflight(aws, handle, props, 1)
    assert kind.read(aws, handle) is None
    made = made_by(aws, handle, props)
    known = replace(handle, id=made.id)
    ready = settled(aws, known, props)
    assert set(props.dump()) >= set(ready.props), "read tells properties that the kind does not have"
    assert {"id", *attributes} <= {name for name, value in ready.attributes.items() if value}
    _check_template(handle, props, ready)
    found = kind.read(aws, handle)
    assert found is not None and found.id == ready.id
    assert handle.owns(found.tags), found.tags
    for changed in changes:
        before = kind.read(aws, known)
        assert before is not None
        assert kind.differences(changed.dump(), before), f"read does not see that {changed} is wanted"
        known = replace(known, id=_updated(aws, known, changed, before).id)
        settled(aws, known, changed)
    gone(aws, known, kind.name, told=deletion_told)
    if also_permitted is not None:
        unasked, unused = noted.actions - set(kind.permissions), set(kind.permissions) - noted.actions
        assert not unasked, f"calls that it asks no permission for: {sorted(unasked)}"
        assert unused == set(also_permitted), f"permissions that no call here needs: {sorted(unused)}"


def made_by(aws: Aws, handle: Handle, props: Props) -> Observed:
    """What `create` makes, and the update that it leaves to be done where it does."""
    kind = kind_of(props)
    made = patiently(lambda: kind.create(aws, handle, props))
    if not kind.born:
        return made
    return _updated(aws, replace(handle, id=made.id), props, replace(made, props=kind.born))


def _updated(aws: Aws, known: Handle, props: Props, before: Observed) -> Observed:
    return patiently(lambda: kind_of(props).update(aws, known, props, before))


def _check_template(handle: Handle, props: Props, ready: Observed) -> None:
    """In CloudFormation it has the attributes that AWS told here, and what is known there beforehand is the same."""
    place = Place(**{one.name: getattr(handle, one.name) for one in fields(Handle)})
    form = kind_of(props).cloudformation(place, props)
    assert form is not None, f"{kind_of(props).name} does not say what it is in CloudFormation"
    missing = ready.attributes.keys() - form.attributes.keys()
    assert not missing or not form.parts, f"CloudFormation is not said to tell {sorted(missing)}"
    known = {name: value for name, value in form.attributes.items() if isinstance(value, str)}
    told = {name: resolve(value, {handle.key: ready.attributes}) for name, value in known.items()}
    for name, value in told.items():
        assert not is_resolved(value) or value == ready.attributes.get(name, ""), name


def check_cuts(aws: Aws, handle: Handle, props: Props) -> int:
    """Cuts `create` off after its first call, after its second, … and lets `read` and `update` finish the work.

    Returns after how many calls it was cut last.
    """
    for calls in range(1, 20):
        try:
            _create_cut(aws, handle, props, calls)
        except Cut:
            _repair(aws, handle, props)
        else:
            return calls - 1
    pytest.fail("create does not end")


def _create_cut(aws: Aws, handle: Handle, props: Props, calls: int) -> Observed:
    return made_by(cut_after(aws, calls), handle, props)


def _repair(aws: Aws, handle: Handle, props: Props) -> None:
    kind = kind_of(props)
    found = kind.read(aws, handle)
    if found is None:
        made = made_by(aws, handle, props)
    else:
        assert handle.owns(found.tags), found.tags
        made = _updated(aws, replace(handle, id=found.id), props, found)
    known = replace(handle, id=made.id)
    settled(aws, known, props)
    gone(aws, known, kind.name)
