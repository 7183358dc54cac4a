"""What a blueprint is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from typing import ClassVar, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from provisioning.blueprints.refusal import refusal
from provisioning.pricing import CostLine, Usage
from provisioning.references import JsonValue
from provisioning.resource import Resource
from provisioning.spec import Spec


class Options(BaseModel):
    """What a person may choose; every field has a default, a title and a description for the form."""

    model_config = ConfigDict(frozen=True, extra="forbid")


O = TypeVar("O", bound=Options)  # noqa: E741 # the letter of what it stands for


class Blueprint(ABC, Generic[O]):
    """The recipe of one architecture in one phase."""

    architecture: ClassVar[str]
    phase: ClassVar[str]
    title: ClassVar[str]
    summary: ClassVar[str]
    options: type[O]

    def resources(self, spec: Spec) -> tuple[Resource, ...]:
        """Everything that an environment of this spec consists of. Raises InvalidSpec, `field` naming the option."""
        return self.build(spec, self.parse(spec.options))

    def outputs(self, spec: Spec) -> dict[str, str]:
        """What its people need to know once it stands: name -> text with references."""
        return self.tell(spec, self.parse(spec.options))

    def cost(self, spec: Spec, usage: Usage) -> Iterator[tuple[str, CostLine]]:
        """(resource key, what it consumes in a month), for a price book to price."""
        for resource in self.resources(spec):
            for line in resource.kind.cost(resource.props, usage, resource.region or spec.region):
                yield resource.key, line

    def parse(self, raw: dict[str, JsonValue]) -> O:
        """Typed options. Raises InvalidSpec for the first that cannot be."""
        try:
            return self.options.model_validate(raw)
        except ValidationError as error:
            raise refusal(error, self.options) from error

    @abstractmethod
    def build(self, spec: Spec, options: O) -> tuple[Resource, ...]:
        """The resources, readable as a list."""

    @abstractmethod
    def tell(self, spec: Spec, options: O) -> dict[str, str]:
        """The outputs."""
