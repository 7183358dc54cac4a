"""Resources: as a blueprint wants them, and as the journal remembers them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from provisioning.kind import TAG_GENERATION, TAG_KEY, TAG_OPERATION, Handle, Kind, Props, kind_named, kind_of
from provisioning.names import build
from provisioning.references import Attributes, references
from provisioning.spec import Spec
from provisioning.thing import Thing

_OLD = ":old-"
_TOKENS = uuid.UUID("6b1f3a52-5f0e-4c53-9a57-3d6d0c6c7b11")


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One thing that a blueprint wants. `region`: where it is, if not where the environment is; then its key tells it
    too, for nothing moves. `after`: keys that must stand before it (and outlive it) though no property
    names them; `name`: a given name, where people, applications or AWS itself must know it: it may hold the names of
    other things ("/aws/rds/instance/${database.name}/postgresql"), whether they are made before or after."""

    key: str
    props: Props
    title: str = ""
    name: str = ""
    region: str = ""
    after: tuple[str, ...] = ()

    @property
    def kind(self) -> Kind[Any]:
        return kind_of(self.props)

    @property
    def needs(self) -> tuple[str, ...]:
        """Keys of what must stand before it."""
        named = {key for key, _ in references(self.props.dump())}
        return tuple(sorted(named | set(self.after)))

    def name_in(self, spec: Spec, generation: int = 1) -> str:
        """Its name in AWS."""
        if self.name:
            return self.name
        naming = self.kind.naming
        return build(naming, slug=spec.slug, stack=spec.stack, key=self.key, generation=generation)


class Standing(StrEnum):
    """What the journal knows of a resource."""

    INTENDED = "intended"  # about to be made, or half made: look before anything
    MADE = "made"
    GONE = "gone"


class Recorded(Thing):
    """A resource in the journal, written before the first call that could make it.

    `props` are those last asked for; `attributes` what others may refer to.
    """

    id: str | None = None
    attributes: dict[str, str] = {}
    standing: Standing = Standing.INTENDED

    @property
    def is_there(self) -> bool:
        """Whether AWS may have it."""
        return self.standing is not Standing.GONE

    def held(self) -> frozenset[str]:
        """Keys of what AWS will not delete before this is gone."""
        kind = kind_named(self.kind)
        return frozenset({*self.named_by(kind.holds), *self.after})

    def named(self) -> frozenset[str]:
        """Keys of everything that it refers to."""
        return frozenset({*self.named_by(self.props), *self.after})

    def named_by(self, properties: Iterable[str]) -> tuple[str, ...]:
        """Keys of what these properties refer to."""
        return tuple(sorted({key for prop in properties for key, _ in references(self.props.get(prop))}))

    @property
    def is_unfinished(self) -> bool:
        """Whether it was made and others may refer to it, though it is not as wanted yet."""
        return self.standing is Standing.INTENDED and self.id is not None and bool(kind_named(self.kind).born)

    def handle(self, spec: Spec, operation: str) -> Handle:
        """What the kind's methods take."""
        key = self.key.partition(_OLD)[0]
        token = uuid.uuid5(_TOKENS, f"{spec.stack}/{key}/{self.generation}")
        tags = {
            **spec.tags(),
            TAG_KEY: key,
            TAG_GENERATION: str(self.generation),
            TAG_OPERATION: operation,
        }
        return Handle(
            stack=spec.stack,
            key=key,
            name=self.name,
            token=str(token),
            tags=tags,
            account=spec.account,
            region=self.region or spec.region,
            id=self.id,
            attributes=self.attributes,
        )


def old_key(key: str, generation: int) -> str:
    """Under which what has been replaced stays in the journal until it is gone."""
    return f"{key}{_OLD}{generation}"


def attributes_of(recorded: Iterable[Recorded]) -> Attributes:
    """What references may resolve to: the attributes of everything that stands, and of what others may refer to before
    it is as wanted."""
    return {one.key: one.attributes for one in recorded if one.standing is Standing.MADE or one.is_unfinished}


def by_key(resources: Iterable[Recorded]) -> Mapping[str, Recorded]:
    """Recorded resources by their key."""
    return {one.key: one for one in resources}
