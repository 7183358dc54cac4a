"""Who may call a Lambda function: one policy for the function and one for each version and alias."""

import json
import uuid
from dataclasses import dataclass, field
from typing import Any

from provisioning.simulator.lambda_store import arn_of, function_of, named
from provisioning.simulator.operations import Call, Refusal, operation

Statements = dict[str, dict[str, Any]]


@dataclass(kw_only=True)
class Policies:
    """Statements by function and qualifier, and by their ids."""

    by_target: dict[tuple[str, str], Statements] = field(default_factory=dict)
    revisions: dict[tuple[str, str], str] = field(default_factory=dict)

    def forget(self, name: str) -> None:
        """Drop the policies of a function that is gone."""
        self.by_target = {target: found for target, found in self.by_target.items() if target[0] != name}


def _target(call: Call) -> tuple[str, str]:
    function_of(call)
    return named(call.text("FunctionName"), call.text("Qualifier"))


def _principal(text: str) -> Any:
    if text == "*":
        return "*"
    if text.isdigit():
        return {"AWS": f"arn:aws:iam::{text}:root"}
    return {"AWS": text} if text.startswith("arn:") else {"Service": text}


def _condition(call: Call) -> dict[str, Any]:
    conditions: dict[str, Any] = {}
    if call.text("SourceAccount"):
        conditions["StringEquals"] = {"AWS:SourceAccount": call.text("SourceAccount")}
    if call.text("SourceArn"):
        conditions["ArnLike"] = {"AWS:SourceArn": call.text("SourceArn")}
    return conditions


@operation("lambda", "AddPermission")
def add_permission(call: Call) -> object:
    """One statement more, under an id of its own."""
    target, sid = _target(call), call.text("StatementId")
    statements = call.notes(Policies).by_target.setdefault(target, {})
    if sid in statements:
        raise Refusal(
            "ResourceConflictException",
            f"The statement id ({sid}) provided already exists. Please provide a new statement id, or remove the "
            "existing statement.",
            409,
        )
    statement = {
        "Sid": sid,
        "Effect": "Allow",
        "Principal": _principal(call.text("Principal")),
        "Action": call.text("Action"),
        "Resource": arn_of(call, *target),
    }
    if condition := _condition(call):
        statement["Condition"] = condition
    statements[sid] = statement
    call.notes(Policies).revisions[target] = str(uuid.uuid4())
    return {"Statement": json.dumps(statement)}


def _missing() -> Refusal:
    return Refusal("ResourceNotFoundException", "The resource you requested does not exist.", 404)


@operation("lambda", "GetPolicy")
def get_policy(call: Call) -> object:
    """The statements about exactly this qualifier."""
    target = _target(call)
    statements = call.notes(Policies).by_target.get(target)
    if not statements:
        raise _missing()
    document = {"Version": "2012-10-17", "Id": "default", "Statement": list(statements.values())}
    return {"Policy": json.dumps(document), "RevisionId": call.notes(Policies).revisions[target]}


@operation("lambda", "RemovePermission")
def remove_permission(call: Call) -> object:
    """Refused where there is no such statement."""
    statements = call.notes(Policies).by_target.get(_target(call)) or {}
    if statements.pop(call.text("StatementId"), None) is None:
        raise Refusal(
            "ResourceNotFoundException",
            f"Statement {call.text('StatementId')} is not found in resource policy.",
            404,
        )
    return {}
