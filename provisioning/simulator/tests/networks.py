"""What most tests need around them: a network, a load balancer, a service."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from provisioning.simulator.tests.clients import REGION


@dataclass(frozen=True, kw_only=True)
class Network:
    """Ids of a VPC and what is in it."""

    vpc: str
    subnets: tuple[str, str]
    gateway: str
    table: str


def make_network(ec2: Any, *, attached: bool = True) -> Network:
    """A VPC with two subnets in two zones and an internet gateway."""
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    first, second = (
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=f"{REGION}{zone}")[
            "Subnet"
        ]["SubnetId"]
        for number, zone in enumerate("ab")
    )
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    if attached:
        ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
        ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
        for subnet in (first, second):
            ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)
    return Network(vpc=vpc, subnets=(first, second), gateway=gateway, table=table)


def database(**changes: object) -> dict[str, Any]:
    """Parameters of a PostgreSQL instance as the blueprint makes it."""
    return {
        "DBInstanceIdentifier": "orders",
        "Engine": "postgres",
        "EngineVersion": "16",
        "DBInstanceClass": "db.t3.small",
        "AllocatedStorage": 20,
        "StorageType": "gp3",
        "MasterUsername": "portal",
        "ManageMasterUserPassword": True,
        "BackupRetentionPeriod": 7,
        **changes,
    }


def make_balancer(aws: Callable[[str], Any], network: Network, **changes: Any) -> str:
    """The ARN of a load balancer."""
    made = aws("elbv2").create_load_balancer(**{"Name": "web", "Subnets": list(network.subnets), **changes})
    return str(made["LoadBalancers"][0]["LoadBalancerArn"])


def make_target_group(aws: Callable[[str], Any], network: Network, **changes: Any) -> str:
    """The ARN of a target group for addresses."""
    settings = {"Name": "blue", "Port": 80, "Protocol": "HTTP", "VpcId": network.vpc, "TargetType": "ip"}
    made = aws("elbv2").create_target_group(**{**settings, **changes})
    return str(made["TargetGroups"][0]["TargetGroupArn"])


def register(aws: Callable[[str], Any], tag: str, **changes: Any) -> str:
    """The ARN of a task definition with an image of this tag."""
    container = {"name": "web", "image": f"nginx:{tag}", "portMappings": [{"containerPort": 80}]}
    settings = {
        "family": "web",
        "networkMode": "awsvpc",
        "requiresCompatibilities": ["FARGATE"],
        "cpu": "256",
        "memory": "512",
        "containerDefinitions": [container],
    }
    made = aws("ecs").register_task_definition(**{**settings, **changes})
    return str(made["taskDefinition"]["taskDefinitionArn"])


def service(network: Network, definition: str, group: str = "", **changes: Any) -> dict[str, Any]:
    """Parameters of a Fargate service with a circuit breaker that rolls back."""
    balancers = [{"targetGroupArn": group, "containerName": "web", "containerPort": 80}] if group else []
    return {
        "cluster": "main",
        "serviceName": "web",
        "taskDefinition": definition,
        "desiredCount": 2,
        "launchType": "FARGATE",
        "networkConfiguration": {
            "awsvpcConfiguration": {"subnets": list(network.subnets), "assignPublicIp": "ENABLED"}
        },
        "loadBalancers": balancers,
        "deploymentConfiguration": {"deploymentCircuitBreaker": {"enable": True, "rollback": True}},
        **changes,
    }
