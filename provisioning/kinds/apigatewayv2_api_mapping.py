"""Which API answers under a domain name of API Gateway."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from provisioning.aws import Aws, found
from provisioning.http_apis import part_of, stack_domains
from provisioning.kind import Handle, Kind, Observed, Props, register
from provisioning.template_parts import Form, Part, Place, Told


class ApiMappingProps(Props):
    """Everything below `domain` goes to a stage of an API."""

    domain: str
    api_id: str
    stage: str = "$default"


@register
class ApiMapping(Kind[ApiMappingProps]):
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/domainnames-domainname-apimappings.html

    No token and no tags. A domain has one mapping for everything below it and AWS refuses a second: in a domain that is
    ours it is ours. It goes with the domain, and keeps the API. Attributes: id ("<domain>/<mapping>").
    """

    name = "apigatewayv2.api_mapping"
    title = "API mapping"
    replace_on = frozenset({"domain"})
    holds = frozenset({"api_id"})
    goes_with = frozenset({"domain"})
    permissions = ("apigateway:POST", "apigateway:GET", "apigateway:PATCH", "apigateway:DELETE")
    props = ApiMappingProps

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        wanted = part_of(handle.id) if handle.id else None
        for domain, one in _mappings(aws, handle):
            if one["ApiMappingId"] == wanted if wanted else not one.get("ApiMappingKey"):
                return _observed(handle, domain, one)
        return None

    def create(self, aws: Aws, handle: Handle, props: ApiMappingProps) -> Observed:
        made = aws.apigatewayv2.create_api_mapping(
            DomainName=props.domain, ApiId=props.api_id, Stage=props.stage
        )
        return _observed(handle, props.domain, made)

    def update(self, aws: Aws, handle: Handle, props: ApiMappingProps, observed: Observed) -> Observed:
        changed = aws.apigatewayv2.update_api_mapping(
            DomainName=props.domain,
            ApiMappingId=part_of(observed.id),
            ApiId=props.api_id,
            Stage=props.stage,
        )
        return _observed(handle, props.domain, changed)

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        there = handle.id or (made.id if (made := self.read(aws, handle)) else None)
        if there is not None:
            domain, _, mapping = there.partition("/")
            found(aws.apigatewayv2.delete_api_mapping, DomainName=domain, ApiMappingId=mapping)
        return True

    def cloudformation(self, place: Place, props: ApiMappingProps) -> Form:
        properties = {"DomainName": props.domain, "ApiId": props.api_id, "Stage": props.stage}
        return Form(
            parts=(Part(type="AWS::ApiGatewayV2::ApiMapping", properties=properties),),
            attributes={
                "id": f"{props.domain}/{place.own('mapping_id')}",
                "mapping_id": Told("ApiMappingId"),
            },
        )


def _mappings(aws: Aws, handle: Handle) -> Iterator[tuple[str, Any]]:
    """Each mapping with its domain: of the domain on record, without one of all that are the environment's."""
    if handle.id is not None:
        domains = [handle.id.partition("/")[0]]
    else:
        domains = [one["DomainName"] for one in stack_domains(aws, handle.stack)]
    for domain in domains:
        for one in found(aws.listed, aws.apigatewayv2.get_api_mappings, "Items", DomainName=domain) or []:
            yield domain, one


def _observed(handle: Handle, domain: str, mapping: Any) -> Observed:
    identity = f"{domain}/{mapping['ApiMappingId']}"
    return Observed(
        id=identity,
        props={"domain": domain, "api_id": mapping["ApiId"], "stage": mapping["Stage"]},
        attributes={"id": identity},
        # It lies in a domain that is ours, or its id is on record.
        tags=handle.tags,
    )
