"""An SNS subscription: one address that gets what a topic is told."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Literal

from pydantic import Field

from provisioning.aws import Aws, found
from provisioning.kind import Handle, Kind, Observed, Props, Todo, register
from provisioning.pricing import CostLine, Usage
from provisioning.properties import has_reference
from provisioning.references import JsonObject
from provisioning.template_parts import REF, Form, Part, Place

WAITING = "waiting for confirmation: the address has to follow the link in the e-mail it got"


class SubscriptionProps(Props):
    """`endpoint`: an e-mail address, or a URL for the protocol https."""

    topic_arn: str
    protocol: Literal["email", "https"] = "email"
    endpoint: str = Field(min_length=3)


@register
class Subscription(Kind[SubscriptionProps]):
    """https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html

    Every Subscribe of an unconfirmed address mails again, so `create` looks first. AWS gives an unconfirmed one no
    ARN when it is listed and does not let it be unsubscribed: it goes with the topic, or after some days by itself.
    The id is ours therefore: "<topic ARN>/<protocol>/<endpoint>"; without it there is nothing to look for. It cannot be
    tagged. Attributes: id, and arn once confirmed.
    """

    name = "sns.subscription"
    title = "SNS subscription"
    replace_on = frozenset({"topic_arn", "protocol", "endpoint"})
    goes_with = frozenset({"topic_arn"})
    awaits = True
    permissions = ("sns:Subscribe", "sns:ListSubscriptionsByTopic", "sns:Unsubscribe")
    props = SubscriptionProps

    def identify(self, handle: Handle, wanted: JsonObject) -> str | None:
        identity = "/".join(str(wanted.get(name, "")) for name in ("topic_arn", "protocol", "endpoint"))
        return None if has_reference(identity) else identity

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        if handle.id is None:
            return None
        topic_arn, protocol, endpoint = handle.id.split("/", 2)
        subscription = _find(aws, topic_arn, protocol, endpoint)
        if subscription is None:
            return None
        return _observed(handle, topic_arn, protocol, endpoint, arn=_confirmed_arn(subscription))

    def create(self, aws: Aws, handle: Handle, props: SubscriptionProps) -> Observed:
        there = _find(aws, props.topic_arn, props.protocol, props.endpoint)
        arn = _confirmed_arn(there) if there else ""
        if there is None:
            answer = aws.sns.subscribe(
                TopicArn=props.topic_arn, Protocol=props.protocol, Endpoint=props.endpoint
            )
            arn = _confirmed_arn(answer)
        return _observed(handle, props.topic_arn, props.protocol, props.endpoint, arn=arn)

    def update(self, aws: Aws, handle: Handle, props: SubscriptionProps, observed: Observed) -> Observed:
        return observed

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        observed = self.read(aws, handle)
        if observed is not None and "arn" in observed.attributes:
            found(aws.sns.unsubscribe, SubscriptionArn=observed.attributes["arn"])
        return True

    def cost(self, props: SubscriptionProps, usage: Usage, region: str) -> Iterator[CostLine]:
        """The e-mails of a month."""
        if props.protocol == "email":
            yield CostLine.usage(
                "SNS/email", usage.emails, "Alarm e-mails", f"{usage.emails} e-mails a month"
            )

    def cloudformation(self, place: Place, props: SubscriptionProps) -> Form:
        properties = {"TopicArn": props.topic_arn, "Protocol": props.protocol, "Endpoint": props.endpoint}
        identity = f"{props.topic_arn}/{props.protocol}/{props.endpoint}"
        return Form(
            parts=(Part(type="AWS::SNS::Subscription", properties=properties),),
            attributes={"id": identity, "arn": REF},
        )


def _find(aws: Aws, topic_arn: str, protocol: str, endpoint: str) -> dict[str, Any] | None:
    there = found(aws.listed, aws.sns.list_subscriptions_by_topic, "Subscriptions", TopicArn=topic_arn)
    wanted = (protocol, endpoint)
    return next((one for one in there or () if (one["Protocol"], one["Endpoint"]) == wanted), None)


def _confirmed_arn(subscription: Any) -> str:
    """Its ARN; empty while it reads "PendingConfirmation" or "pending confirmation"."""
    arn = str(subscription["SubscriptionArn"])
    return arn if arn.startswith("arn:") else ""


def _observed(handle: Handle, topic_arn: str, protocol: str, endpoint: str, *, arn: str) -> Observed:
    identity = f"{topic_arn}/{protocol}/{endpoint}"
    return Observed(
        id=identity,
        props={"topic_arn": topic_arn, "protocol": protocol, "endpoint": endpoint},
        attributes={"id": identity, "arn": arn} if arn else {"id": identity},
        tags=handle.tags,
        reason="" if arn else WAITING,
        todo=None if arn or protocol != "email" else _todo(endpoint),
    )


def _todo(address: str) -> Todo:
    return Todo(
        summary=f"Nobody has confirmed the address {address} yet: no alarm is mailed to it.",
        hint='AWS sent it a mail, "AWS Notification - Subscription Confirmation": open the link in it within two days.',
    )
