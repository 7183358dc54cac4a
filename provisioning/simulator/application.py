"""The WSGI application: one request in, faults and refusals applied, moto's answer out, one journal line."""

import importlib
import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cache
from io import BytesIO
from typing import Any

from botocore.exceptions import ClientError
from moto.backend_index import backend_url_patterns
from moto.core.exceptions import ServiceException
from moto.core.request import Request

from provisioning.simulator import layer, services
from provisioning.simulator.control import Control
from provisioning.simulator.faults import Fault, Faults
from provisioning.simulator.iam_authority import authorise
from provisioning.simulator.journal import Journal
from provisioning.simulator.operations import Refusal
from provisioning.simulator.wire import Who, error_code, error_reply, who_asks
from provisioning.simulator.world import Machine

log = logging.getLogger(__name__)

Reply = tuple[int, dict[str, Any], bytes]
StartResponse = Callable[[str, list[tuple[str, str]]], object]


class ServedRequest(Request):
    """A request as moto's core wants it, of which it knows that a real server received it."""

    from_wsgi_server = True


class ConnectionCut(Exception):
    """Told to the server when the reply of a call is to be lost."""


@cache
def _moto_handler(signing_name: str, region: str) -> Callable[[Any, str, Any], Any] | None:
    """moto's function for a service with one address; None for services whose paths moto must route."""
    host = f"https://{signing_name}.{region}.amazonaws.com"
    for backend, pattern in backend_url_patterns:
        if pattern.match(host):
            paths = importlib.import_module(f"moto.{backend.replace('-', '')}.urls").url_paths
            handler: Callable[[Any, str, Any], Any] | None = paths.get("{0}/$")
            return handler if len(paths) == 1 else None
    return None


def _as_reply(result: Any) -> Reply:
    status, headers, body = result if len(result) == 3 else (200, {}, result)
    return int(status), dict(headers), body if isinstance(body, bytes) else str(body).encode()


def _read_body(environ: dict[str, Any]) -> bytes:
    """Take the body out of the socket and put it back as something that can be read again."""
    stream = environ["wsgi.input"]
    length = environ.get("CONTENT_LENGTH")
    chunked = environ.get("HTTP_TRANSFER_ENCODING", "").lower() == "chunked"
    body: bytes = stream.read() if chunked else stream.read(int(length)) if length else b""
    environ["wsgi.input"] = BytesIO(body)
    environ["CONTENT_LENGTH"] = str(len(body))
    environ.pop("HTTP_TRANSFER_ENCODING", None)
    return body


def _through_flask(environ: dict[str, Any]) -> Reply:
    captured: list[Any] = []
    chunks = services.moto_application()(
        environ, lambda status, headers, *_: captured.extend([status, headers])
    )
    status, headers = captured
    return int(status.split()[0]), dict(headers), b"".join(chunks)


@dataclass(kw_only=True)
class Application:
    """Answers everything: AWS's operations, and `/simulator/*` for those who run it."""

    machine: Machine
    control: Control
    faults: Faults
    journal: Journal | None = None
    #: Real seconds that each call takes longer, outside every lock.
    latency: float = 0.0
    #: Set by a call that may have changed something; the saver clears it.
    changed: bool = field(default=False)

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request (PEP 3333)."""
        if environ["PATH_INFO"].startswith("/simulator/"):
            body = _read_body(environ)
            reply = self.control.answer(environ["REQUEST_METHOD"], environ["PATH_INFO"], body)
        else:
            reply = self._aws(environ)
        status, headers, body = reply
        start_response(f"{status} {'OK' if status < 300 else 'Error'}", _header_list(headers, body, environ))
        return [body]

    def _aws(self, environ: dict[str, Any]) -> Reply:
        started = time.perf_counter()
        body = _read_body(environ)
        request = ServedRequest(environ)
        who = who_asks(request, body)
        agent = environ.get("HTTP_USER_AGENT", "")
        fault = self.faults.strike(who, agent)
        delay = self.latency + (fault.seconds if fault else 0.0)
        if delay:
            time.sleep(delay)
        allowed: list[str] = []
        status, headers, content = self._answer(who, request, body, fault, allowed)
        if self.journal:
            self.journal.write(
                who,
                agent=agent,
                status=status,
                error=error_code(status, content),
                took=time.perf_counter() - started,
                actions=allowed,
            )
        if fault and fault.effect == "lost":
            raise ConnectionCut
        return status, headers, content

    def _answer(
        self, who: Who, request: Request, body: bytes, fault: Fault | None, allowed: list[str]
    ) -> Reply:
        if fault and fault.effect == "error":
            return error_reply(who, request, Refusal(fault.code, fault.message), fault.status)
        try:
            with self.machine.lock:
                allowed += authorise(who, request, body)
                return self._carry_out(who, request)
        except ServiceException as error:
            return error_reply(who, request, error, getattr(error, "status", 0))
        except ClientError as error:
            told = error.response["Error"]
            return error_reply(who, request, Refusal(told["Code"], told["Message"]), 0)
        except (NotImplementedError, ImportError):
            # moto leaves some services to extra packages, which are not installed for what nobody here uses.
            missing = f"The simulator does not have {who.service} {who.operation or request.path}."
            return error_reply(who, request, Refusal("NotImplementedInSimulator", missing), 400)
        except Exception as error:
            log.exception("%s %s failed", who.service, who.operation)
            text = f"The simulator failed: {error!r}"
            return error_reply(who, request, Refusal("InternalFailure", text), 500)

    def _routed(self, who: Who, request: Request) -> Reply:
        if who.service in services.UNROUTED:
            alone = layer.answer_alone(who.service, who.operation, request)
            if alone is not None:
                return _as_reply(alone)
        handler = _moto_handler(who.signing_name, who.region) if who.access_key else None
        if handler is None:
            return _through_flask(request.environ)
        return _as_reply(handler(request, request.raw_url, dict(request.headers)))

    def _carry_out(self, who: Who, request: Request) -> Reply:
        services.load(who.service)
        self.machine.catch_up(time.time())
        if who.mutating:
            self.changed = True
        reply = self._routed(who, request)
        if (
            reply[0] in (404, 500)
            and (b"<html" in reply[2][:200].lower() or not reply[2])
            and who.service != "s3"
        ):
            raise NotImplementedError
        return reply


def _header_list(headers: dict[str, Any], body: bytes, environ: dict[str, Any]) -> list[tuple[str, str]]:
    listed = {key.lower(): str(value) for key, value in headers.items() if key.lower() != "status"}
    if environ["REQUEST_METHOD"] != "HEAD" or "content-length" not in listed:
        listed["content-length"] = str(len(body))
    listed.pop("connection", None)
    listed.pop("transfer-encoding", None)
    listed.setdefault("content-type", "application/x-amz-json-1.1")
    return list(listed.items())
