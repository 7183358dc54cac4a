"""The proxy costs little: added time a call, calls a second, and latency that holds up nobody else."""

from __future__ import annotations

import asyncio
import statistics
import threading
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from urllib.parse import urlsplit

import pytest

from provisioning.tests.faults import FaultProxy

HEADERS = {
    "Authorization": "AWS4-HMAC-SHA256 Credential=a/20260101/eu-west-1/ec2/aws4_request, SignedHeaders=host",
    "Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
    "User-Agent": "Boto3/1 operation/op-1 fence/1 pid/1",
}
BODY = "Action=CreateSubnet&Version=2016-11-15&VpcId=vpc-1&CidrBlock=10.0.1.0%2F24&" + "&".join(
    f"TagSpecification.1.Tag.{n}.Key=andamio%3Ak{n}&TagSpecification.1.Tag.{n}.Value=v" for n in range(1, 8)
)


async def _answer_at_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            await reader.readuntil(b"\r\n\r\n")
            await reader.readexactly(len(BODY))
            writer.write(
                b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 300\r\n\r\n" + b" " * 300
            )
    except asyncio.IncompleteReadError:
        writer.close()


@pytest.fixture(scope="module")
def quick_proxy() -> Iterator[FaultProxy]:
    """A proxy before a server that does nothing, so that only the proxy is measured."""
    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(asyncio.start_server(_answer_at_once, "127.0.0.1", 0))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    with FaultProxy(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}") as proxy:
        yield proxy
    loop.call_soon_threadsafe(server.close)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()


def call_repeatedly(url: str, times: int) -> list[float]:
    """Seconds of each of so many calls over one connection."""
    connection = HTTPConnection(urlsplit(url).netloc)
    seconds = []
    for _ in range(times):
        began = time.perf_counter()
        connection.request("POST", "/", BODY, HEADERS)
        connection.getresponse().read()
        seconds.append(time.perf_counter() - began)
    connection.close()
    return seconds


def calls_per_second(url: str, *, threads: int, times: int) -> float:
    workers = [threading.Thread(target=call_repeatedly, args=(url, times)) for _ in range(threads)]
    began = time.perf_counter()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return threads * times / (time.perf_counter() - began)


def test_a_call_takes_little_longer_through_the_proxy(quick_proxy: FaultProxy) -> None:
    call_repeatedly(quick_proxy.url, 50)
    direct = statistics.median(call_repeatedly(quick_proxy.upstream, 300))
    proxied = statistics.median(call_repeatedly(quick_proxy.url, 300))
    assert proxied - direct < 0.0015


def test_it_carries_four_hundred_calls_a_second(quick_proxy: FaultProxy) -> None:
    assert calls_per_second(quick_proxy.url, threads=8, times=100) > 400


def test_latency_holds_no_thread(quick_proxy: FaultProxy) -> None:
    quick_proxy.set_latency(0.08)
    rate = calls_per_second(quick_proxy.url, threads=40, times=5)
    quick_proxy.set_latency(0)
    assert 250 < rate < 40 / 0.08
