"""What cfn-lint, AWS's own linter, finds in a template: it knows every resource, property and value of a region."""

from __future__ import annotations

import json
import warnings
from dataclasses import dataclass
from functools import cache
from typing import Any

from provisioning.references import JsonObject

# The zones are those that were chosen, and RDS takes a major version alone, which cfn-lint does not know.
EXPLAINED = {"W3010", "W3690", "W3691"}


@dataclass(frozen=True)
class Finding:
    """Something wrong, and where: ("Resources", "Vpc", "Properties", …)."""

    rule: str
    message: str
    path: tuple[Any, ...]


def findings(template: JsonObject, region: str) -> list[Finding]:
    """Errors and warnings for this region, less those that have a reason."""
    from cfnlint.decode.decode import decode_str

    document, broken = decode_str(json.dumps(template))
    matches = [*broken, *([] if broken else _linter(region).validate_template(document))]
    found = [Finding(one.rule.id, one.message, tuple(getattr(one, "path", None) or ())) for one in matches]
    return [one for one in found if one.rule not in EXPLAINED]


@cache
def _linter(region: str) -> Any:
    """Its rules, loaded once for all templates of a region."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from cfnlint.config import ConfigMixIn
        from cfnlint.runner.cli import Runner
    return Runner(ConfigMixIn(regions=[region]))
