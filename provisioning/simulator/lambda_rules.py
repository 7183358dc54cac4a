"""What Lambda refuses before it makes or changes a function: names, sizes, roles, code."""

import base64
import hashlib
import io
import json
import re
import zipfile
from typing import Any

from moto.iam.models import iam_backends
from moto.s3.models import s3_backends

from provisioning.simulator.lambda_store import refuse
from provisioning.simulator.operations import Call, Refusal

_NAME = re.compile(r"[a-zA-Z0-9-_]{1,64}")
# Runtimes with which Lambda still makes functions (developer guide, "Lambda runtimes", late 2026).
_RUNTIMES = frozenset(
    "nodejs20.x nodejs22.x nodejs24.x python3.10 python3.11 python3.12 python3.13 python3.14 java8.al2 java11 java17 "
    "java21 java25 dotnet8 dotnet10 ruby3.2 ruby3.3 ruby3.4 provided.al2 provided.al2023".split()
)
_VARIABLE = re.compile(r"[a-zA-Z][a-zA-Z0-9_]+")
_RESERVED_VARIABLES = frozenset(
    "_HANDLER _X_AMZN_TRACE_ID AWS_DEFAULT_REGION AWS_REGION AWS_EXECUTION_ENV AWS_LAMBDA_FUNCTION_NAME "
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE AWS_LAMBDA_FUNCTION_VERSION AWS_LAMBDA_INITIALIZATION_TYPE "
    "AWS_LAMBDA_LOG_GROUP_NAME AWS_LAMBDA_LOG_STREAM_NAME AWS_ACCESS_KEY AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY "
    "AWS_SESSION_TOKEN AWS_LAMBDA_RUNTIME_API LAMBDA_TASK_ROOT LAMBDA_RUNTIME_DIR".split()
)
_LARGEST_ENVIRONMENT = 4096
_LARGEST_UPLOAD = 50 * 1024**2


def _invalid(value: object, where: str, rule: str) -> Refusal:
    text = f"1 validation error detected: Value '{value}' at '{where}' failed to satisfy constraint: Member must {rule}"
    return Refusal("ValidationException", text, 400)


def check_name(name: str) -> None:
    """Refuse what Lambda does not take as a name."""
    if not _NAME.fullmatch(name):
        raise _invalid(
            name, "functionName", "have length less than or equal to 64 and be letters, digits, - or _"
        )


def check_settings(call: Call) -> None:
    """Refuse values that no function can have, and roles that Lambda may not take on."""
    params = call.params
    memory, timeout = params.get("MemorySize"), params.get("Timeout")
    if memory is not None and not 128 <= memory <= 10240:
        raise _invalid(memory, "memorySize", "have value between 128 and 10240")
    if timeout is not None and not 1 <= timeout <= 900:
        raise _invalid(timeout, "timeout", "have value less than or equal to 900")
    if params.get("Runtime") is not None and params["Runtime"] not in _RUNTIMES:
        raise refuse(
            f"The runtime parameter of {params['Runtime']} is no longer supported for creating or updating AWS "
            "Lambda functions. We recommend you use a supported runtime while creating or updating functions."
        )
    _check_environment((params.get("Environment") or {}).get("Variables") or {})
    if params.get("Role") is not None:
        _check_role(call, params["Role"])


def _check_environment(variables: dict[str, str]) -> None:
    for name in variables:
        if not _VARIABLE.fullmatch(name):
            raise _invalid(
                name, "environment.variables", "satisfy regular expression pattern: [a-zA-Z]([a-zA-Z0-9_])+"
            )
    reserved = sorted(_RESERVED_VARIABLES & variables.keys())
    if reserved:
        raise refuse(
            "Lambda was unable to configure your environment variables because the environment variables you have "
            "provided contains reserved keys that are currently not supported for modification. Reserved keys used "
            f"in this request: {', '.join(reserved)}"
        )
    size = len(json.dumps(variables, separators=(",", ":")).encode())
    if variables and size > _LARGEST_ENVIRONMENT:
        raise refuse(
            "Lambda was unable to configure your environment variables because the environment variables you have "
            f"provided exceeded the 4KB limit. String measured: {size}"
        )


def _check_role(call: Call, arn: str) -> None:
    role: Any = next(
        (one for one in iam_backends[call.account]["aws"].roles.values() if one.arn == arn), None
    )
    if role is None or "lambda.amazonaws.com" not in str(role.assume_role_policy_document):
        raise refuse("The role defined for the function cannot be assumed by Lambda.")


def packed_code(call: Call, code: dict[str, Any]) -> bytes:
    """The deployment package that a call means, if Lambda takes it."""
    if code.get("ZipFile"):
        packed: bytes = code["ZipFile"]
        if len(packed) > _LARGEST_UPLOAD:
            raise Refusal(
                "RequestEntityTooLargeException", "Request must be smaller than 70167211 bytes.", 413
            )
    elif code.get("S3Bucket") and code.get("S3Key"):
        packed = _object(call, code)
    else:
        raise refuse("Please provide a source for function code.")
    if not zipfile.is_zipfile(io.BytesIO(packed)):
        raise refuse("Could not unzip uploaded file. Please check your file, then try to upload again.")
    return packed


def _object(call: Call, code: dict[str, Any]) -> bytes:
    s3 = s3_backends[call.account]["aws"]
    if code["S3Bucket"] not in s3.buckets:
        raise _not_got("NoSuchBucket", "The specified bucket does not exist")
    found: Any = s3.get_object(code["S3Bucket"], code["S3Key"], version_id=code.get("S3ObjectVersion"))
    if found is None:
        raise _not_got("NoSuchKey", "The specified key does not exist.")
    content: bytes = found.value
    return content


def _not_got(code: str, text: str) -> Refusal:
    return refuse(f"Error occurred while GetObject. S3 Error Code: {code}. S3 Error Message: {text}")


def keep_code(function: Any, packed: bytes) -> None:
    """Make a deployment package the function's."""
    digest = hashlib.sha256(packed)
    function.code_bytes, function.code_size = packed, len(packed)
    function.code_sha_256, function.code_digest = (
        base64.b64encode(digest.digest()).decode(),
        digest.hexdigest(),
    )
