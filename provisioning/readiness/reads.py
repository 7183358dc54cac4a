"""Reads: what AWS says of the things of an environment, as it says it.

Each gives AWS's dictionaries (`Any`: each service has its own shape), None or nothing where the environment has no such
thing, and raises Missing where the journal has one and AWS does not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from provisioning.aws import found
from provisioning.readiness.item import Scene, named
from provisioning.resource import Recorded
from provisioning.server_start import ServerApplication, application_in


class Missing(Exception):
    """The journal has it and AWS does not."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


def there(one: Recorded, answers: Iterable[Any]) -> Any:
    """The only answer about a thing. Raises Missing."""
    for answer in answers:
        return answer
    raise Missing(one.name)


def got(one: Recorded, call: Callable[..., Any], **params: object) -> Any:
    """The answer of a call about one thing. Raises Missing."""
    answer = found(call, **params)
    if answer is None:
        raise Missing(one.name)
    return answer


def database(scene: Scene) -> Any:
    """The database: an instance of RDS, or a cluster of Aurora, in whose words the same things have the same names."""
    one = scene.one_of("rds.db_instance", "rds.db_cluster")
    if one is None:
        return None
    rds, name = scene.of(one).rds, one.id or one.name
    if one.kind == "rds.db_cluster":
        clusters = scene.of(one).listed(rds.describe_db_clusters, "DBClusters")
        return there(one, named(clusters, "DBClusterIdentifier", [name]))
    return there(one, named(_instances(scene, one), "DBInstanceIdentifier", [name]))


def database_instances(scene: Scene) -> list[Any]:
    """The database as instances: itself, or the writer and readers of its cluster."""
    one = scene.one_of("rds.db_instance", "rds.db_cluster")
    if one is None:
        return []
    field = "DBClusterIdentifier" if one.kind == "rds.db_cluster" else "DBInstanceIdentifier"
    return named(_instances(scene, one), field, [one.id or one.name])


def _instances(scene: Scene, one: Recorded) -> list[Any]:
    aws = scene.of(one)
    return aws.listed(aws.rds.describe_db_instances, "DBInstances")


def caches(scene: Scene) -> list[Any]:
    """Groups of Redis nodes."""
    return [
        there(
            one,
            got(one, scene.of(one).elasticache.describe_replication_groups, ReplicationGroupId=one.id)[
                "ReplicationGroups"
            ],
        )
        for one in scene.all_of("elasticache.replication_group")
    ]


def alarms(scene: Scene) -> list[Any]:
    """The alarms of the environment that AWS has, a hundred a call."""
    names = [one.name for one in scene.all_of("cloudwatch.alarm")]
    chunks = [names[start : start + 100] for start in range(0, len(names), 100)]
    describe = scene.aws.cloudwatch.describe_alarms
    return [
        alarm
        for chunk in chunks
        for alarm in scene.aws.listed(describe, "MetricAlarms", AlarmNames=chunk, AlarmTypes=["MetricAlarm"])
    ]


def load_balancer(scene: Scene) -> str:
    """The ARN of the load balancer before the application, that of Elastic Beanstalk's own included; empty: none."""
    one = scene.one_of("elbv2.load_balancer")
    if one is not None:
        return one.id or ""
    web = scene.one_of("elasticbeanstalk.environment")
    return web.attributes.get("load_balancer_arn", "") if web else ""


def balancer(scene: Scene) -> Any:
    """The same as AWS describes it."""
    arn = load_balancer(scene)
    if not arn:
        return None
    answer = found(scene.aws.elbv2.describe_load_balancers, LoadBalancerArns=[arn])
    if not answer or not answer["LoadBalancers"]:
        raise Missing(arn.split("/")[-2])
    return answer["LoadBalancers"][0]


def listeners(scene: Scene) -> list[Any]:
    """What the load balancer listens on."""
    arn = load_balancer(scene)
    elbv2 = scene.aws.elbv2
    return scene.aws.listed(elbv2.describe_listeners, "Listeners", LoadBalancerArn=arn) if arn else []


