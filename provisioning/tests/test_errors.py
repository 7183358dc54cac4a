"""What each answer of AWS means for the engine: whether, and when, another attempt can help."""

from __future__ import annotations

import pytest

from provisioning.errors import FailureClass, translate

BUSY, ABSENT, EXISTS = FailureClass.BUSY, FailureClass.ABSENT, FailureClass.EXISTS
FATAL, NOT_YET, THROTTLE, UNKNOWN = (
    FailureClass.FATAL,
    FailureClass.NOT_YET,
    FailureClass.THROTTLE,
    FailureClass.UNKNOWN,
)


@pytest.mark.parametrize(
    ("service", "code", "message", "meaning"),
    [
        # Just made, and not seen by the next service yet.
        ("elbv2", "CertificateNotFound", "Certificate ARN 'arn:…' is not valid", NOT_YET),
        ("elbv2", "SubnetNotFound", "The subnet ID 'subnet-1' does not exist", NOT_YET),
        ("elbv2", "InvalidSecurityGroup", "The security group 'sg-1' does not exist", NOT_YET),
        ("rds", "InvalidSubnet", "The requested subnet is invalid", NOT_YET),
        ("rds", "InvalidParameterValue", "Invalid security group , groupId= sg-1, groupName=.", NOT_YET),
        ("elasticache", "InvalidParameterValue", "Some security group(s) do not exist.", NOT_YET),
        ("elbv2", "ValidationError", "The VPC ID 'vpc-1' is not found", NOT_YET),
        ("application-autoscaling", "ValidationException", "ECS service doesn't exist: service/a/b", NOT_YET),
        ("application-autoscaling", "FailedResourceAccessException", "", NOT_YET),
        ("iam", "MalformedPolicyDocument", 'Invalid principal in policy: "AWS"', NOT_YET),
        ("ecs", "InvalidParameterException", "Unable to assume the service linked role.", NOT_YET),
        ("ecs", "InvalidParameterException", "Unable to Start a service that is still Draining.", NOT_YET),
        ("ec2", "InvalidVpcID.NotFound", "", ABSENT),
        # Held, or changing.
        ("acm", "ResourceInUseException", "", BUSY),
        ("acm", "ConflictException", "Wait for the previous operation to finish and try again.", BUSY),
        ("cloudwatch", "ResourceConflict", "", BUSY),
        ("sns", "ConcurrentAccess", "", BUSY),
        ("sns", "StaleTag", "", BUSY),
        ("iam", "EntityTemporarilyUnmodifiable", "", BUSY),
        ("rds", "InvalidDBSnapshotState", "", BUSY),
        ("ecs", "ClusterContainsServicesException", "", BUSY),
        (
            "ecs",
            "InvalidParameterException",
            "The service cannot be stopped while deployments are active.",
            BUSY,
        ),
        ("route53", "PriorRequestNotComplete", "", THROTTLE),
        # The name is taken.
        ("sns", "InvalidParameter", "Invalid parameter: Tags Reason: Topic already exists with different tags", EXISTS),
        ("route53", "InvalidChangeBatch", "[Tried to create [name='a.'] but it already exists]", EXISTS),
        ("elasticache", "SnapshotAlreadyExistsFault", "", EXISTS),
        ("ecs", "InvalidParameterException", "Creation of service was not idempotent.", EXISTS),
        # Gone.
        ("ecr", "LifecyclePolicyNotFoundException", "", ABSENT),
        ("s3", "NoSuchUpload", "", ABSENT),
        ("ssm", "InvalidResourceId", "", ABSENT),
        ("sns", "NotFound", "Topic does not exist", ABSENT),
        # Nothing that waiting would mend.
        ("sns", "InvalidParameter", "Invalid parameter: Email address", FATAL),
        ("route53", "InvalidChangeBatch", "[RRSet of type CNAME is not permitted at apex]", FATAL),
        ("acm", "LimitExceededException", "You have reached the limit of certificates", FATAL),
        ("iam", "MalformedPolicyDocument", "Syntax errors in policy.", FATAL),
        ("ec2", "UnauthorizedOperation", "", FATAL),
    ],
)  # fmt: skip
def test_each_code_has_its_meaning(service: str, code: str, message: str, meaning: FailureClass) -> None:
    error = translate(service=service, operation="call", aws_code=code, aws_message=message, status=400)

    assert error.failure is meaning


def test_a_code_that_nobody_knows_is_final_unless_aws_itself_failed() -> None:
    refused = translate(service="ecs", operation="call", aws_code="Odd", aws_message="", status=400)
    broken = translate(service="ecs", operation="call", aws_code="Odd", aws_message="", status=503)

    assert (refused.failure, broken.failure) == (FATAL, UNKNOWN)


def test_a_quota_says_what_to_do() -> None:
    error = translate(
        service="elbv2", operation="create_load_balancer", aws_code="TooManyLoadBalancers", aws_message=""
    )

    assert "quota" in error.hint
