"""A cloud in memory with one kind of thing, to drive the engine without AWS. Not a mock: it keeps state and refuses."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from provisioning.aws import AccountAccess, Aws, Connection
from provisioning.engine import Engine
from provisioning.errors import AwsError, translate
from provisioning.journal import Claim, MemoryJournal
from provisioning.kind import Expected, Handle, Kind, Observed, Props, Status, register
from provisioning.operations.provision import Usual, provision
from provisioning.plan import plan_for
from provisioning.resource import Resource
from provisioning.spec import Spec
from provisioning.steps import Step, first_state
from provisioning.timing import Timing


@dataclass
class Thing:
    """What stands in the cloud."""

    id: str
    key: str
    stack: str
    size: int
    ready_at: float
    gone_at: float | None = None
    failed: bool = False
    undone: bool = False


@dataclass
class Cloud:
    """All things, how long they take, and which calls fail next. Of the things made next `vanishing` are gone at once,
    `unseen` looks find nothing, and while it `takes_back`, no change lasts."""

    things: list[Thing] = field(default_factory=list)
    calls: list[tuple[str, str]] = field(default_factory=list)
    failures: dict[tuple[str, str], list[AwsError]] = field(default_factory=dict)
    delay: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)
    most_at_once: int = 0
    at_once: int = 0
    vanishing: int = 0
    unseen: int = 0
    takes_back: bool = False

    def enter(self, verb: str, key: str) -> None:
        """One call: counted, slowed, and perhaps failing."""
        with self.lock:
            self.calls.append((verb, key))
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        time.sleep(self.delay)
        with self.lock:
            self.at_once -= 1
            failures = self.failures.get((verb, key))
            error = failures.pop(0) if failures else None
        if error is not None:
            raise error

    def count(self, verb: str, key: str) -> int:
        """How often a call was made."""
        return self.calls.count((verb, key))

    def living(self, key: str | None = None) -> list[Thing]:
        """What is there and not on its way out."""
        return [one for one in self.things if one.gone_at is None and key in (None, one.key)]


CLOUD = Cloud()


class ThingProps(Props):
    """`size` can change in place; `parent` and `host` refer to other things; `wait` seconds to make and to delete."""

    size: int = 1
    parent: str = ""
    host: str = ""
    wait: float = 0.0


@register
class ThingKind(Kind[ThingProps]):
    """A thing without a name: only tags tell."""

    name = "fake.thing"
    title = "Thing"
    anonymous = True
    holds = frozenset({"parent"})
    goes_with = frozenset({"host"})
    expected = Expected(create=0, delete=0)
    props = ThingProps

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        CLOUD.enter("read", handle.key)
        now = time.time()
        if CLOUD.unseen:
            CLOUD.unseen -= 1
            return None
        for one in CLOUD.things:
            there = one.gone_at is None or one.gone_at > now
            if there and (one.id == handle.id or (one.key == handle.key and one.stack == handle.stack)):
                return _observed(one, handle, now)
        return None

    def create(self, aws: Aws, handle: Handle, props: ThingProps) -> Observed:
        now = time.time()
        one = Thing(
            id=f"t-{len(CLOUD.things)}",
            key=handle.key,
            stack=handle.stack,
            size=props.size,
            ready_at=now + props.wait,
        )
        CLOUD.enter("before create", handle.key)
        CLOUD.things.append(one)
        if CLOUD.vanishing:
            CLOUD.vanishing -= 1
            one.gone_at = now
        CLOUD.enter("create", handle.key)
        return _observed(one, handle, now)

    def update(self, aws: Aws, handle: Handle, props: ThingProps, observed: Observed) -> Observed:
        CLOUD.enter("update", handle.key)
        for one in CLOUD.living(handle.key):
            one.failed, one.undone = False, CLOUD.takes_back
            one.size = one.size if one.undone else props.size
        return observed

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        CLOUD.enter("delete", handle.key)
        for one in CLOUD.living():
            if one.id == handle.id:
                one.gone_at = time.time()
        return True


def _observed(one: Thing, handle: Handle, now: float) -> Observed:
    status = Status.READY if one.ready_at <= now else Status.PENDING
    return Observed(
        id=one.id,
        status=Status.FAILED if one.failed else status,
        props={"size": one.size},
        attributes={"id": one.id},
        tags={"andamio:stack": one.stack, "andamio:key": one.key},
        reason="broken" if one.failed else "rolled back" if one.undone else "",
        undone=one.undone,
    )


SPEC = Spec(
    identity="one",
    application="shop",
    environment="test",
    team="Flowise",
    architecture="containers",
    phase="production",
    region="us-east-1",
    account="123456789012",
    zones=("us-east-1a", "us-east-1b"),
)


def thing(key: str, *, parent: str = "", host: str = "", wait: float = 0.0, size: int = 1) -> Resource:
    """A wanted thing, below another one if `parent` is its key, on another one if `host` is."""
    below, on = (f"${{{other}.id}}" if other else "" for other in (parent, host))
    return Resource(key=key, props=ThingProps(parent=below, host=on, wait=wait, size=size))


def claim_of(
    steps: Sequence[Step], journal: MemoryJournal, *, usual: Usual | None = None, lease_seconds: float = 30.0
) -> Claim:
    """A claim of these steps, as far as the journal says they are."""
    return Claim(
        operation="1",
        spec=SPEC,
        steps=tuple(steps),
        states={step.key: journal.states.get(step.key, first_state(step)) for step in steps},
        recorded=dict(journal.recorded),
        aws=Aws(connection=Connection(AccountAccess(account=SPEC.account), SPEC.region)),
        journal=journal,
        lease_seconds=lease_seconds,
        usual=usual or {},
        cancelled=journal.cancelled,
    )


class Once:
    """A source that hands each claim out once."""

    def __init__(self, *claims: Claim) -> None:
        self.claims = list(claims)

    def claim(self, limit: int) -> list[Claim]:
        taken, self.claims = self.claims[:limit], self.claims[limit:]
        return taken


QUICK = Timing(poll=0.02, settle=0.01, retry=0.01, linger=5.0, not_yet=0.5, longest_retry=0.1)


def steps_for(*resources: Resource) -> tuple[Step, ...]:
    """The steps that make these things."""
    return provision(plan_for(SPEC, resources))


def run(steps: Sequence[Step], journal: MemoryJournal, timing: Timing = QUICK, **claim: float) -> None:
    """Carry steps out to their end, or until they are parked."""
    engine = Engine(
        Once(claim_of(steps, journal, lease_seconds=claim.get("lease_seconds", 30.0))), timing=timing
    )
    engine.work()
    engine.close()


def error(code: str, status: int = 400) -> AwsError:
    """An answer of AWS that is this error."""
    return translate(service="fake", operation="create", aws_code=code, aws_message="no", status=status)
