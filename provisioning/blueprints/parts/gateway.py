"""Gateway: an HTTP API as the only door, which costs by the request and nothing while nobody knocks."""

from __future__ import annotations

from provisioning.blueprints.parts.network import PUBLIC_SUBNETS
from provisioning.kinds.apigatewayv2_api import ApiProps
from provisioning.kinds.apigatewayv2_integration import IntegrationProps
from provisioning.kinds.apigatewayv2_route import RouteProps
from provisioning.kinds.apigatewayv2_stage import StageProps
from provisioning.kinds.apigatewayv2_vpc_link import VpcLinkProps
from provisioning.kinds.ec2_security_group import SecurityGroupProps
from provisioning.kinds.lambda_permission import PermissionProps
from provisioning.kinds.servicediscovery_private_dns_namespace import NamespaceProps
from provisioning.kinds.servicediscovery_service import DiscoveryServiceProps
from provisioning.references import ref
from provisioning.resource import Resource

LINK_GROUP = "link-group"


def link_group() -> Resource:
    """The group of the VPC link: nobody asks it anything, it asks the tasks."""
    return Resource(
        key=LINK_GROUP,
        title="VPC link security group",
        props=SecurityGroupProps(vpc_id=ref("vpc"), description="VPC link: to the tasks", ingress=()),
    )


def gateway_to_tasks(*, open_path: str = "") -> tuple[Resource, ...]:
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
        *_api(target_arn=ref("task-names", "arn"), vpc_link_id=ref("link"), open_path=open_path),
    )


def gateway_to_function(function: str, alias: str, *, open_path: str = "") -> tuple[Resource, ...]:
    """An HTTP API that calls an alias of a function, which lets this API in and nobody else. Both are keys.
    `open_path`: as of `_api`."""
    return (
        *_api(target_arn=ref(alias, "arn"), open_path=open_path),
        Resource(
            key="api-permission",
            title="Permission: the API calls the function",
            props=PermissionProps(
                function_name=ref(function, "name"),
                qualifier=ref(alias, "name"),
                source_arn=f"{ref('api', 'execution_arn')}/*/*",
            ),
        ),
    )


def _api(*, target_arn: str, vpc_link_id: str = "", open_path: str = "") -> tuple[Resource, ...]:
    """`open_path`: where people sign in, the one path that asks nobody for a token; empty where all are open."""
    return (
        Resource(key="api", props=ApiProps()),
        Resource(
            key="api-integration",
            props=IntegrationProps(api_id=ref("api"), target_arn=target_arn, vpc_link_id=vpc_link_id),
        ),
        *(_guarded(open_path) if open_path else (_route("api-route", "API route: everything"),)),
        Resource(key="api-stage", name="$default", props=StageProps(api_id=ref("api"))),
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
