"""What is peculiar to an event source mapping: no name, states of its own, a queue that is asked all the time."""

from __future__ import annotations

from decimal import Decimal

import pytest
from pydantic import ValidationError

from provisioning.aws import Aws
from provisioning.errors import AlreadyExists, AwsError
from provisioning.kind import kind_named
from provisioning.kinds.lambda_event_source_mapping import EventSourceMapping, EventSourceMappingProps
from provisioning.kinds.sqs_queue import QueueProps
from provisioning.kinds.tests.contract import Build, MakeHandle, check_contract, check_cuts
from provisioning.kinds.tests.functions import function_props
from provisioning.pricing import Usage
from provisioning.references import JsonObject

pytestmark = pytest.mark.simulator
KIND = "lambda.event_source_mapping"
# Properties with which it is checked in CloudFormation.
EXAMPLES: tuple[JsonObject, ...] = (
    {
        "queue_arn": "arn:aws:sqs:us-east-1:123456789012:shop",
        "function_arn": "arn:aws:lambda:us-east-1:123456789012:function:shop",
    },
    {
        "queue_arn": "arn:aws:sqs:us-east-1:123456789012:shop",
        "function_arn": "arn:aws:lambda:us-east-1:123456789012:function:shop:live",
        "batch_size": 100,
        "window": 5,
        "most_at_once": 10,
        "partial_failures": False,
    },
)
NEW = EventSourceMappingProps(queue_arn="${queue.arn}", function_arn="${function.arn}")


@pytest.fixture
def props(build: Build) -> EventSourceMappingProps:
    function = build("worker", function_props(build))
    queue = build("jobs", QueueProps())
    return EventSourceMappingProps(queue_arn=queue.attributes["arn"], function_arn=function.attributes["arn"])


def test_it_is_made_changed_and_taken_away(
    aws: Aws, handle: MakeHandle, props: EventSourceMappingProps
) -> None:
    changes: tuple[JsonObject, ...] = (
        {"batch_size": 100, "window": 5, "most_at_once": 4},
        {"partial_failures": False, "enabled": False},
        {},
    )

    check_contract(
        aws,
        handle("reader", KIND),
        props,
        changes=[props.model_copy(update=change) for change in changes],
        attributes=["arn"],
        also_permitted=["lambda:TagResource"],  # a creation with tags
    )


def test_it_is_made_by_one_call(aws: Aws, handle: MakeHandle, props: EventSourceMappingProps) -> None:
    assert check_cuts(aws, handle("reader", KIND), props) == 0


def test_a_foreign_one_of_the_same_queue_and_function_is_not_taken(
    aws: Aws, handle: MakeHandle, props: EventSourceMappingProps
) -> None:
    aws.functions.create_event_source_mapping(EventSourceArn=props.queue_arn, FunctionName=props.function_arn)

    with pytest.raises(AlreadyExists):
        kind_named(KIND).create(aws, handle("reader", KIND), props)

    assert kind_named(KIND).read(aws, handle("reader", KIND)) is None


def test_a_queue_that_shows_messages_again_too_soon_is_refused(
    aws: Aws, handle: MakeHandle, build: Build, props: EventSourceMappingProps
) -> None:
    hasty = build("hasty", QueueProps(visibility_timeout=2)).attributes["arn"]

    with pytest.raises(AwsError, match="visibility timeout"):
        kind_named(KIND).create(aws, handle("reader", KIND), props.model_copy(update={"queue_arn": hasty}))


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"batch_size": 11}, "window"),
        ({"batch_size": 10_001, "window": 1}, "10000"),
        ({"window": 301}, "300"),
        ({"most_at_once": 1}, "2 to 1000"),
    ],
)
def test_what_lambda_refuses_is_refused_before(changes: JsonObject, word: str) -> None:
    with pytest.raises(ValidationError, match=word):
        EventSourceMappingProps.model_validate({**NEW.dump(), **changes})


def test_asking_the_queue_all_month_costs() -> None:
    (line,) = EventSourceMapping().cost(NEW, Usage(), "us-east-1")

    assert (line.sku, line.quantity.expected) == ("SQS/standard_requests", Decimal(657_000))
    off = NEW.model_copy(update={"enabled": False})
    assert list(EventSourceMapping().cost(off, Usage(), "us-east-1")) == []
