"""Puts our operations into moto: every request passes here between moto's parsing and moto's serialising."""

import inspect
import time
import warnings
from typing import Any

from moto.core import responses
from moto.core.common_models import BaseModel
from moto.core.responses import ActionResult, BaseResponse
from moto.core.utils import camelcase_to_underscores

from provisioning.simulator.operations import Call, Handler, Refusal, handlers
from provisioning.simulator.world import Machine

_method_names: dict[object, frozenset[str]] = {}


def _names_of(response_class: object) -> frozenset[str]:
    """moto looks through the whole class at every request; its methods do not change, so once is enough."""
    if response_class not in _method_names:
        members = inspect.getmembers(response_class, predicate=inspect.isfunction)
        _method_names[response_class] = frozenset(name for name, _ in members)
    return _method_names[response_class]


def _not_in_moto(response: Any) -> object:
    raise NotImplementedError(f"{response.service_name} {response._get_action()}")


def _offer(response_class: type[BaseResponse], name: str) -> None:
    """Give moto's class a method for an operation that it lacks, so that it lets the request through."""
    if name not in _names_of(response_class):
        setattr(response_class, name, _not_in_moto)
        del _method_names[response_class]


def _untracked(cls: type[Any], *_: object, **__: object) -> object:
    return object.__new__(cls)


def _call_of(machine: Machine, response: Any, name: str) -> Call:
    if not response.automated_parameter_parsing:
        response.parse_parameters(response.normalized_request)
    moto_method = getattr(type(response), name)
    return Call(
        world=machine.world,
        durations=machine.durations,
        account=response.current_account,
        region=response.region,
        now=time.time(),
        service=response.boto3_service_name,
        operation=response._get_action(),
        params=response.params,
        forward=lambda: moto_method(response),
    )


def _run(machine: Machine, response: Any, name: str, handler: Handler) -> object:
    try:
        answer = handler(_call_of(machine, response, name))
    except Refusal as error:
        if not error.status:
            raise
        _, headers, body = response.serialized(ActionResult(error))
        return body, {**headers, "status": error.status}
    return ActionResult(answer) if isinstance(answer, dict) else answer


class _Unrouted(BaseResponse):
    """What stands where moto has no class for a service, or no path for an operation."""


def answer_alone(service: str, operation: str, request: Any) -> tuple[int, dict[str, Any], Any] | None:
    """The answer of our own operation, without moto's routes; None where we have none of this name."""
    if (service, operation) not in handlers:
        return None
    answer: Any = _Unrouted(service)._dispatch(request, request.raw_url, dict(request.headers))
    return answer  # type: ignore[no-any-return]


def install(machine: Machine) -> None:
    """Change moto, once per process, so that `machine`'s world and our operations stand in front of it."""
    # moto warns about codes that its models lack; AWS sends several that they lack.
    warnings.filterwarnings("ignore", message="Exception.*does not match an error shape")
    # moto keeps every model ever made in a list, which a long-running server must not.
    BaseModel.__new__ = _untracked  # type: ignore[method-assign, assignment]  # moto has no switch for it
    responses.method_names_from_class = _names_of  # type: ignore[assignment, attr-defined]  # a set serves as well as a list
    original = BaseResponse.call_action

    def call_action(self: Any) -> Any:
        action = self._get_action()
        handler = handlers.get((self.boto3_service_name, action or ""))
        if handler is not None:
            name = camelcase_to_underscores(action)
            _offer(type(self), name)
            setattr(self, name, lambda: _run(machine, self, name, handler))
        return original(self)

    BaseResponse.call_action = call_action  # type: ignore[method-assign]  # the one seam that moto gives
