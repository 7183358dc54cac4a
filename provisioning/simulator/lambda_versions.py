"""Published versions of Lambda functions, and the aliases that point at one or two of them."""

import copy
import json
import uuid
from typing import Any

from moto.awslambda.models import LambdaAlias

from provisioning.simulator.lambda_policies import Policies
from provisioning.simulator.lambda_store import (
    aliases_of,
    arn_of,
    backend_of,
    configuration,
    find,
    function_of,
    named,
    refuse,
    require_idle,
    require_revision,
    storage_of,
)
from provisioning.simulator.operations import Call, Refusal, operation
from provisioning.simulator.world import Moment, event

_NOT_PUBLISHED = ("Version", "FunctionArn", "LastModified", "RevisionId", "Description")


def _content(function: Any) -> str:
    """Everything that a version would hold, so that two of the same are seen."""
    told = {
        key: value
        for key, value in configuration(function).items()
        if key not in _NOT_PUBLISHED and not key.startswith(("State", "LastUpdate"))
    }
    return json.dumps(told, sort_keys=True, default=str)


def publish(call: Call, function: Any) -> Any:
    """moto's model of the new version, or of the last one where nothing has changed since."""
    versions = storage_of(call)[function.function_name]["versions"]
    if versions and versions[-1].content == _content(function):
        return versions[-1]
    function.publications += 1
    version = copy.copy(function)
    version.content = _content(function)
    version.set_version(function.publications)
    version.state, version.last_update, version.trouble = "Pending", None, {}
    version.revision_id = str(uuid.uuid4())
    if call.text("Description"):
        version.description = call.text("Description")
    versions.append(version)
    backend_of(call)._lambdas._arns[version.function_arn] = version
    call.after("lambda.publish", "lambda.published", function.function_name, str(version.version))
    return version


@event("lambda.published")
def published(moment: Moment, name: str, number: str) -> None:
    """A version can be called once its function can be."""
    version, function = find(moment, name, number), find(moment, name)
    if version is None:
        return
    if function.state == "Pending":
        moment.after("lambda.publish", "lambda.published", name, number)
        return
    version.state, version.last_update = "Active", "Successful"


@operation("lambda", "PublishVersion")
def publish_version(call: Call) -> object:
    """What $LATEST is now, for ever; refused while that is being changed."""
    function = function_of(call)
    require_idle(call, function)
    require_revision(call, function.revision_id)
    digest = call.text("CodeSha256")
    if digest not in ("", function.code_sha_256):
        raise refuse(
            f"CodeSHA256 ({digest}) is different from current CodeSHA256 in $LATEST ({function.code_sha_256}). "
            "Please try again with the CodeSHA256 in $LATEST."
        )
    return configuration(publish(call, function))


@operation("lambda", "ListVersionsByFunction")
def list_versions_by_function(call: Call) -> object:
    """$LATEST and every version."""
    name, _ = named(call.text("FunctionName"))
    latest = {**configuration(function_of(call)), "FunctionArn": arn_of(call, name, "$LATEST")}
    return {"Versions": [latest, *(configuration(one) for one in storage_of(call)[name]["versions"])]}


def delete(call: Call, name: str, version: Any) -> None:
    """Take a version away, unless an alias points at it."""
    number = str(version.version)
    for alias in aliases_of(call, name).values():
        weights = (alias.routing_config or {}).get("AdditionalVersionWeights") or {}
        if number in (alias.function_version, *weights):
            text = f"Version {number} can't be deleted: alias {alias.name} points at it."
            raise Refusal("ResourceConflictException", text, 409)
    if number == "$LATEST":
        raise refuse("$LATEST version cannot be deleted without deleting the function.")
    storage_of(call)[name]["versions"].remove(version)


def forget(moment: Moment, name: str) -> None:
    """What goes with a function: its aliases and its policies."""
    aliases_of(moment, name).clear()
    moment.notes(Policies).forget(name)


