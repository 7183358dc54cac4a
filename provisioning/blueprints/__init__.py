"""What can be had: one blueprint for each architecture and phase. Pure: a spec goes in, resources come out."""

from __future__ import annotations

from typing import Any

from provisioning.blueprints.blueprint import Blueprint
from provisioning.blueprints.containers import Containers
from provisioning.blueprints.server import Server
from provisioning.blueprints.serverless import Serverless
from provisioning.blueprints.simple import Simple
from provisioning.errors import InvalidSpec, brief

ARCHITECTURES: tuple[type[Blueprint[Any]], ...] = (Simple, Containers, Serverless, Server)
_BLUEPRINTS = tuple(architecture(phase) for architecture in ARCHITECTURES for phase in architecture.phases)


def all_blueprints() -> tuple[Blueprint[Any], ...]:
    """Every blueprint, in the order of the catalogue."""
    return _BLUEPRINTS


def blueprint_for(architecture: str, phase: str) -> Blueprint[Any]:
    """The blueprint of a combination. Raises InvalidSpec where there is none."""
    for blueprint in _BLUEPRINTS:
        if (blueprint.architecture, blueprint.phase) == (architecture, phase):
            return blueprint
    architecture, phase = brief(architecture), brief(phase)
    known = ", ".join(f"{one.architecture} / {one.phase}" for one in _BLUEPRINTS)
    raise InvalidSpec(
        f"There is no {architecture} / {phase} in the catalogue.",
        code="blueprint.unknown",
        hint=f"Choose one of: {known}.",
        field="architecture",
    )
