"""A stage of an HTTP API: puts its routes on the air, limits how often they are called, and keeps a log of it."""

from __future__ import annotations

import json
from typing import Any, Literal

from pydantic import Field

from provisioning.aws import Aws, found
from provisioning.http_apis import apis_of, domain_of
from provisioning.kind import Handle, Kind, Observed, Props, register
from provisioning.names import Naming
from provisioning.references import JsonObject
from provisioning.template_parts import REF, Form, Part, Place

# https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging-variables.html
_LOG_FORMAT = json.dumps(
    {
        "time": "$context.requestTime",
        "requestId": "$context.requestId",
        "ip": "$context.identity.sourceIp",
        "method": "$context.httpMethod",
        "path": "$context.path",
        "route": "$context.routeKey",
        "status": "$context.status",
        "bytes": "$context.responseLength",
        "milliseconds": "$context.responseLatency",
        "integrationStatus": "$context.integrationStatus",
        "integrationError": "$context.integrationErrorMessage",
        "authorizerError": "$context.authorizer.error",
    }
)


class StageProps(Props):
    """`access_log_arn`: of a log group; empty for none. `rate_limit` in requests a second on average, `burst_limit` at
    one moment; beyond them callers get the status 429. Every change is deployed at once."""

    api_id: str
    access_log_arn: str = ""
    rate_limit: float = Field(default=100, ge=0, le=10_000)
    burst_limit: int = Field(default=200, ge=0, le=5_000)
    detailed_metrics: bool = False
    auto_deploy: Literal[True] = True


@register
class Stage(Kind[StageProps]):
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/apis-apiid-stages.html

    Its name ("$default" is the one without a path) is unique within the API, with which it goes. Attributes: id
    ("<api>/<name>"), name, url.
    """

    name = "apigatewayv2.stage"
    title = "API stage"
    naming = Naming(limit=128)
    replace_on = frozenset({"api_id"})
    goes_with = frozenset({"api_id"})
    permissions = (
        "apigateway:POST",
        "apigateway:GET",
        "apigateway:PATCH",
        "apigateway:DELETE",
        "logs:CreateLogDelivery",
        "logs:UpdateLogDelivery",
        "logs:DeleteLogDelivery",
        "logs:GetLogDelivery",
        "logs:ListLogDeliveries",
        "logs:DescribeLogGroups",
        "logs:DescribeResourcePolicies",
        "logs:PutResourcePolicy",
    )
    props = StageProps

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        for api_id in apis_of(aws, handle):
            stage = found(aws.apigatewayv2.get_stage, ApiId=api_id, StageName=handle.name)
            if stage is not None:
                return Observed(
                    id=f"{api_id}/{handle.name}",
                    props={"api_id": api_id, **_told(stage)},
                    attributes=_attributes(aws, handle, api_id),
                    tags=stage.get("Tags", {}),
                )
        return None

    def create(self, aws: Aws, handle: Handle, props: StageProps) -> Observed:
        aws.apigatewayv2.create_stage(
            ApiId=props.api_id, StageName=handle.name, Tags=handle.tags, **_settings(props)
        )
        return Observed(id=f"{props.api_id}/{handle.name}", attributes=_attributes(aws, handle, props.api_id))

    def update(self, aws: Aws, handle: Handle, props: StageProps, observed: Observed) -> Observed:
        aws.apigatewayv2.update_stage(ApiId=props.api_id, StageName=handle.name, **_settings(props))
        if observed.props.get("access_log_arn") and not props.access_log_arn:
            found(aws.apigatewayv2.delete_access_log_settings, ApiId=props.api_id, StageName=handle.name)
        return observed

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        there = handle.id or (made.id if (made := self.read(aws, handle)) else None)
        if there is not None:
            found(aws.apigatewayv2.delete_stage, ApiId=there.partition("/")[0], StageName=handle.name)
        return True

    def cloudformation(self, place: Place, props: StageProps) -> Form:
        path = "" if place.name == "$default" else f"/{place.name}"
        properties = {
            "ApiId": props.api_id,
            "StageName": place.name,
            "Tags": dict(place.tags),
            **_settings(props),
        }
        return Form(
            parts=(Part(type="AWS::ApiGatewayV2::Stage", properties=properties),),
            attributes={
                "id": f"{props.api_id}/{place.name}",
                "name": REF,
                "url": f"https://{domain_of(props.api_id, place.region)}{path}",
            },
        )


def _settings(props: StageProps) -> Any:
    settings: dict[str, Any] = {
        "AutoDeploy": props.auto_deploy,
        "DefaultRouteSettings": {
            "DetailedMetricsEnabled": props.detailed_metrics,
            "ThrottlingBurstLimit": props.burst_limit,
            "ThrottlingRateLimit": props.rate_limit,
        },
    }
    if props.access_log_arn:
        settings["AccessLogSettings"] = {"DestinationArn": props.access_log_arn, "Format": _LOG_FORMAT}
    return settings


def _told(stage: Any) -> JsonObject:
    limits = stage.get("DefaultRouteSettings") or {}
    log = (stage.get("AccessLogSettings") or {}).get("DestinationArn") or ""
    told: JsonObject = {
        "access_log_arn": log.removesuffix(":*"),
        "detailed_metrics": bool(limits.get("DetailedMetricsEnabled")),
        "auto_deploy": bool(stage.get("AutoDeploy")),
        # -1 stands for no limit but the account's.
        "rate_limit": float(limits.get("ThrottlingRateLimit", -1)),
        "burst_limit": limits.get("ThrottlingBurstLimit", -1),
    }
    return told


def _attributes(aws: Aws, handle: Handle, api_id: str) -> dict[str, str]:
    path = "" if handle.name == "$default" else f"/{handle.name}"
    return {
        "id": f"{api_id}/{handle.name}",
        "name": handle.name,
        "url": f"https://{domain_of(api_id, aws.region)}{path}",
    }
