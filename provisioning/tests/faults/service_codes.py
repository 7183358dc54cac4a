"""What each AWS service calls itself on the wire, and the codes with which it throttles and denies."""

from __future__ import annotations

from typing import Final, Literal

Protocol = Literal["ec2", "query", "json", "rest-json", "rest-xml", "s3", "cbor"]

CLIENT_NAMES: Final = {
    "elasticfilesystem": "efs",
    "email": "ses",
    "monitoring": "cloudwatch",
    "servicequotas": "service-quotas",
    "tagging": "resourcegroupstaggingapi",
    "states": "stepfunctions",
    "airflow": "mwaa",
}
"""boto3 client name by signing name, where the two differ (botocore service-2.json, `signingName`)."""

UNSIGNED_TARGETS: Final = {
    "AWSCognitoIdentityProviderService": "cognito-idp",
    "AWSCognitoIdentityService": "cognito-identity",
}
"""Service by X-Amz-Target prefix for the calls that carry no signature."""

UNSIGNED_ACTIONS: Final = {"AssumeRoleWithWebIdentity": "sts", "AssumeRoleWithSAML": "sts"}

QUERY_COMPATIBLE: Final = frozenset({"cloudwatch", "sqs"})
"""JSON services that repeat the old query code in `x-amzn-query-error` (botocore `awsQueryCompatible`)."""

_THROTTLE_OF_PROTOCOL: Final[dict[Protocol, tuple[str, int]]] = {
    "ec2": ("RequestLimitExceeded", 503),
    "query": ("Throttling", 400),
    "json": ("ThrottlingException", 400),
    "cbor": ("ThrottlingException", 400),
    "rest-json": ("TooManyRequestsException", 429),
    "rest-xml": ("Throttling", 400),
    "s3": ("SlowDown", 503),
}

_THROTTLE_OF_SERVICE: Final = {
    "backup": ("ThrottlingException", 429),
    "ce": ("LimitExceededException", 400),
    "cognito-idp": ("TooManyRequestsException", 400),
    "efs": ("ThrottlingException", 429),
    "resourcegroupstaggingapi": ("ThrottledException", 400),
    "service-quotas": ("TooManyRequestsException", 400),
    "sqs": ("RequestThrottled", 403),
    "xray": ("ThrottledException", 429),
}

_DENIAL_OF_PROTOCOL: Final[dict[Protocol, tuple[str, int]]] = {
    "ec2": ("UnauthorizedOperation", 403),
    "query": ("AccessDenied", 403),
    "json": ("AccessDeniedException", 400),
    "cbor": ("AccessDeniedException", 400),
    "rest-json": ("AccessDeniedException", 403),
    "rest-xml": ("AccessDenied", 403),
    "s3": ("AccessDenied", 403),
}

_DENIAL_OF_SERVICE: Final = {"sns": ("AuthorizationError", 403)}


def throttle_code(service: str, protocol: Protocol) -> tuple[str, int]:
    """Code and HTTP status with which this service says "too fast"."""
    return _THROTTLE_OF_SERVICE.get(service, _THROTTLE_OF_PROTOCOL[protocol])


def denial_code(service: str, protocol: Protocol) -> tuple[str, int]:
    """Code and HTTP status with which this service says that the caller may not."""
    return _DENIAL_OF_SERVICE.get(service, _DENIAL_OF_PROTOCOL[protocol])
