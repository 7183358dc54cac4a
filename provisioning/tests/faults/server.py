"""The proxy's server: takes AWS calls, lets faults strike them, forwards, answers, keeps the journal."""

from __future__ import annotations

import asyncio
import socket
import struct
from html import escape
from pathlib import Path

from provisioning.tests.faults.control import CONTROL_PREFIX, answer_control
from provisioning.tests.faults.http_messages import HEAD_LIMIT_BYTES, Request, Response, read_request
from provisioning.tests.faults.journal import Ending, Journal
from provisioning.tests.faults.recognition import Recognised, recognise
from provisioning.tests.faults.rule_book import Decision, RuleBook
from provisioning.tests.faults.rules import NotYet
from provisioning.tests.faults.striking import Exchange, Reply, kill, strike
from provisioning.tests.faults.upstream import Upstream, UpstreamUnreachable
from provisioning.tests.faults.wire_errors import bare_response, error_code
from provisioning.tests.faults.young import YoungResources

_LINGER_NOT_AT_ALL = struct.pack("ii", 1, 0)


class ProxyServer:
    """One listening proxy; `latency` seconds are added to each AWS call, half on the way there, half back."""

    def __init__(self, *, upstream: str, journal: Path | None = None, latency: float = 0.0) -> None:
        self.upstream = Upstream(upstream)
        self.journal = Journal(journal)
        self.rules = RuleBook()
        self.young = YoungResources()
        self.latency = latency
        self._conversations: set[asyncio.Task[None]] = set()

    async def listen(self, host: str, port: int) -> asyncio.Server:
        """Starts to accept connections; port 0 takes a free one."""
        return await asyncio.start_server(self._accept, host, port, limit=HEAD_LIMIT_BYTES, backlog=1024)

    def reset(self) -> None:
        """Empties the journal, sets the counters of the rules to nought and makes everything visible."""
        self.journal.reset()
        self.rules.reset()
        self.young.reset()

    def close(self) -> None:
        """Ends what is under way."""
        for task in self._conversations:
            task.cancel()
        self.upstream.close()
        self.journal.close()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None  # start_server runs this in a task of its own
        self._conversations.add(task)
        try:
            await self._converse(reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            pass  # the client is gone, perhaps because it was just killed
        except asyncio.CancelledError:
            return  # the proxy stops
        finally:
            self._conversations.discard(task)
            writer.close()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        open_ = True
        while open_ and (request := await read_request(reader, writer)) is not None:
            open_ = await self._answer(request, writer) and not request.wants_close

    async def _answer(self, request: Request, writer: asyncio.StreamWriter) -> bool:
        """Answers one request; False if the connection has ended with it."""
        call = recognise(request)
        if call is not None:
            return await send(await self._carry(request, call), request, writer)
        if request.path.startswith(CONTROL_PREFIX):
            return await send(Reply(response=answer_control(self, request)), request, writer)
        try:
            return await send(Reply(response=await self.upstream.send(request)), request, writer)
        except UpstreamUnreachable as error:
            return await send(Reply(response=_bad_gateway(error)), request, writer)

    async def _carry(self, request: Request, call: Recognised) -> Reply:
        """Takes one AWS call through its faults; it is in the journal before the client hears of it."""
        arrival = self.journal.arrive(call)
        decision = self.rules.decide(call)
        await self._travel()
        exchange = Exchange(request=request, call=call, upstream=self.upstream)
        try:
            reply, outcome = await self._outcome(exchange, decision)
        except UpstreamUnreachable as error:
            reply, outcome = Reply(response=_bad_gateway(error)), "unreachable"
        await self._travel()
        sent = reply.response
        ending = Ending(
            outcome=outcome,
            rule=decision.rule if decision and outcome.startswith("fault:") else None,
            committed=exchange.committed,
            status=sent.status if sent else None,
            error_code=error_code(sent) if sent else None,
        )
        self.journal.end(arrival, ending)
        return reply

    async def _outcome(self, exchange: Exchange, decision: Decision | None) -> tuple[Reply, str]:
        fault = decision.fault if decision else None
        if fault is not None and not isinstance(fault, NotYet):
            return await strike(fault, exchange), f"fault:{fault.type}"
        refusal = self.young.refusal(exchange.call, exchange.request)
        if refusal is not None:
            return Reply(response=refusal), "fault:not_yet"
        response = await exchange.forward()
        if isinstance(fault, NotYet):
            self.young.register(exchange.call, response, fault)
            return Reply(response=response), "forwarded"
        shown = self.young.filtered(exchange.call, response)
        return Reply(response=shown), "forwarded" if shown is response else "fault:not_yet"

    async def _travel(self) -> None:
        if self.latency:
            await asyncio.sleep(self.latency / 2)


def _bad_gateway(error: UpstreamUnreachable) -> Response:
    # botocore takes HTML for the page of a proxy, which this is, and the status for the code.
    return bare_response(502, f"<html><body>{escape(str(error))}</body></html>", "text/html")


async def send(reply: Reply, request: Request, writer: asyncio.StreamWriter) -> bool:
    """Gives the client its reply; False if the connection has ended with it."""
    if reply.response is None:
        _reset(writer)
        return False
    encoded = reply.response.encode(request.method)
    if reply.share is not None:
        await _send_share(encoded, reply.response, reply.share, writer)
        return False
    writer.write(encoded)
    await writer.drain()
    if reply.kill is not None:
        await asyncio.sleep(reply.delay)
        kill(reply.kill)
    return True


async def _send_share(encoded: bytes, response: Response, share: float, writer: asyncio.StreamWriter) -> None:
    missing = len(response.body) - int(len(response.body) * share)
    writer.write(encoded[: len(encoded) - missing])
    await writer.drain()


def _reset(writer: asyncio.StreamWriter) -> None:
    """Ends the connection with a TCP reset, not with the polite goodbye of close()."""
    raw: socket.socket = writer.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT_AT_ALL)
    writer.transport.abort()
