"""Errors, lost replies and delays that a test or a demo orders for calls to come."""

import threading
from dataclasses import dataclass, field
from typing import Any

from provisioning.simulator.wire import Who


class BadFault(ValueError):
    """What was ordered is no fault; the message says what is wrong with it."""


@dataclass(kw_only=True)
class Fault:
    """One order. Empty `service`, `operation` or `agent` (a part of the user agent) means any.

    `effect` is `error` (answer with `code`, nothing done), `lost` (carry the call out, then cut the
    connection), or `slow` (answer `seconds` later). `skip` calls pass unharmed first; then it happens `times`.
    """

    service: str = ""
    operation: str = ""
    code: str = "InternalFailure"
    message: str = "This error was ordered from the simulator."
    effect: str = "error"
    agent: str = ""
    #: HTTP status; 0 leaves it to the service's model.
    status: int = 0
    times: int = 1
    skip: int = 0
    seconds: float = 0.0
    mutating_only: bool = False

    @classmethod
    def from_json(cls, order: object) -> "Fault":
        """Read an order from a request's body."""
        if not isinstance(order, dict):
            raise BadFault('A fault is an object like {"service": "rds", "code": "InternalFailure"}.')
        fields = cls.__dataclass_fields__
        for name, value in order.items():
            if name not in fields:
                raise BadFault(f"A fault has no {name!r}; it has {', '.join(fields)}.")
            wanted = type(fields[name].default)
            if not isinstance(value, (wanted, int) if wanted is float else wanted):
                raise BadFault(f"{name!r} must be a {wanted.__name__}.")
        if order.get("effect", "error") not in ("error", "lost", "slow"):
            raise BadFault("The effect is error, lost or slow.")
        return cls(**order)

    def meets(self, who: Who, agent: str) -> bool:
        """Whether the order speaks of this call."""
        return (
            self.service in ("", who.service)
            and self.operation in ("", who.operation)
            and self.agent in agent
            and (who.mutating or not self.mutating_only)
        )

    def as_json(self) -> dict[str, Any]:
        """The order with what is left of it."""
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


@dataclass(kw_only=True)
class Faults:
    """Orders that wait for their calls; safe for many threads."""

    _orders: list[Fault] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, fault: Fault) -> None:
        """Wait for the calls that this fault is for."""
        with self._lock:
            self._orders.append(fault)

    def clear(self) -> None:
        """Forget every order."""
        with self._lock:
            self._orders.clear()

    def waiting(self) -> list[dict[str, Any]]:
        """The orders that are not used up."""
        with self._lock:
            return [fault.as_json() for fault in self._orders]

    def strike(self, who: Who, agent: str) -> Fault | None:
        """The fault for this call, if one is due; counts it."""
        if not self._orders:
            return None
        with self._lock:
            for fault in self._orders:
                if not fault.meets(who, agent):
                    continue
                if fault.skip:
                    fault.skip -= 1
                    continue
                fault.times -= 1
                if fault.times <= 0:
                    self._orders.remove(fault)
                return fault
        return None
