"""Whole environments in the simulated AWS: made, read back, changed, taken away."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from provisioning.aws import AccountAccess, Aws, Connection
from provisioning.blueprints import blueprint_for
from provisioning.engine import Engine
from provisioning.inspect.observe import observe
from provisioning.inspect.sweep import sweep
from provisioning.journal import MemoryJournal, Result
from provisioning.operations.destroy import destroy
from provisioning.operations.provision import provision
from provisioning.plan import Plan
from provisioning.references import JsonValue
from provisioning.spec import Spec
from provisioning.steps import Step
from provisioning.tests.cloud import QUICK, SPEC, Once, claim_of

# Looks as often as an account asks for that is a thousand times as quick as AWS.
_TIMING = replace(QUICK, not_yet=10, longest_poll=0.1)


@dataclass
class Whole:
    """One environment, and what the journal knows of it."""

    spec: Spec
    aws: Aws
    journal: MemoryJournal = field(default_factory=MemoryJournal)

    def plan(self, **options: JsonValue) -> Plan:
        """What leads from what AWS says there is to these options, kept from now on."""
        self.spec = self.spec.model_copy(update={"options": {**self.spec.options, **options}})
        recorded = self.journal.recorded.values()
        blueprint = blueprint_for(self.spec.architecture, self.spec.phase)
        return blueprint.plan(self.spec, recorded, observe(recorded, self.spec, self.aws))

    def provision(self, plan: Plan | None = None) -> None:
        """Carry a plan out, that of the options at hand if none is given."""
        self._carry_out(provision(plan or self.plan()))

    def destroy(self) -> None:
        """Take all of it away."""
        self._carry_out(destroy(self.journal.recorded.values()))

    def remains(self, root: Aws | None = None) -> Sequence[str]:
        """What is left of it: what a tag sweep finds, and roles, which that does not list: `root` may look for them
        where the portal may not."""
        regions = {one.region for one in self.journal.recorded.values()}
        swept = [one.arn for one in sweep(self.aws, self.spec.stack, regions) if not one.kept]
        roles = [
            role["RoleName"] for role in (root or self.aws).iam.list_roles(PathPrefix="/portal/")["Roles"]
        ]
        return (*swept, *(role for role in roles if self.spec.stack in role))

    def _carry_out(self, steps: Iterable[Step]) -> None:
        journal = MemoryJournal()
        journal.recorded.update(self.journal.recorded)
        claim = replace(claim_of(tuple(steps), journal), aws=self.aws, spec=self.spec)
        engine = Engine(Once(claim), timing=_TIMING)
        engine.work()
        engine.close()
        failed = [(key, state.error) for key, state in journal.states.items() if state.error]
        assert journal.result is Result.SUCCEEDED, failed
        self.journal = journal


def whole(
    endpoint: str, name: str, architecture: str, phase: str, options: dict[str, JsonValue] | None = None
) -> Whole:
    """An environment that is not made yet, in us-east-1; `name` tells it from others."""
    spec = SPEC.model_copy(
        update={
            "environment": name,
            "architecture": architecture,
            "phase": phase,
            "options": options or {},
            "identity": f"whole-{name}",
        }
    )
    access = AccountAccess(account=spec.account, endpoint_url=endpoint)
    return Whole(spec=spec, aws=Aws(connection=Connection(access, spec.region), caller="test"))
