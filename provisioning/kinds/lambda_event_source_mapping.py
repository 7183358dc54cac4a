"""What makes a Lambda function work through a queue."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Self

from pydantic import Field, model_validator

from provisioning.aws import Aws, found
from provisioning.kind import Expected, Handle, Kind, Observed, Props, Status, register
from provisioning.pricing import HOURS_A_MONTH, CostLine, Usage
from provisioning.references import JsonObject
from provisioning.template_parts import REF, Form, Part, Place, Told, given

_UNBATCHED = 10
_READY = frozenset({"Enabled", "Disabled"})
# https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-scaling.html: five readers at least, each asking for up to
# twenty seconds at a time.
_READERS = 5
_ASKS_AN_HOUR = 3600 // 20


class EventSourceMappingProps(Props):
    """`function_arn` is that of a function or of an alias. Up to `batch_size` messages a call, gathered for `window`
    seconds. `most_at_once`: how many calls at the same time at most, 0 for as many as Lambda allows. A batch fails in
    parts: the function answers which messages it could not do."""

    queue_arn: str
    function_arn: str
    batch_size: int = Field(default=10, ge=1, le=10_000)
    window: int = Field(default=0, ge=0, le=300)
    most_at_once: int = Field(default=0, ge=0, le=1000)
    partial_failures: bool = True
    enabled: bool = True

    @model_validator(mode="after")
    def _gathers_what_it_batches(self) -> Self:
        if self.batch_size > _UNBATCHED and not self.window:
            raise ValueError("window: more than ten messages a call must be gathered for a second at least")
        if self.most_at_once == 1:
            raise ValueError("most_at_once: Lambda takes 2 to 1000, or 0 for no limit")
        return self


@register
class EventSourceMapping(Kind[EventSourceMappingProps]):
    """https://docs.aws.amazon.com/lambda/latest/api/API_CreateEventSourceMapping.html

    No token, and no name: AWS refuses a second one of the same queue and function. It is found by its tags. The queue
    must hide messages for as long as the function may run. Attributes: id (the UUID), arn.
    """

    name = "lambda.event_source_mapping"
    title = "Queue reader"
    expected = Expected(create=30, update=30, delete=60)
    replace_on = frozenset({"queue_arn"})
    permissions = (
        "lambda:CreateEventSourceMapping",
        "lambda:TagResource",
        "lambda:ListEventSourceMappings",
        "lambda:GetEventSourceMapping",
        "lambda:ListTags",
        "lambda:UpdateEventSourceMapping",
        "lambda:DeleteEventSourceMapping",
    )
    props = EventSourceMappingProps

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        if handle.id is not None:
            mapping = found(aws.functions.get_event_source_mapping, UUID=handle.id)
            return _observed(mapping, dict(handle.tags)) if mapping else None
        for one in aws.listed(aws.functions.list_event_source_mappings, "EventSourceMappings"):
            if handle.stack in one.get("FunctionArn", "") + one.get("EventSourceArn", ""):
                tags = found(aws.functions.list_tags, Resource=one["EventSourceMappingArn"])
                if tags and handle.owns(tags.get("Tags", {})):
                    return _observed(one, tags["Tags"])
        return None

    def create(self, aws: Aws, handle: Handle, props: EventSourceMappingProps) -> Observed:
        settings = _settings(props)
        if not props.most_at_once:
            del settings["ScalingConfig"]
        mapping = aws.functions.create_event_source_mapping(
            EventSourceArn=props.queue_arn, Tags=handle.tags, **settings
        )
        return Observed(id=mapping["UUID"], status=Status.PENDING)

    def update(
        self, aws: Aws, handle: Handle, props: EventSourceMappingProps, observed: Observed
    ) -> Observed:
        aws.functions.update_event_source_mapping(UUID=observed.id, **_settings(props))
        return Observed(id=observed.id, status=Status.PENDING, attributes=observed.attributes)

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        identifier = handle.id or (made.id if (made := self.read(aws, handle)) else None)
        return identifier is None or (
            found(aws.functions.delete_event_source_mapping, UUID=identifier) is None
        )

    def cost(self, props: EventSourceMappingProps, usage: Usage, region: str) -> Iterator[CostLine]:
        """Lambda asks the queue all the time, which is paid as any other request."""
        if props.enabled:
            readers = _READERS
            asked = Decimal(readers * _ASKS_AN_HOUR) * HOURS_A_MONTH
            why = f"{readers} readers, each asking every 20 seconds"
            yield CostLine.fixed("SQS/standard_requests", asked, "Queue reading", why)

    def cloudformation(self, place: Place, props: EventSourceMappingProps) -> Form:
        properties = {"EventSourceArn": props.queue_arn, **_settings(props), "Tags": place.tag_list}
        return Form(
            parts=(Part(type="AWS::Lambda::EventSourceMapping", properties=given(properties)),),
            attributes={"id": REF, "arn": Told("EventSourceMappingArn")},
        )


def _settings(props: EventSourceMappingProps) -> dict[str, Any]:
    return {
        "FunctionName": props.function_arn,
        "BatchSize": props.batch_size,
        "MaximumBatchingWindowInSeconds": props.window,
        "FunctionResponseTypes": ["ReportBatchItemFailures"] if props.partial_failures else [],
        # Empty takes a limit away.
        "ScalingConfig": {"MaximumConcurrency": props.most_at_once} if props.most_at_once else {},
        "Enabled": props.enabled,
    }


def _observed(mapping: Any, tags: dict[str, str]) -> Observed:
    state = mapping["State"]
    going = Status.DELETING if state == "Deleting" else Status.PENDING
    return Observed(
        id=mapping["UUID"],
        status=Status.READY if state in _READY else going,
        reason="" if state in _READY else state,
        props=_told(mapping),
        attributes={"id": mapping["UUID"], "arn": mapping.get("EventSourceMappingArn", "")},
        tags=tags,
    )


def _told(mapping: Any) -> JsonObject:
    told: JsonObject = {
        "queue_arn": mapping.get("EventSourceArn", ""),
        "function_arn": mapping["FunctionArn"],
        "batch_size": mapping["BatchSize"],
        "window": mapping.get("MaximumBatchingWindowInSeconds", 0),
        "most_at_once": (mapping.get("ScalingConfig") or {}).get("MaximumConcurrency", 0),
        "partial_failures": "ReportBatchItemFailures" in (mapping.get("FunctionResponseTypes") or []),
    }
    # While it changes AWS does not tell which of the two it will be.
    return {**told, "enabled": mapping["State"] == "Enabled"} if mapping["State"] in _READY else told
