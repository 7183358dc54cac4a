"""What was just made is not found yet: reads, lists and references, in each service's own words."""

from __future__ import annotations

import time

import pytest
from botocore.exceptions import ClientError

from provisioning.tests.faults import FaultProxy, NotYet, Rule, When
from provisioning.tests.faults.tests.conftest import Clients

ASSUME = '{"Version":"2012-10-17","Statement":[]}'
TAGS = [{"Key": "andamio:key", "Value": "network"}]


def code_of(call: object, **arguments: object) -> str:
    """The error code of a call that must fail."""
    assert callable(call)
    with pytest.raises(ClientError) as caught:
        call(**arguments)
    return str(caught.value.response["Error"]["Code"])


@pytest.fixture
def young(proxy: FaultProxy, clients: Clients) -> Clients:
    """Clients of an AWS in which nothing that is made is visible during the test."""
    proxy.set_rules(Rule(when=When(mutating=True), fault=NotYet(seconds=60)))
    return clients


def test_a_vpc_is_neither_found_nor_listed_nor_usable(
    proxy: FaultProxy, young: Clients, direct: Clients
) -> None:
    ec2 = young("ec2")
    tagged = [{"ResourceType": "vpc", "Tags": TAGS}]
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=tagged)["Vpc"]["VpcId"]
    by_tag = [{"Name": "tag:andamio:key", "Values": ["network"]}]
    assert code_of(ec2.describe_vpcs, VpcIds=[vpc]) == "InvalidVpcID.NotFound"
    assert ec2.describe_vpcs(Filters=by_tag)["Vpcs"] == []
    assert len(ec2.describe_vpcs()["Vpcs"]) == 1  # the default VPC is old
    assert code_of(ec2.create_subnet, VpcId=vpc, CidrBlock="10.0.1.0/24") == "InvalidVpcID.NotFound"
    assert ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["Subnets"] == []
    assert young("resourcegroupstaggingapi").get_resources()["ResourceTagMappingList"] == []
    assert len(direct("ec2").describe_vpcs(Filters=by_tag)["Vpcs"]) == 1
    outcomes = [call.outcome for call in proxy.journal() if call.operation == "CreateSubnet"]
    assert outcomes == ["fault:not_yet"]


def test_after_its_seconds_it_is_there(proxy: FaultProxy, clients: Clients) -> None:
    ec2 = clients("ec2")
    proxy.set_rules(Rule(when=When(operation="CreateVpc"), fault=NotYet(seconds=0.4)))
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    assert code_of(ec2.describe_vpcs, VpcIds=[vpc]) == "InvalidVpcID.NotFound"
    time.sleep(0.45)
    assert ec2.describe_vpcs(VpcIds=[vpc])["Vpcs"][0]["VpcId"] == vpc
    assert ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")["Subnet"]["VpcId"] == vpc


def test_a_creation_that_is_repeated_makes_nothing_younger(proxy: FaultProxy, clients: Clients) -> None:
    sns = clients("sns")
    proxy.set_rules(Rule(when=When(operation="CreateTopic"), fault=NotYet(seconds=0.4)))
    topic = sns.create_topic(Name="alarms")["TopicArn"]
    time.sleep(0.45)
    assert sns.create_topic(Name="alarms")["TopicArn"] == topic
    assert sns.get_topic_attributes(TopicArn=topic)["Attributes"]["TopicArn"] == topic


def test_when_flapping_every_second_read_finds_it(proxy: FaultProxy, clients: Clients) -> None:
    ec2 = clients("ec2")
    proxy.set_rules(Rule(when=When(operation="CreateVpc"), fault=NotYet(seconds=60, flapping=True)))
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    own = [{"Name": "vpc-id", "Values": [vpc]}]
    assert [len(ec2.describe_vpcs(Filters=own)["Vpcs"]) for _ in range(4)] == [0, 1, 0, 1]


