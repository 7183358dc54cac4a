"""The tagging API in the simulator: what is there and nothing that is gone."""

from collections.abc import Callable
from typing import Any

import pytest

from provisioning.simulator.launch import Simulator
from provisioning.simulator.tests.clients import client_of, until
from provisioning.simulator.tests.networks import (
    Network,
    make_balancer,
    make_target_group,
    register,
    service,
)

pytestmark = pytest.mark.simulator
Aws = Callable[[str], Any]
TAGS = [{"Key": "stack", "Value": "one"}]
LOWER = [{"key": "stack", "value": "one"}]


def kinds(client: Any) -> list[str]:
    pages = client.get_paginator("get_resources").paginate(TagFilters=[{"Key": "stack", "Values": ["one"]}])
    arns = [item["ResourceARN"] for page in pages for item in page["ResourceTagMappingList"]]
    return sorted(f"{arn.split(':')[2]} {arn.split(':', 5)[5].split('/')[0].split(':')[0]}" for arn in arns)


def spec(kind: str) -> list[dict[str, Any]]:
    return [{"ResourceType": kind, "Tags": TAGS}]


def test_it_sees_the_kinds_that_a_teardown_must_prove_gone(aws: Aws, network: Network) -> None:
    ec2, rds, cache = aws("ec2"), aws("rds"), aws("elasticache")
    ec2.allocate_address(Domain="vpc", TagSpecifications=spec("elastic-ip"))
    endpoint = {"VpcId": network.vpc, "ServiceName": "com.amazonaws.eu-west-1.s3"}
    ec2.create_vpc_endpoint(**endpoint, TagSpecifications=spec("vpc-endpoint"))
    subnets = list(network.subnets)
    rds.create_db_subnet_group(
        DBSubnetGroupName="a", DBSubnetGroupDescription="a", SubnetIds=subnets, Tags=TAGS
    )
    rds.create_db_parameter_group(
        DBParameterGroupName="a", DBParameterGroupFamily="postgres16", Description="a", Tags=TAGS
    )
    cache.create_cache_subnet_group(
        CacheSubnetGroupName="a", CacheSubnetGroupDescription="a", SubnetIds=subnets, Tags=TAGS
    )
    cache.create_cache_parameter_group(
        CacheParameterGroupName="a", CacheParameterGroupFamily="redis7", Description="a", Tags=TAGS
    )
    aws("ecr").create_repository(repositoryName="app", tags=TAGS)
    register(aws, "1", tags=LOWER)
    actions = [{"Type": "forward", "TargetGroupArn": make_target_group(aws, network)}]
    listener = {"LoadBalancerArn": make_balancer(aws, network), "Port": 80, "Protocol": "HTTP"}
    aws("elbv2").create_listener(**listener, DefaultActions=actions, Tags=TAGS)
    assert kinds(aws("resourcegroupstaggingapi")) == [
        "ec2 elastic-ip",
        "ec2 vpc-endpoint",
        "ecr repository",
        "ecs task-definition",
        "elasticache parametergroup",
        "elasticache subnetgroup",
        "elasticloadbalancing listener",
        "rds pg",
        "rds subgrp",
    ]


def test_it_does_not_list_what_is_gone(aws: Aws, network: Network) -> None:
    ec2, ecs, tagging = aws("ec2"), aws("ecs"), aws("resourcegroupstaggingapi")
    allocation = ec2.allocate_address(Domain="vpc")["AllocationId"]
    gateway = ec2.create_nat_gateway(
        SubnetId=network.subnets[0], AllocationId=allocation, TagSpecifications=spec("natgateway")
    )["NatGateway"]["NatGatewayId"]
    ecs.create_cluster(clusterName="main", tags=LOWER)
    definition = register(aws, "1", tags=LOWER)
    ecs.create_service(**service(network, definition, tags=LOWER, desiredCount=0))
    cache = aws("elasticache")
    cache.create_replication_group(
        ReplicationGroupId="a", ReplicationGroupDescription="a", CacheNodeType="cache.t3.micro", Tags=TAGS
    )
    there = [
        "ec2 natgateway",
        "ecs cluster",
        "ecs service",
        "ecs task-definition",
        "elasticache replicationgroup",
    ]
    assert kinds(tagging) == there
    until(lambda: cache.describe_replication_groups()["ReplicationGroups"][0]["Status"], "available")
    ec2.delete_nat_gateway(NatGatewayId=gateway)
    cache.delete_replication_group(ReplicationGroupId="a")
    ecs.delete_service(cluster="main", service="web")
    ecs.deregister_task_definition(taskDefinition=definition)
    ecs.delete_task_definitions(taskDefinitions=[definition])
    find = {"cluster": "main", "services": ["web"]}
    until(lambda: ecs.describe_services(**find)["services"][0]["status"], "INACTIVE")
    ecs.delete_cluster(cluster="main")
    until(lambda: kinds(tagging), [])


def test_zones_are_seen_in_the_global_region_only(aws: Aws, simulator: Simulator) -> None:
    zone = aws("route53").create_hosted_zone(Name="example.com", CallerReference="1")["HostedZone"]["Id"]
    aws("route53").change_tags_for_resource(
        ResourceType="hostedzone", ResourceId=zone.rsplit("/", 1)[-1], AddTags=TAGS
    )
    assert kinds(aws("resourcegroupstaggingapi")) == []
    virginia = client_of(simulator, "resourcegroupstaggingapi", region="us-east-1")
    assert kinds(virginia) == ["route53 hostedzone"]
