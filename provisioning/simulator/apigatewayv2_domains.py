"""Domain names of HTTP APIs: with a certificate of their region that is issued, and one API below each path."""

import fnmatch
import re
import secrets
from collections.abc import Iterator
from typing import Any

from moto.acm.models import acm_backends
from moto.apigatewayv2.models import DomainName, apigatewayv2_backends
from moto.core.resource_tagging import TaggedResource

from provisioning.simulator.apigatewayv2 import api_of, backend_of, conflict, missing, refuse
from provisioning.simulator.operations import Call, operation
from provisioning.simulator.tagged import tagged
from provisioning.simulator.world import Moment, event

_NAME = re.compile(r"(\*\.)?([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,}", re.IGNORECASE)
# Hosted zones of regional domain names (AWS General Reference, "Amazon API Gateway endpoints and quotas").
_ZONES = {
    "us-east-1": "Z1UJRXOUMOOFQ8",
    "us-east-2": "ZOJJZC49E0EPZ",
    "us-west-1": "Z2MUQ32089INYE",
    "us-west-2": "Z2OJLYMUO9EFXC",
    "eu-central-1": "Z1U9ULNL0V5AJ3",
    "eu-west-1": "ZLY8HYME6SFDD",
    "eu-west-2": "ZJ5UAJN8Y3Z2Q",
    "sa-east-1": "ZCMLWB8V5SYIT",
}


def _domain_of(call: Call) -> Any:
    found = backend_of(call).domain_names.get(call.text("DomainName"))
    if found is None:
        raise missing("domain name", call.text("DomainName"))
    return found


def _certificate(call: Call, arn: str, domain: str) -> Any:
    """The certificate, or AWS's refusal of it."""
    if f":acm:{call.region}:" not in arn:
        raise refuse(f"Invalid certificate ARN: {arn}. Certificate must be in '{call.region}'.")
    certificate: Any = acm_backends[call.account][call.region]._certificates.get(arn)
    if certificate is None or certificate.status != "ISSUED":
        raise refuse(f"Certificate {arn} in account {call.account} not yet issued")
    names = {name.lower() for name in (certificate.common_name, *certificate.sans)}
    if not any(_covers(name, domain.lower()) for name in names):
        raise refuse("The domain name to be created is not covered by the provided certificate")
    return certificate


def _covers(name: str, domain: str) -> bool:
    """A wildcard stands for one label."""
    return fnmatch.fnmatchcase(domain, name) and domain.count(".") == name.count(".")


def _configuration(call: Call, domain: str) -> dict[str, Any]:
    wanted = call.items("DomainNameConfigurations")
    if len(wanted) != 1:
        raise refuse("Only one domain name configuration is supported")
    given = {name: value for name, value in wanted[0].items() if value is not None}
    if given.get("EndpointType", "REGIONAL") != "REGIONAL":
        raise refuse("Endpoint type must be REGIONAL for a domain name of HTTP APIs")
    if given.get("SecurityPolicy", "TLS_1_2") != "TLS_1_2":
        raise refuse("The security policy of a domain name of HTTP APIs must be TLS_1_2")
    _certificate(call, given.get("CertificateArn", ""), domain)
    return {
        "certificateArn": given["CertificateArn"],
        "endpointType": "REGIONAL",
        "securityPolicy": "TLS_1_2",
    }


def _use(call: Call, domain: Any, arn: str) -> None:
    """ACM knows who uses a certificate; empty for none any more."""
    for certificate in acm_backends[call.account][call.region]._certificates.values():
        one: Any = certificate
        others = [user for user in one.in_use_by if user != domain.domain_name_arn]
        one.in_use_by = [*others, domain.domain_name_arn] if one.arn == arn else others


@operation("apigatewayv2", "CreateDomainName")
def create_domain_name(call: Call) -> object:
    """One of a name in all of AWS, at a target of its own."""
    name = call.text("DomainName").lower()
    if not _NAME.fullmatch(name):
        raise refuse(f"Invalid domain name specified: {name}")
    if name in backend_of(call).domain_names:
        raise conflict("The domain name you provided already exists.")
    if any(
        name in regional.domain_names
        for account in apigatewayv2_backends.values()
        for regional in account.values()
    ):
        raise refuse(
            "The domain name you provided is already associated with an existing API Gateway domain."
        )
    configuration = _configuration(call, name)
    domain: Any = DomainName(
        domain_name=name,
        domain_name_configurations=[],
        mutual_tls_authentication={},
        tags=dict(call.params.get("Tags") or {}),
        backend=backend_of(call),
    )
    target = f"d-{secrets.token_hex(5)}.execute-api.{call.region}.amazonaws.com"
    domain.domain_name_configurations = [
        {
            **configuration,
            "apiGatewayDomainName": target,
            "hostedZoneId": _ZONES.get(call.region, "Z1UJRXOUMOOFQ8"),
            "domainNameStatus": "AVAILABLE",
        }
    ]
    backend_of(call).domain_names[name] = domain
    _use(call, domain, configuration["certificateArn"])
    return _told(domain)


