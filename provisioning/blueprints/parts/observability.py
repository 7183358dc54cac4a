"""Observability: the alarms of the source and who is told."""

from __future__ import annotations

from provisioning.blueprints.options import (
    DatabaseOptions,
    MemoryThresholdOptions,
    StorageThresholdOptions,
    ThresholdOptions,
)
from provisioning.kinds.cloudwatch_alarm import AlarmProps, MetricQuery
from provisioning.kinds.sns_subscription import SubscriptionProps
from provisioning.kinds.sns_topic import TopicProps
from provisioning.postgres import certain_connections
from provisioning.references import ref
from provisioning.resource import Resource

GIB = 1024**3


def alarms(
    application: tuple[Resource, ...],
    database: DatabaseOptions,
    limits: StorageThresholdOptions,
    *,
    email: str,
    budgeted: bool,
) -> tuple[Resource, ...]:
    """The alarms of an application, those of its database, and who is told. `budgeted`: a budget tells its warnings to
    the same people."""
    return (
        *who_is_told(email, budgeted=budgeted),
        *application,
        *of_database(database, limits),
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


def of_service(limits: MemoryThresholdOptions, *, balanced: bool) -> tuple[Resource, ...]:
    """Those of tasks; `balanced`: their traffic is a load balancer's, else that of an HTTP API."""
    service = {"ClusterName": ref("cluster", "name"), "ServiceName": ref("service-blue", "name")}
    return (
        cpu("AWS/ECS", service, limits.alarm_cpu),
        average(
            "alarm-memory",
            f"Alarm: memory above {limits.alarm_memory} %",
            "AWS/ECS",
            "MemoryUtilization",
            service,
            limits.alarm_memory,
        ),
        *(
            of_balancer(limits, ref("load-balancer", "full_name"), ref("blue", "full_name"))
            if balanced
            else of_api(limits)
        ),
    )


def cpu(namespace: str, dimensions: dict[str, str], limit: int) -> Resource:
    """That of the application's processors, in per cent."""
    return average("alarm-cpu", f"Alarm: CPU above {limit} %", namespace, "CPUUtilization", dimensions, limit)


def of_api(limits: ThresholdOptions) -> tuple[Resource, ...]:
    """https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html; latency in milliseconds."""
    api = {"ApiId": ref("api")}
    return (
        average(
            "alarm-response-time",
            f"Alarm: answers take over {_seconds(limits)} s",
            "AWS/ApiGateway",
            "Latency",
            api,
            limits.alarm_response_ms,
        ),
        # The average of a count of 0 or 1 for each request is the share.
        average(
            "alarm-errors",
            f"Alarm: over {limits.alarm_errors} % errors",
            "AWS/ApiGateway",
            "5xx",
            api,
            limits.alarm_errors / 100,
        ),
    )


def of_balancer(limits: ThresholdOptions, full_name: str, targets: str = "") -> tuple[Resource, ...]:
    """Slow answers and errors of a load balancer; unhealthy ones among its `targets`, the full name of a group."""
    balancer = {"LoadBalancer": full_name}
    return (
        average(
            "alarm-response-time",
            f"Alarm: answers take over {_seconds(limits)} s",
            "AWS/ApplicationELB",
            "TargetResponseTime",
            balancer,
            limits.alarm_response_ms / 1000,
        ),
        Resource(
            key="alarm-errors",
            title=f"Alarm: over {limits.alarm_errors} % errors",
            props=AlarmProps(
                queries=(
                    _sum("errors", "HTTPCode_Target_5XX_Count", balancer),
                    _sum("requests", "RequestCount", balancer),
                ),
                expression="100 * errors / requests",
                period=60,
                evaluation_periods=5,
                threshold=limits.alarm_errors,
                treat_missing="notBreaching",
                topic_arns=(ref("alarm-topic", "arn"),),
                description="Share of answers of the application that are 5xx",
            ),
        ),
        *((_unhealthy({**balancer, "TargetGroup": targets}),) if targets else ()),
    )


def _seconds(limits: ThresholdOptions) -> str:
    return f"{limits.alarm_response_ms / 1000:g}"


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


def of_database(database: DatabaseOptions, limits: StorageThresholdOptions) -> tuple[Resource, ...]:
    """PostgreSQL on RDS."""
    instance = {"DBInstanceIdentifier": ref("database", "name")}
    limit = certain_connections(database.database_class)
    return (
        *of_instance(instance, limits, connections=limit),
        Resource(
            key="alarm-storage",
            title=f"Alarm: less than {limits.alarm_storage} % of the database's storage free",
            props=AlarmProps(
                namespace="AWS/RDS",
                metric_name="FreeStorageSpace",
                dimensions=instance,
                statistic="Minimum",
                period=300,
                evaluation_periods=1,
                threshold=database.database_storage * GIB * limits.alarm_storage // 100,
                comparison="LessThanThreshold",
                treat_missing="missing",
                topic_arns=(ref("alarm-topic", "arn"),),
            ),
        ),
    )


def of_instance(
    database: dict[str, str], limits: ThresholdOptions, *, connections: int
) -> tuple[Resource, ...]:
    """What every instance of a database has. `connections`: how many it takes."""
    most = connections * limits.alarm_connections // 100
    return (
        average(
            "alarm-database-cpu",
            f"Alarm: database CPU above {limits.alarm_cpu} %",
            "AWS/RDS",
            "CPUUtilization",
            database,
            limits.alarm_cpu,
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
