"""EC2's client tokens, which moto ignores: the same token gives the same thing; and its dry runs."""

import copy
from dataclasses import dataclass, field
from typing import Any

from provisioning.simulator.operations import Call, Refusal, operation, result_of


@dataclass(kw_only=True)
class Tokens:
    """What was made with which client token: the parameters and the result."""

    used: dict[tuple[str, str], tuple[dict[str, Any], Any]] = field(default_factory=dict)


def refuse_dry_run(call: Call) -> None:
    """Answer a dry run as AWS does, with an error that says it would have worked."""
    if call.params.get("DryRun"):
        raise Refusal("DryRunOperation", "Request would have succeeded, but DryRun flag is set.", 412)


def repeated(call: Call) -> Any:
    """The result of an earlier request with this token; None where there is none."""
    token = call.text("ClientToken")
    known = call.notes(Tokens).used.get((call.operation, token)) if token else None
    if known is None:
        return None
    if known[0] != _asked_for(call):
        raise Refusal(
            "IdempotentParameterMismatch",
            "The request uses the same client token as a previous, but non-identical request.",
        )
    return known[1]


def _asked_for(call: Call) -> dict[str, Any]:
    return copy.deepcopy({name: value for name, value in call.params.items() if name != "ClientToken"})


def remember(call: Call, answer: object) -> None:
    """Note what was made with this request's token."""
    token = call.text("ClientToken")
    if token:
        call.notes(Tokens).used[call.operation, token] = (_asked_for(call), result_of(answer))


@operation("ec2", "CreateRouteTable", "CreateNetworkInterface")
def create_once(call: Call) -> object:
    """The same token gives the same thing."""
    refuse_dry_run(call)
    earlier = repeated(call)
    if earlier is not None:
        return earlier
    answer = call.forward()
    remember(call, answer)
    return answer
