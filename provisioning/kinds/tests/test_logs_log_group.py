"""What is peculiar to a log group: for how long it keeps what it gets."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from provisioning.aws import Aws
from provisioning.errors import AlreadyExists
from provisioning.kind import kind_named
from provisioning.kinds.logs_log_group import LogGroupProps
from provisioning.kinds.tests.contract import Build, MakeHandle, check_contract, check_cuts, settled
from provisioning.pricing import Usage
from provisioning.references import JsonObject

pytestmark = pytest.mark.simulator
KIND = "logs.log_group"
# Properties with which it is checked in CloudFormation.
EXAMPLES: tuple[JsonObject, ...] = ({"retention_days": 14},)
NAME = "/andamio/shop-production-sabcdefg"


def test_it_is_made_changed_and_taken_away(aws: Aws, handle: MakeHandle) -> None:
    check_contract(
        aws,
        handle("log-group", KIND, name=NAME),
        LogGroupProps(),
        changes=[LogGroupProps(retention_days=90), LogGroupProps(retention_days=1)],
        attributes=["name", "arn"],
        also_permitted=["logs:TagResource"],  # CreateLogGroup with tags
    )


def test_a_cut_before_its_retention_is_set_is_repaired(aws: Aws, handle: MakeHandle) -> None:
    assert check_cuts(aws, handle("log-group", KIND, name=NAME), LogGroupProps()) == 1


def test_logs_that_are_kept_for_ever_are_seen_and_undone(aws: Aws, handle: MakeHandle, build: Build) -> None:
    build("log-group", LogGroupProps(), name=NAME)
    aws.logs.delete_retention_policy(logGroupName=NAME)
    group, kind = handle("log-group", KIND, name=NAME, id=NAME), kind_named(KIND)
    now = kind.read(aws, group)
    assert now is not None and kind.differences(LogGroupProps().dump(), now) == {"retention_days": (0, 30)}

    kind.update(aws, group, LogGroupProps(), now)

    settled(aws, group, LogGroupProps())


def test_a_foreign_group_of_its_name_is_not_taken(aws: Aws, handle: MakeHandle) -> None:
    ours = handle("log-group", KIND, name=NAME)
    aws.logs.create_log_group(logGroupName=NAME, tags={"Owner": "somebody"})

    with pytest.raises(AlreadyExists):
        kind_named(KIND).create(aws, ours, LogGroupProps())

    found = kind_named(KIND).read(aws, ours)
    assert found is not None and not ours.owns(found.tags)
    assert "retentionInDays" not in aws.logs.describe_log_groups()["logGroups"][0]


def test_a_group_whose_name_only_begins_like_it_is_another(aws: Aws, handle: MakeHandle) -> None:
    aws.logs.create_log_group(logGroupName=f"{NAME}-old")

    assert kind_named(KIND).read(aws, handle("log-group", KIND, name=NAME)) is None


def test_its_arn_is_the_same_from_create_and_read_and_ends_without_a_star(
    aws: Aws, handle: MakeHandle
) -> None:
    group = handle("log-group", KIND, name=NAME)

    made = kind_named(KIND).create(aws, group, LogGroupProps())

    read = kind_named(KIND).read(aws, group)
    assert read is not None and read.attributes == made.attributes
    assert made.attributes["arn"] == f"arn:aws:logs:us-east-1:123456789012:log-group:{NAME}"


def test_days_that_cloudwatch_does_not_have_are_refused() -> None:
    with pytest.raises(ValidationError, match="keeps logs for 1, 3, 5"):
        LogGroupProps(retention_days=31)


def test_logs_cost_once_for_an_environment() -> None:
    usage = Usage.of_phase("production")

    lines = list(kind_named(KIND).cost(LogGroupProps(), usage, "us-east-1"))

    assert [(line.sku, line.quantity.expected) for line in lines] == [
        ("CloudWatch/logs_ingestion", usage.log_gb),
        ("CloudWatch/logs_storage", usage.log_gb),
    ]
    assert list(kind_named(KIND).cost(LogGroupProps(priced=False), usage, "us-east-1")) == []
