"""The tagging API: nothing that is gone, and the kinds that moto's does not see."""

import base64
from collections.abc import Iterator
from typing import Any

from moto.core.resource_tagging import (
    TaggedResource,
    iter_taggable_backends,
    make_tag_matcher,
    match_resource_type,
)
from moto.ec2.models import ec2_backends
from moto.ecr.models import ecr_backends
from moto.ecs.models import ecs_backends
from moto.elasticache.models import elasticache_backends
from moto.elbv2.models import elbv2_backends
from moto.rds.models import rds_backends
from moto.route53.models import route53_backends

from provisioning.simulator import elasticbeanstalk_state
from provisioning.simulator.elasticache_groups import ParameterGroups
from provisioning.simulator.operations import Call, Refusal, operation
from provisioning.simulator.tagged import sources

# Global services answer in this region only.
_GLOBAL_REGION = "us-east-1"
#: What moto calls otherwise than AWS.
_TYPES = {
    "elasticache:cache_clusters": "elasticache:cluster",
    "elasticache:cache_subnet_groups": "elasticache:subnetgroup",
    "elasticache:replication-group": "elasticache:replicationgroup",
    "elasticache:snapshots": "elasticache:snapshot",
}


def _gone(call: Call) -> set[str]:
    """ARNs that moto still lists though AWS no longer does."""
    ec2, ecs = ec2_backends[call.account][call.region], ecs_backends[call.account][call.region]
    prefix = f"arn:aws:ec2:{call.region}:{call.account}:"
    gone = {f"{prefix}natgateway/{item.id}" for item in ec2.nat_gateways.values() if item.state == "deleted"}
    gone |= {
        f"{prefix}instance/{instance.id}"
        for reservation in ec2.reservations.values()
        for instance in reservation.instances
        if instance.state == "terminated"
    }
    gone |= {cluster.arn for cluster in ecs.clusters.values() if cluster.status == "INACTIVE"}
    gone |= {service.arn for service in ecs.services.values() if service.status == "INACTIVE"}
    tasks: list[Any] = [task for tasks in ecs.tasks.values() for task in tasks.values()]
    gone |= {task.task_arn for task in tasks if task.last_status == "STOPPED"}
    definitions = [item for family in ecs.task_definitions.values() for item in family.values()]
    return gone | {item.arn for item in definitions if item.status != "ACTIVE"}


def _pairs(tags: Any) -> dict[str, str]:
    return {tag.get("Key", tag.get("key")): tag.get("Value", tag.get("value")) for tag in tags or []}


def _network(call: Call) -> Iterator[TaggedResource]:
    ec2 = ec2_backends[call.account][call.region]
    prefix = f"arn:aws:ec2:{call.region}:{call.account}:"
    for address in ec2.addresses:
        yield TaggedResource(f"{prefix}elastic-ip/{address.id}", _pairs(address.get_tags()), "ec2:elastic-ip")
    for endpoint in ec2.vpc_end_points.values():
        yield TaggedResource(
            f"{prefix}vpc-endpoint/{endpoint.id}", _pairs(endpoint.get_tags()), "ec2:vpc-endpoint"
        )
    for template in ec2.launch_templates.values():
        arn = f"{prefix}launch-template/{template.id}"
        yield TaggedResource(arn, _pairs(template.get_tags()), "ec2:launch-template")


def _stores(call: Call) -> Iterator[TaggedResource]:
    rds = rds_backends[call.account][call.region]
    groups: list[tuple[str, Any]] = [
        *(("rds:subgrp", group) for group in rds.subnet_groups.values()),
        *(("rds:pg", group) for group in rds.db_parameter_groups.values()),
    ]
    for kind, group in groups:
        yield TaggedResource(group.arn, _pairs(group.get_tags()), kind)
    cache = elasticache_backends[call.account][call.region]
    for made in call.notes(ParameterGroups).by_name.values():
        tags = cache.tagging_service.get_tag_dict_for_resource(made.arn)
        yield TaggedResource(made.arn, tags, "elasticache:parametergroup")
    ecr = ecr_backends[call.account][call.region]
    for repository in ecr.repositories.values():
        tags = ecr.tagger.get_tag_dict_for_resource(repository.arn)
        yield TaggedResource(repository.arn, tags, "ecr:repository")


def _balancing(call: Call) -> Iterator[TaggedResource]:
    backend = elbv2_backends[call.account][call.region]
    for balancer in backend.load_balancers.values():
        for listener in balancer.listeners.values():
            tags = backend.tagging_service.get_tag_dict_for_resource(listener.arn)
            yield TaggedResource(listener.arn, tags, "elasticloadbalancing:listener")
            for arn in listener.rules:
                if isinstance(arn, str):
                    tags = backend.tagging_service.get_tag_dict_for_resource(arn)
                    yield TaggedResource(arn, tags, "elasticloadbalancing:listener-rule")


def _beanstalk(call: Call) -> Iterator[TaggedResource]:
    known = elasticbeanstalk_state.of(call)
    for application in known.applications.values():
        yield TaggedResource(application.arn, application.tags, "elasticbeanstalk:application")
    for version in known.versions.values():
        yield TaggedResource(version.arn, version.tags, "elasticbeanstalk:applicationversion")
    for environment in known.environments.values():
        if environment.there:
            yield TaggedResource(environment.arn, environment.tags, "elasticbeanstalk:environment")


def _zones(call: Call) -> Iterator[TaggedResource]:
    if call.region != _GLOBAL_REGION:
        return
    backend: Any = route53_backends[call.account]["aws"]
    for identifier in backend.zones:
        tags = dict(backend.resource_tags.get(identifier, {}))
        yield TaggedResource(f"arn:aws:route53:::hostedzone/{identifier}", tags, "route53:hostedzone")


def _is_here(call: Call, arn: str) -> bool:
    """moto tells of distributions in every region."""
    return call.region == _GLOBAL_REGION or not arn.startswith("arn:aws:cloudfront:")


def _all(call: Call) -> Iterator[TaggedResource]:
    gone, seen = _gone(call), set()
    for backend in iter_taggable_backends(call.account, call.region):
        for resource in backend.iter_tagged_resources():
            if resource.arn not in gone and _is_here(call, resource.arn):
                seen.add(resource.arn)
                resource.resource_type = _TYPES.get(resource.resource_type, resource.resource_type)
                yield resource
    for source in (_network, _stores, _balancing, _beanstalk, _zones, *sources):
        yield from (resource for resource in source(call) if resource.arn not in seen)


def _start(token: str) -> int:
    try:
        return int(base64.b64decode(token)) if token else 0
    except ValueError:
        raise Refusal("PaginationTokenExpiredException", "The pagination token is not valid.") from None


@operation("resourcegroupstaggingapi", "GetResources")
def get_resources(call: Call) -> object:
    """Tagged things that exist, a page at a time."""
    fits = make_tag_matcher(call.items("TagFilters"))
    arns = call.items("ResourceARNList")
    found = [
        resource
        for resource in _all(call)
        if resource.tags
        and fits(resource.tags)
        and match_resource_type(resource.resource_type, call.items("ResourceTypeFilters"))
        and (not arns or resource.arn in arns)
    ]
    start, size = _start(call.text("PaginationToken")), int(call.params.get("ResourcesPerPage") or 100)
    end = start + size
    return {
        "PaginationToken": base64.b64encode(str(end).encode()).decode() if end < len(found) else "",
        "ResourceTagMappingList": [
            {
                "ResourceARN": resource.arn,
                "Tags": [{"Key": key, "Value": value} for key, value in resource.tags.items()],
            }
            for resource in found[start:end]
        ],
    }
