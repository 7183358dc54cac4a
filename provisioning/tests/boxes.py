"""Boxes with names of their own, which stand on one another: a kind for the tests of replacing."""

from __future__ import annotations

from provisioning.aws import Aws
from provisioning.kind import Handle, Kind, Observed, Props, register
from provisioning.names import Naming
from provisioning.resource import Resource
from provisioning.tests.cloud import CLOUD, error

SHELF: dict[str, dict[str, str]] = {}  # name -> properties of every box there is


class BoxProps(Props):
    """`colour` cannot change in place, `label` can; `on` names the box below, which cannot go before this one does."""

    colour: str = "red"
    label: str = ""
    on: str = ""


@register
class BoxKind(Kind[BoxProps]):
    """A box with a name of its own; one on which another stands cannot be taken away."""

    name = "fake.box"
    title = "Box"
    naming = Naming(limit=63)
    replace_on = frozenset({"colour"})
    holds = frozenset({"on"})
    props = BoxProps

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        box = SHELF.get(handle.id or handle.name)
        if box is None:
            return None
        return Observed(
            id=handle.id or handle.name,
            props={**box},
            attributes={"id": handle.id or handle.name},
            tags=handle.tags,
        )

    def create(self, aws: Aws, handle: Handle, props: BoxProps) -> Observed:
        CLOUD.enter("create", handle.key)
        if handle.name in SHELF:
            raise error("ResourceAlreadyExistsException")
        SHELF[handle.name] = {"colour": props.colour, "label": props.label, "on": props.on}
        return Observed(id=handle.name, attributes={"id": handle.name})

    def update(self, aws: Aws, handle: Handle, props: BoxProps, observed: Observed) -> Observed:
        CLOUD.enter("update", handle.key)
        SHELF[observed.id] = {"colour": props.colour, "label": props.label, "on": props.on}
        return observed

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        name = handle.id or handle.name
        CLOUD.enter("delete", name)
        if any(box["on"] == name for box in SHELF.values()):
            raise error("DependencyViolation")
        SHELF.pop(name, None)
        return True


def box(key: str, *, colour: str = "red", on: str = "", name: str = "", label: str = "") -> Resource:
    """A wanted box; `on` is the key of the one below."""
    below = f"${{{on}.id}}" if on else ""
    return Resource(key=key, name=name, props=BoxProps(colour=colour, on=below, label=label))
