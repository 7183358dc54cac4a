"""A Lambda function: what answers requests or works through a queue, paid by the millisecond."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from provisioning.aws import Aws, found
from provisioning.errors import InvalidSpec
from provisioning.kind import Expected, Handle, Kind, Observed, Props, Status, register
from provisioning.names import Naming
from provisioning.pricing import CostLine, Usage
from provisioning.properties import Unordered, without_reordered
from provisioning.references import JsonObject, JsonValue
from provisioning.template_parts import REF, Form, Part, Place, Told, partition
from provisioning.traces import sampled_by_lambda

PLACEHOLDER = '''\
def handler(event, context):
    """Until something is deployed: a message of a queue must not count as done."""
    if "Records" in event:
        raise RuntimeError("Nothing is deployed yet.")
    return {"statusCode": 503, "headers": {"content-type": "text/plain"}, "body": "Nothing is deployed yet."}
'''
_ENVIRONMENT_BYTES = 4096
# https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
_RESERVED = frozenset(
    "_HANDLER _X_AMZN_TRACE_ID AWS_DEFAULT_REGION AWS_REGION AWS_EXECUTION_ENV AWS_LAMBDA_FUNCTION_NAME "
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE AWS_LAMBDA_FUNCTION_VERSION AWS_LAMBDA_INITIALIZATION_TYPE "
    "AWS_LAMBDA_LOG_GROUP_NAME AWS_LAMBDA_LOG_STREAM_NAME AWS_ACCESS_KEY AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY "
    "AWS_SESSION_TOKEN AWS_LAMBDA_RUNTIME_API LAMBDA_TASK_ROOT LAMBDA_RUNTIME_DIR".split()
)
_CODE = frozenset({"code", "architecture"})
_INTERFACES = "AWS Lambda VPC ENI-"


class S3Code(BaseModel):
    """A package in a bucket of the same region. `sha256` in base64, as S3 and Lambda tell it of the same bytes: it is
    the only thing that says which code a function has."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    bucket: str = Field(min_length=3, max_length=63)
    key: str = Field(min_length=1, max_length=1024)
    sha256: str = Field(pattern=r"^[A-Za-z0-9+/]{43}=$")
    version: str = ""


class FunctionProps(Props):
    """`code` is None for a function that deployments fill: it is made with `placeholder`, the text of one module, and
    what code it has is no concern of the plan later. `memory` in MB, `timeout` in seconds. `log_group`: the name of
    one that exists, since Lambda makes one that is kept for ever. Subnets and groups: all or none. `calls`: which
    figure of the usage profile the price follows."""

    role_arn: str
    log_group: str = Field(min_length=1, max_length=512)
    handler: str = Field(default="app.handler", max_length=128, pattern=r"^[\w/.-]+\.\w+$")
    runtime: Literal["python3.12", "python3.13", "python3.14"] = "python3.13"
    architecture: Literal["arm64", "x86_64"] = "arm64"
    memory: int = Field(default=512, ge=128, le=10_240)
    timeout: int = Field(default=30, ge=1, le=900)
    environment: dict[str, str] = {}
    subnet_ids: Unordered = Field(default=(), max_length=16)
    security_group_ids: Unordered = Field(default=(), max_length=5)
    dead_letter_arn: str = ""
    tracing: Literal["Active", "PassThrough"] = "PassThrough"
    log_format: Literal["JSON", "Text"] = "JSON"
    description: str = Field(default="", max_length=256)
    code: S3Code | None = None
    placeholder: str = Field(default=PLACEHOLDER, max_length=4096)
    calls: Literal["requests", "jobs", "none"] = "requests"

    @field_validator("environment")
    @classmethod
    def _fits(cls, environment: dict[str, str]) -> dict[str, str]:
        wrong = [name for name in environment if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]+", name)]
        taken = sorted(_RESERVED & environment.keys())
        size = len(json.dumps(environment, separators=(",", ":")).encode())
        if wrong:
            raise ValueError(f"environment: {wrong[0]!r} must be letters, digits and _, a letter first")
        if taken:
            raise ValueError(f"environment: Lambda sets {', '.join(taken)} itself")
        if size > _ENVIRONMENT_BYTES:
            raise ValueError(f"environment: {size} bytes are more than the 4 KB that Lambda takes")
        return environment

    @model_validator(mode="after")
    def _in_a_network_or_not(self) -> Self:
        if bool(self.subnet_ids) != bool(self.security_group_ids):
            raise ValueError(
                "security_group_ids: a function in subnets needs groups, and groups need subnets"
            )
        return self


