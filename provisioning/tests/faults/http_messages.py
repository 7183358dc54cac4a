"""HTTP/1.1 messages as the fault proxy reads and writes them: requests kept byte for byte, responses whole."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, replace

HEAD_LIMIT_BYTES = 1 << 20
_HEAD_END = b"\r\n\r\n"
_HOP_BY_HOP = {b"connection", b"keep-alive", b"transfer-encoding", b"content-length", b"proxy-connection"}
_KEPT_BACK_FROM_UPSTREAM = {b"expect", b"connection", b"keep-alive"}


@dataclass(frozen=True, kw_only=True, slots=True)
class Request:
    """One request as the client sent it.

    `target` is path and query exactly as on the wire; `headers` has lower-case names (last value wins) and is
    only for reading: `for_upstream` sends the original lines. `body` is decoded, `raw_body` still framed.
    """

    method: str
    target: str
    headers: Mapping[str, str]
    head: bytes
    body: bytes = b""
    raw_body: bytes = b""

    @property
    def path(self) -> str:
        """The path still percent-encoded, without the query."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        """The query string still percent-encoded, without the question mark."""
        return self.target.partition("?")[2]

    @property
    def wants_close(self) -> bool:
        """Whether the client asked that its connection ends after this exchange."""
        return self.headers.get("connection", "").lower() == "close"

    def for_upstream(self) -> bytes:
        """The bytes to forward: everything as received but the headers that concern one connection only."""
        if not any(name.decode() in self.headers for name in _KEPT_BACK_FROM_UPSTREAM):
            return self.head + self.raw_body
        lines = self.head[: -len(_HEAD_END)].split(b"\r\n")
        kept = [line for line in lines if line.partition(b":")[0].lower() not in _KEPT_BACK_FROM_UPSTREAM]
        return b"\r\n".join(kept) + _HEAD_END + self.raw_body


@dataclass(frozen=True, kw_only=True, slots=True)
class Response:
    """One whole response; `headers` in order as received, `body` decoded, `reusable` if upstream stays open."""

    status: int
    reason: str = ""
    headers: tuple[tuple[bytes, bytes], ...] = ()
    body: bytes = b""
    reusable: bool = False

    def header(self, name: str) -> str | None:
        """The value of the first header of this (lower-case) name, or None."""
        wanted = name.encode()
        return next((value.decode("latin-1") for key, value in self.headers if key.lower() == wanted), None)

    def with_body(self, body: bytes) -> Response:
        """The same response around another body; the length is written when it is encoded."""
        return replace(self, body=body)

    def encode(self, method: str) -> bytes:
        """The bytes for the client, as HTTP/1.1 that keeps the connection open and states its length."""
        lines = [b"HTTP/1.1 %d %s" % (self.status, self.reason.encode("latin-1"))]
        lines += [name + b": " + value for name, value in self.headers if name.lower() not in _HOP_BY_HOP]
        if method == "HEAD":
            # The length a HEAD states is that of the object, not of the (absent) body.
            lines.append(b"Content-Length: " + (self.header("content-length") or "0").encode())
            return b"\r\n".join(lines) + _HEAD_END
        if self.status not in {204, 304}:
            lines.append(b"Content-Length: %d" % len(self.body))
        return b"\r\n".join(lines) + _HEAD_END + self.body


async def read_request(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> Request | None:
    """The next request of a client, or None when it closed the connection between two requests."""
    try:
        head = await reader.readuntil(_HEAD_END)
    except asyncio.IncompleteReadError:
        return None
    first, _, rest = head[: -len(_HEAD_END)].decode("latin-1").partition("\r\n")
    method, target, _ = first.split(" ", 2)
    headers = _header_mapping(rest)
    if headers.get("expect", "").lower() == "100-continue":
        # boto3 holds back an S3 body for a second unless somebody on the way says this.
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    body, raw = await _read_request_body(reader, headers)
    return Request(method=method, target=target, headers=headers, head=head, body=body, raw_body=raw)


def _header_mapping(text: str) -> dict[str, str]:
    headers: dict[str, str] = {}
    for line in text.split("\r\n"):
        name, _, value = line.partition(":")
        headers[name.lower()] = value.strip()
    return headers


async def _read_request_body(reader: asyncio.StreamReader, headers: Mapping[str, str]) -> tuple[bytes, bytes]:
    if "chunked" in headers.get("transfer-encoding", "").lower():
        return await _read_chunks(reader)
    length = int(headers.get("content-length") or 0)
    body = await reader.readexactly(length) if length else b""
    return body, body


async def _read_chunks(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    """A chunked body, decoded and as it stood on the wire."""
    body, raw = bytearray(), bytearray()
    while True:
        line = await reader.readuntil(b"\r\n")
        raw += line
        size = int(line.partition(b";")[0], 16)
        if size == 0:
            break
        chunk = await reader.readexactly(size + 2)
        raw += chunk
        body += chunk[:-2]
    line = b""
    while line != b"\r\n":
        line = await reader.readuntil(b"\r\n")
        raw += line
    return bytes(body), bytes(raw)


async def read_response(reader: asyncio.StreamReader, method: str) -> Response:
    """The whole response of upstream; `asyncio.IncompleteReadError` if it breaks off."""
    status, reason, headers, version = await _read_response_head(reader)
    mapping = {name.lower(): value for name, value in headers}
    keeps = mapping.get(b"connection", b"").lower() != b"close" and version == b"HTTP/1.1"
    body, framed = await _read_response_body(
        reader, mapping, bodiless=method == "HEAD" or status in {204, 304}
    )
    return Response(status=status, reason=reason, headers=headers, body=body, reusable=keeps and framed)


async def _read_response_head(
    reader: asyncio.StreamReader,
) -> tuple[int, str, tuple[tuple[bytes, bytes], ...], bytes]:
    while True:
        head = await reader.readuntil(_HEAD_END)
        first, *lines = head[: -len(_HEAD_END)].split(b"\r\n")
        version, code, *reason = first.split(b" ", 2)
        if int(code) >= 200:  # 1xx are interim answers
            break
    headers = tuple((name, value.strip()) for name, _, value in (line.partition(b":") for line in lines))
    return int(code), (reason[0] if reason else b"").decode("latin-1"), headers, version


async def _read_response_body(
    reader: asyncio.StreamReader, headers: Mapping[bytes, bytes], *, bodiless: bool
) -> tuple[bytes, bool]:
    """The decoded body, and whether its end was stated (else it ended with the connection)."""
    if bodiless:
        return b"", True
    if b"chunked" in headers.get(b"transfer-encoding", b"").lower():
        return (await _read_chunks(reader))[0], True
    if b"content-length" in headers:
        return await reader.readexactly(int(headers[b"content-length"])), True
    return await reader.read(), False
