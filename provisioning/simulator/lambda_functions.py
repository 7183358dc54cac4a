"""Lambda functions: created and changed over seconds, one change at a time, and told as Lambda tells them."""

import uuid
from typing import Any

from moto.core.utils import iso_8601_datetime_with_nanoseconds

from provisioning.simulator import lambda_network, lambda_rules, lambda_versions
from provisioning.simulator.lambda_store import (
    arn_of,
    configuration,
    find,
    function_of,
    named,
    require_idle,
    require_revision,
    storage_of,
)
from provisioning.simulator.operations import Call, Refusal, operation
from provisioning.simulator.world import Moment, event

#: Parameters of UpdateFunctionConfiguration that moto's model keeps under a name of its own.
_ATTRIBUTES = {
    "Description": "description",
    "Handler": "handler",
    "MemorySize": "memory_size",
    "Role": "role",
    "Runtime": "run_time",
    "Timeout": "timeout",
    "TracingConfig": "tracing_config",
}
_FULL = {
    "Reason": "Lambda was not able to set up VPC access for the Lambda function because one or more configured subnets "
    "has no available IP addresses.",
    "ReasonCode": "SubnetOutOfIPAddresses",
}


@operation("lambda", "CreateFunction")
def create_function(call: Call) -> object:
    """`Pending` until its network stands, then `Active`; with a role, subnets and code that are there."""
    name, _ = named(call.text("FunctionName"))
    lambda_rules.check_name(name)
    if name in storage_of(call):
        raise Refusal("ResourceConflictException", f"Function already exist: {name}", 409)
    lambda_rules.check_settings(call)
    packed = lambda_rules.packed_code(call, dict(call.params.get("Code") or {}))
    vpc = lambda_network.check(call)
    call.forward()
    group = storage_of(call)[name]
    function = group["latest"]
    group["versions"].clear()  # moto publishes in its own way
    lambda_rules.keep_code(function, packed)
    function._vpc_config, function.vpc = None, vpc
    function.state, function.last_update, function.trouble = "Pending", None, {}
    function.dead_letter, function.logging = _dead_letter(call), _logging(call, name)
    function.revision_id, function.publications = str(uuid.uuid4()), 0
    call.after("lambda.network" if vpc else "lambda.create", "lambda.created", name, function.revision_id)
    return configuration(_published(call, function))


def _published(call: Call, function: Any) -> Any:
    return lambda_versions.publish(call, function) if call.params.get("Publish") else function


def _logging(call: Call, name: str) -> dict[str, Any]:
    usual = {"LogFormat": "Text", "LogGroup": f"/aws/lambda/{name}"}
    wanted = {**usual, **(call.params.get("LoggingConfig") or {})}
    if wanted["LogFormat"] == "JSON":
        return {"ApplicationLogLevel": "INFO", "SystemLogLevel": "INFO", **wanted}
    return wanted


def _dead_letter(call: Call) -> dict[str, str] | None:
    target = (call.params.get("DeadLetterConfig") or {}).get("TargetArn")
    return {"TargetArn": target} if target else None


@event("lambda.created")
def created(moment: Moment, name: str, revision: str) -> None:
    """A new function can be called, unless its subnets have no addresses left."""
    function = find(moment, name)
    if function is None or function.revision_id != revision:
        return
    function.state, function.last_update = "Active", "Successful"
    try:
        lambda_network.attach(moment, function)
    except ValueError:
        function.state, function.last_update = "Failed", None
        function.trouble = {f"State{key}": value for key, value in _FULL.items()}


@operation("lambda", "UpdateFunctionConfiguration")
def update_function_configuration(call: Call) -> object:
    """The new values are told at once; they are in force when LastUpdateStatus is Successful."""
    function = function_of(call)
    require_idle(call, function)
    require_revision(call, function.revision_id)
    lambda_rules.check_settings(call)
    before, given = function.vpc, {key for key, value in call.params.items() if value is not None}
    if "VpcConfig" in given:
        function.vpc = lambda_network.check(call)
    for parameter in _ATTRIBUTES.keys() & given:
        setattr(function, _ATTRIBUTES[parameter], call.params[parameter])
    if "Environment" in given:
        function.environment_vars = dict(call.params["Environment"].get("Variables") or {})
    if "DeadLetterConfig" in given:
        function.dead_letter = _dead_letter(call)
    if "LoggingConfig" in given:
        function.logging = _logging(call, function.function_name)
    if before != function.vpc:
        lambda_network.release(call, before, function.role)
    _begin_update(call, function, "lambda.network" if before != function.vpc else "lambda.update")
    return configuration(function)


