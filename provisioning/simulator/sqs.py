"""SQS: a name stays taken for a minute, and attributes have bounds."""

from dataclasses import dataclass, field
from typing import Any

from moto.sqs.models import sqs_backends

from provisioning.simulator.operations import Call, Refusal, operation

# https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html
_BOUNDS = {
    "DelaySeconds": (0, 900),
    "MaximumMessageSize": (1024, 1_048_576),
    "MessageRetentionPeriod": (60, 1_209_600),
    "ReceiveMessageWaitTimeSeconds": (0, 20),
    "VisibilityTimeout": (0, 43_200),
}


@dataclass(kw_only=True)
class Names:
    """Names of deleted queues, and until when they can't be used again."""

    taken_until: dict[str, float] = field(default_factory=dict)


def _check(attributes: dict[str, Any]) -> None:
    for name, (least, most) in _BOUNDS.items():
        value = attributes.get(name)
        if value is not None and not (str(value).isdigit() and least <= int(value) <= most):
            raise Refusal("InvalidAttributeValue", f"Invalid value for the parameter {name}.")


@operation("sqs", "CreateQueue")
def create_queue(call: Call) -> object:
    """One that is there is given again, as it is; one that went a moment ago can't be made yet."""
    name = call.text("QueueName")
    _check(dict(call.params.get("Attributes") or {}))
    if call.now < call.notes(Names).taken_until.get(name, 0.0):
        raise Refusal(
            "AWS.SimpleQueueService.QueueDeletedRecently",
            "You must wait 60 seconds after deleting a queue before you can create another with the same name.",
        )
    if name in sqs_backends[call.account][call.region].queues:
        call.params.pop("tags", None)
    return call.forward()


@operation("sqs", "SetQueueAttributes")
def set_queue_attributes(call: Call) -> object:
    """What is not named stays; moto forgets the policy."""
    name = call.text("QueueUrl").rpartition("/")[2]
    attributes = dict(call.params.get("Attributes") or {})
    _check(attributes)
    queue: Any = sqs_backends[call.account][call.region].queues.get(name)
    policy = queue.policy if queue else None
    answer = call.forward()
    if queue and "Policy" not in attributes:
        queue.policy = policy
    return answer


@operation("sqs", "DeleteQueue")
def delete_queue(call: Call) -> object:
    """Gone with its messages; its name is free a minute later."""
    answer = call.forward()
    name = call.text("QueueUrl").rpartition("/")[2]
    call.notes(Names).taken_until[name] = call.now + call.durations.of("sqs.name")
    return answer
