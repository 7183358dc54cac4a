"""ElastiCache in the simulator: time, nodes, groups, refusals."""

from collections.abc import Callable
from typing import Any

import pytest

from provisioning.simulator.tests.clients import refusal, until
from provisioning.simulator.tests.networks import Network

pytestmark = pytest.mark.simulator
Aws = Callable[[str], Any]


def cache(**changes: object) -> dict[str, Any]:
    return {
        "ReplicationGroupId": "orders",
        "ReplicationGroupDescription": "orders",
        "CacheNodeType": "cache.t3.micro",
        "NumCacheClusters": 2,
        **changes,
    }


def subnet_group(aws: Aws, network: Network) -> None:
    aws("elasticache").create_cache_subnet_group(
        CacheSubnetGroupName="data", CacheSubnetGroupDescription="data", SubnetIds=list(network.subnets)
    )


def look(client: Any) -> Any:
    return client.describe_replication_groups(ReplicationGroupId="orders")["ReplicationGroups"][0]


def test_a_group_is_created_available_deleted_and_its_name_is_free(aws: Aws, network: Network) -> None:
    client = aws("elasticache")
    subnet_group(aws, network)
    client.create_replication_group(**cache(CacheSubnetGroupName="data"))
    assert until(lambda: look(client)["Status"], "available") == ["creating", "available"]
    assert len(look(client)["MemberClusters"]) == 2
    client.delete_replication_group(ReplicationGroupId="orders")
    assert look(client)["Status"] == "deleting"
    assert refusal(client.delete_cache_subnet_group, CacheSubnetGroupName="data") == "CacheSubnetGroupInUse"
    until(lambda: client.describe_replication_groups()["ReplicationGroups"], [])
    client.delete_cache_subnet_group(CacheSubnetGroupName="data")
    client.create_replication_group(**cache())


def test_encryption_endpoints_and_nodes_read_back(aws: Aws, network: Network) -> None:
    client = aws("elasticache")
    subnet_group(aws, network)
    client.create_cache_parameter_group(
        CacheParameterGroupName="own", CacheParameterGroupFamily="redis7", Description="own"
    )
    client.create_replication_group(
        **cache(
            CacheSubnetGroupName="data",
            CacheParameterGroupName="own",
            TransitEncryptionEnabled=True,
            AtRestEncryptionEnabled=True,
            SnapshotRetentionLimit=3,
        )
    )
    until(lambda: look(client)["Status"], "available")
    found = look(client)
    assert (found["TransitEncryptionEnabled"], found["AtRestEncryptionEnabled"]) == (True, True)
    assert found["SnapshotRetentionLimit"] == 3
    assert found["NodeGroups"][0]["PrimaryEndpoint"]["Port"] == 6379
    nodes = client.describe_cache_clusters()["CacheClusters"]
    assert {node["PreferredAvailabilityZone"] for node in nodes} == {"eu-west-1a", "eu-west-1b"}
    assert nodes[0]["CacheParameterGroup"]["CacheParameterGroupName"] == "own"
    assert refusal(client.delete_cache_parameter_group, CacheParameterGroupName="own") == (
        "InvalidCacheParameterGroupState"
    )


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"ReplicationGroupId": "a" * 41}, "InvalidParameterValue"),
        ({"CacheNodeType": "cache.zz.micro"}, "InvalidParameterValue"),
        ({"EngineVersion": "99.9"}, "InvalidParameterCombination"),
        ({"NumCacheClusters": 1, "AutomaticFailoverEnabled": True}, "InvalidParameterCombination"),
        ({"MultiAZEnabled": True}, "InvalidParameterCombination"),
        ({"CacheSubnetGroupName": "nowhere"}, "CacheSubnetGroupNotFoundFault"),
        ({"CacheParameterGroupName": "nowhere"}, "CacheParameterGroupNotFound"),
        ({"SecurityGroupIds": ["sg-12345678"]}, "InvalidParameterValue"),
        ({"AuthToken": "long-enough-token"}, "InvalidParameterCombination"),
    ],
)
def test_what_elasticache_does_not_take_is_refused(aws: Aws, change: dict[str, object], code: str) -> None:
    assert refusal(aws("elasticache").create_replication_group, **cache(**change)) == code


def test_a_taken_name_and_a_change_while_busy_are_refused(aws: Aws) -> None:
    client = aws("elasticache")
    client.create_replication_group(**cache())
    busy = refusal(
        client.delete_replication_group, ReplicationGroupId="orders"
    )  # first: it is busy for a second
    assert busy == "InvalidReplicationGroupState"
    assert refusal(client.create_replication_group, **cache()) == "ReplicationGroupAlreadyExists"


def test_a_node_type_changes_at_the_end_of_a_modification(aws: Aws) -> None:
    client = aws("elasticache")
    client.create_replication_group(**cache())
    until(lambda: look(client)["Status"], "available")
    client.modify_replication_group(
        ReplicationGroupId="orders", CacheNodeType="cache.t3.small", ApplyImmediately=True
    )
    assert (look(client)["Status"], look(client)["CacheNodeType"]) == ("modifying", "cache.t3.micro")
    until(lambda: look(client)["CacheNodeType"], "cache.t3.small")
    client.increase_replica_count(ReplicationGroupId="orders", NewReplicaCount=2, ApplyImmediately=True)
    until(lambda: len(look(client)["MemberClusters"]), 3)
