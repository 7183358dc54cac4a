"""Gateway: an HTTP API as the only door, which costs by the request and nothing while nobody knocks."""

from __future__ import annotations

from provisioning.blueprints.options import AccessLogOptions, DomainOptions
from provisioning.blueprints.parts.domain import alias, validation
from provisioning.blueprints.parts.network import PUBLIC_SUBNETS
from provisioning.kinds.apigatewayv2_api import ApiProps
from provisioning.kinds.apigatewayv2_api_mapping import ApiMappingProps
from provisioning.kinds.apigatewayv2_domain_name import DomainNameProps
from provisioning.kinds.apigatewayv2_integration import IntegrationProps
from provisioning.kinds.apigatewayv2_route import RouteProps
from provisioning.kinds.apigatewayv2_stage import StageProps
from provisioning.kinds.apigatewayv2_vpc_link import VpcLinkProps
from provisioning.kinds.ec2_security_group import SecurityGroupProps
from provisioning.kinds.lambda_permission import PermissionProps
from provisioning.kinds.logs_log_group import LogGroupProps
from provisioning.kinds.servicediscovery_private_dns_namespace import NamespaceProps
from provisioning.kinds.servicediscovery_service import DiscoveryServiceProps
from provisioning.references import ref
from provisioning.resource import Resource
from provisioning.spec import Spec

LINK_GROUP = "link-group"


def link_group() -> Resource:
    """The group of the VPC link: nobody asks it anything, it asks the tasks."""
    return Resource(
        key=LINK_GROUP,
        title="VPC link security group",
        props=SecurityGroupProps(vpc_id=ref("vpc"), description="VPC link: to the tasks", ingress=()),
    )


class ApiOptions(DomainOptions, AccessLogOptions):
    """What an HTTP API follows from."""


def gateway_to_tasks(spec: Spec, options: ApiOptions, *, open_path: str = "") -> tuple[Resource, ...]:
    """An HTTP API that finds the tasks by Cloud Map and reaches them through a VPC link. `open_path`: as of `_api`.

    It takes the place of a load balancer where that alone would cost more than all the rest: the API is billed by the
    request, the link costs nothing.
    """
    return (
        Resource(key="namespace", props=NamespaceProps(vpc_id=ref("vpc"))),
        Resource(key="task-names", props=DiscoveryServiceProps(namespace_id=ref("namespace"))),
        Resource(
            key="link",
            props=VpcLinkProps(subnet_ids=PUBLIC_SUBNETS, security_group_ids=(ref(LINK_GROUP),)),
        ),
        *_api(
            spec,
            options,
            target_arn=ref("task-names", "arn"),
            vpc_link_id=ref("link"),
            open_path=open_path,
        ),
    )


def gateway_to_function(
    spec: Spec, options: ApiOptions, function: str, version: str, *, open_path: str = ""
) -> tuple[Resource, ...]:
    """An HTTP API that calls a function by its alias `version`, which lets this API in and nobody else. Both are keys.
    `open_path`: as of `_api`."""
    return (
        *_api(spec, options, target_arn=ref(version, "arn"), open_path=open_path),
        Resource(
            key="api-permission",
            title="Permission: the API calls the function",
            props=PermissionProps(
                function_name=ref(function, "name"),
                qualifier=ref(version, "name"),
                source_arn=f"{ref('api', 'execution_arn')}/*/*",
            ),
        ),
    )


def api_url(options: ApiOptions) -> str:
    """Where people and scripts find it."""
    return f"https://{options.domain}" if options.domain else ref("api", "endpoint")


def _api(
    spec: Spec, options: ApiOptions, *, target_arn: str, vpc_link_id: str = "", open_path: str = ""
) -> tuple[Resource, ...]:
    """`open_path`: where people sign in, the one path that asks nobody for a token; empty where all are open."""
    return (
        Resource(key="api", props=ApiProps()),
        Resource(
            key="api-integration",
            props=IntegrationProps(api_id=ref("api"), target_arn=target_arn, vpc_link_id=vpc_link_id),
        ),
        *(_guarded(open_path) if open_path else (_route("api-route", "API route: everything"),)),
        *((_access_log(spec),) if options.access_log else ()),
        Resource(
            key="api-stage",
            name="$default",
            props=StageProps(
                api_id=ref("api"), access_log_arn=ref("api-logs", "arn") if options.access_log else ""
            ),
        ),
        *(_at_its_domain(options) if options.domain else ()),
    )


def _access_log(spec: Spec) -> Resource:
    """API Gateway names each group that it may write to in one policy of the region, which would soon be full; those
    below /aws/vendedlogs/ it need not name (API Gateway, "Configure logging for HTTP APIs")."""
    return Resource(
        key="api-logs",
        title="Access log of the API",
        name=f"/aws/vendedlogs/andamio/{spec.slug}-{spec.stack}/api",
        props=LogGroupProps(retention_days=30, priced=False),
    )


def _at_its_domain(options: ApiOptions) -> tuple[Resource, ...]:
    """Where it answers over HTTPS under the domain; there is nothing at port 80 that could redirect."""
    return (
        Resource(
            key="api-domain",
            props=DomainNameProps(domain=options.domain, certificate_arn=ref("certificate", "arn")),
            after=(validation("certificate"),),
        ),
        Resource(
            key="api-mapping",
            props=ApiMappingProps(
                domain=ref("api-domain"), api_id=ref("api"), stage=ref("api-stage", "name")
            ),
        ),
        alias(options, ref("api-domain", "target"), ref("api-domain", "zone_id")),
    )


def _guarded(open_path: str) -> tuple[Resource, ...]:
    """A browser asks without a token whether it may send one, and so does what looks whether the application is well;
    both the application answers itself."""
    return (
        _route("api-route", "API route: everything", authorizer=ref("api-authorizer", "authorizer_id")),
        _route("api-route-browsers", "API route: what browsers ask beforehand", "OPTIONS /{proxy+}"),
        _route("api-route-health", "API route: health", f"GET {open_path}"),
    )


def _route(key: str, title: str, path: str = "$default", authorizer: str = "") -> Resource:
    props = RouteProps(
        api_id=ref("api"),
        route_key=path,
        target=ref("api-integration", "target"),
        authorizer_id=authorizer,
    )
    return Resource(key=key, title=title, props=props)