@register
class Function(Kind[FunctionProps]):
    """https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html

    No token: found by its name. Settings and code are two calls, and Lambda takes the second only when the first is
    in force: until then it answers that the function is being changed, and the engine comes back. A function in a VPC
    is gone when AWS has taken its network interfaces back, which takes up to 45 minutes and needs its role; until then
    it reads as going, whoever deleted it.
    Publishing is the business of `lambda.alias` and of deployments. Attributes: id (the name), name, arn, invoke_arn,
    subnet_ids, security_group_ids.
    """

    name = "lambda.function"
    title = "Lambda function"
    naming = Naming(limit=64)
    expected = Expected(create=15, update=10, delete=600)
    patience = 3600  # its network interfaces
    holds = frozenset({"role_arn", "subnet_ids", "security_group_ids", "log_group"})
    permissions = (
        "lambda:CreateFunction",
        "lambda:TagResource",
        "lambda:GetFunction",
        "lambda:UpdateFunctionConfiguration",
        "lambda:UpdateFunctionCode",
        "lambda:DeleteFunction",
        "lambda:ListFunctions",
        "s3:GetObject",
        "s3:GetObjectVersion",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeSubnets",
        "ec2:DescribeVpcs",
    )
    passes_roles_to = ("lambda.amazonaws.com",)
    props = FunctionProps

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        name = handle.id or handle.name
        answer = found(aws.functions.get_function, FunctionName=name)
        if answer is None:
            return _lingering(aws, handle) if handle.id else None
        told = answer["Configuration"]
        status, reason = _status(told)
        return Observed(
            id=name,
            status=status,
            reason=reason,
            undone=told.get("LastUpdateStatus") == "Failed",
            props=_props(told),
            attributes=_attributes(told),
            tags=answer.get("Tags", {}),
        )

    def create(self, aws: Aws, handle: Handle, props: FunctionProps) -> Observed:
        settings = {name: value for name, value in _settings(props).items() if value not in _NOTHING}
        told = aws.functions.create_function(
            FunctionName=handle.name,
            Code=_code(props),
            Architectures=[props.architecture],
            PackageType="Zip",
            Tags=handle.tags,
            **settings,
        )
        _require(props, told)
        return Observed(id=handle.name, status=Status.PENDING, attributes=_attributes(told))

    def update(self, aws: Aws, handle: Handle, props: FunctionProps, observed: Observed) -> Observed:
        changed = self.differences(props.dump(), observed).keys()
        if changed - _CODE:
            aws.functions.update_function_configuration(FunctionName=observed.id, **_settings(props))
        if changed & _CODE:
            told = aws.functions.update_function_code(
                FunctionName=observed.id, Architectures=[props.architecture], **_code(props)
            )
            _require(props, told)
        return Observed(id=observed.id, status=Status.PENDING, attributes=observed.attributes)

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        name = handle.id or handle.name
        answer = found(aws.functions.delete_function, FunctionName=name)
        return (answer is None and handle.id is None) or _lingering(aws, handle) is None

    def differences(self, wanted: JsonObject, observed: Observed) -> dict[str, tuple[JsonValue, JsonValue]]:
        if observed.undone:
            # Lambda tells what was asked for and goes on with what was before: all is to be asked for again.
            return {name: (now, wanted[name]) for name, now in observed.props.items() if name in wanted}
        differences = without_reordered(super().differences(wanted, observed))
        now, asked = differences.get("code", (None, None))
        if asked is None or _digest(now) == _digest(asked):
            differences.pop("code", None)
        return differences

    def check_change(self, before: FunctionProps, after: FunctionProps) -> InvalidSpec | None:
        if before.architecture == after.architecture or after.code is not None:
            return None
        return InvalidSpec(
            "A function changes its processor together with its code, which deployments own here.",
            code="spec.change_refused",
            hint="Deploy a package that is built for the other processor.",
            field="architecture",
        )

    def cost(self, props: FunctionProps, usage: Usage, region: str) -> Iterator[CostLine]:
        """Requests, and what each holds of memory for how long."""
        if props.calls == "none":
            return
        if props.calls == "jobs":
            calls, milliseconds = usage.jobs, usage.job_ms
        else:
            calls, milliseconds = usage.requests, usage.lambda_ms
        seconds = Decimal(calls) * milliseconds * props.memory / (1000 * 1024)
        processor = "arm" if props.architecture == "arm64" else "x86"
        why = f"{calls} calls of {milliseconds} ms with {props.memory} MB"
        yield CostLine.usage("Lambda/requests", calls, "Function calls", f"{calls} calls")
        yield CostLine.usage(f"Lambda/gb_second_{processor}", seconds, "Function time", why)
        if props.tracing == "Active":
            yield sampled_by_lambda(calls, usage.trace_percent)

    def cloudformation(self, place: Place, props: FunctionProps) -> Form:
        """What stands in a template is a module called index."""
        settings = {name: value for name, value in _settings(props).items() if value not in _NOTHING}
        inline = {"Handler": f"index.{props.handler.rpartition('.')[2]}"} if props.code is None else {}
        properties = {
            "FunctionName": place.name,
            "Code": {"ZipFile": _placeholder(props)} if props.code is None else _code(props),
            "Architectures": [props.architecture],
            "Tags": place.tag_list,
            **settings,
            **inline,
        }
        return Form(
            parts=(Part(type="AWS::Lambda::Function", properties=properties),),
            attributes={
                "id": REF,
                "name": REF,
                "arn": Told("Arn"),
                "invoke_arn": _invoke_arn(place.region, place.own("arn")),
                "subnet_ids": ",".join(props.subnet_ids),
                "security_group_ids": ",".join(props.security_group_ids),
            },
        )


