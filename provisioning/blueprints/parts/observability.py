"""Observability: the alarms of the source and who is told."""

from __future__ import annotations

from provisioning.blueprints.options import DatabaseOptions
from provisioning.kinds.cloudwatch_alarm import AlarmProps, MetricQuery
from provisioning.kinds.sns_subscription import SubscriptionProps
from provisioning.kinds.sns_topic import TopicProps
from provisioning.postgres import certain_connections
from provisioning.references import ref
from provisioning.resource import Resource

GIB = 1024**3


def alarms(
    application: tuple[Resource, ...], database: DatabaseOptions, *, email: str, budgeted: bool
) -> tuple[Resource, ...]:
    """The alarms of an application, those of its database, and who is told: the thresholds of the source, CPU 80 %,
    memory 85 %, connections 80 % of the limit, 2 s, 5 % errors, storage low (10 %), unhealthy hosts, slow database.
    `budgeted`: a budget tells its warnings to the same people."""
    return (
        *who_is_told(email, budgeted=budgeted),
        *application,
        *of_database(database.database_class, database.database_storage),
    )


def who_is_told(email: str, *, budgeted: bool = False) -> tuple[Resource, ...]:
    """The topic of every alarm, and the address that hears of it. `budgeted`: a budget warns there too."""
    publishers = ("budgets.amazonaws.com",) if budgeted else ()
    topic = TopicProps(display_name="Andamio alarms", publishers=publishers)
    return (
        Resource(key="alarm-topic", title="SNS topic for alarms", props=topic),
        *(_mail(email) if email else ()),
    )


def _mail(email: str) -> tuple[Resource, ...]:
    props = SubscriptionProps(topic_arn=ref("alarm-topic", "arn"), protocol="email", endpoint=email)
    return (Resource(key="alarm-mail", title=f"SNS subscription for {email}", props=props),)


def of_service(*, balanced: bool) -> tuple[Resource, ...]:
    """Those of tasks; `balanced`: their traffic is a load balancer's, else that of an HTTP API."""
    service = {"ClusterName": ref("cluster", "name"), "ServiceName": ref("service-blue", "name")}
    return (
        average("alarm-cpu", "Alarm: CPU above 80 %", "AWS/ECS", "CPUUtilization", service, 80),
        average("alarm-memory", "Alarm: memory above 85 %", "AWS/ECS", "MemoryUtilization", service, 85),
        *(of_balancer(ref("load-balancer", "full_name"), ref("blue", "full_name")) if balanced else of_api()),
    )


def of_api() -> tuple[Resource, ...]:
    """https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html; latency in milliseconds."""
    api = {"ApiId": ref("api")}
    return (
        average(
            "alarm-response-time", "Alarm: answers take over 2 s", "AWS/ApiGateway", "Latency", api, 2000
        ),
        # The average of a count of 0 or 1 for each request is the share.
        average("alarm-errors", "Alarm: over 5 % errors", "AWS/ApiGateway", "5xx", api, 0.05),
    )


def of_balancer(full_name: str, targets: str = "") -> tuple[Resource, ...]:
    """Slow answers and errors of a load balancer; unhealthy ones among its `targets`, the full name of a group."""
    balancer = {"LoadBalancer": full_name}
    return (
        average(
            "alarm-response-time",
            "Alarm: answers take over 2 s",
            "AWS/ApplicationELB",
            "TargetResponseTime",
            balancer,
            2,
        ),
        Resource(
            key="alarm-errors",
            title="Alarm: over 5 % errors",
            props=AlarmProps(
                queries=(
                    _sum("errors", "HTTPCode_Target_5XX_Count", balancer),
                    _sum("requests", "RequestCount", balancer),
                ),
                expression="100 * errors / requests",
                period=60,
                evaluation_periods=5,
                threshold=5,
                treat_missing="notBreaching",
                topic_arns=(ref("alarm-topic", "arn"),),
                description="Share of answers of the application that are 5xx",
            ),
        ),
        *((_unhealthy({**balancer, "TargetGroup": targets}),) if targets else ()),
    )


def _unhealthy(group: dict[str, str]) -> Resource:
    return Resource(
        key="alarm-unhealthy",
        title="Alarm: unhealthy targets",
        props=AlarmProps(
            namespace="AWS/ApplicationELB",
            metric_name="UnHealthyHostCount",
            dimensions=group,
            statistic="Maximum",
            period=60,
            evaluation_periods=3,
            threshold=0,
            treat_missing="notBreaching",
            topic_arns=(ref("alarm-topic", "arn"),),
        ),
    )


def of_database(database_class: str, storage: int) -> tuple[Resource, ...]:
    """Thresholds of the source for PostgreSQL. `storage` in GB."""
    database = {"DBInstanceIdentifier": ref("database", "name")}
    most = int(certain_connections(database_class) * 0.8)
    return (
        average(
            "alarm-database-cpu", "Alarm: database CPU above 80 %", "AWS/RDS", "CPUUtilization", database, 80
        ),
        average(
            "alarm-connections",
            f"Alarm: over {most} database connections",
            "AWS/RDS",
            "DatabaseConnections",
            database,
            most,
        ),
        average(
            "alarm-database-latency",
            "Alarm: database reads take over 100 ms",
            "AWS/RDS",
            "ReadLatency",
            database,
            0.1,
        ),
        Resource(
            key="alarm-storage",
            title="Alarm: less than 10 % of the database's storage free",
            props=AlarmProps(
                namespace="AWS/RDS",
                metric_name="FreeStorageSpace",
                dimensions=database,
                statistic="Minimum",
                period=300,
                evaluation_periods=1,
                threshold=storage * GIB // 10,
                comparison="LessThanThreshold",
                treat_missing="missing",
                topic_arns=(ref("alarm-topic", "arn"),),
            ),
        ),
    )


def average(
    key: str, title: str, namespace: str, metric: str, dimensions: dict[str, str], threshold: float
) -> Resource:
    """An alarm for the average of a metric over five minutes."""
    return Resource(
        key=key,
        title=title,
        props=AlarmProps(
            namespace=namespace,
            metric_name=metric,
            dimensions=dimensions,
            statistic="Average",
            period=60,
            evaluation_periods=5,
            threshold=threshold,
            treat_missing="missing",
            topic_arns=(ref("alarm-topic", "arn"),),
        ),
    )


def _sum(identifier: str, metric: str, dimensions: dict[str, str]) -> MetricQuery:
    return MetricQuery(
        id=identifier,
        namespace="AWS/ApplicationELB",
        metric_name=metric,
        dimensions=dimensions,
        statistic="Sum",
    )
