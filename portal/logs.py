"""Structured logs: JSON lines in production, readable lines on a person's machine, secrets in neither."""

import logging
import re
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any

import structlog
from django.http import HttpRequest, HttpResponseBase
from structlog.typing import EventDict, WrappedLogger

logger = logging.getLogger(__name__)

_SECRET_NAME = re.compile(r"passw|secret|token|authorization|cookie|api_?key|credential|session_?key", re.I)
_SECRET_IN_URL = re.compile(r"(?<=://)[^/\s:@]*:[^/\s@]+(?=@)")
_BEARER = re.compile(r"\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]+", re.I)
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
_REDACTED = "[redacted]"


def redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Blank what is called like a secret, and passwords inside addresses and headers, at any depth."""
    return {key: _clean(key, value) for key, value in event.items()}


def _clean(name: str, value: Any) -> Any:
    if _SECRET_NAME.search(name) and isinstance(value, str | bytes | Mapping | list | tuple):
        return _REDACTED
    if isinstance(value, str):
        return _BEARER.sub(rf"\1 {_REDACTED}", _SECRET_IN_URL.sub(_REDACTED, value))
    if isinstance(value, Mapping):
        return {key: _clean(str(key), item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_clean("", item) for item in value]
    return value


def _shared_processors() -> list[structlog.typing.Processor]:
    return [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.stdlib.ExtraAdder(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]


def _drop_request(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Django hands the whole request to its error log; its repr tells nothing and cannot be JSON."""
    event.pop("request", None)
    event.pop("server_time", None)
    return event


def logging_config(*, level: str, readable: bool) -> dict[str, Any]:
    """Django's LOGGING: everything through one handler on standard output.

    Loggers of the standard library and of structlog give the same lines. `readable` chooses console lines
    over JSON. Also configures structlog itself.
    """
    rendering: list[structlog.typing.Processor] = (
        # Redacting after the traceback is text, so that a secret in an exception's message is caught too.
        [structlog.processors.format_exc_info, redact, structlog.dev.ConsoleRenderer(colors=False)]
        if readable
        else [structlog.processors.format_exc_info, redact, structlog.processors.JSONRenderer()]
    )
    structlog.configure(
        processors=[*_shared_processors(), structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    formatter = {
        "()": structlog.stdlib.ProcessorFormatter,
        "foreign_pre_chain": _shared_processors(),
        "processors": [
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            _drop_request,
            *rendering,
        ],
    }
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"structured": formatter},
        "handlers": {
            "output": {
                "class": "logging.StreamHandler",
                "stream": "ext://sys.stdout",
                "formatter": "structured",
            }
        },
        "root": {"handlers": ["output"], "level": level},
        "loggers": {
            "django": {"handlers": [], "level": level, "propagate": True},
            # The request log below says the same with more; a 404 is not a warning.
            "django.request": {"level": "ERROR"},
            "django.server": {"handlers": [], "level": "ERROR", "propagate": True},
            # Scanners ask by address all day; the request log has them as a 400.
            "django.security.DisallowedHost": {"level": "CRITICAL"},
            "botocore": {"level": "WARNING"},
            "urllib3": {"level": "WARNING"},
        },
    }


class RequestLogMiddleware:
    """One line a request, and a request id on every line written while it is served.

    A believable `X-Request-ID` of the caller is kept, so that a proxy's log and ours can be joined; the
    answer carries it back.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Serve the request between two looks at the clock."""
        given = request.headers.get("X-Request-ID", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else uuid.uuid4().hex
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        started = time.monotonic()
        response = self._get_response(request)
        response["X-Request-ID"] = request_id
        self._write(request, response, time.monotonic() - started)
        structlog.contextvars.clear_contextvars()
        return response

    @staticmethod
    def _write(request: HttpRequest, response: HttpResponseBase, seconds: float) -> None:
        user = getattr(request, "user", None)
        logger.info(
            "Request served",
            extra={
                "method": request.method,
                "path": request.path,  # without the query, where links of allauth carry keys
                "status": response.status_code,
                "milliseconds": round(seconds * 1000, 1),
                "user": getattr(user, "pk", None),
            },
        )