def targets(scene: Scene) -> list[Any]:
    """Who gets the load balancer's requests, and whether each is well."""
    arn = load_balancer(scene)
    if not arn:
        return []
    elbv2 = scene.aws.elbv2
    groups = scene.aws.listed(elbv2.describe_target_groups, "TargetGroups", LoadBalancerArn=arn)
    return [
        one
        for group in groups
        for one in elbv2.describe_target_health(TargetGroupArn=group["TargetGroupArn"])[
            "TargetHealthDescriptions"
        ]
    ]


def distributions(scene: Scene) -> list[tuple[str, Any]]:
    """Key -> the configuration of each CloudFront distribution."""
    return [
        (
            one.key,
            got(one, scene.of(one).cloudfront.get_distribution, Id=one.id)["Distribution"][
                "DistributionConfig"
            ],
        )
        for one in scene.all_of("cloudfront.distribution")
    ]


def autoscaling_group(scene: Scene) -> Any:
    """The group of servers, that of Elastic Beanstalk included."""
    one = scene.one_of("autoscaling.group")
    web = scene.one_of("elasticbeanstalk.environment")
    name = one.name if one else web.attributes.get("autoscaling_group", "") if web else ""
    if not name:
        return None
    groups = scene.aws.ec2_autoscaling.describe_auto_scaling_groups(AutoScalingGroupNames=[name])
    if not groups["AutoScalingGroups"]:
        raise Missing(name)
    return groups["AutoScalingGroups"][0]


def beanstalk_settings(scene: Scene) -> dict[tuple[str, str], str]:
    """(namespace, option) -> value, of the Elastic Beanstalk environment; empty where there is none."""
    one = scene.one_of("elasticbeanstalk.environment")
    if one is None:
        return {}
    application = scene.one_of("elasticbeanstalk.application")
    answer = got(
        one,
        scene.of(one).elasticbeanstalk.describe_configuration_settings,
        ApplicationName=application.name if application else "",
        EnvironmentName=one.name,
    )
    settings = answer["ConfigurationSettings"][0]["OptionSettings"]
    return {(option["Namespace"], option["OptionName"]): str(option.get("Value", "")) for option in settings}


def service(scene: Scene) -> Any:
    """The ECS service that has the traffic."""
    one, cluster = scene.one_of("ecs.service"), scene.one_of("ecs.cluster")
    if one is None or cluster is None:
        return None
    answer = got(one, scene.of(one).ecs.describe_services, cluster=cluster.name, services=[one.name])
    return there(one, [service for service in answer["services"] if service["status"] == "ACTIVE"])


def task_definition(scene: Scene) -> Any:
    """What the tasks of the service are."""
    running = service(scene)
    if running is None:
        return None
    definition = scene.aws.ecs.describe_task_definition(taskDefinition=running["taskDefinition"])
    return definition["taskDefinition"]


def started_by_template(scene: Scene) -> ServerApplication | None:
    """What servers start, as the newest version of their template says."""
    template = scene.one_of("ec2.launch_template")
    if template is None:
        return None
    call = scene.of(template).ec2.describe_launch_template_versions
    told = got(template, call, LaunchTemplateId=template.id, Versions=["$Latest"])
    newest = there(template, told["LaunchTemplateVersions"])
    return application_in(newest["LaunchTemplateData"].get("UserData", ""))


def functions(scene: Scene) -> list[Any]:
    """The configuration of each Lambda function."""
    return [
        got(one, scene.of(one).functions.get_function, FunctionName=one.name)["Configuration"]
        for one in scene.all_of("lambda.function")
    ]


def buckets(scene: Scene) -> list[Recorded]:
    """The buckets that hold people's files."""
    return [one for one in scene.all_of("s3.bucket") if one.key == "files"]


def forces_tls(scene: Scene, group: Recorded) -> bool:
    """Whether a group of database settings refuses connections without TLS."""
    aws = scene.of(group)
    if group.kind == "rds.db_cluster_parameter_group":
        call = aws.rds.describe_db_cluster_parameters
        settings = aws.listed(call, "Parameters", DBClusterParameterGroupName=group.name)
    else:
        settings = aws.listed(aws.rds.describe_db_parameters, "Parameters", DBParameterGroupName=group.name)
    told = named(settings, "ParameterName", ["rds.force_ssl"])
    return any(one.get("ParameterValue") == "1" for one in told)
