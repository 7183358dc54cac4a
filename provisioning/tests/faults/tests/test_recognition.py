"""The journal knows each call of boto3: service, operation, whether it changes anything, about what, from whom."""

from __future__ import annotations

import os

import pytest

from provisioning.tests.faults import FaultProxy
from provisioning.tests.faults.recognition import is_mutating
from provisioning.tests.faults.tests.conftest import Clients

ASSUME = '{"Version":"2012-10-17","Statement":[]}'
BUCKET: dict[str, object] = {
    "Bucket": "files",
    "CreateBucketConfiguration": {"LocationConstraint": "eu-west-1"},
}
ZONE: dict[str, object] = {"Name": "example.org", "CallerReference": "once"}

CALLS: list[tuple[str, str, dict[str, object], str, bool, str | None]] = [
    ("ec2", "create_vpc", {"CidrBlock": "10.0.0.0/16"}, "CreateVpc", True, None),
    ("ec2", "describe_vpcs", {}, "DescribeVpcs", False, ""),
    ("rds", "describe_db_instances", {}, "DescribeDBInstances", False, ""),
    ("elbv2", "describe_load_balancers", {"Names": []}, "DescribeLoadBalancers", False, None),
    (
        "iam",
        "create_role",
        {"RoleName": "task", "AssumeRolePolicyDocument": ASSUME},
        "CreateRole",
        True,
        "task",
    ),
    ("sts", "get_caller_identity", {}, "GetCallerIdentity", False, ""),
    ("ecs", "create_cluster", {"clusterName": "main"}, "CreateCluster", True, "main"),
    ("ecr", "create_repository", {"repositoryName": "web"}, "CreateRepository", True, "web"),
    ("ssm", "put_parameter", {"Name": "/a", "Value": "b", "Type": "String"}, "PutParameter", True, "/a"),
    ("logs", "create_log_group", {"logGroupName": "/web"}, "CreateLogGroup", True, "/web"),
    ("cloudwatch", "describe_alarms", {}, "DescribeAlarms", False, ""),
    ("resourcegroupstaggingapi", "get_resources", {}, "GetResources", False, ""),
    ("s3", "create_bucket", BUCKET, "CreateBucket", True, "files"),
    ("s3", "put_object", {"Bucket": "files", "Key": "a/b c", "Body": b"text"}, "PutObject", True, "files"),
    (
        "s3",
        "copy_object",
        {"Bucket": "files", "Key": "d", "CopySource": "files/a/b c"},
        "CopyObject",
        True,
        "files",
    ),
    ("s3", "head_object", {"Bucket": "files", "Key": "a/b c"}, "HeadObject", False, "files"),
    ("s3", "list_objects_v2", {"Bucket": "files"}, "ListObjectsV2", False, "files"),
    ("s3", "get_bucket_versioning", {"Bucket": "files"}, "GetBucketVersioning", False, "files"),
    ("s3", "list_buckets", {}, "ListBuckets", False, ""),
    ("route53", "create_hosted_zone", ZONE, "CreateHostedZone", True, None),
    ("route53", "list_hosted_zones", {}, "ListHostedZones", False, ""),
    ("lambda", "list_functions", {}, "ListFunctions", False, ""),
    ("apigatewayv2", "create_api", {"Name": "api", "ProtocolType": "HTTP"}, "CreateApi", True, None),
]


def test_every_protocol_is_recognised(proxy: FaultProxy, clients: Clients) -> None:
    for service, method, arguments, *_ in CALLS:
        getattr(clients(service), method)(**arguments)
    journal = proxy.journal()
    seen = [(call.service, call.operation, call.mutating) for call in journal]
    assert seen == [(service, operation, mutating) for service, _, _, operation, mutating, _ in CALLS]
    hints = [(call.operation, call.resource) for call in journal]
    for hint, (_, _, _, operation, _, resource) in zip(hints, CALLS, strict=True):
        assert resource is None or hint == (operation, resource)
    assert all(call.outcome == "forwarded" and call.status in {200, 201} for call in journal)
    assert [call.committed for call in journal] == [call.mutating for call in journal]


def test_the_sender_is_read_from_the_user_agent(proxy: FaultProxy, clients: Clients) -> None:
    clients("sts").get_caller_identity()
    (call,) = proxy.journal()
    assert (call.operation_id, call.fence, call.pid) == ("op-7", 3, os.getpid())


def test_a_tag_tells_new_things_apart(proxy: FaultProxy, clients: Clients) -> None:
    tags = [{"Key": "team", "Value": "flowise"}, {"Key": "andamio:key", "Value": "network"}]
    clients("ec2").create_vpc(
        CidrBlock="10.0.0.0/16", TagSpecifications=[{"ResourceType": "vpc", "Tags": tags}]
    )
    assert proxy.journal()[0].resource == "network"


@pytest.mark.parametrize(
    ("operation", "changes"),
    [
        ("CreateVpc", True),
        ("AttachInternetGateway", True),
        ("ModifyDBInstance", True),
        ("RegisterTaskDefinition", True),
        ("GetObject", False),
        ("BatchGetImage", False),
        ("BatchDeleteImage", True),
        ("HeadBucket", False),
        ("ListTagsForResource", False),
        ("TestDNSAnswer", False),
        ("AssumeRole", False),
        ("SelectiveWipe", True),
    ],
)
def test_what_an_operation_does_is_read_from_its_name(operation: str, changes: bool) -> None:
    assert is_mutating(operation) is changes


def test_bodies_and_odd_keys_arrive_unharmed(proxy: FaultProxy, clients: Clients) -> None:
    s3 = clients("s3")
    s3.create_bucket(Bucket="files", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    body = bytes(range(256)) * 4096
    s3.put_object(Bucket="files", Key="año/a b+c%20&d", Body=body, Metadata={"note": "x"})
    found = s3.get_object(Bucket="files", Key="año/a b+c%20&d")
    assert found["Body"].read() == body
    assert found["Metadata"] == {"note": "x"}
    assert s3.head_object(Bucket="files", Key="año/a b+c%20&d")["ContentLength"] == len(body)
