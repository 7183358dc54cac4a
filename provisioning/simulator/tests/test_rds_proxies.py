"""RDS proxies in the simulator: minutes both ways, one target, reached when role, secret and database are right."""

from collections.abc import Callable
from typing import Any

import pytest

from provisioning.simulator.tests.clients import refusal, until
from provisioning.simulator.tests.clusters import ready_cluster
from provisioning.simulator.tests.functions import make_role
from provisioning.simulator.tests.networks import Network

pytestmark = pytest.mark.simulator
Aws = Callable[[str], Any]


@pytest.fixture
def rds(aws: Aws) -> Any:
    return aws("rds")


def proxy(network: Network, role: str, secret: str, **changes: Any) -> dict[str, Any]:
    return {
        "DBProxyName": "pool",
        "EngineFamily": "POSTGRESQL",
        "Auth": [{"AuthScheme": "SECRETS", "SecretArn": secret, "IAMAuth": "DISABLED"}],
        "RoleArn": role,
        "VpcSubnetIds": list(network.subnets),
        "RequireTLS": True,
        **changes,
    }


def status(rds: Any) -> Callable[[], str]:
    def look() -> str:
        found = rds.describe_db_proxies()["DBProxies"]
        return str(found[0]["Status"]) if found else "gone"

    return look


def health(rds: Any) -> Callable[[], tuple[str, str]]:
    def look() -> tuple[str, str]:
        targets = rds.describe_db_proxy_targets(DBProxyName="pool")["Targets"]
        told = next(one["TargetHealth"] for one in targets if one["Type"] == "RDS_INSTANCE")
        return told["State"], told.get("Reason", "")

    return look


@pytest.fixture
def secret(rds: Any) -> str:
    ready_cluster(rds)
    return str(rds.describe_db_clusters()["DBClusters"][0]["MasterUserSecret"]["SecretArn"])


def test_a_proxy_takes_its_time_and_reaches_the_writer(
    aws: Aws, rds: Any, secret: str, network: Network
) -> None:
    made = rds.create_db_proxy(**proxy(network, make_role(aws, service="rds"), secret))["DBProxy"]
    assert made["Status"] == "creating"
    until(status(rds), "available")
    target = {"DBProxyName": "pool", "DBClusterIdentifiers": ["orders"]}
    rds.register_db_proxy_targets(**target)
    assert refusal(rds.register_db_proxy_targets, **target) == "DBProxyTargetAlreadyRegisteredFault"
    assert until(health(rds), ("AVAILABLE", ""))[0] == ("UNAVAILABLE", "PENDING_PROXY_CAPACITY")
    cluster, writer = rds.describe_db_proxy_targets(DBProxyName="pool")["Targets"]
    assert (cluster["Type"], cluster["RdsResourceId"]) == ("TRACKED_CLUSTER", "orders")
    assert (writer["Role"], writer["TrackedClusterId"]) == ("READ_WRITE", "orders")
    rds.deregister_db_proxy_targets(**target)
    assert refusal(rds.deregister_db_proxy_targets, **target) == "DBProxyTargetNotFoundFault"
    rds.delete_db_proxy(DBProxyName="pool")
    assert until(status(rds), "gone") == ["deleting", "gone"]
    aws("ec2").delete_subnet(SubnetId=network.subnets[0])


@pytest.mark.parametrize("wrong", ["role", "secret"])
def test_a_proxy_without_rights_or_secret_does_not_get_in(
    aws: Aws, rds: Any, secret: str, network: Network, wrong: str
) -> None:
    role = make_role(aws, service="lambda" if wrong == "role" else "rds")
    rds.create_db_proxy(**proxy(network, role, f"{secret}none" if wrong == "secret" else secret))
    rds.register_db_proxy_targets(DBProxyName="pool", DBClusterIdentifiers=["orders"])
    until(health(rds), ("UNAVAILABLE", "AUTH_FAILURE"))


def test_a_proxy_is_changed_in_place_one_change_at_a_time(
    aws: Aws, rds: Any, secret: str, network: Network
) -> None:
    rds.create_db_proxy(**proxy(network, make_role(aws, service="rds"), secret))
    change = {"DBProxyName": "pool", "IdleClientTimeout": 60}
    assert refusal(rds.modify_db_proxy, **change) == "InvalidDBProxyStateFault"
    until(status(rds), "available")
    assert rds.modify_db_proxy(**change)["DBProxy"]["Status"] == "modifying"
    until(status(rds), "available")
    assert rds.describe_db_proxies()["DBProxies"][0]["IdleClientTimeout"] == 60
    pool = {"MaxConnectionsPercent": 80, "MaxIdleConnectionsPercent": 20, "ConnectionBorrowTimeout": 10}
    asked = {"DBProxyName": "pool", "TargetGroupName": "default"}
    rds.modify_db_proxy_target_group(**asked, ConnectionPoolConfig=pool)
    (group,) = rds.describe_db_proxy_target_groups(DBProxyName="pool")["TargetGroups"]
    assert {**group["ConnectionPoolConfig"], "SessionPinningFilters": []} == {
        **pool,
        "SessionPinningFilters": [],
    }


def test_what_a_proxy_cannot_be_is_refused(aws: Aws, rds: Any, network: Network) -> None:
    role = make_role(aws, service="rds")
    wanted = proxy(network, role, "arn:aws:secretsmanager:eu-west-1:123456789012:secret:none")
    one_zone = {**wanted, "VpcSubnetIds": [network.subnets[0]]}
    assert refusal(rds.create_db_proxy, **one_zone) == "InvalidParameterValue"
    assert refusal(rds.create_db_proxy, **{**wanted, "VpcSubnetIds": ["subnet-1"]}) == "InvalidSubnet"
    rds.create_db_proxy(**wanted)
    assert refusal(rds.create_db_proxy, **wanted) == "DBProxyAlreadyExistsFault"
    missing = {"DBProxyName": "pool", "DBClusterIdentifiers": ["none"]}
    assert refusal(rds.register_db_proxy_targets, **missing) == "DBClusterNotFoundFault"
    assert refusal(rds.delete_db_proxy, DBProxyName="other") == "DBProxyNotFoundFault"
