"""Where an HTTP API sends its requests: to a function, or through a VPC link to something inside."""

from __future__ import annotations

from typing import Any, Self

from pydantic import Field, model_validator

from provisioning.aws import Aws, found
from provisioning.http_apis import part_of, parts_of
from provisioning.kind import Handle, Kind, Observed, Props, register
from provisioning.marks import marked, tags_of_mark
from provisioning.properties import has_reference
from provisioning.references import JsonObject
from provisioning.template_parts import REF, Form, Part, Place


class IntegrationProps(Props):
    """`target_arn`: of a function or an alias; with `vpc_link_id`, of an ALB listener or a Cloud Map service.
    `timeout` in milliseconds. `server_name`: whose certificate a listener of HTTPS must show."""

    api_id: str
    target_arn: str
    vpc_link_id: str = ""
    timeout: int = Field(default=30_000, ge=50, le=30_000)
    server_name: str = Field(default="", max_length=512)

    @model_validator(mode="after")
    def _reachable(self) -> Self:
        function = ":lambda:" in self.target_arn
        if not has_reference(self.target_arn) and function == bool(self.vpc_link_id):
            raise ValueError(
                "vpc_link_id: a listener or service inside is reached through a link, a function without one"
            )
        if self.server_name and not self.vpc_link_id:
            raise ValueError("server_name: only what a VPC link leads to has a certificate to check")
        return self


@register
class Integration(Kind[IntegrationProps]):
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-integrations.html

    No token, no name, no tags: its description says whose it is. It goes with its API. Attributes: id
    ("<api>/<integration>"), integration_id, target (what a route names).
    """

    name = "apigatewayv2.integration"
    title = "API integration"
    anonymous = True
    replace_on = frozenset({"api_id", "server_name"})
    holds = frozenset({"vpc_link_id"})
    goes_with = frozenset({"api_id"})
    permissions = ("apigateway:POST", "apigateway:GET", "apigateway:PATCH", "apigateway:DELETE")
    props = IntegrationProps

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        wanted = part_of(handle.id) if handle.id else None
        found_ones = [
            _observed(api_id, one)
            for api_id, one in parts_of(aws, aws.apigatewayv2.get_integrations, handle)
            if (one["IntegrationId"] == wanted if wanted else handle.owns(_tags(one)))
        ]
        return min(found_ones, key=lambda one: one.id, default=None)

    def create(self, aws: Aws, handle: Handle, props: IntegrationProps) -> Observed:
        made = aws.apigatewayv2.create_integration(
            ApiId=props.api_id, Description=marked(handle, ""), **_settings(props)
        )
        return _observed(props.api_id, made)

    def update(self, aws: Aws, handle: Handle, props: IntegrationProps, observed: Observed) -> Observed:
        changed = aws.apigatewayv2.update_integration(
            ApiId=props.api_id, IntegrationId=part_of(observed.id), **_settings(props)
        )
        return _observed(props.api_id, changed)

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        there = handle.id or (made.id if (made := self.read(aws, handle)) else None)
        if there is not None:
            api_id, _, part = there.partition("/")
            found(aws.apigatewayv2.delete_integration, ApiId=api_id, IntegrationId=part)
        return True

    def cloudformation(self, place: Place, props: IntegrationProps) -> Form:
        properties = {"ApiId": props.api_id, **_settings(props)}
        own = place.own("integration_id")
        return Form(
            parts=(Part(type="AWS::ApiGatewayV2::Integration", properties=properties),),
            attributes={
                "id": f"{props.api_id}/{own}",
                "integration_id": REF,
                "target": f"integrations/{own}",
            },
        )


def _settings(props: IntegrationProps) -> Any:
    settings: dict[str, Any] = {"IntegrationUri": props.target_arn, "TimeoutInMillis": props.timeout}
    if not props.vpc_link_id:
        function = {"IntegrationType": "AWS_PROXY", "IntegrationMethod": "POST", "ConnectionType": "INTERNET"}
        return {**settings, **function, "PayloadFormatVersion": "2.0"}
    inside = {"IntegrationType": "HTTP_PROXY", "IntegrationMethod": "ANY", "ConnectionType": "VPC_LINK"}
    tls = {"TlsConfig": {"ServerNameToVerify": props.server_name}} if props.server_name else {}
    return {**settings, **inside, **tls, "PayloadFormatVersion": "1.0", "ConnectionId": props.vpc_link_id}


def _tags(integration: Any) -> dict[str, str]:
    return tags_of_mark(integration.get("Description") or "")


def _observed(api_id: str, integration: Any) -> Observed:
    part = integration["IntegrationId"]
    told: JsonObject = {
        "api_id": api_id,
        "target_arn": integration.get("IntegrationUri") or "",
        "vpc_link_id": integration.get("ConnectionId") or "",
        "timeout": integration.get("TimeoutInMillis") or 30_000,
        "server_name": (integration.get("TlsConfig") or {}).get("ServerNameToVerify") or "",
    }
    identity = f"{api_id}/{part}"
    return Observed(
        id=identity,
        props=told,
        attributes={"id": identity, "integration_id": part, "target": f"integrations/{part}"},
        tags=_tags(integration),
    )
