"""Connections from the proxy to what it forwards to."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

from provisioning.tests.faults.http_messages import HEAD_LIMIT_BYTES, Request, Response, read_response

# A connection idle for longer may be closed by the server just as a call is sent on it, and a call must never be
# sent twice by the proxy. Servers keep idle connections for two seconds and more.
_REUSE_WITHIN_SECONDS = 1.0


class UpstreamUnreachable(Exception):
    """Upstream refused the connection or broke off; whether it carried the call out is unknown."""


@dataclass(frozen=True, kw_only=True, slots=True)
class _Connection:
    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    idle_since: float


class Upstream:
    """A pool of connections to one server, kept alive where it allows that."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.url = url
        self._host = parts.hostname or "127.0.0.1"
        self._port = parts.port or 80
        self._idle: list[_Connection] = []

    async def send(self, request: Request) -> Response:
        """Forwards the request once and gives the whole response; `UpstreamUnreachable` if none comes."""
        try:
            reader, writer = await self._connection()
        except OSError as error:
            raise UpstreamUnreachable(f"{self.url} cannot be reached: {error}") from error
        reusable = False
        try:
            writer.write(request.for_upstream())
            await writer.drain()
            response = await read_response(reader, request.method)
            reusable = response.reusable
        except (OSError, asyncio.IncompleteReadError) as error:
            raise UpstreamUnreachable(f"{self.url} broke off: {error}") from error
        finally:
            if reusable:
                idle = _Connection(reader=reader, writer=writer, idle_since=time.monotonic())
                self._idle.append(idle)
            else:
                writer.close()
        return response

    def close(self) -> None:
        """Closes the idle connections."""
        while self._idle:
            self._idle.pop().writer.close()

    async def _connection(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        while self._idle:
            idle = self._idle.pop()
            fresh = time.monotonic() - idle.idle_since < _REUSE_WITHIN_SECONDS
            if fresh and not idle.reader.at_eof() and not idle.writer.is_closing():
                return idle.reader, idle.writer
            idle.writer.close()
        return await asyncio.open_connection(self._host, self._port, limit=HEAD_LIMIT_BYTES)
