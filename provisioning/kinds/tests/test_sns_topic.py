"""What is peculiar to an SNS topic: its name is its identity, and CreateTopic answers for one that is there."""

from __future__ import annotations

import json
import time

import pytest

from provisioning.aws import Aws
from provisioning.errors import AlreadyExists
from provisioning.kind import kind_named
from provisioning.kinds.sns_topic import TopicProps
from provisioning.kinds.tests.contract import Build, MakeHandle, check_contract, check_cuts
from provisioning.references import JsonObject

pytestmark = pytest.mark.simulator
KIND = "sns.topic"
# Properties with which it is checked in CloudFormation.
EXAMPLES: tuple[JsonObject, ...] = (
    {"display_name": "Alarms"},
    {"publishers": ["budgets.amazonaws.com"]},
)
PROPS = TopicProps(display_name="Andamio alarms")


def test_it_is_made_changed_and_taken_away(aws: Aws, handle: MakeHandle) -> None:
    changes = [
        TopicProps(display_name="Alarms"),
        TopicProps(),
        TopicProps(publishers=("budgets.amazonaws.com",)),
        TopicProps(publishers=("budgets.amazonaws.com", "events.amazonaws.com")),
        TopicProps(),
    ]

    check_contract(
        aws,
        handle("alarm-topic", KIND),
        PROPS,
        changes=changes,
        attributes=["arn", "name"],
        also_permitted=["sns:TagResource"],  # CreateTopic with tags
    )


def test_it_is_made_by_one_call(aws: Aws, handle: MakeHandle) -> None:
    assert check_cuts(aws, handle("alarm-topic", KIND), PROPS) == 0


def test_cut_before_its_publishers_are_let_in_it_is_finished(aws: Aws, handle: MakeHandle) -> None:
    props = TopicProps(publishers=("budgets.amazonaws.com",))

    assert check_cuts(aws, handle("alarm-topic", KIND), props) == 2


def test_letting_others_publish_leaves_the_accounts_own_rights(aws: Aws, build: Build) -> None:
    plain = build("plain-topic", PROPS).id
    before = json.loads(aws.sns.get_topic_attributes(TopicArn=plain)["Attributes"]["Policy"])["Statement"]

    arn = build("alarm-topic", TopicProps(publishers=("budgets.amazonaws.com",))).id

    after = json.loads(aws.sns.get_topic_attributes(TopicArn=arn)["Attributes"]["Policy"])["Statement"]
    assert [one["Sid"] for one in after] == [*(one["Sid"] for one in before), "AndamioPublishers"]
    assert after[-1]["Condition"] == {"StringEquals": {"aws:SourceAccount": "123456789012"}}


def test_asked_for_twice_it_is_the_same(aws: Aws, handle: MakeHandle) -> None:
    topic = handle("alarm-topic", KIND)

    made = [kind_named(KIND).create(aws, topic, PROPS).id for _ in range(2)]

    assert made[0] == made[1]


def test_a_foreign_topic_of_its_name_is_not_taken(aws: Aws, handle: MakeHandle) -> None:
    ours = handle("alarm-topic", KIND)
    theirs = aws.sns.create_topic(Name=ours.name, Tags=[{"Key": "Owner", "Value": "somebody"}])["TopicArn"]

    with pytest.raises(AlreadyExists):
        kind_named(KIND).create(aws, ours, PROPS)

    found = kind_named(KIND).read(aws, ours)
    assert found is not None and found.id == theirs and not ours.owns(found.tags)
    assert aws.sns.get_topic_attributes(TopicArn=theirs)["Attributes"].get("DisplayName", "") == ""


def test_a_longer_name_that_ends_like_it_is_another_topic(aws: Aws, handle: MakeHandle) -> None:
    ours = handle("alarm-topic", KIND)
    aws.sns.create_topic(Name=f"the-{ours.name}")

    assert kind_named(KIND).read(aws, ours) is None


def test_while_it_is_looked_for_all_environments_share_one_list(
    aws: Aws, handle: MakeHandle, build: Build
) -> None:
    mine = build("alarm-topic", PROPS)
    poll = aws.since(time.monotonic())
    before = aws.connection.calls

    here = kind_named(KIND).read(poll, handle("alarm-topic", KIND))
    elsewhere = kind_named(KIND).read(poll, handle("alarm-topic", KIND, stack="sstrange"))

    assert here is not None and here.id == mine.id
    assert elsewhere is None
    assert aws.connection.calls - before == 3  # the list, and attributes and tags of the one that is there
