"""An HTTP API of API Gateway: the address at which functions answer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from provisioning.aws import Aws, found
from provisioning.http_apis import domain_of
from provisioning.kind import Handle, Kind, Observed, Props, register
from provisioning.names import Naming
from provisioning.pricing import CostLine, Usage
from provisioning.properties import Unordered
from provisioning.references import JsonObject, JsonValue
from provisioning.template_parts import REF, Form, Part, Place, given, partition


def _small(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(value.lower() for value in values)


_Headers = Annotated[Unordered, AfterValidator(_small)]


class Cors(BaseModel):
    """What browsers let pages of other origins do. `max_age` in seconds; headers in small letters, as AWS has them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    origins: Unordered = Field(min_length=1)
    methods: Unordered = ("GET", "POST")
    headers: _Headers = ("authorization", "content-type")
    exposed_headers: _Headers = ()
    max_age: int = Field(default=300, ge=0, le=86_400)
    credentials: bool = False

    @model_validator(mode="after")
    def _credentials_for_named_origins(self) -> Self:
        if self.credentials and "*" in self.origins:
            raise ValueError("credentials: browsers send them to named origins only, not to *")
        return self


class ApiProps(Props):
    """`default_endpoint`: whether AWS's own address of it answers, besides a domain of one's own."""

    description: str = Field(default="", max_length=1024)
    cors: Cors | None = None
    default_endpoint: bool = True


@register
class Api(Kind[ApiProps]):
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis.html

    No token, and names are not unique: tags tell. Its parts go with it. Attributes: id, arn, name, endpoint, domain,
    execution_arn (what permissions to call a function name, with "/*/*" after it).
    """

    name = "apigatewayv2.api"
    title = "HTTP API"
    naming = Naming(limit=128)
    anonymous = True
    permissions = ("apigateway:POST", "apigateway:GET", "apigateway:PATCH", "apigateway:DELETE")
    linked_roles = ("ops.apigateway.amazonaws.com",)
    props = ApiProps

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        if handle.id is not None:
            api: Any = found(aws.apigatewayv2.get_api, ApiId=handle.id)
        else:
            apis = aws.listed(aws.apigatewayv2.get_apis, "Items")
            ours = [one for one in apis if handle.owns(one.get("Tags", {}))]
            api = min(ours, key=lambda one: str(one["ApiId"]), default=None)
        if api is None:
            return None
        return Observed(
            id=api["ApiId"],
            props={
                "description": api.get("Description") or "",
                "cors": _told(api.get("CorsConfiguration")),
                "default_endpoint": not api.get("DisableExecuteApiEndpoint"),
            },
            attributes=_attributes(aws, handle, api["ApiId"]),
            tags=api.get("Tags", {}),
        )

    def create(self, aws: Aws, handle: Handle, props: ApiProps) -> Observed:
        cors = {"CorsConfiguration": _cors(props.cors)} if props.cors else {}
        api = aws.apigatewayv2.create_api(
            Name=handle.name,
            ProtocolType="HTTP",
            Description=props.description,
            DisableExecuteApiEndpoint=not props.default_endpoint,
            Tags=handle.tags,
            **cors,
        )
        return Observed(id=api["ApiId"], attributes=_attributes(aws, handle, api["ApiId"]))

    def update(self, aws: Aws, handle: Handle, props: ApiProps, observed: Observed) -> Observed:
        cors = {"CorsConfiguration": _cors(props.cors)} if props.cors else {}
        aws.apigatewayv2.update_api(
            ApiId=observed.id,
            Description=props.description,
            DisableExecuteApiEndpoint=not props.default_endpoint,
            **cors,
        )
        if props.cors is None and observed.props.get("cors"):
            found(aws.apigatewayv2.delete_cors_configuration, ApiId=observed.id)
        return observed

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        there = handle.id or (made.id if (made := self.read(aws, handle)) else None)
        if there is not None:
            found(aws.apigatewayv2.delete_api, ApiId=there)
        return True

    def differences(self, wanted: JsonObject, observed: Observed) -> dict[str, tuple[JsonValue, JsonValue]]:
        """As everywhere, but the order of origins, methods and headers means nothing."""
        differences = super().differences(wanted, observed)
        return {name: pair for name, pair in differences.items() if _in_order(pair[0]) != _in_order(pair[1])}

    def cost(self, props: ApiProps, usage: Usage, region: str) -> Iterator[CostLine]:
        yield CostLine.usage(
            "APIGateway/http_api", usage.requests, "API requests", f"{usage.requests} requests"
        )

    def cloudformation(self, place: Place, props: ApiProps) -> Form:
        properties = {
            "Name": place.name,
            "ProtocolType": "HTTP",
            "Description": props.description,
            "DisableExecuteApiEndpoint": not props.default_endpoint,
            "CorsConfiguration": given(_cors(props.cors)) if props.cors else {},
            "Tags": dict(place.tags),
        }
        own, domain = place.own("id"), domain_of(place.own("id"), place.region)
        return Form(
            parts=(Part(type="AWS::ApiGatewayV2::Api", properties=given(properties)),),
            attributes={
                "id": REF,
                "name": place.name,
                "arn": f"arn:{partition(place.region)}:apigateway:{place.region}::/apis/{own}",
                "domain": domain,
                "endpoint": f"https://{domain}",
                "execution_arn": place.arn("execute-api", own),
            },
        )


def _in_order(value: JsonValue) -> JsonValue:
    if isinstance(value, dict):
        return {key: _in_order(part) for key, part in value.items()}
    return sorted(value, key=str) if isinstance(value, list) else value


def _cors(cors: Cors) -> Any:
    return {
        "AllowOrigins": list(cors.origins),
        "AllowMethods": list(cors.methods),
        "AllowHeaders": list(cors.headers),
        "ExposeHeaders": list(cors.exposed_headers),
        "MaxAge": cors.max_age,
        "AllowCredentials": cors.credentials,
    }


def _told(cors: Any) -> JsonValue:
    if not cors:
        return None
    return {
        "origins": sorted(cors.get("AllowOrigins") or []),
        "methods": sorted(cors.get("AllowMethods") or []),
        "headers": sorted(name.lower() for name in cors.get("AllowHeaders") or []),
        "exposed_headers": sorted(name.lower() for name in cors.get("ExposeHeaders") or []),
        "max_age": cors.get("MaxAge") or 0,
        "credentials": bool(cors.get("AllowCredentials")),
    }


def _attributes(aws: Aws, handle: Handle, api_id: str) -> dict[str, str]:
    partition = "aws-cn" if aws.region.startswith("cn-") else "aws"
    domain = domain_of(api_id, aws.region)
    return {
        "id": api_id,
        "name": handle.name,
        "arn": f"arn:{partition}:apigateway:{aws.region}::/apis/{api_id}",
        "domain": domain,
        "endpoint": f"https://{domain}",
        "execution_arn": f"arn:{partition}:execute-api:{aws.region}:{handle.account}:{api_id}",
    }
