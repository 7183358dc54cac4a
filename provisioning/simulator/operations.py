"""How a service's file takes over an operation: it registers a function that gets the call and gives the result."""

from collections.abc import Callable, MutableMapping
from dataclasses import dataclass
from typing import Any

from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult

from provisioning.simulator.world import Moment


class Refusal(ServiceException):
    """An error as AWS gives it: code, text and HTTP status, sent in the service's own wire format."""

    def __init__(self, code: str, message: str, status: int = 0) -> None:
        super().__init__(code, message)
        #: 0 leaves the status to the service's model.
        self.status = status


@dataclass(frozen=True, kw_only=True)
class Call(Moment):
    """One request of a caller. `params` has AWS's names; `forward` lets moto do its part."""

    service: str
    operation: str
    params: MutableMapping[str, Any]
    #: Runs moto's own method for this operation.
    forward: Callable[[], object]

    def text(self, name: str) -> str:
        """A parameter as text; empty when it was not given."""
        value = self.params.get(name)
        return "" if value is None else str(value)

    def items(self, name: str) -> list[Any]:
        """A list parameter; empty when it was not given."""
        return list(self.params.get(name) or [])


Handler = Callable[[Call], object]
handlers: dict[tuple[str, str], Handler] = {}


def operation(service: str, *names: str) -> Callable[[Handler], Handler]:
    """Register a function for operations of a service, which is named as in boto3."""

    def register(handler: Handler) -> Handler:
        for name in names:
            handlers[service, name] = handler
        return handler

    return register


def result_of(answer: object) -> Any:
    """The dict (or model) inside what moto's method gave back."""
    return answer.result if isinstance(answer, ActionResult) else answer
