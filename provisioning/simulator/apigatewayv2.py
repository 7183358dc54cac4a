"""HTTP APIs and their stages: what is named must be there, and no two things of one API have one name."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from moto.apigatewayv2 import urls
from moto.apigatewayv2.models import ApiGatewayV2Backend, apigatewayv2_backends
from moto.apigatewayv2.responses import ApiGatewayV2Response
from moto.core.resource_tagging import TaggedResource
from moto.logs.models import logs_backends

from provisioning.simulator.operations import Call, Refusal, operation
from provisioning.simulator.tagged import tagged
from provisioning.simulator.world import Moment

# Operations that moto has no address for.
urls.url_paths["{0}/v2/apis/(?P<api_id>[^/]+)/stages/(?P<stage_name>[^/]+)/accesslogsettings$"] = (
    ApiGatewayV2Response.dispatch
)
_STAGE_NAME = re.compile(r"\$default|[A-Za-z0-9_-]{1,128}")
#: Members of UpdateStage that moto's model keeps under a name of its own.
_ATTRIBUTES = {
    "AccessLogSettings": "access_log_settings",
    "AutoDeploy": "auto_deploy",
    "Description": "description",
    "StageVariables": "stage_variables",
}


def backend_of(moment: Moment) -> ApiGatewayV2Backend:
    """moto's HTTP APIs of this account and region."""
    return apigatewayv2_backends[moment.account][moment.region]


def api_of(call: Call) -> Any:
    """moto's model of the API that a call is about, or AWS's error where there is none."""
    found = backend_of(call).apis.get(call.text("ApiId"))
    if found is None:
        raise missing("API", call.text("ApiId"))
    return found


def missing(what: str, identifier: str) -> Refusal:
    """The error about something that is not there."""
    return Refusal("NotFoundException", f"Invalid {what} identifier specified {identifier}", 404)


def refuse(text: str) -> Refusal:
    """The error of a value that API Gateway does not take."""
    return Refusal("BadRequestException", text, 400)


def conflict(text: str) -> Refusal:
    """The error of something that is in the way."""
    return Refusal("ConflictException", text, 409)


@operation("apigatewayv2", "CreateApi", "UpdateApi")
def keep_cors_sensible(call: Call) -> object:
    """Credentials are for named origins only."""
    cors = call.params.get("CorsConfiguration") or {}
    if cors.get("AllowCredentials") and "*" in (cors.get("AllowOrigins") or []):
        raise refuse("Warnings found during import:\n\tallowCredentials is not supported for origin *")
    if call.operation == "UpdateApi":
        api_of(call)
    return call.forward()


@operation("apigatewayv2", "DeleteApi")
def delete_api(call: Call) -> object:
    """With everything in it, unless a domain name leads to it."""
    api = api_of(call)
    domains = [one for one in backend_of(call).api_mappings.values() if one.api_id == api.api_id]
    if domains:
        raise refuse(
            f"Deleting API {api.api_id} failed. Please remove all base path mappings related to the API in your "
            f"domains: {domains[0].domain_name}"
        )
    return call.forward()


def _stage_of(call: Call) -> Any:
    stage = api_of(call).stages.get(unquote(call.text("StageName")))
    if stage is None:
        raise Refusal("NotFoundException", "Invalid stage identifier specified", 404)
    return stage


def _check_stage(call: Call) -> None:
    settings = call.params.get("AccessLogSettings") or {}
    arn = settings.get("DestinationArn", "")
    if arn:
        name = arn.removesuffix(":*").partition(":log-group:")[2]
        if not settings.get("Format"):
            raise refuse("Access Log format must be specified when Access Log destination is specified.")
        if name not in logs_backends[call.account][call.region].groups:
            raise refuse(f"Invalid access log destination: log group {name} does not exist.")
    limits = call.params.get("DefaultRouteSettings") or {}
    for name in ("ThrottlingBurstLimit", "ThrottlingRateLimit"):
        if limits.get(name) is not None and limits[name] < 0:
            raise refuse(f"{name} must not be less than 0.")


@operation("apigatewayv2", "CreateStage")
def create_stage(call: Call) -> object:
    """One of a name, with a log group that is there."""
    api, name = api_of(call), unquote(call.text("StageName"))
    if not _STAGE_NAME.fullmatch(name):
        raise refuse("Stage name only allows a-zA-Z0-9_- and $default")
    if name in api.stages:
        raise conflict("Stage already exists")
    _check_stage(call)
    return call.forward()


@operation("apigatewayv2", "UpdateStage")
def update_stage(call: Call) -> object:
    """What is named changes; moto has no such operation."""
    stage = _stage_of(call)
    _check_stage(call)
    for member, attribute in _ATTRIBUTES.items():
        if call.params.get(member) is not None:
            setattr(stage, attribute, _plain(call.params[member]))
    if call.params.get("DefaultRouteSettings") is not None:
        changes = _plain(call.params["DefaultRouteSettings"])
        stage.default_route_settings = {**stage.default_route_settings, **changes}
    stage.updated = datetime.now(UTC)
    return {key[:1].upper() + key[1:]: value for key, value in stage.to_json().items()}


@operation("apigatewayv2", "DeleteAccessLogSettings")
def delete_access_log_settings(call: Call) -> object:
    """A stage without an access log; moto has no such operation."""
    _stage_of(call).access_log_settings = None
    return {}


def _plain(value: Any) -> Any:
    """As moto keeps it: names of members begin with a small letter, those that people chose stay."""
    if not hasattr(value, "items"):
        return value
    return {key[:1].lower() + key[1:]: part for key, part in value.items() if part is not None}


@tagged
def apis(moment: Moment) -> Iterator[TaggedResource]:
    """APIs, their stages and VPC links, for the tagging API."""
    backend, prefix = backend_of(moment), f"arn:aws:apigateway:{moment.region}::"
    for api in backend.apis.values():
        yield TaggedResource(api.arn, backend.get_tags(api.arn), "apigateway:apis")
        for stage in api.stages.values():
            arn = f"{prefix}/apis/{api.api_id}/stages/{stage.name}"
            yield TaggedResource(arn, dict(stage.tags), "apigateway:apis/stages")
    for link in backend.vpc_links.values():
        yield TaggedResource(link.arn, backend.get_tags(link.arn), "apigateway:vpclinks")