@pytest.mark.parametrize(
    ("create", "id_of", "use", "code"),
    [
        ("create_security_group", "GroupId", "authorize_security_group_ingress", "InvalidGroup.NotFound"),
        ("create_internet_gateway", "InternetGatewayId", "attach", "InvalidInternetGatewayID.NotFound"),
        ("create_route_table", "RouteTableId", "create_route", "InvalidRouteTableID.NotFound"),
        ("create_subnet", "SubnetId", "modify_subnet_attribute", "InvalidSubnetID.NotFound"),
    ],
)
def test_parts_of_a_network_are_not_yet_usable(
    young: Clients, direct: Clients, create: str, id_of: str, use: str, code: str
) -> None:
    ec2, vpc = young("ec2"), direct("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    arguments: dict[str, dict[str, object]] = {
        "create_security_group": {"VpcId": vpc, "GroupName": "web", "Description": "web"},
        "create_internet_gateway": {},
        "create_route_table": {"VpcId": vpc},
        "create_subnet": {"VpcId": vpc, "CidrBlock": "10.0.1.0/24"},
    }
    answer = getattr(ec2, create)(**arguments[create])
    made = answer.get(id_of) or next(part for part in answer.values() if id_of in part)[id_of]
    uses: dict[str, dict[str, object]] = {
        "authorize_security_group_ingress": {"GroupId": made, "IpPermissions": []},
        "create_route": {"RouteTableId": made, "DestinationCidrBlock": "0.0.0.0/0"},
        "modify_subnet_attribute": {"SubnetId": made, "MapPublicIpOnLaunch": {"Value": True}},
    }
    if use == "attach":
        assert code_of(ec2.attach_internet_gateway, InternetGatewayId=made, VpcId=vpc) == code
    else:
        assert code_of(getattr(ec2, use), **uses[use]) == code


def test_a_role_is_not_yet_there_for_iam_nor_for_others(young: Clients) -> None:
    iam = young("iam")
    arn = iam.create_role(RoleName="task", AssumeRolePolicyDocument=ASSUME)["Role"]["Arn"]
    assert code_of(iam.get_role, RoleName="task") == "NoSuchEntity"
    assert iam.list_roles()["Roles"] == []
    assert (
        code_of(iam.attach_role_policy, RoleName="task", PolicyArn="arn:aws:iam::aws:policy/x")
        == "NoSuchEntity"
    )
    code = {"ZipFile": b"zip"}
    arguments = {"FunctionName": "f", "Runtime": "python3.12", "Handler": "a.b", "Role": arn, "Code": code}
    assert code_of(young("lambda").create_function, **arguments) == "InvalidParameterValueException"
    assert code_of(iam.create_role, RoleName="task", AssumeRolePolicyDocument=ASSUME) == "EntityAlreadyExists"


def test_databases_are_not_found_nor_listed(young: Clients) -> None:
    rds = young("rds")
    rds.create_db_parameter_group(
        DBParameterGroupName="pg", DBParameterGroupFamily="postgres16", Description="own"
    )
    database = {"DBInstanceIdentifier": "main", "DBInstanceClass": "db.t3.small", "Engine": "postgres"}
    login = {"MasterUsername": "owner", "MasterUserPassword": "long-enough", "AllocatedStorage": 20}
    refused = code_of(rds.create_db_instance, **database, **login, DBParameterGroupName="pg")
    assert refused == "DBParameterGroupNotFound"
    rds.create_db_instance(**database, **login)
    assert code_of(rds.describe_db_instances, DBInstanceIdentifier="main") == "DBInstanceNotFound"
    assert rds.describe_db_instances()["DBInstances"] == []
    assert code_of(rds.modify_db_instance, DBInstanceIdentifier="main") == "DBInstanceNotFound"


