"""Load that somebody puts on a simulated resource, so that its metrics rise and its alarms go off."""

import time
from typing import Any

from provisioning.simulator.cloudwatch import Looks
from provisioning.simulator.cloudwatch_curves import ANYWHERE, Load, Loads
from provisioning.simulator.control import BadOrder
from provisioning.simulator.world import Machine

_FOR_GOOD = 10 * 365 * 86400.0


def put(machine: Machine, order: dict[str, Any]) -> dict[str, object]:
    """`resource`: a name that metrics have as a dimension, or an id; `load`: from 0 to 1, or nothing to take away what
    was put on it; `since`: for how many seconds it has been there; `seconds`: how long it stays."""
    resource, now = str(order.get("resource") or ""), time.time()
    if not resource:
        raise BadOrder('Say on what: {"resource": "shop-database", "load": 0.95}.')
    share, since, seconds = _numbers(order)
    loads = machine.world.notes_of(Loads, *ANYWHERE)
    loads.ordered = [one for one in loads.ordered if one.resource != resource]
    if share is not None:
        load = Load(resource=resource, level=share, since=now - since, until=now + seconds)
        loads.ordered.append(load)
    for looks in machine.world.every(Looks):
        looks.forget_since(now - since)
    return {"resource": resource, "load": share}


def _numbers(order: dict[str, Any]) -> tuple[float | None, float, float]:
    try:
        share = None if order.get("load") is None else float(order["load"])
        since, seconds = float(order.get("since", 600)), float(order.get("seconds", _FOR_GOOD))
    except (TypeError, ValueError) as error:
        raise BadOrder("load is a number from 0 to 1; since and seconds are numbers.") from error
    if share is not None and not 0 <= share <= 1:
        raise BadOrder("load is a number from 0 to 1.")
    return share, since, seconds
