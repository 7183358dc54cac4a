"""An environment for tools outside the portal."""

from __future__ import annotations

from environments.models import Environment
from provisioning.blueprints import blueprint_for
from provisioning.export.cloudformation import template
from provisioning.references import JsonObject


def cloudformation_of(environment: Environment) -> JsonObject:
    """What was asked for last as one CloudFormation template. Raises InvalidSpec where it can be had no more."""
    spec = environment.spec
    blueprint = blueprint_for(spec.architecture, spec.phase)
    return template(spec, blueprint.resources(spec), blueprint.outputs(spec), title=blueprint.title)
