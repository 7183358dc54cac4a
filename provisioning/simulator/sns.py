"""SNS: an e-mail address is subscribed once somebody has clicked, which here is "
"`/simulator/confirm-subscription`."""

from typing import Any

from moto.sns.models import sns_backends

from provisioning.simulator.operations import Call, Refusal, operation, result_of

_CLICKED = ("email", "email-json")
#: What SNS shows instead of an ARN until the click.
_WAITING = "PendingConfirmation"


@operation("sns", "CreateTopic")
def create_topic(call: Call) -> object:
    """One that is there is given again, if it was asked for in the same way."""
    topics = sns_backends[call.account][call.region].topics.values()
    there: Any = next((one for one in topics if one.name == call.text("Name")), None)
    asked_for = {
        "attributes": {key: value for key, value in (call.params.get("Attributes") or {}).items() if value},
        "tags": {tag["Key"]: tag["Value"] for tag in call.items("Tags")},
    }
    for what, wanted in asked_for.items() if there is not None else ():
        if getattr(there, "asked_for", asked_for)[what] != wanted:
            raise Refusal(
                "InvalidParameter",
                f"Invalid parameter: {what.title()} Reason: Topic already exists with different {what}",
            )
    answer = call.forward()
    topic: Any = sns_backends[call.account][call.region].topics[result_of(answer)["TopicArn"]]
    topic.asked_for = asked_for
    return answer


@operation("sns", "Subscribe")
def subscribe(call: Call) -> object:
    """E-mail waits for its confirmation; other protocols are moto's."""
    protocol, endpoint = call.text("Protocol"), call.text("Endpoint")
    if protocol in _CLICKED and "@" not in endpoint:
        raise Refusal("InvalidParameter", "Invalid parameter: Email address")
    answer = call.forward()
    if protocol not in _CLICKED:
        return answer
    subscription: Any = sns_backends[call.account][call.region].subscriptions[
        result_of(answer)["SubscriptionArn"]
    ]
    if not subscription.confirmed:
        subscription.SubscriptionArn = _WAITING
        subscription.attributes["PendingConfirmation"] = "true"
        if not call.params.get("ReturnSubscriptionArn"):
            return {"SubscriptionArn": "pending confirmation"}
    return answer


@operation("sns", "Unsubscribe")
def unsubscribe(call: Call) -> object:
    """What is not confirmed cannot be unsubscribed."""
    arn = call.text("SubscriptionArn")
    if not arn.startswith("arn:"):
        raise Refusal(
            "InvalidParameter",
            (
                "Invalid parameter: SubscriptionArn Reason: An ARN must have at least 6 elements, "
                f"not {arn.count(':') + 1}"
            ),
        )
    subscription: Any = sns_backends[call.account][call.region].subscriptions.get(arn)
    if subscription is not None and getattr(subscription, "SubscriptionArn", "") == _WAITING:
        raise Refusal("InvalidParameter", "Invalid parameter: This subscription is pending confirmation")
    return call.forward()


def confirm(*, topic: str, endpoint: str) -> list[str]:
    """Do what the click in the e-mail does, for a topic or an address; gives the subscriptions' ARNs."""
    confirmed = []
    for _, _, backend in sns_backends.iter_backends():
        subscriptions: list[Any] = list(backend.subscriptions.values())  # type: ignore[attr-defined]  # SNS's backend has them
        for subscription in subscriptions:
            waiting = getattr(subscription, "SubscriptionArn", "") == _WAITING
            if waiting and topic in ("", subscription.topic.arn) and endpoint in ("", subscription.endpoint):
                subscription.confirmed = True
                del subscription.SubscriptionArn
                subscription.attributes["PendingConfirmation"] = "false"
                confirmed.append(subscription.arn)
    return confirmed
