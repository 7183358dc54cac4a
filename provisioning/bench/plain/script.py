"""Runs a graph of plain tasks on threads, the one with the longest way behind it first."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Any

from provisioning.aws import Connection
from provisioning.bench.paths import Path, critical_path
from provisioning.bench.waits import CALL_SECONDS, Pace
from provisioning.spec import Spec

THREADS = 16


@dataclass(kw_only=True)
class Script:
    """What all tasks share: boto3's clients (`Any`: each has its own type), names, and what was made so far."""

    connection: Connection
    spec: Spec
    pace: Pace
    made: dict[str, Any] = field(default_factory=dict)

    def client(self, service: str) -> Any:
        """boto3's client of a service, as it is."""
        return self.connection.client(service)

    def name(self, key: str) -> str:
        """A name of this environment within every service's limits."""
        return f"{self.spec.stack}-{key}"

    def tags(self, key: str, *, lower: bool = False) -> list[dict[str, str]]:
        """As many tags as the engine writes."""
        names = ("key", "value") if lower else ("Key", "Value")
        pairs = {**self.spec.tags(), "andamio:key": key, "andamio:generation": "1", "andamio:operation": "0"}
        return [dict(zip(names, pair, strict=True)) for pair in pairs.items()]


@dataclass(frozen=True, kw_only=True)
class Task:
    """One thing to do. `act` gives what is kept under `key`; `calls` are those of its own, one after the other, the
    look included with which `ready` ends its `wait`."""

    key: str
    act: Callable[[Script], Any]
    needs: tuple[str, ...] = ()
    calls: int = 1
    wait: str = ""
    ready: Callable[[Script], bool] | None = None

    def seconds(self, pace: Pace) -> float:
        """The least that it takes: the look that ends a wait can be on its way while the wait ends."""
        return (self.calls - (self.ready is not None)) * CALL_SECONDS + pace.seconds(self.wait)

    def carry_out(self, script: Script) -> None:
        """Do it and wait until AWS has done it too, with a look when it should be done."""
        script.made[self.key] = self.act(script)
        if self.ready is None:
            return
        time.sleep(script.pace.seconds(self.wait))
        while not self.ready(script):
            time.sleep(max(0.02, script.pace.seconds(self.wait) / 50))


def path_of(tasks: Sequence[Task], pace: Pace) -> Path:
    """The critical path of tasks: their calls, 80 ms each, and AWS's waits; nothing of what any program adds."""
    return critical_path(
        {task.key: task.seconds(pace) for task in tasks}, {task.key: task.needs for task in tasks}
    )


def run(tasks: Sequence[Task], script: Script) -> None:
    """Carry all of them out, each when what it needs is done."""
    behind = _seconds_behind(tasks, script.pace)
    waiting = sorted(tasks, key=lambda task: -behind[task.key])
    done: set[str] = set()
    running: dict[Future[None], str] = {}
    with ThreadPoolExecutor(THREADS) as pool:
        while waiting or running:
            for task in [one for one in waiting if done.issuperset(one.needs)]:
                waiting.remove(task)
                running[pool.submit(task.carry_out, script)] = task.key
            for ended in wait(running, return_when=FIRST_COMPLETED).done:
                ended.result()
                done.add(running.pop(ended))


def _seconds_behind(tasks: Sequence[Task], pace: Pace) -> Mapping[str, float]:
    """Task -> seconds from its start to the end of the longest chain after it: the graph read backwards."""
    lengths = {task.key: task.seconds(pace) for task in tasks}
    after: dict[str, list[str]] = {task.key: [] for task in tasks}
    for task in tasks:
        for need in task.needs:
            after[need].append(task.key)
    behind: dict[str, float] = {}

    def seconds(key: str) -> float:
        if key not in behind:
            behind[key] = lengths[key] + max((seconds(one) for one in after[key]), default=0.0)
        return behind[key]

    for task in tasks:
        seconds(task.key)
    return behind
