"""Where the simulator finds Lambda functions in moto, what it tells of them, and when they can't be changed."""

from typing import Any
from urllib.parse import unquote

from moto.awslambda.models import LambdaBackend, lambda_backends

from provisioning.simulator.operations import Call, Refusal
from provisioning.simulator.world import Moment

_CREATING = {"StateReason": "The function is being created.", "StateReasonCode": "Creating"}


def refuse(message: str) -> Refusal:
    """The error of a value that Lambda does not take."""
    return Refusal("InvalidParameterValueException", message, 400)


def backend_of(moment: Moment) -> LambdaBackend:
    """moto's functions of this account and region."""
    return lambda_backends[moment.account][moment.region]


def storage_of(moment: Moment) -> dict[str, Any]:
    """moto's functions by name, each {"latest": …, "versions": […]}."""
    functions: dict[str, Any] = backend_of(moment)._lambdas._functions
    return functions


def aliases_of(moment: Moment, name: str) -> dict[str, Any]:
    """moto's aliases of a function, by name."""
    aliases: dict[str, Any] = backend_of(moment)._lambdas._aliases[arn_of(moment, name)]
    return aliases


def named(text: str, qualifier: str = "") -> tuple[str, str]:
    """Name and qualifier out of what callers write as a function's name: an ARN, a part of one, "name:qualifier"."""
    name, _, inside = unquote(text).rpartition("function:")[2].partition(":")
    return name, qualifier or inside


def arn_of(moment: Moment, name: str, qualifier: str = "") -> str:
    """The ARN of a function, or of a version or alias of it."""
    plain = f"arn:aws:lambda:{moment.region}:{moment.account}:function:{name}"
    return f"{plain}:{qualifier}" if qualifier else plain


def find(moment: Moment, name: str, qualifier: str = "") -> Any:
    """moto's model of $LATEST, of a version, or of the version that an alias points at; None where there is none."""
    group = storage_of(moment).get(name)
    alias = aliases_of(moment, name).get(qualifier) if group and qualifier else None
    number = alias.function_version if alias else qualifier
    if group is None or number in ("", "$LATEST"):
        return group and group["latest"]
    return next((one for one in group["versions"] if str(one.version) == number), None)


def function_of(call: Call) -> Any:
    """moto's model of what a call is about, or Lambda's error where there is none."""
    name, qualifier = named(call.text("FunctionName"), call.text("Qualifier"))
    found = find(call, name, qualifier)
    if found is None:
        text = f"Function not found: {arn_of(call, name, qualifier)}"
        raise Refusal("ResourceNotFoundException", text, 404)
    return found


def configuration(function: Any) -> dict[str, Any]:
    """A function or version as Lambda tells it."""
    told = {
        **function.get_configuration(),
        "State": function.state,
        "LastUpdateStatus": function.last_update,
        "RevisionId": function.revision_id,
        "LoggingConfig": function.logging,
        "DeadLetterConfig": function.dead_letter,
        "VpcConfig": function.vpc,
        **(_CREATING if function.state == "Pending" else {}),
        **function.trouble,
    }
    return {key: value for key, value in told.items() if value is not None}


def require_idle(moment: Moment, function: Any) -> None:
    """Refuse what Lambda refuses while the function is being created or changed."""
    text = "The operation cannot be performed at this time. "
    if function.state == "Pending":
        text += "The function is currently in the following state: Pending"
    elif function.last_update == "InProgress":
        text += f"An update is in progress for resource: {arn_of(moment, function.function_name)}"
    else:
        return
    raise Refusal("ResourceConflictException", text, 409)


def require_revision(call: Call, revision: str) -> None:
    """Refuse a change of something that was changed since the caller looked."""
    if call.text("RevisionId") not in ("", revision):
        raise Refusal(
            "PreconditionFailedException",
            "The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to "
            "retrieve the latest Revision Id",
            412,
        )
