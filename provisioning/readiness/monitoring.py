"""Part 3, monitoring: logs, alarms and who hears of them, health checks, tracing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provisioning.readiness import alarms, reads
from provisioning.readiness.answer import Answer, met, not_needed, unmet
from provisioning.readiness.item import Fix, Item, Part, Scene, listing, modify_database, named

_KEEP = "aws logs put-retention-policy --log-group-name ${log-group.name} --retention-in-days 30"
_XRAY = ("aws:elasticbeanstalk:xray", "XRayEnabled")


def judge_logs(retention: Mapping[str, int | None]) -> Answer:
    """`retention`: log group -> days; None: for ever."""
    if not retention:
        return unmet("It has no log group.")
    endless = [name for name, days in retention.items() if days is None]
    if endless:
        names = listing(endless)
        return unmet(f"Kept for ever: {names}.")
    days = ", ".join(str(one) for one in sorted({one for one in retention.values() if one}))
    count = len(retention)
    return met(f"Log groups: {count}. Days that they keep lines: {days}.")


def judge_receivers(subscriptions: list[Any], *, topic: bool) -> Answer:
    """Who hears of alarms. `topic`: there is one that they go to."""
    if not topic:
        return unmet("Alarms go to no SNS topic.")
    if not subscriptions:
        return unmet("Nobody is subscribed to the topic of the alarms.")
    waiting = [one["Endpoint"] for one in subscriptions if not one["SubscriptionArn"].startswith("arn:")]
    confirmed = [one["Endpoint"] for one in subscriptions if one["SubscriptionArn"].startswith("arn:")]
    if not confirmed:
        names = listing(waiting)
        return unmet(f"Not confirmed yet: {names}.")
    names = listing(confirmed)
    return met(f"Told are: {names}.")


def judge_targets(targets: list[Any]) -> Answer:
    """Those behind a load balancer that get requests."""
    states = [one["TargetHealth"]["State"] for one in targets]
    counted = [state for state in states if state not in ("unused", "draining")]
    well, count = counted.count("healthy"), len(counted)
    words = f"Targets that pass the health check: {well} of {count}."
    return met(words) if counted and well == count else unmet(words)


def judge_beanstalk(environment: Any) -> Answer:
    """What Elastic Beanstalk says of its servers."""
    colour, status = environment.get("Health", "Grey"), environment.get("HealthStatus", "")
    told = f"{colour} {status}".strip()
    words = f"Elastic Beanstalk calls it {told}."
    return met(words) if colour == "Green" else unmet(words)


def judge_tracing(traced: list[bool], *, first: bool) -> Answer:
    """`traced`: for each thing that runs the application, whether it sends traces."""
    if traced and all(traced):
        return met("X-Ray gets the traces.")
    if first:
        return not_needed("Logs are enough for a first version.")
    return unmet("X-Ray gets no traces.")


def judge_insights(instances: list[Any]) -> Answer:
    """Performance Insights of each instance of the database."""
    if not instances:
        return not_needed("It has no database.")
    off = [one["DBInstanceIdentifier"] for one in instances if not one.get("PerformanceInsightsEnabled")]
    names = listing(off)
    return unmet(f"Off: {names}.") if off else met("Performance Insights is on.")


def _logs(scene: Scene) -> Answer:
    retention: dict[str, int | None] = {}
    for one in scene.all_of("logs.log_group"):
        aws = scene.of(one)
        groups = aws.listed(aws.logs.describe_log_groups, "logGroups", logGroupNamePrefix=one.name)
        told = reads.there(one, named(groups, "logGroupName", [one.name]))
        retention[one.name] = told.get("retentionInDays")
    return judge_logs(retention)


def _receivers(scene: Scene) -> Answer:
    topic = scene.one_of("sns.topic")
    if topic is None:
        return judge_receivers([], topic=False)
    aws = scene.of(topic)
    told = aws.listed(aws.sns.list_subscriptions_by_topic, "Subscriptions", TopicArn=topic.id)
    return judge_receivers(told, topic=True)


def _health(scene: Scene) -> Answer:
    web = scene.one_of("elasticbeanstalk.environment")
    if web is not None:
        call = scene.of(web).elasticbeanstalk.describe_environments
        told = reads.got(web, call, EnvironmentNames=[web.name])["Environments"]
        return judge_beanstalk(reads.there(web, told))
    if reads.load_balancer(scene):
        return judge_targets(reads.targets(scene))
    if scene.one_of("ec2.instance"):
        return not_needed("Nothing asks a single server; AWS's checks of the machine have an alarm.")
    return not_needed("API Gateway asks only when somebody asks it.")


def _tracing(scene: Scene) -> Answer:
    functions = [one["TracingConfig"]["Mode"] == "Active" for one in reads.functions(scene)]
    settings, task = reads.beanstalk_settings(scene), reads.task_definition(scene)
    servers = [settings.get(_XRAY) == "true"] if settings else []
    tasks = [_has_collector(task)] if task else []
    started = reads.started_by_template(scene)
    templates = [started.traces] if started else []
    return judge_tracing([*functions, *servers, *templates, *tasks], first=scene.is_first_version)


def _has_collector(task: Any) -> bool:
    """Whether something beside the application takes its traces along."""
    containers = task["containerDefinitions"]
    told = [pair["value"] for one in containers for pair in one.get("environment") or []]
    collecting = any("xray" in one["image"] or "otel" in one["image"] for one in containers)
    return collecting or any("traces_collected" in value for value in told)


def _dashboard(scene: Scene) -> Answer:
    one = scene.one_of("cloudwatch.dashboard")
    if one is not None:
        reads.got(one, scene.of(one).cloudwatch.get_dashboard, DashboardName=one.name)
        return met(f"{one.name} shows the metrics behind the alarms.")
    if scene.is_large:
        return unmet("There is no dashboard.")
    return not_needed("The guide asks for more than alarms when an application grows.")


def _budget(scene: Scene) -> Answer:
    one = scene.one_of("budgets.budget")
    if one is None:
        return unmet("There is no budget.")
    call = scene.of(one).budgets.describe_budget
    limit = reads.got(one, call, AccountId=scene.spec.account, BudgetName=one.name)["Budget"]["BudgetLimit"]
    amount, unit = float(limit["Amount"]), limit["Unit"]
    return met(f"AWS warns when a month comes near {amount:g} {unit}.")


ITEMS = (
    Item(
        key="logs",
        part=Part.MONITORING,
        title="Logs in CloudWatch, with an end",
        why="Lines that are kept for ever cost for ever, and hold what should be forgotten.",
        fix=Fix(
            hint="Set the retention in CloudWatch.",
            commands={
                "lambda.function": _KEEP.replace("${log-group", "${function-logs"),
                "logs.log_group": _KEEP,
            },
        ),
        probe=_logs,
        permissions=("logs:DescribeLogGroups",),
    ),
    *alarms.ITEMS,
    Item(
        key="alarm-receivers",
        part=Part.MONITORING,
        title="Somebody hears of alarms",
        why="An alarm that nobody is told of is a chart.",
        fix=Fix(
            opens="alarm_email",
            hint="Give an address for alarms; AWS sends it a mail with a link that confirms it.",
        ),
        probe=_receivers,
        permissions=("sns:ListSubscriptionsByTopic",),
    ),
    Item(
        key="health-checks",
        part=Part.MONITORING,
        title="Health checks pass",
        why="What fails them gets no requests, and is replaced.",
        fix=Fix(hint="Ask the health route yourself, and look at the application's log."),
        probe=_health,
        permissions=(
            "elasticloadbalancing:DescribeTargetGroups",
            "elasticloadbalancing:DescribeTargetHealth",
            "elasticbeanstalk:DescribeEnvironments",
        ),
    ),
    Item(
        key="health-route",
        part=Part.MONITORING,
        title="The health route asks the database",
        why="An application that answers and cannot reach its data is not well.",
        fix=Fix(hint="The tab Connect has such a route for Flask, Django and FastAPI."),
    ),
    Item(
        key="tracing",
        part=Part.MONITORING,
        title="X-Ray tracing",
        why="It shows in which part of a request the time goes.",
        fix=Fix(options={"tracing": True}, hint="Turn tracing on for what runs the application."),
        probe=_tracing,
        permissions=(
            "lambda:GetFunction",
            "elasticbeanstalk:DescribeConfigurationSettings",
            "ecs:DescribeServices",
            "ecs:DescribeTaskDefinition",
            "ec2:DescribeLaunchTemplateVersions",
        ),
    ),
    Item(
        key="performance-insights",
        part=Part.MONITORING,
        title="Database: Performance Insights",
        why="It names the queries that the database is busy with.",
        fix=Fix(commands=modify_database("--enable-performance-insights", cluster=False)),
        probe=lambda scene: judge_insights(reads.database_instances(scene)),
        permissions=("rds:DescribeDBInstances",),
    ),
    Item(
        key="dashboard",
        part=Part.MONITORING,
        title="Dashboard",
        why="The metrics behind the alarms on one page, for when one goes off.",
        fix=Fix(options={"dashboard": True}),
        probe=_dashboard,
        permissions=("cloudwatch:GetDashboard",),
    ),
    Item(
        key="budget",
        part=Part.MONITORING,
        title="Monthly budget",
        why="A mistake that costs money is found in days and not with the bill.",
        fix=Fix(opens="monthly_budget", hint="Give what a month may cost."),
        probe=_budget,
        permissions=("budgets:ViewBudget",),
    ),
)
