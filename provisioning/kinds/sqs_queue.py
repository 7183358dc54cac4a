"""An SQS queue: messages between parts of an application, encrypted, over TLS only."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal

from pydantic import Field

from provisioning.aws import Aws, found
from provisioning.errors import NameTaken
from provisioning.kind import Handle, Kind, Observed, Props, register
from provisioning.names import Naming
from provisioning.pricing import CostLine, Usage
from provisioning.references import JsonObject
from provisioning.template_parts import REF, Form, Part, Place, Told, given

if TYPE_CHECKING:
    from mypy_boto3_sqs.literals import QueueAttributeNameType

_CALLS_A_MESSAGE = 3  # sent, received, deleted


class QueueProps(Props):
    """Times in seconds. `dead_letter_arn`: where a message goes that was received `max_receives` times in vain.
    `senders`: AWS services that may send besides roles that are allowed to, each with the ARN on whose behalf
    ({"sns.amazonaws.com": "${topic.arn}"}). `priced`: False for a queue that hardly gets messages."""

    visibility_timeout: int = Field(default=180, ge=0, le=43_200)
    retention: int = Field(default=345_600, ge=60, le=1_209_600)
    delay: int = Field(default=0, ge=0, le=900)
    wait: int = Field(default=20, ge=0, le=20)
    dead_letter_arn: str = ""
    max_receives: int = Field(default=5, ge=1, le=1000)
    senders: dict[str, str] = {}
    encrypted: Literal[True] = True
    tls_only: Literal[True] = True
    priced: bool = True


@register
class Queue(Kind[QueueProps]):
    """https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_CreateQueue.html

    Of a queue that is there with the same attributes CreateQueue answers with that one, whosever it is: its tags tell.
    For a minute after its deletion a name can't be used. Attributes: id (the URL), url, arn, name.
    """

    name = "sqs.queue"
    title = "SQS queue"
    naming = Naming(limit=80)
    stateful = True
    permissions = (
        "sqs:CreateQueue",
        "sqs:TagQueue",
        "sqs:GetQueueUrl",
        "sqs:GetQueueAttributes",
        "sqs:ListQueueTags",
        "sqs:SetQueueAttributes",
        "sqs:DeleteQueue",
    )
    props = QueueProps

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        url = handle.id or _url(aws, handle.name)
        answer = found(aws.sqs.get_queue_attributes, QueueUrl=url, AttributeNames=["All"]) if url else None
        if answer is None:
            return None
        told = answer["Attributes"]
        # One more call, made only while no id on record says that the queue is ours.
        tags = handle.tags if handle.id else _tags(aws, url)
        return Observed(id=url, props=_told(told), attributes=_attributes(url, told["QueueArn"]), tags=tags)

    def create(self, aws: Aws, handle: Handle, props: QueueProps) -> Observed:
        arn = _arn(aws, handle)
        url = aws.sqs.create_queue(
            QueueName=handle.name, Attributes=_wishes(props, arn), tags=dict(handle.tags)
        )["QueueUrl"]
        if not handle.owns(_tags(aws, url)):
            raise NameTaken(f"Could not make the queue: {handle.name} exists and is not ours.")
        return Observed(id=url, attributes=_attributes(url, arn))

    def update(self, aws: Aws, handle: Handle, props: QueueProps, observed: Observed) -> Observed:
        wishes = _wishes(props, observed.attributes["arn"])
        # Only an empty text takes a policy away.
        aws.sqs.set_queue_attributes(QueueUrl=observed.id, Attributes={"RedrivePolicy": "", **wishes})
        return observed

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        url = handle.id or _url(aws, handle.name)
        if url:
            found(aws.sqs.delete_queue, QueueUrl=url)
        return True

    def cost(self, props: QueueProps, usage: Usage, region: str) -> Iterator[CostLine]:
        """Each background job is a message."""
        if props.priced:
            why = f"{usage.jobs} messages, each sent, received and deleted"
            yield CostLine.usage(
                "SQS/standard_requests", usage.jobs * _CALLS_A_MESSAGE, "Queue requests", why
            )

    def cloudformation(self, place: Place, props: QueueProps) -> Form:
        redrive = {"deadLetterTargetArn": props.dead_letter_arn, "maxReceiveCount": props.max_receives}
        properties = {
            "QueueName": place.name,
            "VisibilityTimeout": props.visibility_timeout,
            "MessageRetentionPeriod": props.retention,
            "DelaySeconds": props.delay,
            "ReceiveMessageWaitTimeSeconds": props.wait,
            "SqsManagedSseEnabled": props.encrypted,
            "RedrivePolicy": redrive if props.dead_letter_arn else {},
            "Tags": place.tag_list,
        }
        policy = {"Queues": [place.own("url")], "PolicyDocument": _policy(props, place.own("arn"))}
        return Form(
            parts=(
                Part(type="AWS::SQS::Queue", properties=given(properties), kept="Retain"),
                Part(role="policy", type="AWS::SQS::QueuePolicy", properties=policy),
            ),
            attributes={"id": REF, "url": REF, "arn": Told("Arn"), "name": Told("QueueName")},
        )


def _url(aws: Aws, name: str) -> str:
    answer = found(aws.sqs.get_queue_url, QueueName=name)
    return answer["QueueUrl"] if answer else ""


def _arn(aws: Aws, handle: Handle) -> str:
    partition = "aws-cn" if aws.region.startswith("cn-") else "aws"
    return f"arn:{partition}:sqs:{aws.region}:{handle.account}:{handle.name}"


def _tags(aws: Aws, url: str) -> dict[str, str]:
    return aws.sqs.list_queue_tags(QueueUrl=url).get("Tags", {})


def _attributes(url: str, arn: str) -> dict[str, str]:
    return {"id": url, "url": url, "arn": arn, "name": arn.rpartition(":")[2]}


def _wishes(props: QueueProps, arn: str) -> dict[QueueAttributeNameType, str]:
    wishes: dict[QueueAttributeNameType, str] = {
        "VisibilityTimeout": str(props.visibility_timeout),
        "MessageRetentionPeriod": str(props.retention),
        "DelaySeconds": str(props.delay),
        "ReceiveMessageWaitTimeSeconds": str(props.wait),
        "SqsManagedSseEnabled": "true",
        "Policy": json.dumps(_policy(props, arn), sort_keys=True),
    }
    if props.dead_letter_arn:
        redrive = {"deadLetterTargetArn": props.dead_letter_arn, "maxReceiveCount": props.max_receives}
        wishes["RedrivePolicy"] = json.dumps(redrive)
    return wishes


def _policy(props: QueueProps, arn: str) -> dict[str, Any]:
    """https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-security-best-practices.html"""
    plain = {
        "Sid": "OnlyOverTls",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "sqs:*",
        "Resource": arn,
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    allowed = [
        {
            "Effect": "Allow",
            "Principal": {"Service": service},
            "Action": "sqs:SendMessage",
            "Resource": arn,
            "Condition": {"ArnEquals": {"aws:SourceArn": source}},
        }
        for service, source in sorted(props.senders.items())
    ]
    return {"Version": "2012-10-17", "Statement": [plain, *allowed]}


def _told(told: Mapping[QueueAttributeNameType, str]) -> JsonObject:
    redrive = json.loads(told.get("RedrivePolicy") or "{}")
    policy = json.loads(told.get("Policy") or "{}")
    senders = _senders(policy)
    props: JsonObject = {
        "visibility_timeout": int(told["VisibilityTimeout"]),
        "retention": int(told["MessageRetentionPeriod"]),
        "delay": int(told["DelaySeconds"]),
        "wait": int(told["ReceiveMessageWaitTimeSeconds"]),
        "encrypted": told.get("SqsManagedSseEnabled") == "true" or "KmsMasterKeyId" in told,
        "dead_letter_arn": redrive.get("deadLetterTargetArn", ""),
        "senders": dict[str, Any](senders),
        # Whatever else somebody wrote into the policy, it is not as wanted.
        "tls_only": policy == _policy(QueueProps(senders=senders), told["QueueArn"]),
    }
    return {**props, "max_receives": int(redrive["maxReceiveCount"])} if redrive else props


def _senders(policy: Any) -> dict[str, str]:
    """The services that a policy of our form lets send."""
    found_ones: dict[str, str] = {}
    for statement in policy.get("Statement") or []:
        principal, condition = statement.get("Principal"), statement.get("Condition") or {}
        source = (condition.get("ArnEquals") or {}).get("aws:SourceArn")
        if statement.get("Effect") == "Allow" and isinstance(principal, dict) and isinstance(source, str):
            found_ones[str(principal.get("Service", ""))] = source
    return found_ones
