"""Event source mappings: Lambda reads a queue for a function, once the mapping stands."""

import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from moto.core.resource_tagging import TaggedResource
from moto.sqs.models import sqs_backends

from provisioning.simulator.lambda_store import arn_of, backend_of, find, named, refuse
from provisioning.simulator.operations import Call, Refusal, operation
from provisioning.simulator.tagged import tagged
from provisioning.simulator.world import Moment, event

_SETTINGS = (
    "BatchSize",
    "MaximumBatchingWindowInSeconds",
    "FunctionResponseTypes",
    "ScalingConfig",
    "FilterCriteria",
)
_UNBATCHED = 10


@dataclass(kw_only=True)
class Mapping:
    """One mapping; it lies among moto's, which look at nothing but its tags."""

    uuid: str
    source: str
    function: str
    enabled: bool
    state: str
    settings: dict[str, Any]
    tags: dict[str, str] = field(default_factory=dict)
    changed: float = field(default_factory=time.time)
    turn: int = 0

    def as_aws(self, moment: Moment) -> dict[str, Any]:
        """The mapping as Lambda tells it."""
        prefix = f"arn:aws:lambda:{moment.region}:{moment.account}:event-source-mapping:"
        return {
            **self.settings,
            "UUID": self.uuid,
            "EventSourceArn": self.source,
            "EventSourceMappingArn": prefix + self.uuid,
            "FunctionArn": self.function,
            "State": self.state,
            "StateTransitionReason": "USER_INITIATED",
            "LastModified": self.changed,
        }


def _all(moment: Moment) -> dict[str, Any]:
    mappings: dict[str, Any] = backend_of(moment)._event_source_mappings
    return mappings


def _mapping_of(call: Call) -> Any:
    found = _all(call).get(call.text("UUID"))
    if found is None:
        raise Refusal("ResourceNotFoundException", "The resource you requested does not exist.", 404)
    return found


def _function(call: Call) -> tuple[Any, str]:
    name, qualifier = named(call.text("FunctionName"))
    found = find(call, name, qualifier)
    if found is None:
        raise Refusal(
            "ResourceNotFoundException", f"Function not found: {arn_of(call, name, qualifier)}", 404
        )
    return found, arn_of(call, name, qualifier)


def _check(call: Call, source: str, function: Any, settings: dict[str, Any]) -> None:
    queues = sqs_backends[call.account][call.region].queues.values()
    queue: Any = next((one for one in queues if one.queue_arn == source), None)
    if queue is None:
        raise refuse(
            "Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. "
            "SQS Error Message: The specified queue does not exist."
        )
    if queue.visibility_timeout < function.timeout:
        raise refuse(
            f"Queue visibility timeout: {queue.visibility_timeout} seconds is less than Function timeout: "
            f"{function.timeout} seconds"
        )
    size, window = settings["BatchSize"], settings["MaximumBatchingWindowInSeconds"]
    if size > _UNBATCHED and not window:
        raise refuse(
            "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10"
        )
    at_once = (settings.get("ScalingConfig") or {}).get("MaximumConcurrency")
    if at_once is not None and not 2 <= at_once <= 1000:
        raise refuse("MaximumConcurrency must be between 2 and 1000.")


def _settings(call: Call, now: dict[str, Any]) -> dict[str, Any]:
    return {**now, **{name: call.params[name] for name in _SETTINGS if call.params.get(name) is not None}}


def _begin(call: Call, mapping: Mapping, state: str) -> None:
    mapping.state, mapping.changed = state, call.now
    mapping.turn += 1
    call.after("lambda.mapping", "lambda.mapping-settled", mapping.uuid, str(mapping.turn))


@event("lambda.mapping-settled")
def settled(moment: Moment, identifier: str, turn: str) -> None:
    """What was begun with a mapping is done."""
    mapping = _all(moment).get(identifier)
    if mapping is None or str(mapping.turn) != turn:
        return
    if mapping.state == "Deleting":
        del _all(moment)[identifier]
    else:
        mapping.state = "Enabled" if mapping.enabled else "Disabled"


@operation("lambda", "CreateEventSourceMapping")
def create_event_source_mapping(call: Call) -> object:
    """`Creating`, then `Enabled`; of a queue that is there and hides messages for as long as the function may run."""
    source = call.text("EventSourceArn")
    if ":sqs:" not in source:
        raise NotImplementedError
    function, arn = _function(call)
    settings = _settings(
        call, {"BatchSize": _UNBATCHED, "MaximumBatchingWindowInSeconds": 0, "FunctionResponseTypes": []}
    )
    _check(call, source, function, settings)
    for other in _all(call).values():
        if (other.source, other.function) == (source, arn):
            raise Refusal(
                "ResourceConflictException",
                f'An event source mapping with SQS arn (" {source} ") and function (" {function.function_name} ") '
                f"already exists. Please update or delete the existing mapping with UUID {other.uuid}",
                409,
            )
    mapping = Mapping(
        uuid=str(uuid.uuid4()),
        source=source,
        function=arn,
        enabled=call.params.get("Enabled") is not False,
        state="Creating",
        settings=settings,
        tags=dict(call.params.get("Tags") or {}),
    )
    _all(call)[mapping.uuid] = mapping
    _begin(call, mapping, "Creating")
    return mapping.as_aws(call)


def _require_settled(mapping: Mapping, doing: str) -> None:
    if mapping.state not in ("Enabled", "Disabled"):
        raise Refusal(
            "ResourceInUseException",
            f"Cannot {doing} the event source mapping because it is in use.",
            400,
        )


@operation("lambda", "UpdateEventSourceMapping")
def update_event_source_mapping(call: Call) -> object:
    """`Updating`, then `Enabled` or `Disabled`."""
    mapping = _mapping_of(call)
    _require_settled(mapping, "update")
    settings = _settings(call, mapping.settings)
    function, arn = find(call, *named(mapping.function)), mapping.function
    if call.text("FunctionName"):
        function, arn = _function(call)
    _check(call, mapping.source, function, settings)
    mapping.settings, mapping.function = settings, arn
    if call.params.get("Enabled") is not None:
        mapping.enabled = bool(call.params["Enabled"])
    _begin(call, mapping, "Updating")
    return mapping.as_aws(call)


@operation("lambda", "DeleteEventSourceMapping")
def delete_event_source_mapping(call: Call) -> object:
    """`Deleting` until the readers have stopped, then gone."""
    mapping = _mapping_of(call)
    _require_settled(mapping, "delete")
    _begin(call, mapping, "Deleting")
    return mapping.as_aws(call)


@operation("lambda", "GetEventSourceMapping")
def get_event_source_mapping(call: Call) -> object:
    """One mapping."""
    return _mapping_of(call).as_aws(call)


@operation("lambda", "ListEventSourceMappings")
def list_event_source_mappings(call: Call) -> object:
    """All, or those of a function or a queue."""
    wanted = ""
    if call.text("FunctionName"):
        _, wanted = _function(call)
    source = call.text("EventSourceArn")
    found = [
        mapping.as_aws(call)
        for mapping in _all(call).values()
        if source in ("", mapping.source) and wanted in ("", mapping.function)
    ]
    return {"EventSourceMappings": found}


@tagged
def mappings(moment: Moment) -> Iterator[TaggedResource]:
    """Mappings, for the tagging API."""
    for mapping in _all(moment).values():
        arn = mapping.as_aws(moment)["EventSourceMappingArn"]
        yield TaggedResource(arn, dict(mapping.tags), "lambda:event-source-mapping")
