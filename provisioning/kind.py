"""What a kind of AWS resource is: the one contract between the engine and the files in `kinds/`.

A kind holds no state, never sleeps, never loops over retries and never logs. It answers `read`, and does
`create`, `update` and `delete`; the engine waits, retries, orders, compares and undoes.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeVar

from pydantic import BaseModel, ConfigDict

from provisioning.errors import InvalidSpec
from provisioning.names import Naming
from provisioning.references import JsonObject, JsonValue

if TYPE_CHECKING:
    from provisioning.aws import Aws
    from provisioning.preflight import Finding
    from provisioning.pricing import CostLine, Usage
    from provisioning.template_parts import Form, Place


class Props(BaseModel):
    """The wanted properties of a resource: typed, frozen, JSON in and out. Any string may hold references."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def dump(self) -> JsonObject:
        """As JSON, ready for a plan."""
        return self.model_dump(mode="json")


P = TypeVar("P", bound=Props)


class Status(StrEnum):
    """Where AWS is with a resource. A thing that is gone reads as None."""

    PENDING = "pending"
    READY = "ready"
    DELETING = "deleting"
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class Handle:
    """Which thing is meant, and what to write on it.

    `name` is built within the kind's limits or given by the blueprint; `id` is AWS's id once one is recorded, and
    `attributes` what was last recorded of it; `token` is the same for every attempt to create this generation of the
    resource (a UUID, 36 characters).
    """

    stack: str
    key: str
    name: str
    token: str
    tags: Mapping[str, str]
    account: str
    region: str
    id: str | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)

    @property
    def tag_list(self) -> list[Any]:
        """The tags as most services take them: [{"Key": …, "Value": …}]. (`Any`: each service has its own twin.)"""
        return [{"Key": key, "Value": value} for key, value in self.tags.items()]

    def owns(self, tags: Mapping[str, str]) -> bool:
        """Whether tags read from AWS say that this very thing is ours."""
        mine = (self.stack, self.key, self.tags.get(TAG_GENERATION, "1"))
        return (tags.get(TAG_STACK), tags.get(TAG_KEY), tags.get(TAG_GENERATION, "1")) == mine


@dataclass(frozen=True, kw_only=True)
class Todo:
    """What a person has to do elsewhere before a thing that stands does its work: what is missing, how it is done, and
    where (empty: at no address that is known)."""

    summary: str
    hint: str
    url: str = ""


@dataclass(frozen=True, kw_only=True)
class Observed:
    """What AWS says of a resource.

    `props` holds the properties that AWS tells (a missing one is unknown, not different); `attributes` what other
    resources may refer to (always "id", and "arn", "name", "address"… where there are such); `reason` AWS's own word;
    `undone`: AWS took the last change back, and what was there before goes on; `todo`: what a person has to do first.
    """

    id: str
    status: Status = Status.READY
    props: JsonObject = field(default_factory=dict)
    attributes: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    reason: str = ""
    undone: bool = False
    todo: Todo | None = None


@dataclass(frozen=True, kw_only=True)
class Expected:
    """How long AWS usually takes, in seconds; 0 is at once. First guess only: the journal knows better later."""

    create: float = 0
    update: float = 0
    delete: float = 0


TAG_STACK = "andamio:stack"
TAG_KEY = "andamio:key"
TAG_GENERATION = "andamio:generation"
TAG_OPERATION = "andamio:operation"


