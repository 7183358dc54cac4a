"""HTTP on both sides of the proxy: framings of every kind, kept connections, and each call sent once only."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from provisioning.tests.faults.server import ProxyServer

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
PLAIN = b"GET /page HTTP/1.1\r\nHost: x\r\n\r\n"
CHUNKED = b"POST /page HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n4;a=b\r\nabcd\r\n2\r\nef\r\n0\r\n\r\n"
EXPECTANT = b"PUT /page HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nX-One: 1\r\nContent-Length: 3\r\n\r\n"


async def _through_proxy(handler: Handler, *messages: bytes) -> list[bytes]:
    """What a client reads in answer to each message, sent one after the other over one connection."""
    upstream = await asyncio.start_server(handler, "127.0.0.1", 0)
    proxy = ProxyServer(upstream=f"http://127.0.0.1:{upstream.sockets[0].getsockname()[1]}")
    server = await proxy.listen("127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(*server.sockets[0].getsockname())
    answers = []
    for message in messages:
        writer.write(message)
        answers.append(await asyncio.wait_for(reader.read(65536), 5))
    writer.close()
    server.close()
    upstream.close()
    proxy.close()
    await _all_ended()
    return answers


async def _all_ended() -> None:
    """Lets every conversation end and its socket be closed before the loop is."""
    if others := asyncio.all_tasks() - {asyncio.current_task()}:
        await asyncio.wait(others, timeout=5)
    await asyncio.sleep(0.01)


def through_proxy(handler: Handler, *messages: bytes) -> list[bytes]:
    return asyncio.run(_through_proxy(handler, *messages))


class Server:
    """An upstream that answers every connection's first bytes with `answer`, and remembers what it was sent."""

    def __init__(self, answer: bytes, *, closes: bool = True) -> None:
        self.answer = answer
        self.closes = closes
        self.requests: list[bytes] = []
        self.connections = 0

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        while data := await reader.read(65536):
            self.requests.append(data)
            writer.write(self.answer)
            if self.closes:
                break
        writer.close()


def test_an_answer_that_ends_with_its_connection_gets_a_length() -> None:
    server = Server(b"HTTP/1.0 200 OK\r\nConnection: close\r\nX-Two: 2\r\n\r\nbody")
    first, second = through_proxy(server, PLAIN, PLAIN)
    assert first == second == b"HTTP/1.1 200 OK\r\nX-Two: 2\r\nContent-Length: 4\r\n\r\nbody"


def test_a_chunked_answer_arrives_whole() -> None:
    server = Server(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n1\r\nd\r\n0\r\n\r\n")
    (answer,) = through_proxy(server, PLAIN)
    assert answer.endswith(b"Content-Length: 4\r\n\r\nabcd")


def test_a_chunked_request_is_forwarded_as_it_was_framed() -> None:
    server = Server(b"HTTP/1.1 204 No Content\r\n\r\n")
    (answer,) = through_proxy(server, CHUNKED)
    assert server.requests == [CHUNKED]
    assert answer == b"HTTP/1.1 204 No Content\r\n\r\n"


def test_a_client_that_waits_for_100_gets_it_and_upstream_is_not_asked() -> None:
    server = Server(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    interim, answer = through_proxy(server, EXPECTANT, b"abc")
    assert interim == b"HTTP/1.1 100 Continue\r\n\r\n"
    assert answer.startswith(b"HTTP/1.1 200 OK")
    expected = EXPECTANT.replace(b"Expect: 100-continue\r\n", b"") + b"abc"
    assert server.requests == [expected]


def test_a_head_keeps_the_length_it_tells() -> None:
    server = Server(b"HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n")
    (answer,) = through_proxy(server, PLAIN.replace(b"GET", b"HEAD"))
    assert answer == b"HTTP/1.1 200 OK\r\nContent-Length: 1234\r\n\r\n"


def test_a_kept_connection_is_used_again() -> None:
    server = Server(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", closes=False)
    through_proxy(server, PLAIN, PLAIN, PLAIN)
    assert (len(server.requests), server.connections) == (3, 1)


def test_a_connection_closed_after_its_answer_is_not_used_again() -> None:
    server = Server(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    answers = through_proxy(server, PLAIN, PLAIN)
    assert all(answer.startswith(b"HTTP/1.1 200") for answer in answers)
    assert server.connections == 2


def test_an_upstream_that_breaks_off_is_asked_once_only() -> None:
    server = Server(b"")
    (answer,) = through_proxy(server, PLAIN)
    assert answer.startswith(b"HTTP/1.1 502")
    assert len(server.requests) == 1