def _told(domain: Any) -> dict[str, Any]:
    (configuration,) = domain.domain_name_configurations
    return {
        "ApiMappingSelectionExpression": "$request.basepath",
        "DomainName": domain.domain_name,
        "DomainNameArn": domain.domain_name_arn,
        "DomainNameConfigurations": [
            {name[:1].upper() + name[1:]: value for name, value in configuration.items()}
        ],
        "RoutingMode": "API_MAPPING_ONLY",
        "Tags": dict(domain.tags),
    }


@operation("apigatewayv2", "GetDomainName")
def get_domain_name(call: Call) -> object:
    """With where it answers, which moto does not know."""
    return _told(_domain_of(call))


@operation("apigatewayv2", "GetDomainNames")
def get_domain_names(call: Call) -> object:
    """All of the region."""
    return {"Items": [_told(one) for one in backend_of(call).domain_names.values()]}


@operation("apigatewayv2", "UpdateDomainName")
def update_domain_name(call: Call) -> object:
    """`UPDATING` while another certificate takes its place; moto has no such operation."""
    domain = _domain_of(call)
    wanted = _configuration(call, domain.domain_name)
    (now,) = domain.domain_name_configurations
    if now["domainNameStatus"] != "AVAILABLE":
        raise conflict("The domain name is being updated.")
    now |= {**wanted, "domainNameStatus": "UPDATING"}
    _use(call, domain, wanted["certificateArn"])
    call.after("apigatewayv2.domain", "apigatewayv2.domain_updated", domain.domain_name)
    return _told(domain)


@event("apigatewayv2.domain_updated")
def domain_updated(moment: Moment, name: str) -> None:
    """The new certificate is everywhere."""
    domain: Any = backend_of(moment).domain_names.get(name)
    if domain is not None:
        domain.domain_name_configurations[0]["domainNameStatus"] = "AVAILABLE"


@operation("apigatewayv2", "DeleteDomainName")
def delete_domain_name(call: Call) -> object:
    """With its mappings."""
    domain, backend = _domain_of(call), backend_of(call)
    mappings = backend.api_mappings
    for identifier in [key for key, one in mappings.items() if one.domain_name == domain.domain_name]:
        del mappings[identifier]
    _use(call, domain, "")
    del backend.domain_names[domain.domain_name]
    return {}


def _check_mapping(call: Call, now: Any = None) -> None:
    stages = api_of(call).stages
    stage = call.text("Stage") or (now.stage if now else "")
    if stage not in stages:
        raise refuse(f"Invalid stage identifier specified: {stage}")
    key = call.text("ApiMappingKey")
    for other in backend_of(call).api_mappings.values():
        if other is not now and (other.domain_name, other.api_mapping_key) == (call.text("DomainName"), key):
            raise conflict("ApiMapping key already exists for this domain name")


def _mapping_of(call: Call) -> Any:
    _domain_of(call)
    found = backend_of(call).api_mappings.get(call.text("ApiMappingId"))
    if found is None or found.domain_name != call.text("DomainName"):
        raise missing("mapping", call.text("ApiMappingId"))
    return found


@operation("apigatewayv2", "CreateApiMapping")
def create_api_mapping(call: Call) -> object:
    """To a stage that is there, one of a key."""
    _domain_of(call)
    _check_mapping(call)
    return call.forward()


@operation("apigatewayv2", "GetApiMapping", "DeleteApiMapping")
def keep_mappings_apart(call: Call) -> object:
    """Of the domain that is named."""
    _mapping_of(call)
    return call.forward()


@operation("apigatewayv2", "GetApiMappings")
def get_api_mappings(call: Call) -> object:
    """Of a domain that is there."""
    _domain_of(call)
    return call.forward()


@operation("apigatewayv2", "UpdateApiMapping")
def update_api_mapping(call: Call) -> object:
    """Another API or stage; moto has no such operation."""
    mapping = _mapping_of(call)
    _check_mapping(call, mapping)
    mapping.api_id = call.text("ApiId")
    mapping.stage = call.text("Stage") or mapping.stage
    return {
        "ApiId": mapping.api_id,
        "ApiMappingId": mapping.api_mapping_id,
        "ApiMappingKey": mapping.api_mapping_key,
        "Stage": mapping.stage,
    }


@tagged
def domains(moment: Moment) -> Iterator[TaggedResource]:
    """Domain names, for the tagging API."""
    for one in backend_of(moment).domain_names.values():
        yield TaggedResource(one.domain_name_arn, dict(one.tags), "apigateway:domainnames")
