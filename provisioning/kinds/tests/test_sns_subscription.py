"""What is peculiar to a subscription: nobody is mailed twice, and an address counts once it has been confirmed."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from provisioning.aws import Aws
from provisioning.kind import Status, kind_named
from provisioning.kinds.sns_subscription import SubscriptionProps
from provisioning.kinds.sns_topic import TopicProps
from provisioning.kinds.tests.contract import Build, Cut, MakeHandle, cut_after, gone
from provisioning.kinds.tests.noted import NotedConnection
from provisioning.pricing import Usage
from provisioning.references import JsonObject
from provisioning.simulator.launch import Simulator

pytestmark = pytest.mark.simulator
KIND = "sns.subscription"
# Properties with which it is checked in CloudFormation.
EXAMPLES: tuple[JsonObject, ...] = (
    {"topic_arn": "arn:aws:sns:us-east-1:123456789012:shop-alarms", "endpoint": "ops@example.org"},
    {
        "topic_arn": "arn:aws:sns:us-east-1:123456789012:shop-alarms",
        "protocol": "https",
        "endpoint": "https://shop.example.com/alarms",
    },
)
ADDRESS = "ops@example.org"


@pytest.fixture
def props(build: Build) -> SubscriptionProps:
    return SubscriptionProps(topic_arn=build("alarm-topic", TopicProps()).id, endpoint=ADDRESS)


def _all(aws: Aws, topic_arn: str) -> list[tuple[str, str]]:
    listed = aws.sns.list_subscriptions_by_topic(TopicArn=topic_arn)["Subscriptions"]
    return [(one["Endpoint"], one["SubscriptionArn"]) for one in listed]


def test_it_is_done_when_asked_for_and_says_that_somebody_has_to_click(
    aws: Aws, handle: MakeHandle, props: SubscriptionProps
) -> None:
    made = kind_named(KIND).create(aws, handle("alarm-mail", KIND), props)

    assert made.status is Status.READY
    assert "follow the link" in made.reason
    assert made.id == f"{props.topic_arn}/email/{ADDRESS}"
    assert "arn" not in made.attributes


def test_read_tells_what_create_did(aws: Aws, handle: MakeHandle, props: SubscriptionProps) -> None:
    kind = kind_named(KIND)
    made = kind.create(aws, handle("alarm-mail", KIND), props)

    found = kind.read(aws, handle("alarm-mail", KIND, id=made.id))

    assert found is not None
    assert (found.id, found.reason, kind.differences(props.dump(), found)) == (made.id, made.reason, {})


def test_nobody_is_mailed_twice(aws: Aws, handle: MakeHandle, props: SubscriptionProps) -> None:
    kind, mail = kind_named(KIND), handle("alarm-mail", KIND)
    first = kind.create(aws, mail, props)
    noted = aws.connection
    assert isinstance(noted, NotedConnection)
    noted.actions.clear()

    second = kind.create(aws, mail, props)

    assert second.id == first.id
    assert noted.actions == {"sns:ListSubscriptionsByTopic"}


def test_a_cut_before_the_mail_leads_to_one_mail(
    aws: Aws, handle: MakeHandle, props: SubscriptionProps
) -> None:
    kind, mail = kind_named(KIND), handle("alarm-mail", KIND)
    with pytest.raises(Cut):
        kind.create(cut_after(aws, 1), mail, props)  # between the look and the subscription

    made = [kind.create(aws, mail, props).id for _ in range(2)]

    assert made[0] == made[1]
    assert [endpoint for endpoint, _ in _all(aws, props.topic_arn)] == [ADDRESS]


def test_once_confirmed_it_has_an_arn_and_can_be_taken_away(
    aws: Aws, handle: MakeHandle, props: SubscriptionProps, simulator: Simulator
) -> None:
    kind = kind_named(KIND)
    made = kind.create(aws, handle("alarm-mail", KIND), props)
    known = handle("alarm-mail", KIND, id=made.id)
    simulator.confirm_subscription(ADDRESS)

    found = kind.read(aws, known)

    assert found is not None
    assert (found.id, found.reason) == (made.id, "")
    assert found.attributes["arn"].startswith("arn:aws:sns:")
    gone(aws, known, KIND)
    assert _all(aws, props.topic_arn) == []


def test_an_unconfirmed_one_is_left_to_go_with_its_topic(
    aws: Aws, handle: MakeHandle, props: SubscriptionProps
) -> None:
    kind = kind_named(KIND)
    made = kind.create(aws, handle("alarm-mail", KIND), props)

    assert kind.delete(aws, handle("alarm-mail", KIND, id=made.id)) is True

    assert [endpoint for endpoint, _ in _all(aws, props.topic_arn)] == [ADDRESS]


def test_with_its_topic_it_is_gone(aws: Aws, handle: MakeHandle, props: SubscriptionProps) -> None:
    kind = kind_named(KIND)
    known = handle("alarm-mail", KIND, id=kind.create(aws, handle("alarm-mail", KIND), props).id)
    aws.sns.delete_topic(TopicArn=props.topic_arn)

    assert kind.read(aws, known) is None
    assert kind.delete(aws, known) is True


def test_another_address_of_the_topic_is_not_taken_for_it(
    aws: Aws, handle: MakeHandle, props: SubscriptionProps
) -> None:
    aws.sns.subscribe(TopicArn=props.topic_arn, Protocol="email", Endpoint="boss@example.org")
    mail = handle("alarm-mail", KIND, id=f"{props.topic_arn}/email/{ADDRESS}")

    assert kind_named(KIND).read(aws, mail) is None


def test_its_permissions_are_its_calls(
    aws: Aws, handle: MakeHandle, props: SubscriptionProps, simulator: Simulator
) -> None:
    kind, noted = kind_named(KIND), aws.connection
    assert isinstance(noted, NotedConnection)
    noted.actions.clear()

    made = kind.create(aws, handle("alarm-mail", KIND), props)
    simulator.confirm_subscription(ADDRESS)
    gone(aws, handle("alarm-mail", KIND, id=made.id), KIND)

    assert noted.actions == set(kind.permissions)


def test_a_protocol_that_nobody_confirms_is_refused() -> None:
    with pytest.raises(ValidationError, match="email"):
        SubscriptionProps.model_validate({"topic_arn": "arn", "protocol": "sms", "endpoint": "+34600000000"})


def test_mails_cost_by_the_number_and_calls_of_a_url_nothing() -> None:
    usage = Usage(emails=40)
    mail = SubscriptionProps(topic_arn="arn", endpoint=ADDRESS)
    call = SubscriptionProps(topic_arn="arn", protocol="https", endpoint="https://example.org/alarm")

    (line,) = kind_named(KIND).cost(mail, usage, "us-east-1")

    assert line.sku == "SNS/email"
    assert (int(line.quantity.floor), int(line.quantity.expected)) == (0, 40)
    assert list(kind_named(KIND).cost(call, usage, "us-east-1")) == []
