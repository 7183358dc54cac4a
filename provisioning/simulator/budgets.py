"""AWS Budgets: budgets with their notifications, subscribers and tags; what is spent is always nothing."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from moto.core.resource_tagging import TaggedResource

from provisioning.simulator.operations import Call, Refusal, operation
from provisioning.simulator.tagged import tagged
from provisioning.simulator.world import Moment

_HOME = "us-east-1"
_MOST_NOTIFICATIONS = 10
_MOST_EMAILS = 10
# "The default end date", API reference of Budget.
_FAR_END = 3_706_473_600
_COST_TYPES = {
    **dict.fromkeys(
        (
            "IncludeTax",
            "IncludeSubscription",
            "IncludeRefund",
            "IncludeCredit",
            "IncludeUpfront",
            "IncludeRecurring",
            "IncludeOtherSubscription",
            "IncludeSupport",
            "IncludeDiscount",
        ),
        True,
    ),
    "UseBlended": False,
    "UseAmortized": False,
}


@dataclass(kw_only=True)
class Notification:
    """When to tell whom."""

    said: dict[str, Any]
    subscribers: list[dict[str, str]]


@dataclass(kw_only=True)
class Budget:
    """A budget as it was last put."""

    said: dict[str, Any]
    tags: dict[str, str]
    notifications: list[Notification] = field(default_factory=list)


@dataclass(kw_only=True)
class Budgets:
    """Of one account."""

    by_name: dict[str, Budget] = field(default_factory=dict)


def _of(moment: Moment) -> dict[str, Budget]:
    return moment.elsewhere(region=_HOME).notes(Budgets).by_name


def _missing(what: str, name: str) -> Refusal:
    return Refusal("NotFoundException", f"Unable to get {what}: {name} - the {what} doesn't exist.")


def _there(call: Call) -> Budget:
    if call.text("AccountId") != call.account:
        raise Refusal("AccessDeniedException", f"Account {call.account} is not authorized to do this.")
    name = call.text("BudgetName")
    if name not in _of(call):
        raise _missing("budget", name)
    return _of(call)[name]


def _checked(call: Call, budget: dict[str, Any]) -> dict[str, Any]:
    name = budget["BudgetName"]
    if len(name) > 100 or set(name) & set(":\\"):
        raise Refusal("InvalidParameterException", f"The budget name {name} is not valid.")
    if "BudgetLimit" not in budget and "PlannedBudgetLimits" not in budget:
        text = "Unable to create/update budget - please provide a Budget Limit or Planned Budget Limits"
        raise Refusal("InvalidParameterException", text)
    if budget.get("CostFilters") and budget.get("FilterExpression"):
        raise Refusal("InvalidParameterException", "CostFilters and FilterExpression exclude each other.")
    limit = budget.get("BudgetLimit")
    told = {**budget, "BudgetLimit": {**limit, "Amount": str(float(limit["Amount"]))}} if limit else budget
    spent = {"ActualSpend": {"Amount": "0.0", "Unit": "USD"}}
    period = budget.get("TimePeriod") or {"Start": call.now, "End": _FAR_END}
    defaults = {"CostTypes": _COST_TYPES} if budget["BudgetType"] == "COST" else {}
    return {
        **defaults,
        **told,
        "TimePeriod": period,
        "CalculatedSpend": spent,
        "LastUpdatedTime": call.now,
    }


def _new_notification(said: Any, subscribers: Any) -> Notification:
    emails = [one for one in subscribers if one["SubscriptionType"] == "EMAIL"]
    if not subscribers or len(emails) > _MOST_EMAILS or len(subscribers) - len(emails) > 1:
        raise Refusal(
            "InvalidParameterException",
            f"A notification has 1 to {_MOST_EMAILS} e-mail addresses and one SNS topic.",
        )
    for one in subscribers:
        good = "@" in one["Address"] if one in emails else one["Address"].startswith("arn:")
        if not good:
            raise Refusal("InvalidParameterException", f"Invalid address: {one['Address']}")
    return Notification(said={"ThresholdType": "PERCENTAGE", **said}, subscribers=list(subscribers))


def _identity(said: Any) -> tuple[Any, ...]:
    names = ("NotificationType", "ComparisonOperator", "Threshold")
    return (*(said[name] for name in names), said.get("ThresholdType") or "PERCENTAGE")


def _add(budget: Budget, notification: Notification) -> None:
    if any(_identity(one.said) == _identity(notification.said) for one in budget.notifications):
        raise Refusal("DuplicateRecordException", "Error creating notification: it already exists.")
    if len(budget.notifications) >= _MOST_NOTIFICATIONS:
        raise Refusal(
            "CreationLimitExceededException", "The budget has as many notifications as it may have."
        )
    budget.notifications.append(notification)


def _notification_of(call: Call) -> Notification:
    wanted = _identity(call.params["Notification"])
    for one in _there(call).notifications:
        if _identity(one.said) == wanted:
            return one
    raise _missing("notification", call.text("BudgetName"))


@operation("budgets", "CreateBudget")
def create_budget(call: Call) -> object:
    """A name is taken once in an account."""
    said = call.params["Budget"]
    name = said["BudgetName"]
    if name in _of(call):
        text = f"Error creating budget: {name} - the budget already exists."
        raise Refusal("DuplicateRecordException", text)
    tags = {tag["Key"]: tag["Value"] for tag in call.items("ResourceTags")}
    budget = Budget(said=_checked(call, dict(said)), tags=tags)
    for one in call.items("NotificationsWithSubscribers"):
        _add(budget, _new_notification(one["Notification"], one["Subscribers"]))
    _of(call)[name] = budget
    return {}


@operation("budgets", "UpdateBudget")
def update_budget(call: Call) -> object:
    """The whole budget anew; its notifications stay."""
    said = call.params["NewBudget"]
    call.params["BudgetName"] = said["BudgetName"]
    _there(call).said = _checked(call, dict(said))
    return {}


@operation("budgets", "DescribeBudget")
def describe_budget(call: Call) -> object:
    """One budget."""
    return {"Budget": _there(call).said}


@operation("budgets", "DescribeBudgets")
def describe_budgets(call: Call) -> object:
    """All of the account."""
    return {"Budgets": [one.said for one in _of(call).values()]}


@operation("budgets", "DeleteBudget")
def delete_budget(call: Call) -> object:
    """It goes with its notifications."""
    _there(call)
    del _of(call)[call.text("BudgetName")]
    return {}


@operation("budgets", "DescribeNotificationsForBudget")
def describe_notifications(call: Call) -> object:
    """Without their subscribers."""
    return {"Notifications": [{**one.said, "NotificationState": "OK"} for one in _there(call).notifications]}


@operation("budgets", "CreateNotification")
def create_notification(call: Call) -> object:
    """Another one for a budget that is there."""
    _add(_there(call), _new_notification(call.params["Notification"], call.items("Subscribers")))
    return {}


@operation("budgets", "DeleteNotification")
def delete_notification(call: Call) -> object:
    """It goes with its subscribers."""
    _there(call).notifications.remove(_notification_of(call))
    return {}


@operation("budgets", "DescribeSubscribersForNotification")
def describe_subscribers(call: Call) -> object:
    """Whom a notification tells."""
    return {"Subscribers": _notification_of(call).subscribers}


@operation("budgets", "ListTagsForResource")
def list_tags(call: Call) -> object:
    """Tags of a budget by its ARN."""
    name = call.text("ResourceARN").rpartition(":budget/")[2]
    if name not in _of(call):
        raise _missing("resource", call.text("ResourceARN"))
    return {"ResourceTags": [{"Key": key, "Value": value} for key, value in _of(call)[name].tags.items()]}


@tagged
def tagged_budgets(moment: Moment) -> Iterator[TaggedResource]:
    """For the tagging API, which gives global things in one region."""
    for name, one in _of(moment).items() if moment.region == _HOME else ():
        yield TaggedResource(f"arn:aws:budgets::{moment.account}:budget/{name}", one.tags, "budgets:budget")
