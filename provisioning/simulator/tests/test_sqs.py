"""SQS in the simulator: names that stay taken, attributes with bounds, a policy that stays."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from provisioning.simulator.tests.clients import refusal, until

pytestmark = pytest.mark.simulator
Aws = Callable[[str], Any]


def _attributes(sqs: Any, url: str) -> dict[str, str]:
    told: dict[str, str] = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    return told


def test_a_name_can_be_used_again_a_minute_after_its_queue_went(aws: Aws) -> None:
    sqs = aws("sqs")
    sqs.delete_queue(QueueUrl=sqs.create_queue(QueueName="jobs")["QueueUrl"])
    gone = "AWS.SimpleQueueService.NonExistentQueue"
    assert refusal(sqs.get_queue_url, QueueName="jobs") == gone
    assert refusal(sqs.create_queue, QueueName="jobs") == "AWS.SimpleQueueService.QueueDeletedRecently"

    def again() -> bool:
        try:
            return bool(sqs.create_queue(QueueName="jobs"))
        except sqs.exceptions.QueueDeletedRecently:
            return False

    until(again, True)


def test_a_queue_that_is_there_is_given_again_but_not_with_other_attributes(aws: Aws) -> None:
    sqs = aws("sqs")
    first = sqs.create_queue(QueueName="jobs", Attributes={"DelaySeconds": "5"}, tags={"of": "one"})
    second = sqs.create_queue(QueueName="jobs", Attributes={"DelaySeconds": "5"}, tags={"of": "two"})
    assert first["QueueUrl"] == second["QueueUrl"]
    assert sqs.list_queue_tags(QueueUrl=first["QueueUrl"])["Tags"] == {"of": "one"}
    other = {"QueueName": "jobs", "Attributes": {"DelaySeconds": "6"}}
    assert refusal(sqs.create_queue, **other) == "QueueAlreadyExists"


def test_other_attributes_leave_the_policy(aws: Aws) -> None:
    sqs = aws("sqs")
    statement = {"Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    url = sqs.create_queue(QueueName="jobs", Attributes={"Policy": policy})["QueueUrl"]
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "90"})
    assert _attributes(sqs, url)["Policy"] == policy
    assert _attributes(sqs, url)["VisibilityTimeout"] == "90"


@pytest.mark.parametrize(
    ("name", "value"),
    [("VisibilityTimeout", "43201"), ("DelaySeconds", "901"), ("MessageRetentionPeriod", "59")],
)
def test_values_out_of_bounds_are_refused(aws: Aws, name: str, value: str) -> None:
    sqs = aws("sqs")
    assert refusal(sqs.create_queue, QueueName="a", Attributes={name: value}) == "InvalidAttributeValue"
    url = sqs.create_queue(QueueName="b")["QueueUrl"]
    assert (
        refusal(sqs.set_queue_attributes, QueueUrl=url, Attributes={name: value}) == "InvalidAttributeValue"
    )


def test_a_dead_letter_queue_must_be_there(aws: Aws) -> None:
    target = "arn:aws:sqs:eu-west-1:123456789012:dead"
    redrive = json.dumps({"deadLetterTargetArn": target, "maxReceiveCount": 5})
    asked = {"QueueName": "jobs", "Attributes": {"RedrivePolicy": redrive}}
    assert refusal(aws("sqs").create_queue, **asked) == "AWS.SimpleQueueService.NonExistentQueue"