class Kind(ABC, Generic[P]):
    """One type of AWS resource. Subclasses are registered by `@register` and live one per file in `kinds/`."""

    name: ClassVar[str]  # "rds.db_instance": AWS's own noun
    title: ClassVar[str]  # what a person reads: "RDS database"
    naming: ClassVar[Naming] = Naming()
    expected: ClassVar[Expected] = Expected()
    patience: ClassVar[float] = 900.0  # seconds that AWS is given at least before a step about it has failed
    replace_on: ClassVar[frozenset[str]] = frozenset()  # properties that AWS cannot change in place
    holds: ClassVar[frozenset[str]] = (
        frozenset()
    )  # properties that name things AWS won't delete before this is gone
    goes_with: ClassVar[frozenset[str]] = (
        frozenset()
    )  # properties that name things whose deletion takes this along
    freed_by: ClassVar[frozenset[str]] = (
        frozenset()
    )  # properties that name things whose deletion lets go of this
    permissions: ClassVar[tuple[str, ...]] = ()  # IAM actions of the calls below
    passes_roles_to: ClassVar[tuple[str, ...]] = ()  # services that the calls hand a role to (iam:PassRole)
    linked_roles: ClassVar[tuple[str, ...]] = ()  # services whose own role the first call in an account makes
    anonymous: ClassVar[bool] = False  # AWS knows neither name nor token for it: only tags tell ours apart
    revised: ClassVar[bool] = False  # an update gives it another id, so that what refers to it changes too
    born: ClassVar[
        JsonObject
    ] = {}  # what `create` leaves to an update; others may refer to its id before that
    exclusive: ClassVar[bool] = False  # AWS refuses a second one beside it: it is replaced by going first
    billed: ClassVar[bool] = False  # costs money while it exists
    stateful: ClassVar[bool] = False  # holds people's data: replacing or deleting loses it
    awaits: ClassVar[bool] = False  # may wait for a person: `read` then tells a `todo`
    loses: ClassVar[str] = ""  # what people lose with it, beyond what its title says
    checked: ClassVar[bool] = False  # it has a preflight
    checked_together: ClassVar[bool] = False  # one look for all of a plan: only how many they are matters
    outage: ClassVar[Mapping[str, str]] = {}  # property -> what a change of it interrupts, in words

    props: type[P]

    @abstractmethod
    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        """What is there now, by id, name or tags; None when there is nothing (or only a grave)."""

    @abstractmethod
    def create(self, aws: Aws, handle: Handle, props: P) -> Observed:
        """Make it, tagged in the create call. May be cut off anywhere: `read`, then `update`, must finish the work."""

    @abstractmethod
    def update(self, aws: Aws, handle: Handle, props: P, observed: Observed) -> Observed:
        """Bring what differs to `props`, whatever create left unfinished included. Safe to repeat."""

    @abstractmethod
    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        """Start taking it away; True when it is gone now. Safe to repeat. `final_name` asks for a last snapshot."""

    def check_change(self, before: P, after: P) -> InvalidSpec | None:
        """Why AWS refuses to go from one to the other in place, where it does: told before anything is planned."""
        return None

    def identify(self, handle: Handle, wanted: JsonObject) -> str | None:
        """The id that it must have, where its properties say so and AWS keeps no tags of it: what was made and never
        recorded is found by it. None where AWS gives the id, or while it depends on what is not known yet."""
        return None

    def preflight(self, aws: Aws, handle: Handle, props: P, count: int) -> Finding | None:
        """What can be known before anything is made: quotas, names that are everybody's, what can be ordered. Reads
        only; references are not resolved. Raises PreflightFailed. None: nothing to tell."""
        return None

    def cost(self, props: P, usage: Usage, region: str) -> Iterator[CostLine]:
        """What a month of it consumes: quantities, never prices."""
        yield from ()

    def cloudformation(self, place: Place, props: P) -> Form | None:
        """What it is in a CloudFormation template; None where nobody has said."""
        return None

    def parse(self, raw: JsonObject) -> P:
        """Typed properties from JSON."""
        return self.props.model_validate(raw)

    def differences(self, wanted: JsonObject, observed: Observed) -> dict[str, tuple[JsonValue, JsonValue]]:
        """Property -> (now, wanted), for what AWS tells and what is not still a reference."""
        return {
            name: (now, wanted[name])
            for name, now in observed.props.items()
            if name in wanted and wanted[name] != now
        }


_KINDS: dict[str, Kind[Any]] = {}
_BY_PROPS: dict[type[Props], Kind[Any]] = {}

K = TypeVar("K", bound=type[Kind[Any]])


def register(cls: K) -> K:
    """Class decorator: makes the kind known by its name and by its Props."""
    kind = cls()
    if kind.name in _KINDS:
        raise ValueError(f"Two kinds are called {kind.name}")
    _KINDS[kind.name] = kind
    _BY_PROPS[kind.props] = kind
    return cls


def kind_named(name: str) -> Kind[Any]:
    """The kind registered under this name."""
    return _KINDS[name]


def kind_of(props: Props) -> Kind[Any]:
    """The kind that these properties describe."""
    return _BY_PROPS[type(props)]


def all_kinds() -> tuple[Kind[Any], ...]:
    """Every registered kind, by name."""
    return tuple(_KINDS[name] for name in sorted(_KINDS))
