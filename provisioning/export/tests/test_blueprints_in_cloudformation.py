"""Every blueprint as a template that cfn-lint accepts for its region: with nothing that may be chosen, and with all."""

from __future__ import annotations

from typing import Any

import pytest

import provisioning.kinds  # noqa: F401  # registers every kind
from provisioning.blueprints import all_blueprints
from provisioning.blueprints.blueprint import Blueprint
from provisioning.errors import InvalidSpec
from provisioning.export.cloudformation import template
from provisioning.export.tests.linted import findings
from provisioning.references import JsonValue
from provisioning.spec import Spec
from provisioning.tests.cloud import SPEC

EVERY = pytest.mark.parametrize(
    "blueprint", all_blueprints(), ids=lambda one: f"{one.architecture}-{one.phase}"
)
TEXTS = {
    "domain": "shop.example.com",
    "hosted_zone_id": "Z0123456789ABCDEFGHI",
    "alarm_email": "ops@example.com",
}


def spec_of(blueprint: Blueprint[Any], region: str, options: dict[str, JsonValue]) -> Spec:
    return SPEC.model_copy(
        update={
            "architecture": blueprint.architecture,
            "phase": blueprint.phase,
            "region": region,
            "zones": (f"{region}a", f"{region}b"),
            "options": options,
        }
    )


def switched(blueprint: Blueprint[Any], region: str, *, on: bool) -> Spec:
    """Everything that can be switched off or on, and on the texts that switch something; what the blueprint refuses
    in this company is left as it is."""
    fields = blueprint.options.model_fields
    options: dict[str, JsonValue] = {name: on for name, field in fields.items() if field.annotation is bool}
    options |= {name: text for name, text in TEXTS.items() if on and name in fields}
    while True:
        spec = spec_of(blueprint, region, options)
        try:
            blueprint.resources(spec)
        except InvalidSpec as error:
            if error.field not in options:
                raise
            del options[error.field]
        else:
            return spec


@EVERY
@pytest.mark.parametrize(("on", "region"), [(False, "us-east-1"), (True, "eu-west-1")], ids=["off", "on"])
def test_cfn_lint_accepts_it(blueprint: Blueprint[Any], on: bool, region: str) -> None:
    spec = switched(blueprint, region, on=on)

    whole = template(spec, blueprint.resources(spec), blueprint.outputs(spec), title=blueprint.title)

    assert findings(whole, region) == []
