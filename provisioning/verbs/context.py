"""What a verb is given, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
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
    remembered: Attributes = field(
        default_factory=dict
    )  # with those of what is gone, or was never quite made

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

    def read(self) -> Observed | None:
        """What is there: by the id on record or as the kind finds it; else by the id that it must have.

        Of the latter AWS keeps no tags: it is ours if it is exactly as wanted.
        """
        if self.handle.id is None:
            wanted = self._raw(self.remembered)
            identifier = self.kind.identify(self.handle, wanted)
            if identifier is not None:
                found = self.kind.read(self.aws, self.with_id(identifier).handle)
                ours = found is not None and not self.kind.differences(wanted, found)
                return found if found is None or ours else replace(found, tags={})
        return self.kind.read(self.aws, self.handle)

    def with_id(self, identifier: str) -> Context:
        """The same, about the thing of this id."""
        return replace(self, handle=replace(self.handle, id=identifier))

    def raw(self) -> JsonObject:
        """The wanted properties as JSON, known references replaced."""
        return self._raw(self.attributes)

    def _raw(self, attributes: Attributes) -> JsonObject:
        resolved = resolve(self.step.target.props, attributes)
        return resolved if isinstance(resolved, dict) else {}


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of one call of a verb.

    `phase` is what the next call has to be when it is not `done`; `gone` that the target exists no more; `looked`
    that nothing was found and a later look is wanted; `absent` that what was made is not to be seen; `note` AWS's own
    word for people, a `warning` where it is worth a thought.
    """

    done: bool = False
    phase: StepPhase = StepPhase.SETTLING
    observed: Observed | None = None
    gone: bool = False
    looked: bool = False
    absent: bool = False
    updated: bool = False
    note: str = ""
    warning: bool = False