_NOTHING: tuple[object, ...] = ("", {"TargetArn": ""}, {"SubnetIds": [], "SecurityGroupIds": []})


def _settings(props: FunctionProps) -> dict[str, Any]:
    """Everything but the code; what is not wanted is named too, since an update leaves out what it does not name."""
    return {
        "Role": props.role_arn,
        "Runtime": props.runtime,
        "Handler": props.handler,
        "Description": props.description,
        "Timeout": props.timeout,
        "MemorySize": props.memory,
        "Environment": {"Variables": props.environment},
        "VpcConfig": {
            "SubnetIds": list(props.subnet_ids),
            "SecurityGroupIds": list(props.security_group_ids),
        },
        "DeadLetterConfig": {"TargetArn": props.dead_letter_arn},
        "TracingConfig": {"Mode": props.tracing},
        "LoggingConfig": {"LogFormat": props.log_format, "LogGroup": props.log_group},
    }


def _code(props: FunctionProps) -> Any:
    if props.code is None:
        return {"ZipFile": _packed(props)}
    source = {"S3Bucket": props.code.bucket, "S3Key": props.code.key}
    return {**source, "S3ObjectVersion": props.code.version} if props.code.version else source


def _packed(props: FunctionProps) -> bytes:
    """A package of one module; the same bytes for the same text, whenever and wherever it is made."""
    module = props.handler.rpartition(".")[0]
    member = zipfile.ZipInfo(f"{module.replace('.', '/')}.py")  # dated 1980
    member.create_system, member.external_attr = 3, 0o644 << 16
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr(member, _placeholder(props))
    return packed.getvalue()


def _placeholder(props: FunctionProps) -> str:
    if props.placeholder != PLACEHOLDER:
        return props.placeholder
    return PLACEHOLDER.replace("def handler(", f"def {props.handler.rpartition('.')[2]}(")


def _require(props: FunctionProps, told: Any) -> None:
    """A package that is another one than was asked for would differ for ever."""
    if props.code is not None and told["CodeSha256"] != props.code.sha256:
        raise InvalidSpec(
            f"{props.code.key} in the bucket {props.code.bucket} holds other code than what was asked for.",
            hint="Upload the package again, or deploy it as a new release.",
            field="code",
        )


