"""Which requests of an HTTP API go to which integration, and who may make them."""

from __future__ import annotations

from typing import Any, Self

from pydantic import Field, model_validator

from provisioning.aws import Aws, found
from provisioning.http_apis import part_of, parts_of
from provisioning.kind import Handle, Kind, Observed, Props, register
from provisioning.names import Naming
from provisioning.properties import Unordered, without_reordered
from provisioning.references import JsonObject, JsonValue
from provisioning.template_parts import Form, Part, Place, Told, given


class RouteProps(Props):
    """`route_key`: "GET /orders/{id}", or "$default" for all that no other route takes. `target`: an integration's.
    `authorizer_id`: whom to ask about a token; empty lets everybody in. `scopes`: one of them must be in the token."""

    api_id: str
    target: str
    route_key: str = Field(
        default="$default", pattern=r"^(\$default|(ANY|GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) /\S*)$"
    )
    authorizer_id: str = ""
    scopes: Unordered = Field(default=(), max_length=10)

    @model_validator(mode="after")
    def _scopes_of_tokens(self) -> Self:
        if self.scopes and not self.authorizer_id:
            raise ValueError("scopes: only a token has scopes, so that an authorizer is needed")
        return self


@register
class Route(Kind[RouteProps]):
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-routes.html

    No token and no tags: the name of its operation says whose it is. AWS refuses a second route of the same key. It
    goes with its API. Attributes: id ("<api>/<route>"), route_key.
    """

    name = "apigatewayv2.route"
    title = "API route"
    naming = Naming(limit=64)
    replace_on = frozenset({"api_id"})
    holds = frozenset({"target", "authorizer_id"})
    goes_with = frozenset({"api_id"})
    permissions = ("apigateway:POST", "apigateway:GET", "apigateway:PATCH", "apigateway:DELETE")
    props = RouteProps

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        wanted = part_of(handle.id) if handle.id else None
        for api_id, one in parts_of(aws, aws.apigatewayv2.get_routes, handle):
            if one["RouteId"] == wanted if wanted else one.get("OperationName") == handle.name:
                return _observed(handle, api_id, one)
        return None

    def create(self, aws: Aws, handle: Handle, props: RouteProps) -> Observed:
        made = aws.apigatewayv2.create_route(
            ApiId=props.api_id, OperationName=handle.name, **_settings(props)
        )
        return _observed(handle, props.api_id, made)

    def update(self, aws: Aws, handle: Handle, props: RouteProps, observed: Observed) -> Observed:
        changed = aws.apigatewayv2.update_route(
            ApiId=props.api_id, RouteId=part_of(observed.id), **_settings(props)
        )
        return _observed(handle, props.api_id, changed)

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        there = handle.id or (made.id if (made := self.read(aws, handle)) else None)
        if there is not None:
            api_id, _, part = there.partition("/")
            found(aws.apigatewayv2.delete_route, ApiId=api_id, RouteId=part)
        return True

    def differences(self, wanted: JsonObject, observed: Observed) -> dict[str, tuple[JsonValue, JsonValue]]:
        return without_reordered(super().differences(wanted, observed))

    def cloudformation(self, place: Place, props: RouteProps) -> Form:
        properties = {"ApiId": props.api_id, "OperationName": place.name, **_settings(props)}
        return Form(
            parts=(Part(type="AWS::ApiGatewayV2::Route", properties=given(properties)),),
            attributes={
                "id": f"{props.api_id}/{place.own('route_id')}",
                "route_id": Told("RouteId"),
                "route_key": props.route_key,
            },
        )


def _settings(props: RouteProps) -> Any:
    settings = {"RouteKey": props.route_key, "Target": props.target}
    if not props.authorizer_id:
        return {**settings, "AuthorizationType": "NONE"}
    return {
        **settings,
        "AuthorizationType": "JWT",
        "AuthorizerId": props.authorizer_id,
        "AuthorizationScopes": list(props.scopes),
    }


def _observed(handle: Handle, api_id: str, route: Any) -> Observed:
    asks = route.get("AuthorizationType") == "JWT"
    told: JsonObject = {
        "api_id": api_id,
        "route_key": route["RouteKey"],
        "target": route.get("Target") or "",
        "authorizer_id": (route.get("AuthorizerId") or "") if asks else "",
        "scopes": sorted(route.get("AuthorizationScopes") or []) if asks else [],
    }
    identity = f"{api_id}/{route['RouteId']}"
    return Observed(
        id=identity,
        props=told,
        attributes={"id": identity, "route_key": route["RouteKey"]},
        # Its operation has our name, or its id is on record.
        tags=handle.tags,
    )
