"""What is peculiar to a budget: it counts one environment, and its warnings are things of their own."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from provisioning.aws import Aws
from provisioning.errors import AlreadyExists
from provisioning.kind import kind_named
from provisioning.kinds.budgets_budget import BudgetProps
from provisioning.kinds.tests.contract import ACCOUNT, Build, MakeHandle, check_contract, check_cuts, settled
from provisioning.pricing import Usage
from provisioning.references import JsonObject

pytestmark = pytest.mark.simulator
KIND = "budgets.budget"
# Properties with which it is checked in CloudFormation.
EXAMPLES: tuple[JsonObject, ...] = (
    {
        "limit_usd": 120,
        "emails": ["ops@example.org"],
        "topic_arn": "arn:aws:sns:us-east-1:123456789012:shop-alarms",
    },
)
TOPIC = f"arn:aws:sns:us-east-1:{ACCOUNT}:alarms"
PROPS = BudgetProps(limit_usd=120, emails=("ops@example.org", "lead@example.org"))


def test_it_is_made_changed_and_taken_away(aws: Aws, handle: MakeHandle) -> None:
    check_contract(
        aws,
        handle("budget", KIND),
        PROPS,
        changes=[
            PROPS.model_copy(update={"limit_usd": 150}),
            PROPS.model_copy(update={"actual_percent": 90}),
            PROPS.model_copy(update={"emails": (), "topic_arn": TOPIC, "forecast_percent": 110}),
        ],
        attributes=["name", "arn"],
        also_permitted=["budgets:TagResource"],  # CreateBudget with tags
    )


def test_it_is_made_by_one_call(aws: Aws, handle: MakeHandle) -> None:
    assert check_cuts(aws, handle("budget", KIND), PROPS) == 0


def test_it_counts_what_carries_the_tag_of_its_environment(aws: Aws, build: Build) -> None:
    name = build("budget", PROPS).id

    budget = aws.budgets.describe_budget(AccountId=ACCOUNT, BudgetName=name)["Budget"]

    assert budget["CostFilters"] == {"TagKeyValue": ["user:andamio:stack$sabcdefg"]}
    assert (budget["BudgetType"], budget["TimeUnit"]) == ("COST", "MONTHLY")


def test_a_foreign_budget_of_its_name_is_not_taken(aws: Aws, handle: MakeHandle) -> None:
    ours = handle("budget", KIND)
    theirs: Any = {
        "BudgetName": ours.name,
        "BudgetType": "COST",
        "TimeUnit": "MONTHLY",
        "BudgetLimit": {"Amount": "5", "Unit": "USD"},
    }
    aws.budgets.create_budget(AccountId=ACCOUNT, Budget=theirs)

    with pytest.raises(AlreadyExists):
        kind_named(KIND).create(aws, ours, PROPS)

    found = kind_named(KIND).read(aws, ours)
    assert found is not None and not ours.owns(found.tags)


def test_what_people_changed_by_hand_is_put_right(aws: Aws, handle: MakeHandle, build: Build) -> None:
    name = build("budget", PROPS).id
    which: Any = {"AccountId": ACCOUNT, "BudgetName": name}
    known, kind = handle("budget", KIND, id=name), kind_named(KIND)
    for warning in aws.budgets.describe_notifications_for_budget(**which)["Notifications"]:
        asked: Any = {key: value for key, value in warning.items() if key != "NotificationState"}
        aws.budgets.delete_notification(Notification=asked, **which)
    less: Any = {
        "NotificationType": "ACTUAL",
        "ComparisonOperator": "LESS_THAN",
        "Threshold": 80.0,
        "ThresholdType": "PERCENTAGE",
    }
    aws.budgets.create_notification(
        Notification=less, Subscribers=[{"SubscriptionType": "EMAIL", "Address": "x@example.org"}], **which
    )
    dollars: Any = {**less, "NotificationType": "FORECASTED", "ThresholdType": "ABSOLUTE_VALUE"}
    aws.budgets.create_notification(
        Notification=dollars, Subscribers=[{"SubscriptionType": "EMAIL", "Address": "x@example.org"}], **which
    )
    now = kind.read(aws, known)
    assert now is not None
    assert set(kind.differences(PROPS.dump(), now)) == {"actual_percent", "forecast_percent", "emails"}

    kind.update(aws, known, PROPS, now)

    settled(aws, known, PROPS)


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"emails": ()}, "tells nobody"),
        ({"emails": ("nobody",)}, "no e-mail address"),
        ({"limit_usd": 0}, "greater than or equal to 1"),
        ({"emails": tuple(f"{n}@example.org" for n in range(11))}, "10"),
        ({"own_costs_only": False}, "True"),
    ],
)
def test_what_makes_no_sense_is_refused_before(changes: dict[str, object], word: str) -> None:
    with pytest.raises(ValidationError, match=word):
        BudgetProps.model_validate({**PROPS.dump(), **changes})


def test_aws_takes_nothing_for_it() -> None:
    assert list(kind_named(KIND).cost(PROPS, Usage(), "us-east-1")) == []
