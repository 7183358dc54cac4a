"""What an AWS request is: its service, operation, protocol, parameters, resource, and who sends it."""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote

from provisioning.tests.faults.http_messages import Request
from provisioning.tests.faults.rest_routes import match_rest
from provisioning.tests.faults.service_codes import (
    CLIENT_NAMES,
    UNSIGNED_ACTIONS,
    UNSIGNED_TARGETS,
    Protocol,
)

Parameters = Mapping[str, tuple[str, ...]]

_SCOPE = re.compile(r"Credential=[^/]+/\d+/[^/]+/([^/]+)/aws4_request")
_READS = re.compile(
    r"(Batch)?(Assume|Check|Decode|Describe|Detect|Estimate|Filter|Get|Head|List|Lookup|Preview|Query|Scan|Search"
    r"|Select|Simulate|Test|Validate)(?![a-z])"
)
_OPERATION_ID = re.compile(r"(?:^|\s)operation/(\S+)")
_FENCE = re.compile(r"(?:^|\s)fence/(\d+)")
_PID = re.compile(r"(?:^|\s)pid/(\d+)")
_VERB = re.compile(r"^[A-Z][a-z]+")
_INDEX = re.compile(r"\.(member\.)?\d+")
_TOKENS = {"action", "version", "clienttoken", "callerreference", "clientrequesttoken", "idempotencytoken"}
_NAME_ENDINGS = ("id", "name", "identifier", "arn", "")
_LARGEST_BODY_READ = 1 << 20


@dataclass(frozen=True, kw_only=True, slots=True)
class Sender:
    """Who makes the call, as its user agent says in `operation/<id> fence/<n> pid/<pid>`; None where unsaid."""

    operation_id: str | None = None
    fence: int | None = None
    pid: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Recognised:
    """One AWS call, understood.

    `service` is the boto3 client name; `parameters` are its flat text parameters (an index such as `.member.1`
    is dropped, so a list is several values of one key); `resource` is a hint at what the call is about.
    """

    service: str
    operation: str
    protocol: Protocol
    mutating: bool
    resource: str
    parameters: Parameters
    sender: Sender


def recognise(request: Request) -> Recognised | None:
    """The AWS call this request is, or None for anything else (a page, a health check, the simulator's own)."""
    service = _service(request)
    if service is None:
        return None
    operation, protocol, parameters = _operation(service, request)
    mutating = is_mutating(operation)
    return Recognised(
        service=service,
        operation=operation,
        protocol=protocol,
        mutating=mutating,
        resource=_resource(operation, parameters) or (f"{zlib.crc32(request.body):08x}" if mutating else ""),
        parameters=parameters,
        sender=_sender(request.headers.get("user-agent", "")),
    )


def is_mutating(operation: str) -> bool:
    """Whether an operation of this name changes anything in AWS: all do but Describe, List, Get, Head, …"""
    return _READS.match(operation) is None


def _service(request: Request) -> str | None:
    """From the credential scope; where nothing is signed from target, action or host."""
    scope = _SCOPE.search(request.headers.get("authorization", "")) or _SCOPE.search(
        unquote(request.query).replace("X-Amz-Credential=", "Credential=")
    )
    if scope:
        return _client_name(scope.group(1), request)
    target = request.headers.get("x-amz-target", "").partition(".")[0]
    if target in UNSIGNED_TARGETS:
        return UNSIGNED_TARGETS[target]
    if action := _form(request).get("Action"):
        return UNSIGNED_ACTIONS.get(action[0])
    host = request.headers.get("host", "")
    return _client_name(host.partition(".")[0], request) if ".amazonaws.com" in host else None


def _client_name(signing_name: str, request: Request) -> str:
    if signing_name == "elasticloadbalancing":
        return "elbv2" if b"Version=2015-12-01" in request.body else "elb"
    if signing_name == "apigateway":
        return "apigatewayv2" if request.path.startswith("/v2/") else "apigateway"
    return CLIENT_NAMES.get(signing_name, signing_name)