def _check_routing(call: Call, name: str, number: str, routing: dict[str, Any]) -> None:
    if find(call, name, number) is None:
        text = f"Function not found: {arn_of(call, name, number)}"
        raise Refusal("ResourceNotFoundException", text, 404)
    weights: dict[str, float] = routing.get("AdditionalVersionWeights") or {}
    main = find(call, name, number)
    for other, weight in weights.items():
        second = find(call, name, other)
        if not 0 <= weight <= 1:
            raise refuse(f"The weight {weight} of version {other} is not between 0 and 1.")
        if "$LATEST" in (number, other):
            raise refuse("$LATEST is not supported for an alias pointing to more than 1 version")
        if second is None:
            text = f"Function not found: {arn_of(call, name, other)}"
            raise Refusal("ResourceNotFoundException", text, 404)
        if other == number:
            raise refuse(f"Invalid function version {other}. The versions of an alias must differ.")
        if (second.role, second.dead_letter) != (main.role, main.dead_letter):
            raise refuse("Versions of an alias must have the same IAM role and the same dead-letter queue.")


def _alias_of(call: Call) -> Any:
    name, _ = named(call.text("FunctionName"))
    alias = aliases_of(call, name).get(call.text("Name")) if find(call, name) else None
    if alias is None:
        arn = arn_of(call, name, call.text("Name"))
        raise Refusal("ResourceNotFoundException", f"Cannot find alias arn: {arn}", 404)
    return alias


def _told(alias: Any) -> dict[str, Any]:
    return {key: value for key, value in alias.to_json().items() if value is not None}


@operation("lambda", "CreateAlias")
def create_alias(call: Call) -> object:
    """A name for a version that is there."""
    function_of(call)
    name, _ = named(call.text("FunctionName"))
    number, routing = call.text("FunctionVersion"), call.params.get("RoutingConfig") or {}
    if call.text("Name") in aliases_of(call, name):
        arn = arn_of(call, name, call.text("Name"))
        raise Refusal("ResourceConflictException", f"Alias already exists: {arn}", 409)
    _check_routing(call, name, number, routing)
    alias = LambdaAlias(
        account_id=call.account,
        region=call.region,
        name=call.text("Name"),
        function_name=name,
        function_version=number,
        description=call.text("Description"),
        routing_config=routing,  # type: ignore[arg-type]  # moto says text and keeps what it gets
    )
    aliases_of(call, name)[alias.name] = alias
    return _told(alias)


@operation("lambda", "UpdateAlias")
def update_alias(call: Call) -> object:
    """Another version, or a second one that gets a share of the calls."""
    alias = _alias_of(call)
    require_revision(call, alias.revision_id)
    name, _ = named(call.text("FunctionName"))
    number = call.text("FunctionVersion") or alias.function_version
    routing = call.params.get("RoutingConfig")
    routing = alias.routing_config or {} if routing is None else routing
    _check_routing(call, name, number, routing)
    # AWS tells no routing where there is no second version.
    alias.function_version = number
    alias.routing_config = routing if routing.get("AdditionalVersionWeights") else None
    if call.params.get("Description") is not None:
        alias.description = call.text("Description")
    alias.revision_id = str(uuid.uuid4())
    return _told(alias)


@operation("lambda", "GetAlias")
def get_alias(call: Call) -> object:
    """One alias."""
    return _told(_alias_of(call))


@operation("lambda", "ListAliases")
def list_aliases(call: Call) -> object:
    """All aliases of a function, or those that point at one version."""
    function_of(call)
    name, _ = named(call.text("FunctionName"))
    wanted = call.text("FunctionVersion")
    found = [_told(one) for one in aliases_of(call, name).values() if wanted in ("", one.function_version)]
    return {"Aliases": sorted(found, key=lambda one: str(one["Name"]))}


@operation("lambda", "DeleteAlias")
def delete_alias(call: Call) -> object:
    """Quiet when it is gone already; its policy goes with it."""
    name, _ = named(call.text("FunctionName"))
    if aliases_of(call, name).pop(call.text("Name"), None) is not None:
        call.notes(Policies).by_target.pop((name, call.text("Name")), None)
    return {}
