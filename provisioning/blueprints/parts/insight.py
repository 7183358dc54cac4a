"""Insight: what AWS's own console shows, and what its budgets warn of."""

from __future__ import annotations

from collections.abc import Iterable

from provisioning.blueprints.options import InsightOptions
from provisioning.kinds.budgets_budget import BudgetProps
from provisioning.kinds.cloudwatch_alarm import AlarmProps
from provisioning.kinds.cloudwatch_dashboard import DashboardProps, Line, Widget
from provisioning.references import ref
from provisioning.resource import Resource


def insight(options: InsightOptions, alarms: Iterable[Resource]) -> tuple[Resource, ...]:
    """The dashboard and the budget, where they are chosen."""
    return (
        *(_dashboard(alarms) if options.dashboard else ()),
        *(_budget(options.monthly_budget) if options.monthly_budget else ()),
    )


def _budget(limit: int) -> tuple[Resource, ...]:
    """A month's budget in USD whose warnings go where the alarms go."""
    props = BudgetProps(limit_usd=limit, topic_arn=ref("alarm-topic", "arn"))
    return (Resource(key="budget", title=f"Budget of {limit} USD a month", props=props),)


def _dashboard(alarms: Iterable[Resource]) -> tuple[Resource, ...]:
    """A chart for each alarm, its threshold drawn."""
    widgets = tuple(_chart(one, one.props) for one in alarms if isinstance(one.props, AlarmProps))
    return (Resource(key="dashboard", title="CloudWatch dashboard", props=DashboardProps(widgets=widgets)),)


def _chart(alarm: Resource, props: AlarmProps) -> Widget:
    """What an alarm watches. Of one over several, each without its threshold."""
    title = (alarm.title or alarm.key).removeprefix("Alarm: ")
    if props.queries:
        lines = tuple(
            Line(
                namespace=query.namespace,
                metric_name=query.metric_name,
                dimensions=query.dimensions,
                statistic=query.statistic,
            )
            for query in props.queries
        )
        return Widget(title=title, lines=lines)
    line = Line(
        namespace=props.namespace,
        metric_name=props.metric_name,
        dimensions=props.dimensions,
        statistic=props.extended_statistic or props.statistic or "Average",
    )
    return Widget(title=title, lines=(line,), threshold=props.threshold)
