"""What waits for a person elsewhere, as AWS says at this moment: a look, not a record."""

from __future__ import annotations

import time
from dataclasses import dataclass

import provisioning.kinds  # noqa: F401 # registers every kind
from environments.models import Environment, ResourceRecord
from environments.watching import NoAnswer, within_limit
from provisioning.aws import Aws
from provisioning.inspect.alarms import Problem
from provisioning.kind import Observed, Todo, all_kinds, kind_named
from provisioning.resource import Recorded, Standing
from provisioning.spec import Spec


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A thing that was made and may wait for a person, and what there is to do about it; None: it was done."""

    key: str
    title: str
    todo: Todo | None


def may_wait(environment: Environment) -> bool:
    """Whether it has anything of the sort; asks nobody."""
    return bool(_made(environment))


def waiting(environment: Environment) -> list[Waiting]:
    """What may wait for somebody, one look each. Raises NoAnswer where AWS gives none in time."""
    rows = [row.recorded for row in _made(environment)]
    if not rows:
        return []
    spec = environment.spec
    found = within_limit(environment, lambda aws: _looked_at(rows, spec, aws))
    if isinstance(found, Problem):
        raise NoAnswer.because(found)
    return found


def _looked_at(rows: list[Recorded], spec: Spec, aws: Aws) -> list[Waiting]:
    reader = aws.since(time.monotonic())
    found = []
    for one in rows:
        kind = kind_named(one.kind)
        seen: Observed | None = kind.read(reader.in_region(one.region), one.handle(spec, operation=""))
        if seen is not None:
            found.append(Waiting(key=one.key, title=one.title or kind.title, todo=seen.todo))
    return found


def _made(environment: Environment) -> list[ResourceRecord]:
    kinds = [kind.name for kind in all_kinds() if kind.awaits]
    return list(environment.resources.filter(kind__in=kinds, standing=Standing.MADE))