def test_balancers_and_target_groups_are_not_found_by_arn_or_name(young: Clients, direct: Clients) -> None:
    elb, ec2 = young("elbv2"), direct("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnets = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.0.{n}.0/24", AvailabilityZone=zone)["Subnet"]["SubnetId"]
        for n, zone in enumerate(("eu-west-1a", "eu-west-1b"))
    ]
    group = elb.create_target_group(Name="web", Protocol="HTTP", Port=80, VpcId=vpc)["TargetGroups"][0]
    balancer = elb.create_load_balancer(Name="web", Subnets=subnets)["LoadBalancers"][0]
    arns = {"group": group["TargetGroupArn"], "balancer": balancer["LoadBalancerArn"]}
    assert code_of(elb.describe_target_groups, TargetGroupArns=[arns["group"]]) == "TargetGroupNotFound"
    assert code_of(elb.describe_target_groups, Names=["web"]) == "TargetGroupNotFound"
    assert code_of(elb.describe_load_balancers, LoadBalancerArns=[arns["balancer"]]) == "LoadBalancerNotFound"
    assert code_of(elb.describe_load_balancers, Names=["web"]) == "LoadBalancerNotFound"
    assert elb.describe_load_balancers()["LoadBalancers"] == []
    action = [{"Type": "forward", "TargetGroupArn": arns["group"]}]
    listener = {"LoadBalancerArn": arns["balancer"], "Protocol": "HTTP", "Port": 80, "DefaultActions": action}
    assert code_of(elb.create_listener, **listener) in {"TargetGroupNotFound", "LoadBalancerNotFound"}


def test_clusters_and_services_are_missing_in_the_way_of_ecs(
    proxy: FaultProxy, clients: Clients, direct: Clients
) -> None:
    direct("ecs").create_cluster(clusterName="old")
    container = [{"name": "web", "image": "nginx", "memory": 128}]
    direct("ecs").register_task_definition(family="web", containerDefinitions=container)
    proxy.set_rules(Rule(when=When(mutating=True), fault=NotYet(seconds=60)))
    ecs = clients("ecs")
    ecs.create_cluster(clusterName="main")
    found = ecs.describe_clusters(clusters=["main", "old"])
    assert [cluster["clusterName"] for cluster in found["clusters"]] == ["old"]
    assert found["failures"] == [{"arn": "main", "reason": "MISSING"}]
    assert len(ecs.list_clusters()["clusterArns"]) == 1
    service = {"serviceName": "web", "taskDefinition": "web", "desiredCount": 1}
    assert code_of(ecs.create_service, cluster="main", **service) == "ClusterNotFoundException"
    assert code_of(ecs.describe_services, cluster="main", services=["web"]) == "ClusterNotFoundException"
    ecs.create_service(cluster="old", **service)
    described = ecs.describe_services(cluster="old", services=["web"])
    assert (described["services"], described["failures"][0]["reason"]) == ([], "MISSING")
    assert code_of(ecs.update_service, cluster="old", service="web") == "ServiceNotFoundException"


def test_log_groups_buckets_and_zones_are_not_found(young: Clients) -> None:
    logs, s3, route53 = young("logs"), young("s3"), young("route53")
    logs.create_log_group(logGroupName="/web")
    retention = {"logGroupName": "/web", "retentionInDays": 7}
    assert code_of(logs.put_retention_policy, **retention) == "ResourceNotFoundException"
    assert logs.describe_log_groups(logGroupNamePrefix="/web")["logGroups"] == []
    s3.create_bucket(Bucket="files", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    assert code_of(s3.head_bucket, Bucket="files") == "404"
    assert code_of(s3.put_object, Bucket="files", Key="a", Body=b"b") == "NoSuchBucket"
    assert s3.list_buckets()["Buckets"] == []
    zone = route53.create_hosted_zone(Name="example.org", CallerReference="once")["HostedZone"]["Id"]
    assert code_of(route53.get_hosted_zone, Id=zone) == "NoSuchHostedZone"
    assert route53.list_hosted_zones()["HostedZones"] == []
