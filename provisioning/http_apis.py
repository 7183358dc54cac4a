"""Finding the parts of an HTTP API, which take no tags: they lie in an API that is ours and carry our name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from provisioning.aws import Aws, found
from provisioning.kind import TAG_STACK, Handle


def apis_of(aws: Aws, handle: Handle) -> list[str]:
    """The API on record in the id of a part ("<api>/<part>"); without one, all of the environment's."""
    if handle.id is not None:
        return [handle.id.partition("/")[0]]
    apis = aws.listed(aws.apigatewayv2.get_apis, "Items")
    return sorted(api["ApiId"] for api in apis if api.get("Tags", {}).get(TAG_STACK) == handle.stack)


def part_of(identity: str) -> str:
    """What AWS calls the part whose id is "<api>/<part>"."""
    return identity.partition("/")[2]


def parts_of(aws: Aws, call: Callable[..., Any], handle: Handle) -> Iterator[tuple[str, Any]]:
    """Each part of one sort (`aws.apigatewayv2.get_routes`) with the id of its API; one list per API is shared."""
    for api_id in apis_of(aws, handle):
        for part in found(aws.listed, call, "Items", ApiId=api_id) or []:
            yield api_id, part


def stack_domains(aws: Aws, stack: str) -> list[Any]:
    """Domain names of API Gateway that an environment has."""
    domains = aws.listed(aws.apigatewayv2.get_domain_names, "Items")
    return [one for one in domains if one.get("Tags", {}).get(TAG_STACK) == stack]


def domain_of(api_id: str, region: str) -> str:
    """The host name that AWS gives an API."""
    return f"{api_id}.execute-api.{region}.amazonaws.com{'.cn' if region.startswith('cn-') else ''}"
