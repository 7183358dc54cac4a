"""What a verb is given, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from provisioning.aws import Aws
from provisioning.errors import ProvisioningError
from provisioning.kind import Handle, Kind, Observed, Props, kind_named
from provisioning.references import Attributes, JsonObject, is_resolved, references, resolve
from provisioning.steps import Step, StepPhase, StepState


class UnresolvedReference(ProvisioningError):
    """A property names something whose value is not known, which the order of steps should rule out."""

    code = "step.unresolved"
    hint = "Plan again: the resource it names may have gone."


@dataclass(frozen=True, kw_only=True)
class Context:
    """One call of a verb: the step, how far it is, who it is about, and AWS."""

    aws: Aws
    step: Step
    state: StepState
    handle: Handle
    attributes: Attributes

    @property
    def kind(self) -> Kind[Any]:
        return kind_named(self.step.target.kind)

    def props(self) -> Props:
        """The wanted properties, every reference replaced by its value. Raises UnresolvedReference."""
        raw = self.raw()
        if not is_resolved(raw):
            names = ", ".join(f"{key}.{name}" for key, name in references(raw))
            raise UnresolvedReference(f"{self.step.title} needs {names}, which nothing has told.")
        props: Props = self.kind.parse(raw)
        return props

    def with_id(self, identifier: str) -> Context:
        """The same, about the thing of this id."""
        return replace(self, handle=replace(self.handle, id=identifier))

    def raw(self) -> JsonObject:
        """The wanted properties as JSON, known references replaced."""
        resolved = resolve(self.step.target.props, self.attributes)
        return resolved if isinstance(resolved, dict) else {}


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of one call of a verb.

    `phase` is what the next call has to be when it is not `done`; `gone` that the target exists no more; `looked`
    that nothing was found and a later look is wanted (`again_in` seconds); `note` AWS's own word for people.
    """

    done: bool = False
    phase: StepPhase = StepPhase.SETTLING
    observed: Observed | None = None
    gone: bool = False
    looked: bool = False
    updated: bool = False
    note: str = ""
