"""Integrations, routes and authorizers of HTTP APIs: each names others that must be there and that it keeps."""

import re
from typing import Any

from moto.cognitoidp.models import cognitoidp_backends

from provisioning.simulator.apigatewayv2 import api_of, backend_of, conflict, missing, refuse
from provisioning.simulator.operations import Call, operation

_POOL = re.compile(r"https://cognito-idp\.[a-z0-9-]+\.amazonaws\.com/(.+)")
_FUNCTION = re.compile(
    r"arn:aws[a-z-]*:(lambda:[a-z0-9-]+:\d{12}:function:|apigateway:[a-z0-9-]+:lambda:path/)"
)
_PRIVATE = re.compile(r"arn:aws[a-z-]*:(elasticloadbalancing:.*:listener/|servicediscovery:.*:service/)")
_METHODS = "ANY|GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS"
_ROUTE = re.compile(rf"\$default|({_METHODS}) /\S*")


def _integration(call: Call, now: Any) -> dict[str, str]:
    """An integration as it will be: what a call gives, else what is there."""
    members = {
        "IntegrationType": "integration_type",
        "IntegrationUri": "integration_uri",
        "PayloadFormatVersion": "payload_format_version",
        "ConnectionType": "connection_type",
        "ConnectionId": "connection_id",
    }
    return {
        member: call.text(member) or str(getattr(now, attribute, None) or "")
        for member, attribute in members.items()
    }


def _check_integration(call: Call, now: Any = None) -> None:
    wanted = _integration(call, now)
    of_function = wanted["IntegrationType"] == "AWS_PROXY"
    versions = ["1.0", "2.0"] if of_function else ["1.0"]
    if not wanted["PayloadFormatVersion"]:
        raise refuse("PayloadFormatVersion is a required parameter for integration")
    if wanted["PayloadFormatVersion"] not in versions:
        raise refuse(f"PayloadFormatVersion must be one of: [{', '.join(versions)}]")
    if of_function and not _FUNCTION.match(wanted["IntegrationUri"]):
        raise refuse(f"Invalid function ARN or invalid uri: {wanted['IntegrationUri']}")
    if wanted["ConnectionType"] == "VPC_LINK":
        if wanted["ConnectionId"] not in backend_of(call).vpc_links:
            raise refuse(f"VpcLink with ID {wanted['ConnectionId']} is not found")
        if not _PRIVATE.match(wanted["IntegrationUri"]):
            raise refuse("For VpcLink VPC_LINK integrations, a listener or Cloud Map service ARN is required")


@operation("apigatewayv2", "CreateIntegration")
def create_integration(call: Call) -> object:
    """Of a function, or through a VPC link that is there."""
    api_of(call)
    _check_integration(call)
    return call.forward()


def _integration_of(call: Call) -> Any:
    found = api_of(call).integrations.get(call.text("IntegrationId"))
    if found is None:
        raise missing("Integration", call.text("IntegrationId"))
    return found


@operation("apigatewayv2", "UpdateIntegration")
def update_integration(call: Call) -> object:
    """What is changed must fit to what stays."""
    _check_integration(call, _integration_of(call))
    return call.forward()


@operation("apigatewayv2", "DeleteIntegration")
def delete_integration(call: Call) -> object:
    """Refused while a route leads to it."""
    target = f"integrations/{_integration_of(call).id}"
    users = [route.route_id for route in api_of(call).routes.values() if route.target == target]
    if users:
        raise conflict(
            "Cannot delete Integration because it is referenced by the following Routes with Ids: "
            f"[{', '.join(users)}]"
        )
    return call.forward()


def _check_route(call: Call, now: Any = None) -> None:
    api = api_of(call)
    key, target = call.text("RouteKey"), call.text("Target")
    if key and not _ROUTE.fullmatch(key):
        raise refuse(
            f"The provided route key is not formatted properly for HTTP protocol. Format should be: {key}"
        )
    for other in api.routes.values():
        if other is not now and other.route_key == key:
            raise conflict(f"Route with key {key} already exists for this API")
    if target and target.removeprefix("integrations/") not in api.integrations:
        raise missing("Integration", target.removeprefix("integrations/"))
    authorizer = call.text("AuthorizerId")
    if authorizer and authorizer not in api.authorizers:
        raise missing("Authorizer", authorizer)
    if call.text("AuthorizationType") == "JWT" and not (authorizer or (now and now.authorizer_id)):
        raise refuse("AuthorizerId must be specified for authorization type JWT")


@operation("apigatewayv2", "CreateRoute")
def create_route(call: Call) -> object:
    """One of a key, to an integration that is there."""
    _check_route(call)
    return call.forward()


def _route_of(call: Call) -> Any:
    found = api_of(call).routes.get(call.text("RouteId"))
    if found is None:
        raise missing("Route", call.text("RouteId"))
    return found


@operation("apigatewayv2", "UpdateRoute")
def update_route(call: Call) -> object:
    """Without authorization a route has no authorizer and no scopes either; moto keeps them."""
    route = _route_of(call)
    _check_route(call, route)
    answer = call.forward()
    if call.params.get("AuthorizationScopes") == []:
        route.authorization_scopes = []
    if call.text("AuthorizationType") == "NONE":
        route.authorizer_id, route.authorization_scopes = None, []
    return answer


@operation("apigatewayv2", "DeleteRoute")
def delete_route(call: Call) -> object:
    """Refused where there is none; moto says yes."""
    _route_of(call)
    return call.forward()


@operation("apigatewayv2", "CreateAuthorizer", "UpdateAuthorizer")
def check_issuer(call: Call) -> object:
    """Tokens of a user pool that is there; whether others answer can't be known here."""
    api_of(call)
    settings = call.params.get("JwtConfiguration") or {}
    pool = _POOL.fullmatch(settings.get("Issuer") or "")
    if (
        call.operation == "CreateAuthorizer"
        and call.text("AuthorizerType") == "JWT"
        and not settings.get("Issuer")
    ):
        raise refuse("JwtConfiguration issuer is required for JWT authorizers")
    if pool and pool[1] not in cognitoidp_backends[call.account][call.region].user_pools:
        raise refuse(
            f"Caught exception when connecting to {pool[0]}/.well-known/openid-configuration. Please try again later. "
            "Error: Invalid issuer"
        )
    if call.operation == "UpdateAuthorizer" and call.text("AuthorizerId") not in api_of(call).authorizers:
        raise missing("Authorizer", call.text("AuthorizerId"))
    return call.forward()


@operation("apigatewayv2", "GetAuthorizers")
def get_authorizers(call: Call) -> object:
    """All of an API; moto has no such operation."""
    return {
        "Items": [
            {key[:1].upper() + key[1:]: value for key, value in one.to_json().items() if value is not None}
            for one in api_of(call).authorizers.values()
        ]
    }


@operation("apigatewayv2", "DeleteAuthorizer")
def delete_authorizer(call: Call) -> object:
    """Refused while a route asks it."""
    api, identifier = api_of(call), call.text("AuthorizerId")
    if identifier not in api.authorizers:
        raise missing("Authorizer", identifier)
    users = [route.route_id for route in api.routes.values() if route.authorizer_id == identifier]
    if users:
        raise conflict(
            "Cannot delete Authorizer because it is referenced by the following Routes with Ids: "
            f"[{', '.join(users)}]"
        )
    return call.forward()
