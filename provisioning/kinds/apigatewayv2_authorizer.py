"""Who checks the tokens of an HTTP API: API Gateway itself, against the keys of a user pool."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from provisioning.aws import Aws, found
from provisioning.http_apis import part_of, parts_of
from provisioning.kind import Handle, Kind, Observed, Props, register
from provisioning.names import Naming
from provisioning.properties import Unordered, without_reordered
from provisioning.references import JsonObject, JsonValue
from provisioning.template_parts import Form, Part, Place, Told


class AuthorizerProps(Props):
    """`issuer`: "https://cognito-idp.<region>.amazonaws.com/<pool>"; `audience`: the clients whose tokens count."""

    api_id: str
    issuer: str = Field(pattern=r"^(https://|\$\{)\S+$")
    audience: Unordered = Field(min_length=1, max_length=50)


@register
class Authorizer(Kind[AuthorizerProps]):
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-authorizers.html

    No token and no tags: its name says whose it is. It goes with its API; AWS refuses to delete one that a route asks.
    Attributes: id ("<api>/<authorizer>"), authorizer_id, name.
    """

    name = "apigatewayv2.authorizer"
    title = "API authorizer"
    naming = Naming(limit=128)
    replace_on = frozenset({"api_id"})
    goes_with = frozenset({"api_id"})
    permissions = ("apigateway:POST", "apigateway:GET", "apigateway:PATCH", "apigateway:DELETE")
    props = AuthorizerProps

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        wanted = part_of(handle.id) if handle.id else None
        for api_id, one in parts_of(aws, aws.apigatewayv2.get_authorizers, handle):
            if one["AuthorizerId"] == wanted if wanted else one["Name"] == handle.name:
                return _observed(handle, api_id, one)
        return None

    def create(self, aws: Aws, handle: Handle, props: AuthorizerProps) -> Observed:
        made = aws.apigatewayv2.create_authorizer(
            ApiId=props.api_id,
            Name=handle.name,
            AuthorizerType="JWT",
            IdentitySource=["$request.header.Authorization"],
            JwtConfiguration={"Issuer": props.issuer, "Audience": list(props.audience)},
        )
        return _observed(handle, props.api_id, made)

    def update(self, aws: Aws, handle: Handle, props: AuthorizerProps, observed: Observed) -> Observed:
        changed = aws.apigatewayv2.update_authorizer(
            ApiId=props.api_id,
            AuthorizerId=part_of(observed.id),
            JwtConfiguration={"Issuer": props.issuer, "Audience": list(props.audience)},
        )
        return _observed(handle, props.api_id, changed)

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        there = handle.id or (made.id if (made := self.read(aws, handle)) else None)
        if there is not None:
            api_id, _, part = there.partition("/")
            found(aws.apigatewayv2.delete_authorizer, ApiId=api_id, AuthorizerId=part)
        return True

    def differences(self, wanted: JsonObject, observed: Observed) -> dict[str, tuple[JsonValue, JsonValue]]:
        return without_reordered(super().differences(wanted, observed))

    def cloudformation(self, place: Place, props: AuthorizerProps) -> Form:
        properties = {
            "ApiId": props.api_id,
            "Name": place.name,
            "AuthorizerType": "JWT",
            "IdentitySource": ["$request.header.Authorization"],
            "JwtConfiguration": {"Issuer": props.issuer, "Audience": list(props.audience)},
        }
        return Form(
            parts=(Part(type="AWS::ApiGatewayV2::Authorizer", properties=properties),),
            attributes={
                "id": f"{props.api_id}/{place.own('authorizer_id')}",
                "authorizer_id": Told("AuthorizerId"),
                "name": place.name,
            },
        )


def _observed(handle: Handle, api_id: str, authorizer: Any) -> Observed:
    settings, part = authorizer.get("JwtConfiguration") or {}, authorizer["AuthorizerId"]
    identity = f"{api_id}/{part}"
    return Observed(
        id=identity,
        props={
            "api_id": api_id,
            "issuer": settings.get("Issuer") or "",
            "audience": sorted(settings.get("Audience") or []),
        },
        attributes={"id": identity, "authorizer_id": part, "name": authorizer["Name"]},
        # It has our name, or its id is on record.
        tags=handle.tags,
    )
