"""What can go wrong, in one shape for people and in five classes for the engine."""

from __future__ import annotations

from enum import StrEnum

from provisioning import aws_codes


class ProvisioningError(Exception):
    """An error that a person will read: what happened and why, what to do next, at which field."""

    code = "provisioning.failed"
    hint = "Look at the log of the operation, then retry from the failed step."

    def __init__(
        self, message: str, *, code: str | None = None, hint: str | None = None, field: str | None = None
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.code
        self.hint = self.hint if hint is None else hint
        self.field = field

    def as_dict(self) -> dict[str, str | None]:
        """The one shape that pages and API show."""
        return {"code": self.code, "message": self.message, "hint": self.hint, "field": self.field}


def brief(value: object, most: int = 60) -> str:
    """A value as a message quotes it, whatever its length."""
    text = value if isinstance(value, str) else _told(value, most)
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _told(value: object, most: int) -> str:
    """A list or mapping of any size is not written out to be cut."""
    if isinstance(value, dict | list) and len(value) > most:
        return f"{len(value)} values"
    return str(value)


class InvalidSpec(ProvisioningError):
    """The description of an environment cannot be built; `field` says where."""

    code = "spec.invalid"
    hint = "Correct the value and try again."


class ChangeRefused(InvalidSpec):
    """AWS would refuse to change `prop` of the resource `key` so; which option that is, a blueprint knows."""

    code = "spec.change_refused"

    def __init__(self, message: str, *, key: str, prop: str | None, code: str, hint: str) -> None:
        super().__init__(message, code=code, hint=hint)
        self.key = key
        self.prop = prop


class NameTaken(ProvisioningError):
    """Something that is not ours has the name."""

    code = "resource.name_taken"
    hint = "Rename or remove the other one, or choose another name for the environment."


class LeaseLost(ProvisioningError):
    """Another worker owns the operation now: stop at once, write nothing."""

    code = "operation.lease_lost"
    hint = ""


class FailureClass(StrEnum):
    """How the engine meets a failed call."""

    THROTTLE = "throttle"  # AWS did nothing; come back later
    NOT_YET = "not_yet"  # something just made is not seen everywhere yet
    BUSY = "busy"  # the thing or a neighbour of it is changing; come back on its own clock
    UNKNOWN = "unknown"  # it may have happened: look before doing it again
    EXISTS = "exists"  # something holds the name or token: look whether it is ours
    ABSENT = "absent"  # what was asked about is not there
    FATAL = "fatal"  # no retry will help


class AwsError(ProvisioningError):
    """An answer of AWS that is not a success, or no answer at all.

    `aws_code` is AWS's own code ("DBInstanceAlreadyExists"), or the transport's ("ConnectionClosedError").
    """

    code = "aws.refused"
    failure = FailureClass.FATAL

    def __init__(self, *, service: str, operation: str, aws_code: str, aws_message: str) -> None:
        super().__init__(
            f"AWS refused {service}:{operation}: {aws_message}"
            if aws_message
            else f"{service}:{operation} failed",
            code=f"aws.{aws_code}",
            hint=_HINTS.get(aws_code),
        )
        self.service = service
        self.operation = operation
        self.aws_code = aws_code
        self.aws_message = aws_message


class Throttled(AwsError):
    """Too many calls: nothing was done."""

    failure = FailureClass.THROTTLE


class NotYet(AwsError):
    """A thing made seconds ago is not yet visible, or a role not yet assumable."""

    failure = FailureClass.NOT_YET


class Busy(AwsError):
    """The thing, or one that holds it, is in the middle of a change."""

    failure = FailureClass.BUSY


class OutcomeUnknown(AwsError):
    """No usable answer: the call may or may not have been carried out."""

    failure = FailureClass.UNKNOWN


class AlreadyExists(AwsError):
    """The name is taken, by us before a crash or by somebody else."""

    failure = FailureClass.EXISTS


class NotFound(AwsError):
    """What the call names is not there."""

    failure = FailureClass.ABSENT


_HINTS = {
    "AccessDenied": "The role of this account lacks the named permission: a platform admin can add it.",
    "AccessDeniedException": "The role of this account lacks the named permission: a platform admin can add it.",
    "UnauthorizedOperation": "The role of this account lacks the named permission: a platform admin can add it.",
    "InsufficientDBInstanceCapacity": "Retry later, or choose another instance class or region.",
    "VpcLimitExceeded": "Ask AWS for a higher VPC quota in this region, or destroy an environment.",
    "NatGatewayLimitExceeded": "Ask AWS for a higher NAT gateway quota, or switch the NAT option off.",
    "IdempotentParameterMismatch": "An earlier attempt asked for something else: roll back, then plan again.",
    "CNAMEAlreadyExists": "Another distribution answers to this domain: remove it there, or choose another one.",
    "AddressLimitExceeded": "Ask AWS for a higher Elastic IP quota, or switch the NAT option off.",
    **dict.fromkeys(
        (
            "InstanceQuotaExceeded",
            "StorageQuotaExceeded",
            "TooManyLoadBalancers",
            "TooManyTargetGroups",
            "LimitExceeded",
            "LimitExceededException",
        ),
        "Ask AWS for a higher quota, or destroy an environment.",
    ),
}

# The same where the code stands for anything at all: what a step refers to was made by a step before it.
_NOT_YET_WORDS = ("does not exist", "do not exist", "not found", "invalid security group")
# Parts of messages that say more than their code, which stands for much else as well.
_MESSAGES: tuple[tuple[str, type[AwsError]], ...] = (
    ("cannot be assumed", NotYet),
    ("execution role does not have permissions", NotYet),
    ("kms key is invalid for creategrant", NotYet),
    ("throttled by ec2", Throttled),
    ("unable to assume", NotYet),
    ("invalid iam instance profile", NotYet),
    ("invalid iaminstanceprofile", NotYet),
    ("does not have an associated load balancer", NotYet),
    ("ecs service doesn't exist", NotYet),
    ("iam role arn value is invalid", NotYet),
    ("verify that the ecs service role", NotYet),
    ("still draining", NotYet),
    # The name of a secret that was deleted a moment ago.
    ("already scheduled for deletion", NotYet),
    ("codebuild is not authorized to perform: sts:assumerole", NotYet),
    ("codepipeline is not authorized to perform assumerole", NotYet),
    # S3 may not see for minutes that versioning has just been switched on.
    ("versioning must be 'enabled' on the bucket", NotYet),
    ("destination bucket must have versioning enabled", NotYet),
    ("role is not valid", NotYet),
    ("invalid principal", NotYet),
    ("certificate with specified arn was not found", NotYet),
    # API Gateway's code for a value that is wrong, or for a name that is taken.
    ("because it is referenced by", Busy),
    ("cannot delete vpc link", Busy),
    ("due to concurrent modification", Busy),
    ("already exists for this api", AlreadyExists),
    ("stage already exists", AlreadyExists),
    ("cannot be stopped while deployments are active", Busy),
    ("wait for the previous operation to finish", Busy),
    ("creation of service was not idempotent", AlreadyExists),
    ("already exists with different", AlreadyExists),
    ("already associated with another user pool", AlreadyExists),
    ("but it already exists", AlreadyExists),
    # Elastic Beanstalk has one code for almost everything.
    ("invalid state for this operation. must be ready", Busy),
    ("is deployed to a running environment", Busy),
    ("is being used by the following environments", Busy),
    ("no application named", NotFound),
    ("no application version named", NotFound),
    ("no environment found for", NotFound),
    # Lambda's code for what exists is the one for what is being changed.
    ("function already exist", AlreadyExists),
    ("alias already exists", AlreadyExists),
    ("provided already exists", AlreadyExists),
    ("update or delete the existing mapping", AlreadyExists),
)


def translate(*, service: str, operation: str, aws_code: str, aws_message: str, status: int = 0) -> AwsError:
    """AWS's code and message as one of our errors. `status` is the HTTP status, 0 where there was none."""
    return _class_of(aws_code, aws_message, status)(
        service=service, operation=operation, aws_code=aws_code, aws_message=aws_message
    )


def _class_of(aws_code: str, aws_message: str, status: int) -> type[AwsError]:
    text = aws_message.lower()
    for part, error in _MESSAGES:
        if part in text:
            return error
    for codes, error in _TABLE:
        if aws_code in codes:
            return error
    if aws_code.endswith((".NotFound", ".NotFoundException", ".Malformed.NotFound")):
        return NotFound
    if status >= 500:
        return OutcomeUnknown
    if text.endswith("already exists."):
        return AlreadyExists
    return NotYet if any(words in text for words in _NOT_YET_WORDS) else AwsError


_TABLE: tuple[tuple[frozenset[str], type[AwsError]], ...] = (
    (aws_codes.THROTTLE, Throttled),
    (aws_codes.NOT_YET, NotYet),
    (aws_codes.BUSY, Busy),
    (aws_codes.EXISTS, AlreadyExists),
    (aws_codes.ABSENT, NotFound),
    (aws_codes.UNKNOWN, OutcomeUnknown),
)
