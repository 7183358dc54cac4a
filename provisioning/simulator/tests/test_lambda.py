"""Lambda in the simulator: states, one change at a time, versions, aliases, policies, queues, interfaces."""

import io
import json
from collections.abc import Callable
from typing import Any

import pytest

from provisioning.simulator.launch import Simulator
from provisioning.simulator.tests.clients import client_of, refusal, until
from provisioning.simulator.tests.functions import make_role, package, ready, wanted
from provisioning.simulator.tests.networks import Network

pytestmark = pytest.mark.simulator
Aws = Callable[[str], Any]


@pytest.fixture
def role(aws: Aws) -> str:
    return make_role(aws)


@pytest.fixture
def function(aws: Aws, role: str) -> Any:
    """The client, with a function that is ready."""
    client = aws("lambda")
    client.create_function(**wanted(role))
    ready(client)
    return client


def test_a_new_function_is_pending_and_refuses_changes_until_it_is_active(aws: Aws, role: str) -> None:
    client = aws("lambda")
    made = client.create_function(**wanted(role))
    assert (made["State"], made["StateReasonCode"]) == ("Pending", "Creating")
    assert "LastUpdateStatus" not in made
    assert (
        refusal(client.update_function_configuration, FunctionName="web", Timeout=9)
        == "ResourceConflictException"
    )
    assert refusal(client.publish_version, FunctionName="web") == "ResourceConflictException"
    ready(client)


def test_what_was_asked_for_reads_back(aws: Aws, role: str, network: Network) -> None:
    client = aws("lambda")
    group = aws("ec2").create_security_group(VpcId=network.vpc, GroupName="f", Description="f")["GroupId"]
    settings = {
        "Timeout": 20,
        "MemorySize": 512,
        "Architectures": ["arm64"],
        "Environment": {"Variables": {"STAGE": "live"}},
        "TracingConfig": {"Mode": "Active"},
        "DeadLetterConfig": {"TargetArn": "arn:aws:sqs:eu-west-1:123456789012:dead"},
        "LoggingConfig": {"LogFormat": "JSON", "LogGroup": "/shop/web"},
    }
    vpc = {"SubnetIds": list(network.subnets), "SecurityGroupIds": [group]}
    client.create_function(**wanted(role, **settings, VpcConfig=vpc, Tags={"stack": "one"}))

    told = client.get_function(FunctionName="web")

    now = told["Configuration"]
    assert {name: now[name] for name in settings if name != "LoggingConfig"} == {
        name: value for name, value in settings.items() if name != "LoggingConfig"
    }
    assert now["LoggingConfig"]["LogGroup"] == "/shop/web"
    assert (now["VpcConfig"]["SubnetIds"], now["VpcConfig"]["VpcId"]) == (list(network.subnets), network.vpc)
    assert told["Tags"] == {"stack": "one"}
    listed = client.list_functions()["Functions"][0]
    assert "State" not in listed and listed["VpcConfig"]["SecurityGroupIds"] == [group]


def test_a_change_is_told_at_once_and_keeps_others_waiting(aws: Aws, function: Any) -> None:
    changed = function.update_function_configuration(FunctionName="web", MemorySize=1024)
    assert (changed["MemorySize"], changed["LastUpdateStatus"]) == (1024, "InProgress")
    code = package("def handler(event, context): return 2\n")
    assert (
        refusal(function.update_function_code, FunctionName="web", ZipFile=code)
        == "ResourceConflictException"
    )
    ready(function)
    before = changed["CodeSha256"]
    after = function.update_function_code(FunctionName="web", ZipFile=code, Architectures=["arm64"])
    assert after["CodeSha256"] != before and after["Architectures"] == ["arm64"]
    ready(function)
    stale = {"FunctionName": "web", "Timeout": 5, "RevisionId": changed["RevisionId"]}
    assert refusal(function.update_function_configuration, **stale) == "PreconditionFailedException"


