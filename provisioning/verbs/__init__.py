"""What a step can do to its target, one file per verb; the engine knows them by this table only."""

from __future__ import annotations

from collections.abc import Callable

from provisioning.steps import Verb
from provisioning.verbs.check import check
from provisioning.verbs.context import Context, Outcome
from provisioning.verbs.ensure import ensure
from provisioning.verbs.remove import remove

ADVANCE: dict[Verb, Callable[[Context], Outcome]] = {
    Verb.CHECK: check,
    Verb.ENSURE: ensure,
    Verb.REMOVE: remove,
}

__all__ = ["ADVANCE", "Context", "Outcome"]