def _operation(service: str, request: Request) -> tuple[str, Protocol, Parameters]:
    if "x-amz-target" in request.headers:
        operation = request.headers["x-amz-target"].rpartition(".")[2]
        return operation, "json", dict(_json_parameters(request.body))
    if request.headers.get("smithy-protocol") == "rpc-v2-cbor":
        return request.path.rpartition("/")[2], "cbor", {}
    form = _form(request)
    if "Action" in form:
        return form["Action"][0], "ec2" if service == "ec2" else "query", form
    found = match_rest(service, request)
    if found is None:
        return f"{request.method} {request.path}", "s3" if service == "s3" else "rest-xml", {}
    parameters: dict[str, tuple[str, ...]] = {}
    if found.protocol == "rest-json":
        parameters.update(_json_parameters(request.body))
    parameters.update({key: (value,) for key, value in found.parameters.items()})
    return found.operation, found.protocol, parameters


def _form(request: Request) -> Parameters:
    """The parameters of a query-protocol call, from its body or, for a GET, from its query."""
    if "form-urlencoded" in request.headers.get("content-type", ""):
        text = request.body.decode("utf-8", "replace")
    elif "Action=" in request.query:
        text = request.query
    else:
        return {}
    form: dict[str, tuple[str, ...]] = {}
    for key, value in parse_qsl(text, keep_blank_values=True):
        plain = _INDEX.sub("", key)
        form[plain] = (*form.get(plain, ()), value)
    return form


def _json_parameters(body: bytes) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The top-level members of a JSON body that are text or lists of text; its tags as `Tag.Key`/`Tag.Value`."""
    if len(body) > _LARGEST_BODY_READ or not body.startswith(b"{"):
        return
    try:
        members: dict[str, object] = json.loads(body)
    except ValueError:
        return
    for key, value in members.items():
        if isinstance(value, str):
            yield key, (value,)
        elif isinstance(value, list) and value and all(isinstance(item, str) for item in value):
            yield key, tuple(value)
        elif key.lower() == "tags":
            yield from _tag_parameters(value)


def _tag_parameters(tags: object) -> Iterator[tuple[str, tuple[str, ...]]]:
    pairs: list[tuple[str, str]] = []
    if isinstance(tags, dict):
        pairs = [(str(key), str(value)) for key, value in tags.items()]
    elif isinstance(tags, list):
        lowered = ({str(k).lower(): str(v) for k, v in tag.items()} for tag in tags if isinstance(tag, dict))
        pairs = [(tag.get("key", ""), tag.get("value", "")) for tag in lowered]
    if pairs:
        yield "Tag.Key", tuple(key for key, _ in pairs)
        yield "Tag.Value", tuple(value for _, value in pairs)


def _resource(operation: str, parameters: Parameters) -> str:
    """What the call is about: its own name or id, else its tag, else any name; empty when it says none."""
    lowered = {key.lower(): values[0] for key, values in parameters.items()}
    noun = _VERB.sub("", operation).lower()
    for ending in _NAME_ENDINGS:
        if (value := lowered.get(noun + ending)) is not None:
            return value
    tagged = _tag_hint(parameters)
    if tagged is not None:
        return tagged
    for key, value in lowered.items():
        if key not in _TOKENS and key.endswith(("id", "name", "identifier", "arn", "bucket", "family")):
            return value
    return ""


def _tag_hint(parameters: Parameters) -> str | None:
    """The value of the tag that names a resource: one called Name, or whose key ends in `key`."""
    for prefix in ("TagSpecification.Tag.", "Tags.", "Tags.Tag.", "Tag."):
        keys, values = parameters.get(prefix + "Key", ()), parameters.get(prefix + "Value", ())
        for key, value in zip(keys, values, strict=False):
            if key.lower() == "name" or key.lower().endswith("key"):
                return value
    return None


def _sender(user_agent: str) -> Sender:
    operation, fence, pid = (p.search(user_agent) for p in (_OPERATION_ID, _FENCE, _PID))
    return Sender(
        operation_id=operation.group(1) if operation else None,
        fence=int(fence.group(1)) if fence else None,
        pid=int(pid.group(1)) if pid else None,
    )
