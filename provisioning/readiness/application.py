"""Part 2, the application: its image, what runs it, the load balancer, and the domain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from provisioning.aws import found
from provisioning.readiness import reads
from provisioning.readiness.answer import Answer, met, not_needed, unmet
from provisioning.readiness.item import Fix, Item, Part, Scene, listing, named

_NO_IMAGES = "Its releases are bundles, not images."
_BEANSTALK = "aws:elasticbeanstalk:command"


def judge_image(repository: str, count: int | None) -> Answer:
    """`count`: of the images that it holds; None where there is no repository."""
    if count is None:
        return not_needed(_NO_IMAGES)
    if not count:
        return unmet(f"{repository} holds no image: a small public one runs.")
    images = "1 image" if count == 1 else f"{count} images"
    return met(f"{repository} holds {images}.")


def judge_scan(repository: Any) -> Answer:
    """Whether ECR looks for known vulnerabilities in what is pushed."""
    if repository is None:
        return not_needed(_NO_IMAGES)
    name = repository["repositoryName"]
    if not repository.get("imageScanningConfiguration", {}).get("scanOnPush"):
        return unmet(f"{name} does not scan what is pushed.")
    return met(f"{name} scans every image that is pushed.")


def judge_running(title: str, running: int, wanted: int) -> Answer:
    """How much of it runs; `title`: what it is."""
    words = f"{title}: {running} of {wanted} run."
    return met(words) if running >= wanted > 0 else unmet(words)


def judge_balancer(balancer: Any, *, api: bool, first: bool) -> Answer:
    """`api`: API Gateway is the entrance."""
    if balancer is None and api:
        return not_needed("API Gateway takes the requests, in every zone.")
    if balancer is None and first:
        return not_needed("A single server is enough for a first version.")
    if balancer is None:
        return unmet("There is no load balancer.")
    state = balancer["State"]["Code"]
    zones = listing(one["ZoneName"] for one in balancer["AvailabilityZones"])
    if state != "active":
        return unmet(f"The load balancer is {state}.")
    if len(balancer["AvailabilityZones"]) < 2:
        return unmet(f"The load balancer stands in one zone: {zones}.")
    return met(f"The load balancer is active in {zones}.")


def judge_scaling(fewest: int, most: int, policies: int, *, first: bool) -> Answer:
    """`policies`: how many rules bring more and take away."""
    words = f"{fewest} to {most}, scaling policies: {policies}."
    if first:
        return not_needed("A first version need not scale.")
    if fewest < 2:
        return unmet(f"One alone runs when nobody asks: {words}")
    if most <= fewest or not policies:
        return unmet(f"Nothing comes under load: {words}")
    return met(f"It scales with the load: {words}")


def judge_rollback(service: Any, settings: Mapping[tuple[str, str], str], functions: list[Any]) -> Answer:
    """What a deployment that fails leaves running."""
    if service is not None:
        breaker = service.get("deploymentConfiguration", {}).get("deploymentCircuitBreaker", {})
        if breaker.get("enable") and breaker.get("rollback"):
            return met("ECS rolls a deployment back whose tasks do not become healthy.")
        return unmet("ECS keeps on trying a deployment whose tasks do not become healthy.")
    if settings:
        return _rollback_of_beanstalk(settings)
    if functions:
        return met("Callers reach a version by an alias, which moves back in a moment.")
    return not_needed("Servers are replaced by new ones; the old image is deployed again by hand.")


def _rollback_of_beanstalk(settings: Mapping[tuple[str, str], str]) -> Answer:
    if settings.get(("aws:elasticbeanstalk:environment", "EnvironmentType")) == "SingleInstance":
        return not_needed("There is one server: nothing answers while it is replaced.")
    policy = settings.get((_BEANSTALK, "DeploymentPolicy"), "AllAtOnce")
    if policy == "AllAtOnce":
        return unmet("Elastic Beanstalk replaces all servers at once.")
    return met(f"Elastic Beanstalk deploys with {policy}, and stops at the first batch that fails.")


def judge_domain(names: list[str], *, first: bool) -> Answer:
    """`names`: records that lead to the application."""
    if names:
        told = listing(names)
        return met(f"Route 53 answers for {told}.")
    if first:
        return not_needed("AWS's own address is enough for a first version.")
    return unmet("It has no domain of its own.")


def judge_replicas(database: Any, *, replicas: int, large: bool) -> Answer:
    """`replicas`: copies for queries that stand."""
    if database is None:
        return not_needed("It has no database.")
    if replicas:
        return met(f"Copies for queries: {replicas}.")
    if large:
        return unmet("Every query goes to the one database.")
    return not_needed("The guide asks for replicas when an application grows.")


def judge_cache(groups: list[Any], *, wanted: bool) -> Answer:
    """`wanted`: the guide has one in this architecture and phase."""
    if not groups:
        words = "The guide has a cache for containers in production."
        return unmet("There is no cache.") if wanted else not_needed(words)
    away = [one["ReplicationGroupId"] for one in groups if one["Status"] != "available"]
    names = listing(away or [one["ReplicationGroupId"] for one in groups])
    return unmet(f"Not available: {names}.") if away else met(f"Available: {names}.")


def _image(scene: Scene) -> Answer:
    one = scene.one_of("ecr.repository")
    if one is None:
        return judge_image("", None)
    reads.got(one, scene.of(one).ecr.describe_repositories, repositoryNames=[one.name])
    images = scene.aws.listed(scene.of(one).ecr.describe_images, "imageDetails", repositoryName=one.name)
    return judge_image(one.name, len(images))


def _scan(scene: Scene) -> Answer:
    one = scene.one_of("ecr.repository")
    if one is None:
        return judge_scan(None)
    answer = reads.got(one, scene.of(one).ecr.describe_repositories, repositoryNames=[one.name])
    return judge_scan(answer["repositories"][0])


def _running(scene: Scene) -> Answer:
    service, group = reads.service(scene), reads.autoscaling_group(scene)
    if service is not None:
        return judge_running("Tasks", service["runningCount"], service["desiredCount"])
    if group is not None:
        members = group["Instances"]
        well = [
            one for one in members if (one["LifecycleState"], one["HealthStatus"]) == ("InService", "Healthy")
        ]
        return judge_running("Servers", len(well), group["DesiredCapacity"])
    if functions := reads.functions(scene):
        active = [one for one in functions if one.get("State", "Active") == "Active"]
        return judge_running("Functions", len(active), len(functions))
    return _single_server(scene)


def _single_server(scene: Scene) -> Answer:
    one = scene.one_of("ec2.instance")
    if one is None:
        return not_needed("Nothing runs in it.")
    answer = reads.got(one, scene.aws.ec2.describe_instances, InstanceIds=[one.id])
    states = [instance["State"]["Name"] for held in answer["Reservations"] for instance in held["Instances"]]
    return judge_running("Servers", states.count("running"), max(1, len(states)))


def _balancer(scene: Scene) -> Answer:
    api = scene.one_of("apigatewayv2.api") is not None
    return judge_balancer(reads.balancer(scene), api=api, first=scene.is_first_version)


def _scaling(scene: Scene) -> Answer:
    if scene.one_of("lambda.function"):
        return not_needed("Lambda runs as many copies as there are requests.")
    tasks, group = scene.one_of("autoscaling.scalable_target"), reads.autoscaling_group(scene)
    if tasks is not None:
        aws, ecs = scene.of(tasks), {"ServiceNamespace": "ecs"}
        told = aws.listed(
            aws.autoscaling.describe_scalable_targets, "ScalableTargets", **ecs, ResourceIds=[tasks.id]
        )
        target = reads.there(tasks, told)
        policies = aws.listed(
            aws.autoscaling.describe_scaling_policies, "ScalingPolicies", **ecs, ResourceId=tasks.id
        )
        fewest, most = target["MinCapacity"], target["MaxCapacity"]
    elif group is not None:
        policies = _policies_of(scene, group)
        fewest, most = group["MinSize"], group["MaxSize"]
    else:
        fewest, most, policies = 1, 1, []
    return judge_scaling(fewest, most, len(policies), first=scene.is_first_version)


def _policies_of(scene: Scene, group: Any) -> list[Any]:
    """Rules of a group of servers; what Elastic Beanstalk calls a trigger is one."""
    if (trigger := ("aws:autoscaling:trigger", "MeasureName")) in reads.beanstalk_settings(scene):
        return [trigger]
    call, name = scene.aws.ec2_autoscaling.describe_policies, group["AutoScalingGroupName"]
    return scene.aws.listed(call, "ScalingPolicies", AutoScalingGroupName=name)


def _rollback(scene: Scene) -> Answer:
    return judge_rollback(reads.service(scene), reads.beanstalk_settings(scene), reads.functions(scene))


def _domain(scene: Scene) -> Answer:
    names = []
    for one in scene.all_of("route53.record"):
        if one.props.get("type") != "A":
            continue
        zone, name = str(one.props["zone_id"]), str(one.props["name"])
        answer = found(
            scene.aws.route53.list_resource_record_sets,
            HostedZoneId=zone,
            StartRecordName=name,
            StartRecordType="A",
            MaxItems="1",
        )
        told = named(answer["ResourceRecordSets"] if answer else (), "Name", [f"{name}."])
        if not told:
            raise reads.Missing(name)
        names.append(name)
    return judge_domain(names, first=scene.is_first_version)


def _replicas(scene: Scene) -> Answer:
    replicas = [
        reads.got(one, scene.of(one).rds.describe_db_instances, DBInstanceIdentifier=one.id)
        for one in scene.all_of("rds.read_replica")
    ]
    readers = max(0, len(reads.database_instances(scene)) - 1)
    return judge_replicas(reads.database(scene), replicas=len(replicas) + readers, large=scene.is_large)


def _cache(scene: Scene) -> Answer:
    wanted = scene.spec.architecture == "containers" and not scene.is_first_version
    return judge_cache(reads.caches(scene), wanted=wanted)


_CLUSTER = ("rds:DescribeDBInstances", "rds:DescribeDBClusters")
_FLEET = ("ecs:DescribeServices", "autoscaling:DescribeAutoScalingGroups")

ITEMS = (
    Item(
        key="image",
        part=Part.APPLICATION,
        title="Image in ECR",
        why="What runs in production comes from a repository that the account controls.",
        fix=Fix(hint="Build the image, push it to the repository and deploy it; the tab Connect shows how."),
        probe=_image,
        permissions=("ecr:DescribeRepositories", "ecr:DescribeImages"),
    ),
    Item(
        key="image-scan",
        part=Part.APPLICATION,
        title="Images are scanned",
        why="Most holes in an image are in packages that somebody else wrote, and are known.",
        fix=Fix(
            commands={
                "ecr.repository": "aws ecr put-image-scanning-configuration --repository-name ${repository.name} "
                "--image-scanning-configuration scanOnPush=true"
            }
        ),
        probe=_scan,
        permissions=("ecr:DescribeRepositories",),
    ),
    Item(
        key="running",
        part=Part.APPLICATION,
        title="The application runs",
        why="Fewer than wanted run: AWS cannot start more, or they fail.",
        fix=Fix(hint="Look at the events of the service and at its log."),
        probe=_running,
        permissions=(*_FLEET, "lambda:GetFunction", "ec2:DescribeInstances"),
    ),
    Item(
        key="load-balancer",
        part=Part.APPLICATION,
        title="Load balancer",
        why="It spreads requests over both zones and takes out what does not answer.",
        fix=Fix(options={"load_balancer": True}),
        probe=_balancer,
        permissions=("elasticloadbalancing:DescribeLoadBalancers",),
    ),
    Item(
        key="scaling",
        part=Part.APPLICATION,
        title="Automatic scaling",
        why="Two at least survive the loss of one, and more come before people wait.",
        fix=Fix(at_least={"min_tasks": 2, "max_tasks": 4, "min_servers": 2, "max_servers": 4}),
        probe=_scaling,
        permissions=(
            *_FLEET,
            "autoscaling:DescribePolicies",
            "elasticbeanstalk:DescribeConfigurationSettings",
            "application-autoscaling:DescribeScalableTargets",
            "application-autoscaling:DescribeScalingPolicies",
        ),
    ),
    Item(
        key="rollback",
        part=Part.APPLICATION,
        title="A failed deployment is rolled back",
        why="A release that does not start must not take the one away that does.",
        fix=Fix(options={"deployment_policy": "RollingWithAdditionalBatch"}),
        probe=_rollback,
        permissions=(
            "ecs:DescribeServices",
            "elasticbeanstalk:DescribeConfigurationSettings",
            "lambda:GetFunction",
        ),
    ),
    Item(
        key="domain",
        part=Part.APPLICATION,
        title="Domain in Route 53",
        why="People keep an address that stays when what is behind it is made anew.",
        fix=Fix(opens="domain", hint="Give a domain and the id of the Route 53 zone that answers for it."),
        probe=_domain,
        permissions=("route53:ListResourceRecordSets",),
    ),
    Item(
        key="cache",
        part=Part.APPLICATION,
        title="Redis",
        why="Sessions and what is asked for often need not go to the database.",
        fix=Fix(options={"cache_node": "cache.t3.micro"}),
        probe=_cache,
        permissions=("elasticache:DescribeReplicationGroups",),
    ),
    Item(
        key="replicas",
        part=Part.APPLICATION,
        title="Read replicas",
        why="Queries that only read then leave the database to those that write.",
        fix=Fix(at_least={"read_replicas": 1, "readers": 1}),
        probe=_replicas,
        permissions=_CLUSTER,
    ),
    Item(
        key="pooling",
        part=Part.APPLICATION,
        title="The application pools its connections",
        why="PostgreSQL takes few connections: 20 to 50 for an application are plenty.",
        fix=Fix(hint="Set the pool of the application, or put a proxy before the database."),
    ),
    Item(
        key="pipeline",
        part=Part.APPLICATION,
        title="Releases come from a pipeline",
        why="What was built and tested once is what runs; a laptop is no place to release from.",
        fix=Fix(hint="The tab Connect has jobs for GitHub Actions and GitLab."),
    ),
)
