"""The engine's runs on one environment, with its journal in memory: create, look, destroy."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from provisioning.aws import Aws, Connection
from provisioning.bench.waits import Pace
from provisioning.blueprints import blueprint_for
from provisioning.engine import Engine
from provisioning.inspect.observe import observe
from provisioning.journal import Claim, MemoryJournal, Result
from provisioning.operations.destroy import destroy
from provisioning.operations.provision import provision
from provisioning.plan import plan_for
from provisioning.resource import Resource
from provisioning.spec import Spec
from provisioning.steps import Step, first_state
from provisioning.timing import Timing

LEASE_SECONDS = 20.0


class BenchFailed(Exception):
    """A run did not end as it must; the message says how."""


@dataclass
class _Source:
    """One operation, claimed again whenever it was parked and is due."""

    claims: list[Claim] = field(default_factory=list)

    def claim(self, limit: int) -> list[Claim]:
        taken, self.claims = self.claims[:limit], self.claims[limit:]
        return taken


class EngineRuns:
    """One environment by the engine. The engine's threads are warm, as a worker's are."""

    def __init__(self, connection: Connection, spec: Spec, pace: Pace) -> None:
        self.spec = spec
        self.aws = Aws(connection=connection, caller="bench")
        self.journal = MemoryJournal()
        self.usual = pace.usual()
        self._pace = pace
        self._source = _Source()
        self._engine = Engine(self._source, timing=Timing())

    def wanted(self) -> tuple[Resource, ...]:
        """The objects of the environment."""
        return blueprint_for(self.spec.architecture, self.spec.phase).resources(self.spec)

    def create(self) -> None:
        """Plan and carry out."""
        self._carry_out(provision(plan_for(self.spec, self.wanted()), self.usual))

    def look(self) -> None:
        """What a run that changes nothing does: read everything, plan again, find nothing to do."""
        observed = observe(self.journal.recorded.values(), self.spec, self.aws)
        plan = plan_for(self.spec, self.wanted(), self.journal.recorded.values(), observed)
        if not plan.is_empty:
            raise BenchFailed(f"What was just made would be changed: {plan.counts()}")

    def destroy(self) -> None:
        """Take all of it away."""
        self._carry_out(destroy(self.journal.recorded.values(), self.usual))

    def close(self) -> None:
        """Let the engine's threads end."""
        self._engine.close()

    def _carry_out(self, steps: Sequence[Step]) -> None:
        self.journal.states = {step.key: first_state(step) for step in steps}
        self.journal.result = None
        while self.journal.result is None:
            self.journal.wake_at = None
            self._source.claims.append(self._claim(steps))
            self._engine.work()
            if self.journal.wake_at is not None:
                time.sleep(max(0.0, self.journal.wake_at - time.time()))
            elif self.journal.result is None:
                raise BenchFailed("The engine dropped the operation; its log says why.")
        if self.journal.result is not Result.SUCCEEDED:
            errors = [state.error.message for state in self.journal.states.values() if state.error]
            raise BenchFailed(f"The operation {self.journal.result}: {'; '.join(errors[:3])}")

    def _claim(self, steps: Sequence[Step]) -> Claim:
        return Claim(
            operation="bench",
            spec=self.spec,
            steps=tuple(steps),
            states=dict(self.journal.states),
            recorded=dict(self.journal.recorded),
            aws=self.aws,
            journal=self.journal,
            lease_seconds=LEASE_SECONDS,
            usual=self.usual,
            poll_seconds=self._pace.poll,
        )
