"""Error answers in the wire format of each AWS protocol, as botocore's parsers expect them."""

from __future__ import annotations

import json
import re
from http.client import responses
from xml.sax.saxutils import escape

from provisioning.tests.faults.http_messages import Response
from provisioning.tests.faults.service_codes import QUERY_COMPATIBLE, Protocol

REQUEST_ID = "00000000-fa17-0000-0000-000000000000"
"""The request id of every answer that the proxy itself makes, so that logs tell it from upstream's."""

_XML = {
    "ec2": "<Response><Errors><Error><Code>{code}</Code><Message>{message}</Message></Error></Errors>"
    "<RequestID>{request_id}</RequestID></Response>",
    "query": "<ErrorResponse><Error><Type>{party}</Type><Code>{code}</Code><Message>{message}</Message></Error>"
    "<RequestId>{request_id}</RequestId></ErrorResponse>",
    "s3": "<Error><Code>{code}</Code><Message>{message}</Message><RequestId>{request_id}</RequestId>"
    "<HostId>{request_id}</HostId></Error>",
}
_XML["rest-xml"] = _XML["query"]
_XML_CODE = re.compile(rb"<Code>([^<]+)</Code>")


def error_response(*, service: str, protocol: Protocol, code: str, message: str, status: int) -> Response:
    """The response with which a service of this protocol says `code`; the status is the HTTP one."""
    if protocol in _XML:
        return _xml_error(protocol, code, message, status)
    headers = [("x-amzn-RequestId", REQUEST_ID)]
    if protocol == "cbor":
        headers += [("Content-Type", "application/cbor"), ("smithy-protocol", "rpc-v2-cbor")]
        return _response(status, headers, _cbor_map({"__type": code, "message": message}))
    headers.append(
        ("Content-Type", "application/x-amz-json-1.1" if protocol == "json" else "application/json")
    )
    members = {"message": message}
    if protocol == "json":
        members["__type"] = code
    else:
        headers.append(("x-amzn-errortype", code))
    if service in QUERY_COMPATIBLE:
        headers.append(("x-amzn-query-error", f"{code};{_party(status)}"))
    return _response(status, headers, json.dumps(members).encode())


def _xml_error(protocol: Protocol, code: str, message: str, status: int) -> Response:
    text = _XML[protocol].format(
        code=escape(code), message=escape(message), party=_party(status), request_id=REQUEST_ID
    )
    headers = [("Content-Type", "text/xml"), ("x-amzn-requestid", REQUEST_ID)]
    return _response(status, headers, f'<?xml version="1.0" encoding="UTF-8"?>\n{text}'.encode())


def bare_response(status: int, body: str, content_type: str) -> Response:
    """A response that is no AWS error: a load balancer's page, a service's hand-made answer."""
    return _response(status, [("Content-Type", content_type)], body.encode())


def error_code(response: Response) -> str | None:
    """The AWS error code in a response, or the HTTP status as text if it is an error without one."""
    if response.status < 400:
        return None
    for header in ("x-amzn-errortype", "x-amzn-query-error"):
        if value := response.header(header):
            return value.partition(";")[0].partition(":")[0]
    if found := _XML_CODE.search(response.body):
        return found.group(1).decode()
    return _json_code(response.body) or str(response.status)


def _json_code(body: bytes) -> str | None:
    try:
        members = json.loads(body)
    except ValueError:
        return None
    code = members.get("__type") or members.get("code") if isinstance(members, dict) else None
    return str(code).rpartition("#")[2].partition(":")[0] if code else None


def _party(status: int) -> str:
    return "Sender" if status < 500 else "Receiver"


def _response(status: int, headers: list[tuple[str, str]], body: bytes) -> Response:
    encoded = tuple((name.encode(), value.encode("latin-1")) for name, value in headers)
    reason = responses.get(status, "")
    return Response(status=status, reason=reason, headers=encoded, body=body)


def _cbor_map(members: dict[str, str]) -> bytes:
    """A CBOR map of text to text (RFC 8949 major types 5 and 3), which is all that an error needs."""
    pairs = b"".join(_cbor_text(key) + _cbor_text(value) for key, value in members.items())
    return bytes([0xA0 | len(members)]) + pairs


def _cbor_text(text: str) -> bytes:
    encoded = text.encode()
    return b"\x79" + len(encoded).to_bytes(2, "big") + encoded
