"""The faults that can be injected and the calls that they are for, as typed values that are also JSON."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

Side = Literal["before", "after_commit"]
"""Whether upstream has carried the call out when the fault strikes."""


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class When(_Value):
    """The calls that a rule is for: all conditions must hold; one left out always does.

    `service` and `operation` are globs over the boto3 client name and the API operation. `nth` counts, from 1,
    the calls that meet the other conditions, since the rules were set or reset. `probability` is drawn for each
    such call from a generator seeded with `seed`. `first_per_resource` takes the first call of each operation on
    each resource only. `operation_id`, `fence` and `pid` compare with the sender's user agent.
    """

    service: str = "*"
    operation: str = "*"
    mutating: bool | None = None
    nth: frozenset[Annotated[int, Field(ge=1)]] | None = None
    probability: float = Field(default=1.0, ge=0.0, le=1.0)
    seed: int = 0
    first_per_resource: bool = False
    operation_id: str | None = None
    fence: int | None = None
    pid: int | None = None


class Kill(_Value):
    """SIGKILL for the process named in the user agent; a call that names none is not touched.

    `before`: upstream never sees the call. `after_commit`: upstream carried it out, nobody was told.
    `after_response`: the reply was sent, and `delay` seconds passed.
    """

    type: Literal["kill"] = "kill"
    when: Literal["before", "after_commit", "after_response"] = "after_commit"
    delay: float = Field(default=0.0, ge=0.0)


class LostResponse(_Value):
    """Upstream carries the call out; the client sees a TCP reset."""

    type: Literal["lost_response"] = "lost_response"


class Truncated(_Value):
    """Upstream carries the call out; only this share of the body arrives before the connection ends."""

    type: Literal["truncated"] = "truncated"
    share: float = Field(default=0.5, ge=0.0, lt=1.0)


class Hang(_Value):
    """The call (`before`) or its reply (`after_commit`) is held up for so many seconds, then goes its way.

    A call held up before is carried out late even if its client is gone by then, like a packet of a stalled
    worker: what fencing must withstand.
    """

    type: Literal["hang"] = "hang"
    seconds: float = Field(ge=0.0)
    when: Side = "before"


class Timeout(_Value):
    """No answer ever: after so many seconds the connection is reset. `before`: upstream never sees the call."""

    type: Literal["timeout"] = "timeout"
    seconds: float = Field(ge=0.0)
    when: Side = "before"


class Throttle(_Value):
    """The service's own "too fast", in its own code, status and format."""

    type: Literal["throttle"] = "throttle"


class AccessDenied(_Value):
    """The service's own refusal to a caller without the right."""

    type: Literal["access_denied"] = "access_denied"


class ServiceError(_Value):
    """Any AWS error in the wire format of the service; `after_commit`: though upstream carried the call out."""

    type: Literal["error"] = "error"
    code: str
    message: str = "Injected by the fault proxy."
    status: int = Field(default=400, ge=400, le=599)
    when: Side = "before"


class Http5xx(_Value):
    """An error of something between client and service: a status with a body that no AWS parser knows."""

    type: Literal["http_5xx"] = "http_5xx"
    status: int = Field(default=503, ge=500, le=599)
    body: str = ""
    when: Side = "before"


class Raw(_Value):
    """An answer made by hand; upstream never sees the call."""

    type: Literal["raw"] = "raw"
    body: str = ""
    status: int = Field(default=200, ge=200, le=599)
    content_type: str = "application/x-amz-json-1.1"


class NotYet(_Value):
    """What the matching call creates is not found for so many seconds (eventual consistency).

    Calls that name it get the not-found error of its service, lists leave it out. `flapping`: every second call
    that would be so affected goes through, as reads from replicas of different age do.
    """

    type: Literal["not_yet"] = "not_yet"
    seconds: float = Field(ge=0.0)
    flapping: bool = False


Fault = (
    Kill
    | LostResponse
    | Truncated
    | Hang
    | Timeout
    | Throttle
    | AccessDenied
    | ServiceError
    | Http5xx
    | Raw
    | NotYet
)


class Rule(_Value):
    """Which fault strikes which calls; of several rules for one call the first strikes, but all count it."""

    fault: Annotated[Fault, Field(discriminator="type")]
    when: When = When()


_RULES = TypeAdapter(tuple[Rule, ...])


def rules_from_json(text: str | bytes) -> tuple[Rule, ...]:
    """The rules of a JSON list such as `[{"when": {"nth": [3]}, "fault": {"type": "kill"}}]`.

    Raises `pydantic.ValidationError`, which names the place, for an unknown fault or condition.
    """
    return _RULES.validate_json(text)


def rules_to_json(rules: Sequence[Rule]) -> bytes:
    """The JSON list of these rules."""
    return _RULES.dump_json(tuple(rules), exclude_none=True)


def load_rules(path: Path) -> tuple[Rule, ...]:
    """The rules in a JSON file."""
    return rules_from_json(path.read_bytes())


def kill_at(boundary: int, point: Literal["before", "after_commit", "after_response"]) -> Rule:
    """The rule that kills the sender of the `boundary`-th mutating call (see `journal.boundaries`)."""
    return Rule(when=When(mutating=True, nth=frozenset({boundary})), fault=Kill(when=point))
