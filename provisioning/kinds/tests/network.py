"""A network with what a service in it needs, for tests of what stands on one."""

from __future__ import annotations

from provisioning.aws import Aws
from provisioning.kinds.ecs_cluster import ClusterProps
from provisioning.kinds.ecs_service import ServiceProps
from provisioning.kinds.ecs_task_definition import TaskDefinitionProps
from provisioning.kinds.elbv2_load_balancer import LoadBalancerProps
from provisioning.kinds.elbv2_target_group import TargetGroupProps
from provisioning.kinds.tests.contract import Build


class Network:
    """A VPC with two subnets that reach the internet, and a security group: in few calls, since most tests need it."""

    def __init__(self, aws: Aws, build: Build) -> None:
        self.aws = aws
        self.build = build
        self.vpc_id = aws.ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        gateway = aws.ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        aws.ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=self.vpc_id)
        main = aws.ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [self.vpc_id]}])
        table = main["RouteTables"][0]["RouteTableId"]
        aws.ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
        self.subnet_ids = tuple(self.subnet(number, zone) for number, zone in enumerate("ab"))
        self.group_id = self.group("web")

    def subnet(self, number: int, zone: str) -> str:
        """The id of another subnet."""
        made = self.aws.ec2.create_subnet(
            VpcId=self.vpc_id, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=f"us-east-1{zone}"
        )
        return made["Subnet"]["SubnetId"]

    def group(self, name: str) -> str:
        """The id of another security group."""
        made = self.aws.ec2.create_security_group(VpcId=self.vpc_id, GroupName=name, Description=name)
        return made["GroupId"]

    def balancer(self, **changes: object) -> LoadBalancerProps:
        """Wanted properties of a load balancer here."""
        wanted = {"subnet_ids": self.subnet_ids, "security_group_ids": (self.group_id,), **changes}
        return LoadBalancerProps.model_validate(wanted)

    def targets(self, **changes: object) -> TargetGroupProps:
        """Wanted properties of a target group here."""
        return TargetGroupProps.model_validate({"vpc_id": self.vpc_id, "port": 8000, **changes})

    def definition(self, key: str = "task", image: str = "nginx:1") -> str:
        """The ARN of a task definition. An image whose tag contains "broken" never becomes healthy in the simulator."""
        return self.build(key, TaskDefinitionProps(cpu=256, memory=512, image=image, port=8000)).id

    def service(self, task: str, **changes: object) -> ServiceProps:
        """Wanted properties of a service in the cluster "cluster"."""
        wanted = {
            "cluster_name": self.build("cluster", ClusterProps()).id,
            "task_definition_arn": task,
            "subnet_ids": self.subnet_ids,
            "security_group_ids": (self.group_id,),
            "public_ip": True,
            **changes,
        }
        return ServiceProps.model_validate(wanted)
