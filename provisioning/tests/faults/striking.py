"""What each fault does to a call on its way: whether upstream sees it, and what the client gets."""

from __future__ import annotations

import asyncio
import os
import signal
from dataclasses import dataclass

from provisioning.tests.faults.http_messages import Request, Response
from provisioning.tests.faults.recognition import Recognised
from provisioning.tests.faults.rules import (
    AccessDenied,
    Fault,
    Hang,
    Http5xx,
    Kill,
    LostResponse,
    Raw,
    ServiceError,
    Throttle,
    Timeout,
    Truncated,
)
from provisioning.tests.faults.service_codes import denial_code, throttle_code
from provisioning.tests.faults.upstream import Upstream
from provisioning.tests.faults.wire_errors import bare_response, error_response


@dataclass(frozen=True, kw_only=True, slots=True)
class Reply:
    """What the client gets.

    No `response`: a TCP reset. `share`: only this part of the body, then the end of the connection. `kill`: the
    process to kill once the reply is out, `delay` seconds later.
    """

    response: Response | None = None
    share: float | None = None
    kill: int | None = None
    delay: float = 0.0


@dataclass(kw_only=True, slots=True)
class Exchange:
    """One AWS call under way; `committed` once upstream has carried out a change."""

    request: Request
    call: Recognised
    upstream: Upstream
    committed: bool = False

    async def forward(self) -> Response:
        """Sends the call on; raises `UpstreamUnreachable`."""
        response = await self.upstream.send(self.request)
        self.committed = self.call.mutating and response.status < 400
        return response


async def strike(fault: Fault, exchange: Exchange) -> Reply:
    """Lets the fault happen; raises `UpstreamUnreachable` if upstream was to see the call and could not."""
    match fault:
        case Kill():
            return await _kill(fault, exchange)
        case LostResponse():
            await exchange.forward()
            return Reply()
        case Truncated(share=share):
            return Reply(response=await exchange.forward(), share=share)
        case Hang():
            return await _hang(fault, exchange)
        case Timeout():
            return await _time_out(fault, exchange)
        case ServiceError(when="after_commit") | Http5xx(when="after_commit"):
            await exchange.forward()
    return Reply(response=made_response(fault, exchange.call))


async def _kill(fault: Kill, exchange: Exchange) -> Reply:
    pid = exchange.call.sender.pid
    if fault.when == "before":
        kill(pid)
        return Reply()
    response = await exchange.forward()
    if fault.when == "after_commit":
        kill(pid)
        return Reply()
    return Reply(response=response, kill=pid, delay=fault.delay)


async def _hang(fault: Hang, exchange: Exchange) -> Reply:
    if fault.when == "before":
        await asyncio.sleep(fault.seconds)
        return Reply(response=await exchange.forward())
    response = await exchange.forward()
    await asyncio.sleep(fault.seconds)
    return Reply(response=response)


async def _time_out(fault: Timeout, exchange: Exchange) -> Reply:
    if fault.when == "after_commit":
        await exchange.forward()
    await asyncio.sleep(fault.seconds)
    return Reply()


def made_response(fault: Fault, call: Recognised) -> Response:
    """The answer that a fault puts in the place of upstream's, in the wire format of the call."""
    match fault:
        case Http5xx():
            return bare_response(fault.status, fault.body, "text/html")
        case Raw():
            return bare_response(fault.status, fault.body, fault.content_type)
        case Throttle():
            code, status = throttle_code(call.service, call.protocol)
            message = "Rate exceeded"
        case AccessDenied():
            code, status = denial_code(call.service, call.protocol)
            message = f"User is not authorized to perform: {call.service}:{call.operation}"
        case ServiceError():
            code, status, message = fault.code, fault.status, fault.message
        case _:
            raise TypeError(f"{fault.type} makes no answer of its own")
    return error_response(
        service=call.service, protocol=call.protocol, code=code, message=message, status=status
    )


def kill(pid: int | None) -> None:
    """SIGKILL, unless there is no such process any more; never init, a group, or the proxy itself."""
    if pid is None or pid <= 1 or pid == os.getpid():
        return
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return
