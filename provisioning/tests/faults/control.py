"""The proxy's own little interface under `/faults/`: rules, journal, counters, latency, reset."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from json import dumps, loads
from typing import Protocol
from urllib.parse import parse_qs

from provisioning.tests.faults.http_messages import Request, Response
from provisioning.tests.faults.journal import Journal, to_json_lines
from provisioning.tests.faults.rule_book import RuleBook
from provisioning.tests.faults.rules import rules_from_json, rules_to_json
from provisioning.tests.faults.wire_errors import bare_response

CONTROL_PREFIX = "/faults/"
_JSON = "application/json"


class Controlled(Protocol):
    """What the interface works on."""

    journal: Journal
    rules: RuleBook
    latency: float

    def reset(self) -> None:
        """Empties the journal and sets counters to nought."""


def answer_control(proxy: Controlled, request: Request) -> Response:
    """The answer to one control request; 400 with the reason for what cannot be understood."""
    handler = _HANDLERS.get((request.method, request.path))
    if handler is None:
        known = ", ".join(f"{method} {path}" for method, path in _HANDLERS)
        return bare_response(404, f"No such control. There are: {known}\n", "text/plain")
    try:
        return handler(proxy, request)
    except (ValueError, KeyError, TypeError) as error:
        return bare_response(400, f"{error}\n", "text/plain")


def _health(proxy: Controlled, request: Request) -> Response:
    return bare_response(200, "{}", _JSON)


def _get_rules(proxy: Controlled, request: Request) -> Response:
    return bare_response(200, rules_to_json(proxy.rules.rules).decode(), _JSON)


def _put_rules(proxy: Controlled, request: Request) -> Response:
    proxy.rules.replace(rules_from_json(request.body))
    return bare_response(204, "", _JSON)


def _counts(proxy: Controlled, request: Request) -> Response:
    return bare_response(200, dumps([asdict(count) for count in proxy.rules.counts()]), _JSON)


def _get_journal(proxy: Controlled, request: Request) -> Response:
    after = int(parse_qs(request.query).get("after", ["0"])[0])
    return bare_response(200, to_json_lines(proxy.journal.calls(after)).decode(), "application/x-ndjson")


def _put_latency(proxy: Controlled, request: Request) -> Response:
    seconds = float(loads(request.body)["seconds"])
    if seconds < 0:
        raise ValueError("latency is seconds, 0 or more")
    proxy.latency = seconds
    return bare_response(204, "", _JSON)


def _reset(proxy: Controlled, request: Request) -> Response:
    proxy.reset()
    return bare_response(204, "", _JSON)


_HANDLERS: dict[tuple[str, str], Callable[[Controlled, Request], Response]] = {
    ("GET", "/faults/health"): _health,
    ("GET", "/faults/rules"): _get_rules,
    ("PUT", "/faults/rules"): _put_rules,
    ("GET", "/faults/counts"): _counts,
    ("GET", "/faults/journal"): _get_journal,
    ("PUT", "/faults/latency"): _put_latency,
    ("POST", "/faults/reset"): _reset,
}
