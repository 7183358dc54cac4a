"""The simulator's own addresses under `/simulator/`, for those who run it; AWS has nothing like them."""

import json
from collections.abc import Callable
from dataclasses import dataclass

from provisioning.simulator.faults import BadFault, Fault, Faults

Answer = tuple[int, dict[str, str], bytes]


class BadOrder(ValueError):
    """What was asked of the simulator cannot be done; the message says why."""


def _json(status: int, value: object) -> Answer:
    return status, {"Content-Type": "application/json"}, json.dumps(value).encode()


@dataclass(frozen=True, kw_only=True)
class Control:
    """Routes of the simulator itself."""

    faults: Faults
    #: What `/simulator/health` tells.
    health: Callable[[], dict[str, object]]
    #: Empties the simulated AWS.
    reset: Callable[[], None]
    #: Confirms e-mail subscriptions: gets `topic` and `endpoint` (either may be empty), gives their ARNs.
    confirm: Callable[[str, str], list[str]]
    #: Finishes a connection to a source provider by its ARN or name, gives the ARNs.
    connect: Callable[[str], list[str]]
    #: Puts a load on a resource, or takes it away: gets the order, gives what it came to.
    load: Callable[[dict[str, object]], dict[str, object]]

    #: Sets quotas by their codes, for every account and region.
    limit: Callable[[dict[str, float]], None]

    def answer(self, method: str, path: str, body: bytes) -> Answer:
        """Serve a request to `/simulator/…`."""
        routes: dict[tuple[str, str], Callable[[object], Answer]] = {
            ("GET", "/simulator/health"): lambda _: _json(200, self.health()),
            ("GET", "/simulator/faults"): lambda _: _json(200, self.faults.waiting()),
            ("POST", "/simulator/faults"): self._add_fault,
            ("DELETE", "/simulator/faults"): lambda _: self._done(self.faults.clear),
            ("POST", "/simulator/reset"): lambda _: self._done(self.reset),
            ("POST", "/simulator/confirm-subscription"): self._confirm,
            ("POST", "/simulator/finish-connection"): self._connect,
            ("POST", "/simulator/quotas"): self._limit,
            ("POST", "/simulator/load"): self._load,
        }
        route = routes.get((method, path.rstrip("/")))
        if route is None:
            known = ", ".join(f"{verb} {address}" for verb, address in routes)
            return _json(404, {"error": f"No {method} {path}. There are: {known}."})
        try:
            return route(json.loads(body) if body else {})
        except (BadFault, BadOrder, json.JSONDecodeError) as error:
            return _json(400, {"error": str(error)})

    @staticmethod
    def _done(act: Callable[[], None]) -> Answer:
        act()
        return _json(200, {"done": True})

    def _add_fault(self, order: object) -> Answer:
        fault = Fault.from_json(order)
        self.faults.add(fault)
        return _json(201, fault.as_json())

    def _confirm(self, order: object) -> Answer:
        if not isinstance(order, dict):
            raise BadOrder('Say whose: {"endpoint": "someone@example.com"} or {"topic": "arn:…"}.')
        confirmed = self.confirm(str(order.get("topic", "")), str(order.get("endpoint", "")))
        if not confirmed:
            raise BadOrder("No subscription of that topic and endpoint is waiting for its confirmation.")
        return _json(200, {"confirmed": confirmed})

    def _connect(self, order: object) -> Answer:
        finished = self.connect(str(order.get("connection", ""))) if isinstance(order, dict) else []
        if not finished:
            raise BadOrder('No connection of that ARN or name is waiting: {"connection": "arn:…"}.')
        return _json(200, {"finished": finished})

    def _load(self, order: object) -> Answer:
        if not isinstance(order, dict):
            raise BadOrder('Say on what: {"resource": "shop-database", "load": 0.95}.')
        return _json(200, self.load(order))

    def _limit(self, order: object) -> Answer:
        if not isinstance(order, dict) or not all(isinstance(one, int | float) for one in order.values()):
            raise BadOrder('Say which and how much: {"L-F678F1CE": 5}.')
        self.limit({str(code): float(value) for code, value in order.items()})
        return _json(200, {"done": True})