def _status(told: Any) -> tuple[Status, str]:
    """An inactive function, which nobody called for weeks, wakes up when it is called."""
    state, update = told.get("State", "Active"), told.get("LastUpdateStatus", "Successful")
    if state == "Failed":
        return Status.FAILED, str(told.get("StateReason", state))
    if state == "Deleting":
        return Status.DELETING, state
    if state == "Pending":
        return Status.PENDING, str(told.get("StateReason", state))
    if update == "InProgress":
        return Status.PENDING, "being changed"
    return Status.READY, str(told.get("LastUpdateStatusReason", "")) if update == "Failed" else ""


def _props(told: Any) -> JsonObject:
    vpc, logging = told.get("VpcConfig") or {}, told.get("LoggingConfig") or {}
    return {
        "role_arn": told["Role"],
        "runtime": told.get("Runtime", ""),
        "handler": told.get("Handler", ""),
        "description": told.get("Description", ""),
        "timeout": told["Timeout"],
        "memory": told["MemorySize"],
        "environment": (told.get("Environment") or {}).get("Variables") or {},
        "subnet_ids": sorted(vpc.get("SubnetIds") or []),
        "security_group_ids": sorted(vpc.get("SecurityGroupIds") or []),
        "dead_letter_arn": (told.get("DeadLetterConfig") or {}).get("TargetArn", ""),
        "tracing": (told.get("TracingConfig") or {}).get("Mode", "PassThrough"),
        "log_format": logging.get("LogFormat", "Text"),
        "log_group": logging.get("LogGroup", ""),
        "architecture": (told.get("Architectures") or ["x86_64"])[0],
        "code": {"sha256": told["CodeSha256"]},
    }


def _digest(code: JsonValue) -> JsonValue:
    return code.get("sha256") if isinstance(code, dict) else None


def _attributes(told: Any) -> dict[str, str]:
    name, arn = told["FunctionName"], told["FunctionArn"]
    vpc = told.get("VpcConfig") or {}
    return {
        "id": name,
        "name": name,
        "arn": arn,
        "invoke_arn": _invoke_arn(arn.split(":")[3], arn),
        "subnet_ids": ",".join(vpc.get("SubnetIds") or []),
        "security_group_ids": ",".join(vpc.get("SecurityGroupIds") or []),
    }


def _invoke_arn(region: str, arn: str) -> str:
    """As API Gateway calls a function."""
    path = f"lambda:path/2015-03-31/functions/{arn}/invocations"
    return f"arn:{partition(region)}:apigateway:{region}:{path}"


def _lingering(aws: Aws, handle: Handle) -> Observed | None:
    """What is left of a function in a VPC: interfaces that AWS has not taken back and no other function uses."""
    if handle.attributes.get("subnet_ids") == "":
        return None
    interfaces = aws.listed(
        aws.ec2.describe_network_interfaces, "NetworkInterfaces", Filters=_filters(handle)
    )
    if not interfaces:
        return None
    in_use = {
        place
        for function in aws.listed(aws.functions.list_functions, "Functions")
        for place in _places(function.get("VpcConfig") or {})
    }
    left = [one for one in interfaces if (one["SubnetId"], _groups(one)) not in in_use]
    if not left:
        return None
    reason = "its network interfaces are going, which takes AWS up to 45 minutes"
    return Observed(id=handle.id or handle.name, status=Status.DELETING, reason=reason, tags=handle.tags)


def _filters(handle: Handle) -> list[Any]:
    """Which interfaces may be the function's: those in its place, or those that were made for it."""
    subnets, groups = (handle.attributes.get(name, "") for name in ("subnet_ids", "security_group_ids"))
    made_for = "*" if subnets else f"{handle.id or handle.name}-*"
    filters = [{"Name": "description", "Values": [f"{_INTERFACES}{made_for}"]}]
    if subnets:
        filters.append({"Name": "subnet-id", "Values": subnets.split(",")})
        filters.append({"Name": "group-id", "Values": groups.split(",")})
    return filters


def _places(vpc: Any) -> Iterator[tuple[str, frozenset[str]]]:
    for subnet in vpc.get("SubnetIds") or []:
        yield subnet, frozenset(vpc.get("SecurityGroupIds") or [])


def _groups(interface: Any) -> frozenset[str]:
    return frozenset(group["GroupId"] for group in interface["Groups"])
