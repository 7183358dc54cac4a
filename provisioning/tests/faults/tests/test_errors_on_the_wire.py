"""Errors that the proxy makes reach boto3 as the exception and code of each service's own protocol."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError
from botocore.model import StructureShape
from botocore.parsers import create_parser

from provisioning.tests.faults import (
    AccessDenied,
    FaultProxy,
    Http5xx,
    Raw,
    Rule,
    ServiceError,
    Throttle,
    When,
)
from provisioning.tests.faults.tests.conftest import Clients, make_client
from provisioning.tests.faults.wire_errors import error_response

READS: dict[str, tuple[str, dict[str, object]]] = {
    "ec2": ("describe_vpcs", {}),
    "rds": ("describe_db_instances", {}),
    "ecs": ("describe_services", {"services": ["web"]}),
    "s3": ("list_objects_v2", {"Bucket": "files"}),
    "iam": ("get_role", {"RoleName": "task"}),
    "route53": ("get_hosted_zone", {"Id": "Z1"}),
    "elbv2": ("describe_load_balancers", {}),
    "ssm": ("get_parameter", {"Name": "/a"}),
    "ecr": ("describe_repositories", {}),
    "logs": ("describe_log_streams", {"logGroupName": "/web"}),
    "lambda": ("get_function", {"FunctionName": "web"}),
    "cloudwatch": ("describe_alarms", {}),
    "cognito-idp": ("list_user_pools", {"MaxResults": 1}),
    "cloudfront": ("list_distributions", {}),
}


def refusal_of(clients: Clients, service: str) -> ClientError:
    method, arguments = READS[service]
    with pytest.raises(ClientError) as caught:
        getattr(clients(service), method)(**arguments)
    return caught.value


@pytest.mark.parametrize(
    ("service", "code", "status"),
    [
        ("ec2", "RequestLimitExceeded", 503),
        ("rds", "Throttling", 400),
        ("ecs", "ThrottlingException", 400),
        ("s3", "SlowDown", 503),
        ("iam", "Throttling", 400),
        ("route53", "Throttling", 400),
        ("elbv2", "Throttling", 400),
        ("ssm", "ThrottlingException", 400),
        ("ecr", "ThrottlingException", 400),
        ("logs", "ThrottlingException", 400),
        ("lambda", "TooManyRequestsException", 429),
        ("cloudwatch", "ThrottlingException", 400),
        ("cognito-idp", "TooManyRequestsException", 400),
        ("cloudfront", "Throttling", 400),
    ],
)
def test_each_service_throttles_in_its_own_words(
    proxy: FaultProxy, clients: Clients, service: str, code: str, status: int
) -> None:
    proxy.set_rules(Rule(fault=Throttle()))
    error = refusal_of(clients, service)
    assert error.response["Error"]["Code"] == code
    assert error.response["Error"]["Message"] == "Rate exceeded"
    (call,) = proxy.journal()
    assert (call.outcome, call.status, call.error_code, call.rule) == ("fault:throttle", status, code, 0)


@pytest.mark.parametrize("service", ["ec2", "rds", "ecs", "lambda"])
def test_botocore_takes_the_throttle_for_one_and_retries(proxy: FaultProxy, service: str) -> None:
    proxy.set_rules(Rule(when=When(nth=frozenset({1})), fault=Throttle()))
    method, arguments = READS[service]
    try:
        getattr(make_client(service, proxy.url, 2), method)(**arguments)
    except ClientError as error:
        assert "Throttl" not in str(error)  # the second answer is the server's own: there is no such thing
    assert [call.outcome for call in proxy.journal()] == ["fault:throttle", "forwarded"]


@pytest.mark.parametrize(
    ("service", "code"),
    [
        ("ec2", "UnauthorizedOperation"),
        ("rds", "AccessDenied"),
        ("ecs", "AccessDeniedException"),
        ("s3", "AccessDenied"),
        ("iam", "AccessDenied"),
        ("route53", "AccessDenied"),
        ("lambda", "AccessDeniedException"),
        ("logs", "AccessDeniedException"),
    ],
)
def test_each_service_denies_in_its_own_words(
    proxy: FaultProxy, clients: Clients, service: str, code: str
) -> None:
    proxy.set_rules(Rule(when=When(service=service), fault=AccessDenied()))
    assert refusal_of(clients, service).response["Error"]["Code"] == code


@pytest.mark.parametrize(
    ("service", "code", "exception"),
    [
        ("ec2", "InvalidVpcID.NotFound", "ClientError"),
        ("rds", "DBInstanceNotFound", "DBInstanceNotFoundFault"),
        ("ecs", "ClusterNotFoundException", "ClusterNotFoundException"),
        ("s3", "NoSuchBucket", "NoSuchBucket"),
        ("iam", "NoSuchEntity", "NoSuchEntityException"),
        ("route53", "NoSuchHostedZone", "NoSuchHostedZone"),
        ("elbv2", "LoadBalancerNotFound", "LoadBalancerNotFoundException"),
        ("ssm", "ParameterNotFound", "ParameterNotFound"),
        ("ecr", "RepositoryNotFoundException", "RepositoryNotFoundException"),
        ("logs", "ResourceNotFoundException", "ResourceNotFoundException"),
        ("lambda", "ResourceNotFoundException", "ResourceNotFoundException"),
    ],
)
def test_any_code_becomes_the_right_exception(
    proxy: FaultProxy, clients: Clients, service: str, code: str, exception: str
) -> None:
    proxy.set_rules(Rule(fault=ServiceError(code=code, message="none <here> & there", status=404)))
    error = refusal_of(clients, service)
    assert type(error).__name__ == exception
    assert error.response["Error"]["Code"] == code
    assert error.response["Error"]["Message"] == "none <here> & there"
    assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 404


def test_an_error_may_come_although_the_call_was_carried_out(
    proxy: FaultProxy, clients: Clients, direct: Clients
) -> None:
    proxy.set_rules(
        Rule(
            when=When(operation="CreateCluster"),
            fault=ServiceError(code="ServerException", status=500, when="after_commit"),
        )
    )
    with pytest.raises(ClientError, match="ServerException"):
        clients("ecs").create_cluster(clusterName="main")
    assert len(direct("ecs").list_clusters()["clusterArns"]) == 1
    assert proxy.journal()[0].committed


@pytest.mark.parametrize("body", ["", "<html><body>503 Service Unavailable</body></html>"])
@pytest.mark.parametrize("service", ["ec2", "ecs", "rds", "s3", "lambda"])
def test_a_5xx_without_an_aws_body_is_known_by_its_number(
    proxy: FaultProxy, clients: Clients, service: str, body: str
) -> None:
    proxy.set_rules(Rule(fault=Http5xx(status=503, body=body)))
    error = refusal_of(clients, service)
    assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 503
    assert error.response["Error"]["Code"] == "503"


def test_a_raw_answer_is_what_boto3_reads(proxy: FaultProxy, clients: Clients) -> None:
    body = '{"services": [], "failures": [{"arn": "web", "reason": "MISSING"}]}'
    proxy.set_rules(Rule(when=When(service="ecs"), fault=Raw(body=body)))
    answer = clients("ecs").describe_services(services=["web"])
    assert answer["failures"] == [{"arn": "web", "reason": "MISSING"}]


def test_cbor_errors_are_what_botocore_parses() -> None:
    made = error_response(
        service="codepipeline", protocol="cbor", code="PipelineNotFoundException", message="no", status=400
    )
    headers = {name.decode(): value.decode() for name, value in made.headers}
    parsed = create_parser("smithy-rpc-v2-cbor").parse(
        {"status_code": 400, "headers": headers, "body": made.body},
        StructureShape("Nothing", {"type": "structure", "members": {}}),
    )
    assert parsed["Error"] == {"Code": "PipelineNotFoundException", "Message": "no"}