def test_settings_are_taken_off_again(aws: Aws, function: Any) -> None:
    on = {
        "Environment": {"Variables": {"A1": "1"}},
        "DeadLetterConfig": {"TargetArn": "arn:aws:sqs:eu-west-1:123456789012:dead"},
    }
    function.update_function_configuration(FunctionName="web", **on)
    ready(function)
    off: dict[str, Any] = {"Environment": {"Variables": {}}, "DeadLetterConfig": {"TargetArn": ""}}
    changed = function.update_function_configuration(FunctionName="web", **off)
    assert "DeadLetterConfig" not in changed and "Environment" not in changed


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"FunctionName": "n" * 65}, "ValidationException"),
        ({"MemorySize": 10241}, "ValidationException"),
        ({"Timeout": 901}, "ValidationException"),
        ({"Runtime": "python3.8"}, "InvalidParameterValueException"),
        ({"Environment": {"Variables": {"AWS_REGION": "x"}}}, "InvalidParameterValueException"),
        ({"Environment": {"Variables": {"A1": "x" * 4097}}}, "InvalidParameterValueException"),
        ({"Code": {"ZipFile": b"no zip"}}, "InvalidParameterValueException"),
        ({"Code": {"S3Bucket": "nobody", "S3Key": "app.zip"}}, "InvalidParameterValueException"),
        ({"VpcConfig": {"SubnetIds": ["subnet-1"]}}, "InvalidParameterValueException"),
        (
            {"VpcConfig": {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}},
            "InvalidParameterValueException",
        ),
    ],
)
def test_what_lambda_refuses_is_refused(aws: Aws, role: str, changes: dict[str, Any], code: str) -> None:
    assert refusal(aws("lambda").create_function, **wanted(role, **changes)) == code


def test_a_role_that_lambda_may_not_take_on_is_refused(aws: Aws) -> None:
    foreign = make_role(aws, "runs-tasks", "ecs-tasks")
    missing = foreign.replace("runs-tasks", "nobody")

    for role in (foreign, missing):
        assert refusal(aws("lambda").create_function, **wanted(role)) == "InvalidParameterValueException", (
            role
        )


