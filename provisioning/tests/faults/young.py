"""Resources that exist but are not yet seen: AWS's eventual consistency, played by the proxy."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote

from provisioning.tests.faults.http_messages import Request, Response
from provisioning.tests.faults.omission import without_entries
from provisioning.tests.faults.recognition import Parameters, Recognised
from provisioning.tests.faults.rules import NotYet
from provisioning.tests.faults.wire_errors import error_response
from provisioning.tests.faults.young_kinds import Kind, kind_created_by, refusal_code

_LARGEST_BODY_SEARCHED = 1 << 20
_ECS_DESCRIBES = {"DescribeClusters": "clusters", "DescribeServices": "services"}


@dataclass(kw_only=True, slots=True)
class _Young:
    """One resource not yet seen, until `due` (monotonic seconds)."""

    kind: Kind
    ids: tuple[str, ...]
    names: frozenset[str]
    due: float
    flapping: bool
    asked: int = 0

    def hides(self) -> bool:
        """Whether the call at hand is affected; when flapping every second one is not."""
        self.asked += 1
        return not self.flapping or self.asked % 2 == 1

    def named_in(self, text: str) -> bool:
        """Whether one of the ids stands in the text as a whole word."""
        return any(i in text and re.search(rf"(?<![\w-]){re.escape(i)}(?![\w-])", text) for i in self.ids)

    def may_stand_in(self, call: Recognised, text: str) -> bool:
        """Whether an answer speaks of this resource; only calls so concerned count for flapping."""
        return self.named_in(text) or (
            call.service == self.kind.service and any(n in text for n in self.names)
        )

    def stands_in(self, call: Recognised, text: str, values: frozenset[str]) -> bool:
        """Whether an entry of an answer, given as all its text and its single values, is or names this resource."""
        return self.named_in(text) or (call.service == self.kind.service and bool(self.names & values))

    def is_own_name(self, call: Recognised) -> bool:
        """Whether the call names this resource in a parameter meant for it (its own creation apart)."""
        if call.service != self.kind.service or call.operation == self.kind.created_by:
            return False
        for key in self.kind.names:
            operation, _, parameter = key.rpartition(":")
            if operation in {"", call.operation} and self.names & set(call.parameters.get(parameter, ())):
                return True
        return False


class YoungResources:
    """What was created too recently to be seen."""

    def __init__(self) -> None:
        self._young: list[_Young] = []
        self._seen: set[tuple[str, tuple[str, ...], frozenset[str]]] = set()

    def reset(self) -> None:
        """Everything is visible."""
        self._young.clear()
        self._seen.clear()

    def register(self, call: Recognised, answer: Response, fault: NotYet) -> bool:
        """Hides what this successful creation made; False if the operation creates no kind that is known, or gave
        back what was there: a creation that is repeated makes nothing younger."""
        kind = kind_created_by(call.service, call.operation)
        if kind is None or answer.status >= 400:
            return False
        ids, names = tuple(_ids(kind, answer)), frozenset(_names(kind, call.parameters))
        if (kind.created_by, ids, names) in self._seen:
            return False
        self._seen.add((kind.created_by, ids, names))
        due = time.monotonic() + fault.seconds
        self._young.append(_Young(kind=kind, ids=ids, names=names, due=due, flapping=fault.flapping))
        return True

    def refusal(self, call: Recognised, request: Request) -> Response | None:
        """The error for a call that names something not yet seen, or None if it names no such thing."""
        if not self._current():
            return None
        text = _said(call, request)
        for young in self._young:
            if (young.is_own_name(call) or young.named_in(text)) and young.hides():
                return _not_found(call, young)
        return None

    def filtered(self, call: Recognised, answer: Response) -> Response:
        """The answer to a read, without what is not yet seen; the same object if nothing was hidden."""
        if call.mutating or answer.status >= 400 or not self._current():
            return answer
        text = answer.body.decode("utf-8", "replace")
        hidden = [young for young in self._young if young.may_stand_in(call, text) and young.hides()]
        if not hidden:
            return answer
        shown = without_entries(
            answer, lambda text, values: any(young.stands_in(call, text, values) for young in hidden)
        )
        return _with_ecs_failures(call, shown) if shown is not answer else answer

    def _current(self) -> bool:
        if self._young:
            now = time.monotonic()
            self._young = [young for young in self._young if young.due > now]
        return bool(self._young)


def _ids(kind: Kind, answer: Response) -> Iterator[str]:
    """The id or ARN in a creation's answer; a hosted zone's without its path."""
    text = answer.body.decode("utf-8", "replace")
    for member in kind.found:
        found = re.search(rf'<{member}>([^<]+)</{member}>|"{member}"\s*:\s*"([^"]+)"', text)
        if found:
            yield (found.group(1) or found.group(2)).removeprefix("/hostedzone/")


def _names(kind: Kind, parameters: Parameters) -> Iterator[str]:
    """The name given in the creation itself, under whichever key that has."""
    noun = re.sub(r"^[A-Z][a-z]+", "", kind.created_by)
    keys = {key.rpartition(":")[2].lower() for key in kind.names} - {"names", "service"}
    keys |= {"name", f"{noun}Name".lower()}
    if kind.names:
        for key, values in parameters.items():
            if key.lower() in keys:
                yield from values


def _said(call: Recognised, request: Request) -> str:
    """All that a call says outside its filters, in which an unknown id is no error."""
    path = unquote(request.path)
    if call.protocol in {"ec2", "query"}:
        values = (v for key, v in call.parameters.items() if not key.startswith("Filter"))
        return "\n".join(["", *(text for several in values for text in several)])
    if call.operation in _ECS_DESCRIBES and call.service == "ecs":
        # These two answer 200 with `failures` for what they do not find; the cluster they look in must exist.
        return "\n".join(call.parameters.get("cluster", ()) if call.operation == "DescribeServices" else ())
    if len(request.body) > _LARGEST_BODY_SEARCHED:
        return path
    return path + "\n" + request.body.decode("utf-8", "replace")


def _not_found(call: Recognised, young: _Young) -> Response:
    code, status = refusal_code(call.service, young.kind)
    name = (*young.ids, *sorted(young.names))[0]
    return error_response(
        service=call.service,
        protocol=call.protocol,
        code=code,
        message=f"The {young.kind.created_by.removeprefix('Create')} '{name}' does not exist",
        status=status,
    )


def _with_ecs_failures(call: Recognised, answer: Response) -> Response:
    """DescribeClusters and DescribeServices report what they do not find as `failures` of a 200."""
    key = _ECS_DESCRIBES.get(call.operation)
    if key is None or call.service != "ecs":
        return answer
    members = json.loads(answer.body)
    shown = json.dumps(members[key])
    asked = call.parameters.get(key, ())
    missing = [{"arn": name, "reason": "MISSING"} for name in asked if f'"{name}"' not in shown]
    members["failures"] = [*members.get("failures", ()), *missing]
    return answer.with_body(json.dumps(members).encode())
