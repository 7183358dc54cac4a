"""What a kind says of itself for a CloudFormation template: which resources it is there, and what those tell.

Strings hold references as everywhere ("${vpc.id}"); `export/cloudformation.py` makes Ref, Fn::GetAtt and Fn::Sub of
them. A reference of a kind to its own thing is `place.own("id")`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from provisioning.kind import Handle
from provisioning.references import ref
from provisioning.resource import Resource


@dataclass(frozen=True, kw_only=True)
class Place(Handle):
    """A thing that stands in a template. `users`: whatever refers to it there."""

    users: tuple[Resource, ...] = ()

    def own(self, attribute: str) -> str:
        """The reference to an attribute of this very thing."""
        return ref(self.key, attribute)

    def arn(self, service: str, resource: str, *, region: str | None = None) -> str:
        """An ARN that CloudFormation does not tell; `region` empty for what is the whole account's."""
        where = self.region if region is None else region
        return f"arn:{partition(self.region)}:{service}:{where}:{self.account}:{resource}"

    @property
    def named_tags(self) -> list[dict[str, str]]:
        """The tags of what has no name of its own, with one that the AWS console shows."""
        return [*self.tag_list, {"Key": "Name", "Value": self.name}]


@dataclass(frozen=True, kw_only=True)
class Part:
    """One resource of a template. `role` tells it from the others of the same thing; the thing itself has none.

    `kept`: what CloudFormation does with it instead of deleting it ("Retain", "Snapshot"). `one_of`: AWS has one such
    resource for what this names (a bucket's policy): parts of several things become one. `changed`: its UpdatePolicy.
    """

    type: str
    properties: Mapping[str, Any]
    role: str = ""
    kept: str = ""
    one_of: str = ""
    changed: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Told:
    """What CloudFormation says of a part when it is made: an attribute of Fn::GetAtt, or without one what Ref is.
    `item`: which one, of an attribute that is a list."""

    attribute: str = ""
    role: str = ""
    item: int | None = None


@dataclass(frozen=True)
class Within:
    """What only the service itself uses, where CloudFormation makes it too: whoever refers to it is left out."""

    why: str


REF = Told()
Attribute = Told | Within | str  # a string is known beforehand, or made of other references


@dataclass(frozen=True, kw_only=True)
class Form:
    """A thing as CloudFormation makes it. `attributes`: what others may refer to. `first`: what people have to do
    before the stack is made; `remark`: what CloudFormation does otherwise than the portal."""

    parts: tuple[Part, ...] = ()
    attributes: Mapping[str, Attribute] = field(default_factory=dict)
    first: str = ""
    remark: str = ""


def partition(region: str) -> str:
    """The part of AWS that a region belongs to, as ARNs begin."""
    if region.startswith("cn-"):
        return "aws-cn"
    return "aws-us-gov" if region.startswith("us-gov-") else "aws"


def given(properties: Mapping[str, Any]) -> dict[str, Any]:
    """The properties that say something: CloudFormation takes no empty texts or lists for what is not wanted."""
    return {name: value for name, value in properties.items() if value not in ("", None, [], {})}


def renamed(document: Any, rename: Callable[[str], str], *, free: frozenset[str] = frozenset()) -> Any:
    """A document of an API with the names that CloudFormation has for its fields. What stands under the names in
    `free` are people's words and stay."""
    if isinstance(document, Mapping):
        return {
            rename(name): value if name in free else renamed(value, rename, free=free)
            for name, value in document.items()
        }
    if isinstance(document, list | tuple):
        return [renamed(item, rename, free=free) for item in document]
    return document


def capitalised(name: str) -> str:
    """A field as CloudFormation writes it where the API begins it small."""
    return name[:1].upper() + name[1:]