def test_code_comes_from_a_bucket_too(aws: Aws, role: str) -> None:
    aws("s3").create_bucket(Bucket="releases", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    aws("s3").put_object(Bucket="releases", Key="app.zip", Body=package())
    code = {"S3Bucket": "releases", "S3Key": "app.zip"}

    made = aws("lambda").create_function(**wanted(role, Code=code))

    assert made["CodeSha256"] and made["CodeSize"] == len(package())
    missing = {"S3Bucket": "releases", "S3Key": "other.zip"}
    assert refusal(aws("lambda").create_function, **wanted(role, FunctionName="b", Code=missing)) == (
        "InvalidParameterValueException"
    )


def test_a_version_is_published_once_for_each_change(function: Any) -> None:
    numbers = [function.publish_version(FunctionName="web")["Version"] for _ in range(2)]
    function.update_function_configuration(FunctionName="web", MemorySize=256)
    ready(function)
    numbers.append(function.publish_version(FunctionName="web")["Version"])

    assert numbers == ["1", "1", "2"]
    versions = function.list_versions_by_function(FunctionName="web")["Versions"]
    assert [(one["Version"], one["MemorySize"]) for one in versions] == [
        ("$LATEST", 256),
        ("1", 128),
        ("2", 256),
    ]
    until(
        lambda: function.get_function(FunctionName="web", Qualifier="2")["Configuration"]["State"], "Active"
    )


def test_an_alias_shares_calls_between_versions_that_are_there(function: Any) -> None:
    function.publish_version(FunctionName="web")
    function.update_function_configuration(FunctionName="web", MemorySize=256)
    ready(function)
    function.publish_version(FunctionName="web")
    live = {"FunctionName": "web", "Name": "live"}
    made = function.create_alias(**live, FunctionVersion="1")
    assert made["AliasArn"].endswith(":function:web:live")
    assert refusal(function.create_alias, **live, FunctionVersion="1") == "ResourceConflictException"

    def share(version: str, weight: float) -> dict[str, Any]:
        return {**live, "RoutingConfig": {"AdditionalVersionWeights": {version: weight}}}

    for version, weight, code in (
        ("9", 0.1, "ResourceNotFoundException"),
        ("2", 7.0, "InvalidParameterValueException"),
        ("$LATEST", 0.1, "InvalidParameterValueException"),
    ):
        assert refusal(function.update_alias, **share(version, weight)) == code
    function.update_alias(**share("2", 0.1))
    assert function.get_alias(**live)["RoutingConfig"] == {"AdditionalVersionWeights": {"2": 0.1}}
    assert refusal(function.delete_function, FunctionName="web", Qualifier="2") == "ResourceConflictException"
    function.update_alias(**live, FunctionVersion="2", RoutingConfig={"AdditionalVersionWeights": {}})
    assert "RoutingConfig" not in function.get_alias(**live)
    assert function.get_function(FunctionName="web", Qualifier="live")["Configuration"]["MemorySize"] == 256
    function.delete_alias(**live)
    function.delete_alias(**live)
    assert refusal(function.get_alias, **live) == "ResourceNotFoundException"


def test_a_function_and_its_alias_have_policies_of_their_own(function: Any) -> None:
    function.publish_version(FunctionName="web")
    function.create_alias(FunctionName="web", Name="live", FunctionVersion="1")
    grant = {
        "FunctionName": "web",
        "StatementId": "api",
        "Action": "lambda:InvokeFunction",
        "Principal": "apigateway.amazonaws.com",
        "SourceArn": "arn:aws:execute-api:eu-west-1:123456789012:abc/*/*",
    }
    function.add_permission(**grant, Qualifier="live")
    assert refusal(function.add_permission, **grant, Qualifier="live") == "ResourceConflictException"
    assert refusal(function.get_policy, FunctionName="web") == "ResourceNotFoundException"

    (statement,) = json.loads(function.get_policy(FunctionName="web", Qualifier="live")["Policy"])[
        "Statement"
    ]

    assert statement["Resource"].endswith(":function:web:live")
    assert statement["Principal"] == {"Service": "apigateway.amazonaws.com"}
    assert statement["Condition"] == {"ArnLike": {"AWS:SourceArn": grant["SourceArn"]}}
    remove = {"FunctionName": "web", "StatementId": "api", "Qualifier": "live"}
    function.remove_permission(**remove)
    assert refusal(function.remove_permission, **remove) == "ResourceNotFoundException"


def test_a_queue_is_read_once_its_mapping_stands(aws: Aws, function: Any) -> None:
    url = aws("sqs").create_queue(QueueName="jobs")["QueueUrl"]
    arn = aws("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    source = {"FunctionName": "web", "EventSourceArn": arn}
    made = function.create_event_source_mapping(**source, BatchSize=5, Tags={"stack": "one"})
    assert made["State"] == "Creating"
    assert refusal(function.create_event_source_mapping, **source) == "ResourceConflictException"
    assert refusal(function.update_event_source_mapping, UUID=made["UUID"], BatchSize=9) == (
        "ResourceInUseException"
    )

    def state() -> str:
        return str(function.get_event_source_mapping(UUID=made["UUID"])["State"])

    until(state, "Enabled")
    assert function.list_tags(Resource=made["EventSourceMappingArn"])["Tags"] == {"stack": "one"}
    tagged = aws("resourcegroupstaggingapi").get_resources(TagFilters=[{"Key": "stack"}])
    assert [one["ResourceARN"] for one in tagged["ResourceTagMappingList"]] == [made["EventSourceMappingArn"]]
    for change in ({"BatchSize": 100}, {"ScalingConfig": {"MaximumConcurrency": 1}}):
        with pytest.raises(Exception, match=r"InvalidParameterValue|ParamValidation|Parameter validation"):
            function.update_event_source_mapping(UUID=made["UUID"], **change)
    function.update_event_source_mapping(UUID=made["UUID"], BatchSize=9, Enabled=False)
    until(state, "Disabled")
    function.delete_event_source_mapping(UUID=made["UUID"])
    until(lambda: function.list_event_source_mappings(**source)["EventSourceMappings"], [])


def test_a_queue_must_hide_messages_for_as_long_as_the_function_may_run(aws: Aws, function: Any) -> None:
    aws("sqs").create_queue(QueueName="jobs", Attributes={"VisibilityTimeout": "2"})
    source = {"FunctionName": "web", "EventSourceArn": "arn:aws:sqs:eu-west-1:123456789012:jobs"}
    missing = {**source, "EventSourceArn": "arn:aws:sqs:eu-west-1:123456789012:other"}

    for asked in (source, missing):
        assert refusal(function.create_event_source_mapping, **asked) == "InvalidParameterValueException"


def test_interfaces_outlive_their_function_and_need_its_role(aws: Aws, role: str, network: Network) -> None:
    client, ec2 = aws("lambda"), aws("ec2")
    group = ec2.create_security_group(VpcId=network.vpc, GroupName="f", Description="f")["GroupId"]
    vpc = {"SubnetIds": list(network.subnets), "SecurityGroupIds": [group]}

    def count() -> int:
        filters = [{"Name": "description", "Values": ["AWS Lambda VPC ENI-*"]}]
        return len(ec2.describe_network_interfaces(Filters=filters)["NetworkInterfaces"])

    client.create_function(**wanted(role, VpcConfig=vpc))
    until(count, 2)
    client.create_function(**wanted(role, FunctionName="worker", VpcConfig=vpc))
    ready(client)
    client.delete_function(FunctionName="web")
    assert refusal(client.get_function, FunctionName="web") == "ResourceNotFoundException"
    assert refusal(ec2.delete_security_group, GroupId=group) == "DependencyViolation"
    client.delete_function(FunctionName="worker")
    assert count() == 2
    until(count, 0)
    ec2.delete_security_group(GroupId=group)


def test_interfaces_stay_when_the_role_went_first(aws: Aws, role: str, network: Network) -> None:
    client, ec2 = aws("lambda"), aws("ec2")
    group = ec2.create_security_group(VpcId=network.vpc, GroupName="f", Description="f")["GroupId"]
    vpc = {"SubnetIds": [network.subnets[0]], "SecurityGroupIds": [group]}
    client.create_function(**wanted(role, VpcConfig=vpc))
    ready(client)
    client.delete_function(FunctionName="web")
    aws("iam").delete_role(RoleName="runs-functions")
    # Another function's interface goes meanwhile, so that the time of this one has come too.
    other = make_role(aws, "runs-others")
    elsewhere = {"SubnetIds": [network.subnets[1]], "SecurityGroupIds": [group]}
    client.create_function(**wanted(other, VpcConfig=elsewhere))
    ready(client)
    client.delete_function(FunctionName="web")

    def subnets() -> list[str]:
        filters = [{"Name": "description", "Values": ["AWS Lambda VPC ENI-*"]}]
        found = ec2.describe_network_interfaces(Filters=filters)["NetworkInterfaces"]
        return sorted(one["SubnetId"] for one in found)

    until(subnets, [network.subnets[0]])


def test_nothing_here_runs_code(function: Any) -> None:
    assert function.invoke(FunctionName="web", InvocationType="DryRun")["StatusCode"] == 204
    payload = io.BytesIO(b"{}")
    assert refusal(function.invoke, FunctionName="web", Payload=payload) == "NotImplementedInSimulator"


def test_functions_are_those_of_their_region(aws: Aws, function: Any, simulator: Simulator) -> None:
    elsewhere = client_of(simulator, "lambda", region="us-east-1")

    assert elsewhere.list_functions()["Functions"] == []
    assert refusal(elsewhere.get_function, FunctionName="web") == "ResourceNotFoundException"
