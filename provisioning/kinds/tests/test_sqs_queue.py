"""What is peculiar to an SQS queue: CreateQueue takes what is there, names rest for a minute, TLS is a policy."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal

import pytest
from pydantic import ValidationError

from provisioning.aws import Aws
from provisioning.errors import Busy, NameTaken
from provisioning.kind import kind_named
from provisioning.kinds.sqs_queue import QueueProps
from provisioning.kinds.tests.contract import Build, Cut, MakeHandle, check_contract, cut_after, settled
from provisioning.pricing import Usage
from provisioning.references import JsonObject

pytestmark = pytest.mark.simulator
KIND = "sqs.queue"
# Properties with which it is checked in CloudFormation.
EXAMPLES: tuple[JsonObject, ...] = (
    {},
    {
        "dead_letter_arn": "arn:aws:sqs:us-east-1:123456789012:shop",
        "senders": {"sns.amazonaws.com": "arn:aws:sns:us-east-1:123456789012:shop-alarms"},
    },
)
PROPS = QueueProps()
TOPIC = "arn:aws:sns:us-east-1:123456789012:alarms"


def test_it_is_made_changed_and_taken_away(aws: Aws, handle: MakeHandle, build: Build) -> None:
    dead = build("dead", QueueProps(priced=False, retention=1_209_600)).attributes["arn"]
    changes = [
        QueueProps(dead_letter_arn=dead),
        QueueProps(dead_letter_arn=dead, max_receives=3, visibility_timeout=600),
        QueueProps(senders={"sns.amazonaws.com": TOPIC}),
        QueueProps(retention=60, delay=5, wait=0),
    ]

    check_contract(
        aws,
        handle("jobs", KIND),
        PROPS,
        changes=changes,
        attributes=["url", "arn", "name"],
        also_permitted=["sqs:TagQueue"],  # a creation with tags
    )


def test_a_cut_before_its_tags_are_seen_is_repaired(aws: Aws, handle: MakeHandle) -> None:
    queue = handle("jobs", KIND)
    with pytest.raises(Cut):
        kind_named(KIND).create(cut_after(aws, 1), queue, PROPS)

    found = kind_named(KIND).read(aws, queue)

    assert found is not None and queue.owns(found.tags)
    assert kind_named(KIND).differences(PROPS.dump(), found) == {}


def test_its_name_rests_for_a_minute_after_it_went(aws: Aws, handle: MakeHandle, build: Build) -> None:
    build("jobs", PROPS)
    kind_named(KIND).delete(aws, handle("jobs", KIND))

    with pytest.raises(Busy):
        kind_named(KIND).create(aws, handle("jobs", KIND), PROPS)


def test_a_foreign_queue_of_its_name_is_not_taken_though_aws_gives_it(aws: Aws, handle: MakeHandle) -> None:
    ours = handle("jobs", KIND)
    theirs = kind_named(KIND).create(
        aws, replace(ours, tags={**ours.tags, "andamio:key": "other"}, key="other"), PROPS
    )

    with pytest.raises(NameTaken):
        kind_named(KIND).create(aws, ours, PROPS)

    found = kind_named(KIND).read(aws, ours)
    assert found is not None and found.id == theirs.id and not ours.owns(found.tags)


def test_asked_for_twice_it_is_the_same(aws: Aws, handle: MakeHandle) -> None:
    queue = handle("jobs", KIND)

    assert len({kind_named(KIND).create(aws, queue, PROPS).id for _ in range(2)}) == 1


def test_nobody_reaches_it_without_tls_and_what_was_opened_by_hand_is_closed(
    aws: Aws, handle: MakeHandle, build: Build
) -> None:
    made = build("jobs", PROPS)
    kind, queue = kind_named(KIND), handle("jobs", KIND, id=made.id)
    told = aws.sqs.get_queue_attributes(QueueUrl=made.id, AttributeNames=["Policy"])["Attributes"]
    (statement,) = json.loads(told["Policy"])["Statement"]
    assert (statement["Effect"], statement["Condition"]) == (
        "Deny",
        {"Bool": {"aws:SecureTransport": "false"}},
    )
    anybody = {"Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement, anybody]})
    aws.sqs.set_queue_attributes(QueueUrl=made.id, Attributes={"Policy": policy})
    now = kind.read(aws, queue)
    assert now is not None and kind.differences(PROPS.dump(), now) == {"tls_only": (False, True)}

    kind.update(aws, queue, PROPS, now)

    settled(aws, queue, PROPS)


@pytest.mark.parametrize(
    ("field", "value"),
    [("visibility_timeout", 43_201), ("retention", 59), ("delay", 901), ("wait", 21), ("max_receives", 0)],
)
def test_what_aws_refuses_is_refused_before(field: str, value: int) -> None:
    with pytest.raises(ValidationError, match=field):
        QueueProps.model_validate({field: value})


def test_each_job_is_three_requests() -> None:
    usage = Usage(jobs=1000)

    (line,) = kind_named(KIND).cost(PROPS, usage, "us-east-1")

    assert (line.sku, line.quantity.expected) == ("SQS/standard_requests", Decimal(3000))
    assert list(kind_named(KIND).cost(QueueProps(priced=False), usage, "us-east-1")) == []
