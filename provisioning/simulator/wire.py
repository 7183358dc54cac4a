"""Reads who calls what from a request, and writes errors as AWS's protocols have them."""

import re
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import parse_qs, unquote_plus

from moto.core.exceptions import ServiceException
from moto.core.model import OperationModel
from moto.core.request import Request, determine_request_protocol
from moto.core.responses import ActionContext, ActionResult, BaseResponse
from moto.core.routing import get_service_router
from moto.core.serialize import get_serializer_class
from moto.core.utils import get_service_model
from werkzeug.exceptions import NotFound

#: Names in credential scopes that boto3 calls otherwise.
_BOTO3_NAMES = {
    "elasticloadbalancing": "elbv2",
    "monitoring": "cloudwatch",
    "tagging": "resourcegroupstaggingapi",
    "email": "ses",
    "servicequotas": "service-quotas",
}
_CLASSIC_LOAD_BALANCER = b"Version=2012-06-01"
_ACTION = re.compile(rb"(?:^|&)Action=([^&]*)")
_SCOPE = re.compile(r"Credential=([^/]+)/\d+/([^/]+)/([^/]+)/aws4_request")
_READS = re.compile(
    "^(Describe|List|Get|Head|Lookup|Search|Test(?!Failover)|Simulate|BatchGet|Filter|Query|Select|Scan|Check|Validate|Assume)"
)
_CODE = re.compile(r"<Code>([^<]*)</Code>")
_JSON_CODE = re.compile(r'"__type"\s*:\s*"(?:[^"#]*#)?([^":]*)')


@dataclass(frozen=True, kw_only=True)
class Who:
    """Whose request it is and what it asks: `service` and `operation` as in boto3."""

    access_key: str
    region: str
    #: As in the credential scope, e.g. `elasticloadbalancing`.
    signing_name: str
    service: str
    operation: str

    @property
    def mutating(self) -> bool:
        """Whether the operation may change something in the account."""
        return not _READS.match(self.operation)


def _service_of(signing_name: str, path: str, body: bytes) -> str:
    if signing_name == "elasticloadbalancing" and _CLASSIC_LOAD_BALANCER in body:
        return "elb"
    if signing_name == "apigateway" and path.startswith("/v2/"):
        return "apigatewayv2"
    if signing_name == "dynamodb":
        return "dynamodb"
    return _BOTO3_NAMES.get(signing_name, signing_name)


def _routed_operation(service: str, request: Request) -> str:
    try:
        operation, _ = get_service_router(service).match(request)
    except (NotFound, NotImplementedError, KeyError, ValueError):
        return ""
    return str(operation.name)


def who_asks(request: Request, body: bytes) -> Who:
    """Read caller, region, service and operation from the signature, the headers and the body."""
    scope = _SCOPE.search(request.headers.get("Authorization", ""))
    key, region, signing_name = scope.groups() if scope else ("", "us-east-1", "s3")
    service = _service_of(signing_name, request.path, body)
    target = request.headers.get("X-Amz-Target", "")
    if target:
        operation = target.rsplit(".", 1)[-1]
    elif found := _ACTION.search(body):
        operation = unquote_plus(found.group(1).decode())
    elif "Action" in (query := parse_qs(request.query_string.decode())):
        operation = query["Action"][0]
    else:
        operation = _routed_operation(service, request)
    return Who(access_key=key, region=region, signing_name=signing_name, service=service, operation=operation)


@cache
def _operation_model(service: str, operation: str) -> OperationModel:
    model = get_service_model(service)
    if operation in model.operation_names:
        known: OperationModel = model.operation_model(operation)
        return known
    return OperationModel({}, model)


def error_reply(
    who: Who, request: Request, error: ServiceException, status: int
) -> tuple[int, dict[str, str], bytes]:
    """Status, headers and body of an error in the wire format of the service that was asked."""
    try:
        model = get_service_model(who.service)
        protocol = determine_request_protocol(model, request.headers.get("Content-Type", ""))
    except Exception:  # noqa: BLE001  # a service that no model describes still gets an answer it can print
        text = f"<Error><Code>{error.code}</Code><Message>{error.message}</Message></Error>"
        return status or 400, {"Content-Type": "text/xml"}, text.encode()
    context = ActionContext(
        model,
        _operation_model(who.service, who.operation),
        get_serializer_class(model.service_name, protocol),
        BaseResponse(who.service),
    )
    modelled, headers, body = ActionResult(error).execute_result(context)
    text_headers = {key: str(value) for key, value in headers.items()}
    return status or int(modelled), text_headers, _bytes(body)


def _bytes(body: Any) -> bytes:
    return body if isinstance(body, bytes) else str(body).encode()


def error_code(status: int, body: bytes) -> str:
    """The AWS error code inside a reply; empty for a success."""
    if status < 300:
        return ""
    start = body[:2000].decode(errors="replace")
    found = _CODE.search(start) or _JSON_CODE.search(start)
    return found.group(1) if found else str(status)
