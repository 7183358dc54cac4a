"""A monthly budget of what one environment costs, which warns before and when it is used up."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any, Literal, Self

from pydantic import Field, model_validator

from provisioning.aws import Aws, found
from provisioning.kind import TAG_STACK, Handle, Kind, Observed, Props, register
from provisioning.lookup import tags_of
from provisioning.names import Naming
from provisioning.properties import Unordered, without_reordered
from provisioning.references import JsonObject, JsonValue
from provisioning.template_parts import REF, Form, Part, Place

if TYPE_CHECKING:
    from mypy_boto3_budgets.type_defs import BudgetUnionTypeDef, NotificationTypeDef

_Percent = Annotated[int, Field(ge=1, le=1000)]
_ABOVE, _OF_LIMIT = "GREATER_THAN", "PERCENTAGE"
# Type, comparison, threshold and its unit -> kind and address of each subscriber.
_Told = dict[tuple[str, str, float, str], frozenset[tuple[str, str]]]


class BudgetProps(Props):
    """`limit_usd` a month; warnings at `actual_percent` of it spent and at `forecast_percent` of it forecast, to e-mail
    addresses and to a topic, which must let budgets.amazonaws.com publish.

    What has one allowed value is so always: it is a property so that a change made elsewhere is seen and undone.
    """

    limit_usd: int = Field(ge=1, le=10_000_000)
    emails: Annotated[Unordered, Field(max_length=10)] = ()
    topic_arn: str = ""
    actual_percent: _Percent = 80
    forecast_percent: _Percent = 100
    own_costs_only: Literal[True] = True

    @model_validator(mode="after")
    def _somebody_is_told(self) -> Self:
        if not self.emails and not self.topic_arn:
            raise ValueError("A budget that tells nobody warns nobody: give an e-mail address or a topic.")
        wrong = [address for address in self.emails if "@" not in address]
        if wrong:
            raise ValueError(f"{wrong[0]!r} is no e-mail address.")
        return self


@register
class Budget(Kind[BudgetProps]):
    """https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_budgets_CreateBudget.html

    No token: its name is its identity in the account. It counts what carries the environment's stack tag, which the
    payer has to activate as a cost allocation tag; AWS sees new tags up to a day later. AWS takes no money for
    budgets without actions. Attributes: id (the name), name, arn.
    """

    name = "budgets.budget"
    title = "Budget"
    naming = Naming(limit=100)
    holds = frozenset({"topic_arn"})
    permissions = (
        "budgets:ViewBudget",
        "budgets:ModifyBudget",
        "budgets:ListTagsForResource",
        "budgets:TagResource",
    )
    props = BudgetProps

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        answer = found(aws.budgets.describe_budget, **_which(handle))
        if answer is None:
            return None
        tags = dict(handle.tags)
        if handle.id is None:
            tags = tags_of(aws.budgets.list_tags_for_resource(ResourceARN=_arn(handle)), "ResourceTags")
            if not handle.owns(tags):
                return Observed(id=handle.name, tags=tags)
        warnings = _warnings(aws, handle)
        told: JsonObject = {
            "limit_usd": _limit(answer["Budget"]),
            "own_costs_only": answer["Budget"].get("CostFilters") == _filters(handle),
        }
        told |= {"actual_percent": _percent(warnings, "ACTUAL")}
        told |= {"forecast_percent": _percent(warnings, "FORECASTED"), **_addresses(warnings)}
        return Observed(id=handle.name, props=told, attributes=_attributes(handle), tags=tags)

    def create(self, aws: Aws, handle: Handle, props: BudgetProps) -> Observed:
        warnings: list[Any] = [
            {"Notification": _notification(*key), "Subscribers": _subscribers(addresses)}
            for key, addresses in _wanted(props).items()
        ]
        aws.budgets.create_budget(
            AccountId=handle.account,
            Budget=_budget(handle, props, {}),
            NotificationsWithSubscribers=warnings,
            ResourceTags=handle.tag_list,
        )
        return Observed(id=handle.name, attributes=_attributes(handle))

    def update(self, aws: Aws, handle: Handle, props: BudgetProps, observed: Observed) -> Observed:
        changed = set(self.differences(props.dump(), observed))
        if changed & {"limit_usd", "own_costs_only"}:
            now = aws.budgets.describe_budget(**_which(handle))["Budget"]
            aws.budgets.update_budget(AccountId=handle.account, NewBudget=_budget(handle, props, now))
        if changed - {"limit_usd", "own_costs_only"}:
            _warn_exactly(aws, handle, _wanted(props))
        return observed

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        found(aws.budgets.delete_budget, **_which(handle))
        return True

    def differences(self, wanted: JsonObject, observed: Observed) -> dict[str, tuple[JsonValue, JsonValue]]:
        return without_reordered(super().differences(wanted, observed))

    def cloudformation(self, place: Place, props: BudgetProps) -> Form:
        warnings = [
            {"Notification": {**_notification(*key)}, "Subscribers": [*_subscribers(addresses)]}
            for key, addresses in _wanted(props).items()
        ]
        limit = {"Amount": props.limit_usd, "Unit": "USD"}
        properties = {
            "Budget": {**_budget(place, props, {}), "BudgetLimit": limit},
            "NotificationsWithSubscribers": warnings,
            "ResourceTags": place.tag_list,
        }
        return Form(
            parts=(Part(type="AWS::Budgets::Budget", properties=properties),),
            attributes={
                "id": REF,
                "name": REF,
                "arn": place.arn("budgets", f"budget/{place.own('id')}", region=""),
            },
        )


def _which(handle: Handle) -> dict[str, Any]:
    return {"AccountId": handle.account, "BudgetName": handle.name}


def _arn(handle: Handle) -> str:
    partition = "aws-cn" if handle.region.startswith("cn-") else "aws"
    return f"arn:{partition}:budgets::{handle.account}:budget/{handle.name}"


def _attributes(handle: Handle) -> dict[str, str]:
    return {"id": handle.name, "name": handle.name, "arn": _arn(handle)}


def _filters(handle: Handle) -> dict[str, list[str]]:
    """AWS Cost Management user guide, "Budget filters": a tag that people wrote is "user:<key>$<value>"."""
    return {"TagKeyValue": [f"user:{TAG_STACK}${handle.stack}"]}


def _budget(handle: Handle, props: BudgetProps, now: Any) -> BudgetUnionTypeDef:
    """UpdateBudget takes the whole budget: what we do not set stays as it is."""
    kept = {name: now[name] for name in ("CostTypes", "TimePeriod") if name in now}
    whole: Any = {
        **kept,
        "BudgetName": handle.name,
        "BudgetType": "COST",
        "TimeUnit": "MONTHLY",
        "BudgetLimit": {"Amount": str(props.limit_usd), "Unit": "USD"},
        "CostFilters": _filters(handle),
    }
    return whole  # type: ignore[no-any-return]


def _limit(budget: Any) -> JsonValue:
    """AWS writes "100" as "100.0"."""
    limit = budget.get("BudgetLimit") or {}
    amount = Decimal(limit.get("Amount", 0))
    plain = budget["TimeUnit"] == "MONTHLY" and amount == int(amount)
    return int(amount) if plain else f"{amount} {limit.get('Unit')} {budget['TimeUnit'].lower()}"


def _notification(kind: str, comparison: str, threshold: float, unit: str) -> NotificationTypeDef:
    said: Any = {
        "NotificationType": kind,
        "ComparisonOperator": comparison,
        "Threshold": threshold,
        "ThresholdType": unit,
    }
    return said  # type: ignore[no-any-return]


def _subscribers(addresses: frozenset[tuple[str, str]]) -> list[Any]:
    return [{"SubscriptionType": kind, "Address": address} for kind, address in sorted(addresses)]


def _wanted(props: BudgetProps) -> _Told:
    addresses = {("EMAIL", address) for address in props.emails}
    if props.topic_arn:
        addresses.add(("SNS", props.topic_arn))
    return {
        ("ACTUAL", _ABOVE, float(props.actual_percent), _OF_LIMIT): frozenset(addresses),
        ("FORECASTED", _ABOVE, float(props.forecast_percent), _OF_LIMIT): frozenset(addresses),
    }


def _warnings(aws: Aws, handle: Handle) -> _Told:
    """Every notification of the budget with its subscribers."""
    calls, which = aws.budgets, _which(handle)
    listed = aws.listed(calls.describe_notifications_for_budget, "Notifications", **which)
    told = {}
    for one in listed:
        unit = one.get("ThresholdType", _OF_LIMIT)
        key = (one["NotificationType"], one["ComparisonOperator"], one["Threshold"], unit)
        people = aws.listed(
            calls.describe_subscribers_for_notification,
            "Subscribers",
            Notification=_notification(*key),
            **which,
        )
        told[key] = frozenset((each["SubscriptionType"], each["Address"]) for each in people)
    return told


def _percent(warnings: _Told, kind: str) -> JsonValue:
    """The one threshold of this type; 0 where there is none, several, or one of another sort."""
    mine = [(how, threshold, unit) for (one, how, threshold, unit) in warnings if one == kind]
    how, threshold, unit = mine[0] if len(mine) == 1 else ("", 0.0, "")
    return int(threshold) if (how, unit) == (_ABOVE, _OF_LIMIT) and threshold == int(threshold) else 0


def _addresses(warnings: _Told) -> JsonObject:
    """Who is told of everything; nobody where the warnings do not agree."""
    sets = set(warnings.values())
    agreed = next(iter(sets)) if len(sets) == 1 else frozenset()
    topics = [address for kind, address in agreed if kind == "SNS"]
    emails: list[JsonValue] = [address for kind, address in sorted(agreed) if kind == "EMAIL"]
    return {"emails": emails, "topic_arn": topics[0] if topics else ""}


def _warn_exactly(aws: Aws, handle: Handle, wanted: _Told) -> None:
    calls, which = aws.budgets, _which(handle)
    there = _warnings(aws, handle)
    for key in sorted(there):
        if wanted.get(key) != there[key]:
            found(calls.delete_notification, Notification=_notification(*key), **which)
    for key in sorted(wanted):
        if there.get(key) != wanted[key]:
            people = _subscribers(wanted[key])
            calls.create_notification(Notification=_notification(*key), Subscribers=people, **which)
