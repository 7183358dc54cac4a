"""Calls of an assumed role in the simulator: what its policies do not allow is denied, as AWS denies it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import boto3
import pytest
from botocore.config import Config

from provisioning.simulator.launch import Simulator
from provisioning.simulator.tests.clients import REGION, refusal
from provisioning.simulator.tests.servers import TRUST

pytestmark = pytest.mark.simulator
Aws = Callable[[str], Any]
As = Callable[..., Any]
OWN = "arn:aws:iam::123456789012:role/portal/*"
TASKS = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "ecs-tasks.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
)


@pytest.fixture
def allowed(aws: Aws, simulator: Simulator) -> As:
    """Makes a role to which these statements apply, and clients with its keys."""

    def assume(*statements: dict[str, Any]) -> Callable[[str], Any]:
        iam = aws("iam")
        role = iam.create_role(RoleName="deployer", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]
        document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **one} for one in statements]}
        iam.put_role_policy(RoleName="deployer", PolicyName="all", PolicyDocument=json.dumps(document))
        keys = aws("sts").assume_role(RoleArn=role["Arn"], RoleSessionName="one")["Credentials"]
        session: Any = boto3.Session(
            aws_access_key_id=keys["AccessKeyId"],
            aws_secret_access_key=keys["SecretAccessKey"],
            aws_session_token=keys["SessionToken"],
            region_name=REGION,
        )
        config = Config(retries={"total_max_attempts": 1})
        return lambda name: session.client(name, endpoint_url=simulator.endpoint, config=config)

    return assume


def anywhere(*actions: str) -> dict[str, Any]:
    return {"Action": [*actions], "Resource": "*"}


def test_what_no_policy_allows_is_denied_with_the_code_of_the_service(allowed: As) -> None:
    role = allowed(anywhere("ec2:DescribeVpcs"))

    assert role("ec2").describe_vpcs()["Vpcs"]
    assert refusal(role("ec2").create_vpc, CidrBlock="10.0.0.0/16") == "UnauthorizedOperation"
    assert refusal(role("rds").describe_db_instances) == "AccessDenied"
    assert refusal(role("s3").create_bucket, Bucket="shop-files") == "AccessDenied"
    assert refusal(role("ecs").list_clusters) == "AccessDeniedException"
    assert refusal(role("lambda").list_functions) == "AccessDeniedException"
    assert refusal(role("sns").list_topics) == "AuthorizationError"


def test_a_denial_beats_what_is_allowed(allowed: As) -> None:
    role = allowed(anywhere("ec2:*"), {**anywhere("ec2:CreateVpc"), "Effect": "Deny"})

    assert role("ec2").describe_vpcs()["Vpcs"]
    assert refusal(role("ec2").create_vpc, CidrBlock="10.0.0.0/16") == "UnauthorizedOperation"


def test_who_it_is_is_told_to_everybody_and_the_root_may_everything(allowed: As, aws: Aws) -> None:
    role = allowed(anywhere("ec2:DescribeVpcs"))

    assert role("sts").get_caller_identity()["Account"] == "123456789012"
    assert aws("ecs").list_clusters()["clusterArns"] == []


def test_tags_in_the_call_that_makes_a_thing_take_an_action_of_their_own(allowed: As) -> None:
    ec2 = allowed(anywhere("ec2:CreateVpc"))("ec2")
    tags = [{"ResourceType": "vpc", "Tags": [{"Key": "a", "Value": "b"}]}]

    assert ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]
    assert refusal(ec2.create_vpc, CidrBlock="10.0.0.0/16", TagSpecifications=tags) == "UnauthorizedOperation"


def test_the_actions_of_s3_are_not_the_names_of_its_operations(allowed: As, aws: Aws) -> None:
    place = {"LocationConstraint": REGION}
    aws("s3").create_bucket(Bucket="shop-files", CreateBucketConfiguration=place)
    s3 = allowed(anywhere("s3:HeadBucket", "s3:ListBucket"))("s3")

    assert s3.head_bucket(Bucket="shop-files")
    assert refusal(s3.get_bucket_location, Bucket="shop-files") == "AccessDenied"


def test_a_role_is_handed_on_only_to_the_service_that_is_named(allowed: As, aws: Aws) -> None:
    task = aws("iam").create_role(RoleName="task", Path="/portal/", AssumeRolePolicyDocument=TASKS)["Role"]
    passing = {"Action": "iam:PassRole", "Resource": OWN}
    condition = {"StringEquals": {"iam:PassedToService": "ecs-tasks.amazonaws.com"}}
    role = allowed(
        anywhere("ecs:RegisterTaskDefinition", "lambda:CreateFunction"), {**passing, "Condition": condition}
    )
    container = {"name": "web", "image": "shop", "memory": 128}

    assert role("ecs").register_task_definition(
        family="web", taskRoleArn=task["Arn"], containerDefinitions=[container]
    )
    with pytest.raises(Exception, match=r"iam:PassRole on resource: .*role/portal/task"):
        role("lambda").create_function(
            FunctionName="web", Role=task["Arn"], Runtime="python3.13", Handler="a.b", Code={"ZipFile": b""}
        )


def test_a_role_that_does_not_exist_is_under_no_path(allowed: As, aws: Aws) -> None:
    aws("iam").create_role(RoleName="task", Path="/portal/", AssumeRolePolicyDocument=TASKS)
    iam = allowed({"Action": "iam:GetRole", "Resource": OWN})("iam")

    assert iam.get_role(RoleName="task")["Role"]
    assert refusal(iam.get_role, RoleName="nobody") == "AccessDenied"
