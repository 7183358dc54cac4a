"""How long the simulated AWS of the bench takes, and how `scale` shortens that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

# Seconds of every AWS call. Never divided: a worker's distance to AWS does not shrink with AWS's waits.
CALL_SECONDS = 0.08

# AWS's seconds, by the names of `simulator/durations.py`; what is not named here keeps the simulator's own.
WAITS: Mapping[str, float] = MappingProxyType(
    {
        "rds.create": 300,
        "elasticache.create": 240,
        "elbv2.create": 90,
        "ecs.create": 60,
        "rds.delete": 240,
        "elasticache.delete": 180,
        "ecs.delete": 30,
        "elbv2.interfaces": 20,
        "ecs.drain": 20,
    }
)

# RDS can be used from nine tenths of the simulator's duration on, while it takes its first backup.
_SIMULATED: Mapping[str, float] = MappingProxyType({**WAITS, "rds.create": WAITS["rds.create"] / 0.9})

# (kind, verb) of the engine -> the wait behind it: what an account's earlier runs have taught the portal.
_LEARNT: Mapping[tuple[str, str], str] = MappingProxyType(
    {
        ("rds.db_instance", "create"): "rds.create",
        ("elasticache.replication_group", "create"): "elasticache.create",
        ("elbv2.load_balancer", "create"): "elbv2.create",
        ("ecs.service", "create"): "ecs.create",
        ("rds.db_instance", "delete"): "rds.delete",
        ("elasticache.replication_group", "delete"): "elasticache.delete",
        ("ecs.service", "delete"): "ecs.delete",
    }
)


@dataclass(frozen=True, kw_only=True)
class Pace:
    """AWS's waits divided by `scale`: 1 is AWS, 30 is half a minute in a second."""

    scale: float

    def seconds(self, wait: str) -> float:
        """Real seconds of a wait; the empty name is none."""
        return WAITS[wait] / self.scale if wait else 0.0

    @property
    def poll(self) -> float:
        """Least seconds between two looks at one thing: five of AWS's."""
        return 5.0 / self.scale

    def durations(self) -> dict[str, float]:
        """What the simulator is told, so that things are ready after `WAITS`."""
        return dict(_SIMULATED)

    def usual(self) -> dict[tuple[str, str], float]:
        """(kind, verb) -> real seconds, as an account knows them that was used before."""
        return {step: self.seconds(wait) for step, wait in _LEARNT.items()}
