"""A domain name of API Gateway: where HTTP APIs answer under a name of one's own."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field

from provisioning.aws import Aws, found
from provisioning.http_apis import stack_domains
from provisioning.kind import Expected, Handle, Kind, Observed, Props, Status, register
from provisioning.references import JsonObject, JsonValue
from provisioning.template_parts import REF, Form, Part, Place, Told, partition


class DomainNameProps(Props):
    """`certificate_arn`: of the same region, issued, and for this domain."""

    domain: str = Field(min_length=1, max_length=253)
    certificate_arn: str
    minimum_tls: Literal["TLS_1_2"] = "TLS_1_2"
    endpoint: Literal["REGIONAL"] = "REGIONAL"


@register
class DomainName(Kind[DomainNameProps]):
    """https://docs.aws.amazon.com/apigatewayv2/latest/api-reference/domainnames.html

    The domain is its identity, which one account in a region has at a time; tags tell whether it is ours. Another
    certificate takes its place while the old one answers. Attributes: id (the domain), arn, target (what an alias
    points to) and zone_id (the zone that AWS names for that alias).
    """

    name = "apigatewayv2.domain_name"
    title = "API domain name"
    expected = Expected(create=5, update=60)
    replace_on = frozenset({"domain"})
    holds = frozenset({"certificate_arn"})
    permissions = ("apigateway:POST", "apigateway:GET", "apigateway:PATCH", "apigateway:DELETE")
    linked_roles = ("ops.apigateway.amazonaws.com",)
    props = DomainNameProps

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        if handle.id is not None:
            there: Any = found(aws.apigatewayv2.get_domain_name, DomainName=handle.id)
        else:
            ours = (one for one in stack_domains(aws, handle.stack) if handle.owns(one.get("Tags", {})))
            there = next(ours, None)
        return None if there is None else _observed(there)

    def create(self, aws: Aws, handle: Handle, props: DomainNameProps) -> Observed:
        return _observed(
            aws.apigatewayv2.create_domain_name(
                DomainName=props.domain,
                DomainNameConfigurations=[_configuration(props)],
                Tags=handle.tags,
            )
        )

    def update(self, aws: Aws, handle: Handle, props: DomainNameProps, observed: Observed) -> Observed:
        changed = aws.apigatewayv2.update_domain_name(
            DomainName=observed.id, DomainNameConfigurations=[_configuration(props)]
        )
        return _observed(changed)

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        there = handle.id or (made.id if (made := self.read(aws, handle)) else None)
        if there is not None:
            found(aws.apigatewayv2.delete_domain_name, DomainName=there)
        return True

    def differences(self, wanted: JsonObject, observed: Observed) -> dict[str, tuple[JsonValue, JsonValue]]:
        """As everywhere, but for capital letters of the domain."""
        told = super().differences(wanted, observed)
        return {
            name: pair
            for name, pair in told.items()
            if name != "domain" or str(pair[0]).lower() != str(pair[1]).lower()
        }

    def cloudformation(self, place: Place, props: DomainNameProps) -> Form:
        properties = {
            "DomainName": props.domain,
            "DomainNameConfigurations": [_configuration(props)],
            "Tags": dict(place.tags),
        }
        return Form(
            parts=(Part(type="AWS::ApiGatewayV2::DomainName", properties=properties),),
            attributes={
                "id": REF,
                "arn": f"arn:{partition(place.region)}:apigateway:{place.region}::/domainnames/{props.domain}",
                "target": Told("RegionalDomainName"),
                "zone_id": Told("RegionalHostedZoneId"),
            },
        )


def _configuration(props: DomainNameProps) -> Any:
    return {
        "CertificateArn": props.certificate_arn,
        "EndpointType": props.endpoint,
        "SecurityPolicy": props.minimum_tls,
    }


def _observed(domain: Any) -> Observed:
    (told,) = domain["DomainNameConfigurations"]
    state = told.get("DomainNameStatus", "AVAILABLE")
    return Observed(
        id=domain["DomainName"],
        status=Status.READY if state == "AVAILABLE" else Status.PENDING,
        props={
            "domain": domain["DomainName"],
            "certificate_arn": told.get("CertificateArn", ""),
            "minimum_tls": told.get("SecurityPolicy", ""),
            "endpoint": told.get("EndpointType", ""),
        },
        attributes={
            "id": domain["DomainName"],
            "arn": domain.get("DomainNameArn", ""),
            "target": told.get("ApiGatewayDomainName", ""),
            "zone_id": told.get("HostedZoneId", ""),
        },
        tags=domain.get("Tags", {}),
        reason=told.get("DomainNameStatusMessage") or ("" if state == "AVAILABLE" else state),
    )
