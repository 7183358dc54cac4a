"""Budgets in the simulator: names and notifications are taken once, and wrong ones refused."""

from collections.abc import Callable
from typing import Any

import pytest

from provisioning.simulator.tests.clients import refusal

pytestmark = pytest.mark.simulator
Aws = Callable[[str], Any]
ACCOUNT = "123456789012"
BUDGET = {
    "BudgetName": "web",
    "BudgetType": "COST",
    "TimeUnit": "MONTHLY",
    "BudgetLimit": {"Amount": "100", "Unit": "USD"},
}
MAIL = [{"SubscriptionType": "EMAIL", "Address": "ops@example.org"}]
WHEN = {"NotificationType": "ACTUAL", "ComparisonOperator": "GREATER_THAN", "Threshold": 80.0}
WHICH = {"AccountId": ACCOUNT, "BudgetName": "web"}


def test_a_name_is_taken_once_and_an_update_writes_the_whole_budget(aws: Aws) -> None:
    budgets = aws("budgets")
    tags = [{"Key": "stack", "Value": "one"}]
    budgets.create_budget(AccountId=ACCOUNT, Budget=BUDGET, ResourceTags=tags)
    assert refusal(budgets.create_budget, AccountId=ACCOUNT, Budget=BUDGET) == "DuplicateRecordException"
    filters = {"TagKeyValue": ["user:stack$one"]}
    budgets.update_budget(AccountId=ACCOUNT, NewBudget={**BUDGET, "CostFilters": filters})
    budgets.update_budget(AccountId=ACCOUNT, NewBudget=BUDGET)
    now = budgets.describe_budget(**WHICH)["Budget"]
    assert (now["BudgetLimit"]["Amount"], "CostFilters" in now) == ("100.0", False)
    arn = f"arn:aws:budgets::{ACCOUNT}:budget/web"
    assert budgets.list_tags_for_resource(ResourceARN=arn)["ResourceTags"] == tags
    budgets.delete_budget(**WHICH)
    assert refusal(budgets.describe_budget, **WHICH) == "NotFoundException"
    wrong = {**BUDGET, "BudgetName": "a:b"}
    assert refusal(budgets.create_budget, AccountId=ACCOUNT, Budget=wrong) == "InvalidParameterException"


def test_a_notification_tells_somebody_and_is_there_once(aws: Aws) -> None:
    budgets = aws("budgets")
    budgets.create_budget(AccountId=ACCOUNT, Budget=BUDGET)
    create = budgets.create_notification
    create(**WHICH, Notification=WHEN, Subscribers=MAIL)
    again = {**WHICH, "Notification": WHEN, "Subscribers": MAIL}
    assert refusal(create, **again) == "DuplicateRecordException"
    nobody = [{"SubscriptionType": "EMAIL", "Address": "nobody"}]
    later = {**WHEN, "Threshold": 90.0}
    assert refusal(create, **{**again, "Notification": later, "Subscribers": nobody}) == (
        "InvalidParameterException"
    )
    told = budgets.describe_subscribers_for_notification(**WHICH, Notification=WHEN)
    assert told["Subscribers"] == MAIL
    budgets.delete_notification(**WHICH, Notification=WHEN)
    assert budgets.describe_notifications_for_budget(**WHICH)["Notifications"] == []