@operation("lambda", "UpdateFunctionCode")
def update_function_code(call: Call) -> object:
    """New code, and the processor that it is made for."""
    function = function_of(call)
    require_idle(call, function)
    require_revision(call, function.revision_id)
    packed = lambda_rules.packed_code(call, dict(call.params))
    if call.params.get("DryRun"):
        return configuration(function)
    lambda_rules.keep_code(function, packed)
    if call.params.get("Architectures"):
        function.architectures = list(call.params["Architectures"])
    _begin_update(call, function, "lambda.update")
    return configuration(_published(call, function))


def _begin_update(call: Call, function: Any, duration: str) -> None:
    function.last_update, function.trouble = "InProgress", {}
    function.revision_id = str(uuid.uuid4())
    function.last_modified = iso_8601_datetime_with_nanoseconds()
    call.after(duration, "lambda.updated", function.function_name, function.revision_id)


@event("lambda.updated")
def updated(moment: Moment, name: str, revision: str) -> None:
    """A change is in force, unless its subnets have no addresses left."""
    function = find(moment, name)
    if function is None or function.revision_id != revision:
        return
    function.last_update = "Successful"
    try:
        lambda_network.attach(moment, function)
    except ValueError:
        function.last_update = "Failed"
        function.trouble = {f"LastUpdateStatus{key}": value for key, value in _FULL.items()}


@operation("lambda", "GetFunction")
def get_function(call: Call) -> object:
    """With its tags, and how far it is."""
    function = function_of(call)
    return {**function.get_code(), "Configuration": _named(call, function)}


@operation("lambda", "GetFunctionConfiguration")
def get_function_configuration(call: Call) -> object:
    """How far it is, and every setting."""
    return _named(call, function_of(call))


def _named(call: Call, function: Any) -> dict[str, Any]:
    """With the qualifier that was asked for in its ARN."""
    name, qualifier = named(call.text("FunctionName"), call.text("Qualifier"))
    return {**configuration(function), "FunctionArn": arn_of(call, name, qualifier)}


@operation("lambda", "ListFunctions")
def list_functions(call: Call) -> object:
    """Without states and tags, as Lambda's list is; with `ALL`, published versions too."""
    everything = call.text("FunctionVersion") == "ALL"
    functions = [
        function
        for group in storage_of(call).values()
        for function in (group["latest"], *(group["versions"] if everything else ()))
    ]
    hidden = ("State", "LastUpdateStatus")
    listed = [configuration(function) for function in functions]
    return {
        "Functions": [
            {key: value for key, value in one.items() if not key.startswith(hidden)} for one in listed
        ]
    }


@operation("lambda", "DeleteFunction")
def delete_function(call: Call) -> object:
    """With all its versions and aliases, or one version that no alias points at."""
    function = function_of(call)
    name, qualifier = named(call.text("FunctionName"), call.text("Qualifier"))
    if qualifier:
        lambda_versions.delete(call, name, function)
        return {"StatusCode": 204}
    networks = [one.vpc for one in (function, *storage_of(call)[name]["versions"])]
    del storage_of(call)[name]
    lambda_versions.forget(call, name)
    for vpc in {str(vpc): vpc for vpc in networks}.values():
        lambda_network.release(call, vpc, function.role)
    return {"StatusCode": 204}


@operation("lambda", "Invoke", "InvokeAsync", "InvokeWithResponseStream")
def invoke(call: Call) -> object:
    """A dry run tells whether a call would be taken; there is nothing here that could run code."""
    function = function_of(call)
    if call.text("InvocationType") == "DryRun" and function.state == "Active":
        return 204, {"status": 204}, ""
    raise NotImplementedError
