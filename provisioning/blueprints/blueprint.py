"""What a blueprint is."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, Self, TypeVar, cast

from pydantic import BaseModel, ConfigDict, ValidationError, create_model, model_validator
from pydantic.fields import FieldInfo

from provisioning.blueprints.behind import option_behind
from provisioning.blueprints.refusal import Conflict, Unfit, objections, refusal
from provisioning.choices import AnotherRegion, Follows, Unit, mark_of
from provisioning.errors import ChangeRefused, InvalidSpec
from provisioning.kind import Observed
from provisioning.plan import Plan, forbid_data_loss, plan_for
from provisioning.pricing import CostLine, PhaseName, Usage
from provisioning.references import JsonValue
from provisioning.resource import Recorded, Resource
from provisioning.spec import Spec

_MOST_LISTED = 8  # values; of more only the first and the last are told


class Options(BaseModel):
    """What a person may choose; every field has a default, a title and a description for the form."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def conflicts(self) -> Iterator[Conflict]:
        """Options that do not go together, beyond what `Follows` says of them."""
        yield from ()

    @model_validator(mode="after")
    def _goes_together(self) -> Self:
        found = (*self._out_of_step(), *self.conflicts())
        if found:
            raise Unfit(found)
        return self

    def _out_of_step(self) -> Iterator[Conflict]:
        """Options whose value the one that they follow does not allow."""
        fields = type(self).model_fields
        for name, info in fields.items():
            follows = mark_of(info, Follows)
            if follows is None:
                continue
            leader = getattr(self, follows.option)
            allowed = follows.values[leader]
            if getattr(self, name) not in allowed:
                unit, its = mark_of(info, Unit), mark_of(fields[follows.option], Unit)
                said = its.said(leader) if its else str(leader)
                values = _listed(allowed, unit)
                yield Conflict(name, (follows.option,), reason=f"with {said} it can be {values}.")


def _listed(values: tuple[int, ...], unit: Unit | None) -> str:
    texts = [unit.number(value) if unit else str(value) for value in values]
    listed = ", ".join(texts) if len(texts) <= _MOST_LISTED else f"{texts[0]}–{texts[-1]}"
    return f"{listed} {unit.words}" if unit else listed


O = TypeVar("O", bound=Options)  # noqa: E741 # the letter of what it stands for


@dataclass(frozen=True, kw_only=True)
class Phase:
    """A phase of an architecture: what it is called, and where its defaults differ from those of production."""

    name: PhaseName
    title: str
    summary: str
    defaults: Mapping[str, JsonValue]


class Blueprint(ABC, Generic[O]):
    """The recipe of one architecture; an instance of it is that of one phase."""

    architecture: ClassVar[str]
    phases: ClassVar[tuple[Phase, ...]]
    figures: ClassVar[
        tuple[str, ...]
    ]  # of the usage profile, those that its price follows from, as a form has them
    counted: ClassVar[
        Mapping[str, str]
    ] = {}  # figure -> what it counts here, where its own unit says otherwise
    choices: type[O]  # the options of the architecture; `options` are the same with the defaults of the phase

    def __init__(self, phase: Phase) -> None:
        self.phase = phase.name
        self.title = phase.title
        self.summary = phase.summary
        self.options = with_defaults(self.choices, phase.defaults)

    def resources(self, spec: Spec) -> tuple[Resource, ...]:
        """Everything that an environment of this spec consists of. Raises InvalidSpec, `field` naming the option."""
        options = self.parse(spec.options)
        for name, region in self.other_regions(spec.options).items():
            if region == spec.region:
                raise InvalidSpec(
                    f"{self.options.model_fields[name].title} cannot be {region}.",
                    code="option.invalid",
                    hint="The environment is there already: choose another one.",
                    field=name,
                )
        return self.build(spec, options)

    def other_regions(self, raw: Mapping[str, JsonValue]) -> dict[str, str]:
        """Option -> the region that it names, for those that name one besides that of the environment."""
        fields = self.options.model_fields.items()
        named = {name: raw.get(name, info.default) for name, info in fields if mark_of(info, AnotherRegion)}
        return {name: str(region) for name, region in named.items() if region != "none"}

    def plan(
        self,
        spec: Spec,
        recorded: Iterable[Recorded] = (),
        observed: Mapping[str, Observed | None] | None = None,
    ) -> Plan:
        """What leads from what stands to this spec. Raises InvalidSpec, `field` naming the option."""
        try:
            plan = plan_for(spec, self.resources(spec), recorded, observed)
            forbid_data_loss(plan)
            return plan
        except ChangeRefused as error:
            raise self._at_option(spec, error) from error

    def _at_option(self, spec: Spec, error: ChangeRefused) -> InvalidSpec:
        """The refusal of a property as that of the option behind it; where there is none, it says so."""
        chosen = self.parse(spec.options).model_dump(mode="json")
        option = error.prop and option_behind(
            self.options,
            chosen,
            lambda options: self.build(spec, self.parse(options)),
            key=error.key,
            prop=error.prop,
        )
        if option:
            return InvalidSpec(error.message, code=error.code, hint=error.hint, field=option)
        hint = f"{error.hint} It follows from no option: a platform admin can say what changed."
        return InvalidSpec(error.message, code=error.code, hint=hint)

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

    def objections(self, raw: Mapping[str, JsonValue], unread: Iterable[str] = ()) -> list[InvalidSpec]:
        """Everything that stands against these options; `unread`: those that were not even of the right sort."""
        return objections(self.options, raw, unread)

    @abstractmethod
    def build(self, spec: Spec, options: O) -> tuple[Resource, ...]:
        """The resources, readable as a list."""

    @abstractmethod
    def tell(self, spec: Spec, options: O) -> dict[str, str]:
        """The outputs."""


def with_defaults(options: type[O], defaults: Mapping[str, JsonValue]) -> type[O]:
    """The same options with other defaults, their rules unchanged. Raises LookupError for one not among them."""
    unknown = defaults.keys() - options.model_fields.keys()
    if unknown:
        raise LookupError(f"{options.__name__} has no {', '.join(sorted(unknown))}")
    changed: dict[str, Any] = {
        name: (options.model_fields[name].annotation, _with_default(options.model_fields[name], value))
        for name, value in defaults.items()
    }
    return cast("type[O]", create_model(options.__name__, __base__=options, **changed))


def _with_default(info: FieldInfo, value: JsonValue) -> FieldInfo:
    # pydantic has no public copy of a field; what it merges is what was set.
    return FieldInfo.merge_field_infos(info, default=value)
