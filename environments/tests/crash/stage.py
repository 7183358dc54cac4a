"""The stage of the crash tests: real environments, asked for as people do, and a look at what came of them."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from django.contrib.auth.models import User

from environments.choices import OperationStatus
from environments.models import Account, Application, Environment, Operation
from environments.services.proposals import Wish
from environments.services.requests import approve, create_request, request_destroy
from environments.tests.conftest import acting
from environments.tests.crash.inventory import Inventory, Picture, difference
from environments.tests.crash.mishaps import Boundary, boundaries_of
from environments.tests.crash.nursery import REGION, Nursery
from provisioning.resource import Standing
from provisioning.tests.faults import Call, FaultProxy

SETTLED_WITHIN_SECONDS = 20.0  # AWS works on a little after it has said that it is done


@dataclass(frozen=True, kw_only=True)
class Calm:
    """An environment that nothing happened to: which calls built and removed it, and what AWS held after each."""

    builds: list[Boundary]
    standing: Counter[str]
    removals: list[Boundary]
    ends: Counter[str]


_measured: list[Calm] = []  # once for a process: two environments of one plan are comparable over tests


@dataclass(kw_only=True)
class Stage:
    """AWS behind the proxy, the workers, and the people who ask."""

    proxy: FaultProxy
    inventory: Inventory
    nursery: Nursery
    account: Account
    application: Application
    zone: str
    alice: User
    bob: User
    before: Picture = field(init=False)

    def __post_init__(self) -> None:
        self.before = self.inventory.look()

    def build(self, *names: str) -> dict[str, Operation]:
        """Environments of these names, asked for and approved; their operations wait for a worker.

        Names have four characters, for AWS's names are cut to fit, and a 0, which no stack has: what bears another
        environment's name must not be taken for this one's.
        """
        return {name: self._build(name) for name in names}

    def _build(self, name: str) -> Operation:
        wish = Wish(
            application=self.application,
            name=name,
            architecture="containers",
            phase="production",
            region=REGION,
            account=self.account,
            options={
                "nat": True,
                "file_delivery": False,
                "domain": f"{name}.example.org",
                "hosted_zone_id": self.zone,
                "alarm_email": "alarms@example.org",
            },
            usage={},
        )
        request = create_request(wish=wish, by=acting(self.alice))
        return approve(request=request, seen=request.hash, by=acting(self.bob)).operations.get()

    def destroy(self, *names: str) -> dict[str, Operation]:
        """The end of these environments, asked for; what holds data leaves a last snapshot."""
        return {name: self._destroy(self.environment(name)) for name in names}

    def _destroy(self, environment: Environment) -> Operation:
        request = request_destroy(
            environment=environment, confirm_name=environment.slug, by=acting(self.alice)
        )
        return request.operations.get()

    def environment(self, name: str) -> Environment:
        """The environment of this name."""
        return Environment.objects.get(name=name)

    def calm(self) -> Calm:
        """The measure for all others: one that is built and destroyed in peace."""
        if not _measured:
            _measured.append(self._measure())
        return _measured[0]

    def _measure(self) -> Calm:
        built = self.build("calm")
        self.finish(workers=1, within=60)
        standing = self._settled("calm")
        self.check(built, like=standing)
        removed = self.destroy("calm")
        self.finish(workers=1, within=60)
        ends = self._settled("calm")
        self.check(removed, like=ends)
        builds, removals = (boundaries_of(self.calls(one["calm"])) for one in (built, removed))
        return Calm(builds=builds, standing=standing, removals=removals, ends=ends)

    def _settled(self, name: str) -> Counter[str]:
        """What AWS holds of it once nothing changes any more."""
        before: Counter[str] | None = None
        while before != (now := self.share(name, self.inventory.look())):
            before = now
            time.sleep(1)
        return now

    def finish(self, *, workers: int, capacity: int = 12, within: float) -> None:
        """Let workers carry on until no operation is open. Fails when some still is after so many seconds."""
        self.nursery.keep(workers, capacity=capacity)
        try:
            self.await_end(within=within)
        finally:
            self.nursery.keep(0)

    def await_end(self, *, within: float) -> None:
        """Until no operation is open."""
        self.until(lambda: not Operation.objects.open().exists(), within=within)

    def until(self, true: Callable[[], object], *, within: float) -> None:
        """Wait until something is true. Fails, telling of the open operations, when it is not after so many seconds."""
        give_up = time.monotonic() + within
        while not true():
            assert time.monotonic() < give_up, "\n".join(_story(one) for one in Operation.objects.open())
            time.sleep(0.05)

    def calls(self, operation: Operation) -> list[Call]:
        """What the proxy saw of this operation."""
        return [call for call in self.proxy.journal() if call.operation_id == str(operation.pk)]

    def changes(self) -> Counter[str]:
        """How many calls each operation has changed something with, so far."""
        return Counter(call.operation_id or "" for call in self.proxy.journal() if call.mutating)

    def share(self, name: str, picture: Picture) -> Counter[str]:
        """What AWS holds of this environment, in comparable form."""
        return picture.share_of(_marks(self.environment(name)))

    def check(self, operations: Mapping[str, Operation], like: Counter[str]) -> None:
        """Every operation succeeded, the journal is of one mind with AWS, and AWS holds exactly what it should:
        of each environment the same as `like`, and beside them nothing that was not there before."""
        for operation in operations.values():
            operation.refresh_from_db()
            assert operation.status == OperationStatus.SUCCEEDED, _story(operation)
            wrong = [
                one.key
                for one in operation.environment.resources.all()
                if not _is_true(operation, one.standing)
            ]
            assert wrong == [], f"{operation}: the journal is wrong about {wrong}"
        self._compare(operations, like)

    def _compare(self, names: Iterable[str], like: Counter[str]) -> None:
        give_up = time.monotonic() + SETTLED_WITHIN_SECONDS
        while wrong := self._wrong(names, like):
            assert time.monotonic() < give_up, "\n".join(wrong)
            time.sleep(0.3)

    def _wrong(self, names: Iterable[str], like: Counter[str]) -> list[str]:
        picture = self.inventory.look()
        wrong = [
            f"{name}:\n{text}" for name in names if (text := difference(like, self.share(name, picture)))
        ]
        everybody = [word for one in Environment.objects.all() for word in _marks(one)]
        if text := difference(self.before.beside(everybody), picture.beside(everybody)):
            wrong.append(f"belonging to nobody:\n{text}")
        return wrong


def _marks(environment: Environment) -> dict[str, str]:
    """The words by which AWS's things name an environment."""
    return {environment.spec.stack: "<stack>", environment.name: "<name>"}


def _is_true(operation: Operation, standing: str) -> bool:
    return standing == (Standing.MADE if operation.kind == "provision" else Standing.GONE)


def _story(operation: Operation) -> str:
    """Where an operation stands, for the person who reads a failed test."""
    steps = [
        f"{one.key}: {one.status}, {one.state.phase}, {one.state.note}, {one.state.error}"
        for one in operation.steps.all()
        if one.status not in ("succeeded", "pending")
    ]
    lines = [f"{line.step}: {line.text}" for line in operation.lines.order_by("-pk")[:15]]
    head = f"{operation} {operation.status}, fence {operation.fence}, owner {operation.owner!r}"
    return "\n  ".join([head, *steps, "last lines:", *lines])
