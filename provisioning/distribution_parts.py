"""Origins and behaviours of a CloudFront distribution: as our properties, and as the documents of its API.

A document is made out of the one that is there: what our properties do not speak of stays as somebody set it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from provisioning.references import JsonObject

Document = dict[str, Any]

# Managed policies have the same ids in every account:
# https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/using-managed-cache-policies.html,
# using-managed-origin-request-policies.html and using-managed-response-headers-policies.html there.
CachePolicy = Literal[
    "CachingOptimized",
    "CachingOptimizedForUncompressedObjects",
    "CachingDisabled",
    "UseOriginCacheControlHeaders",
    "UseOriginCacheControlHeaders-QueryStrings",
]
CACHE_POLICIES: Mapping[str, str] = {
    "CachingOptimized": "658327ea-f89d-4fab-a63d-7e88639e58f6",
    "CachingOptimizedForUncompressedObjects": "b2884449-e4de-46a7-ac36-70bc7f1ddd6d",
    "CachingDisabled": "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
    "UseOriginCacheControlHeaders": "83da9c7e-98b4-4e11-a168-04f0df8e2c65",
    "UseOriginCacheControlHeaders-QueryStrings": "4cc15a8a-d715-48a4-82b8-cc0b614638fe",
}
OriginRequestPolicy = Literal[
    "", "AllViewer", "AllViewerExceptHostHeader", "CORS-CustomOrigin", "CORS-S3Origin"
]
ORIGIN_REQUEST_POLICIES: Mapping[str, str] = {
    "AllViewer": "216adef6-5c7f-47e4-b989-5492eafa07d3",
    "AllViewerExceptHostHeader": "b689b0a8-53d0-40ab-baf2-68738e2966ac",
    "CORS-CustomOrigin": "59781a5b-3903-41f3-afcb-af62929ccde1",
    "CORS-S3Origin": "88a5eaf4-2fd4-4709-b370-b4c650ea3fcf",
}
ResponseHeadersPolicy = Literal[
    "",
    "SecurityHeadersPolicy",
    "SimpleCORS",
    "CORS-With-Preflight",
    "CORS-and-SecurityHeadersPolicy",
    "CORS-with-preflight-and-SecurityHeadersPolicy",
]
RESPONSE_HEADERS_POLICIES: Mapping[str, str] = {
    "SecurityHeadersPolicy": "67f7725c-6f97-4210-82d7-5512b31e9d03",
    "SimpleCORS": "60669652-455b-4ae9-85a4-c4c02393f86c",
    "CORS-With-Preflight": "5cc3b908-e619-4b99-88e5-2cf7f45965bd",
    "CORS-and-SecurityHeadersPolicy": "e61eb60c-9c35-4d20-a928-2b84e02af89c",
    "CORS-with-preflight-and-SecurityHeadersPolicy": "eaab4381-ed33-4a86-88ca-d9558dc6cd63",
}
# AWS takes these three sets and no others.
_METHODS: Mapping[str, tuple[str, ...]] = {
    "read": ("GET", "HEAD"),
    "preflight": ("GET", "HEAD", "OPTIONS"),
    "all": ("GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"),
}
# Settings of behaviours from before there were cache policies, which exclude those.
_OLDER = ("ForwardedValues", "MinTTL", "DefaultTTL", "MaxTTL")

_Name = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{0,62}$")]
_Folder = Annotated[str, StringConstraints(pattern=r"^(/[^\s]*[^\s/])?$", max_length=255)]
_Pattern = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.*$/~\"'@:+&?-]+$", max_length=255)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class BucketOrigin(_Part):
    """A bucket that only the distribution reads, by its origin access control. `domain` is the bucket's regional
    one; `path` a folder in which everything is."""

    id: _Name
    domain: str
    access_control_id: str
    path: _Folder = ""

    def document(self, before: Mapping[str, Any]) -> Document:
        """As CloudFront takes it."""
        kept = _without(before, "CustomOriginConfig", "VpcOriginConfig")
        config = {**before.get("S3OriginConfig", {}), "OriginAccessIdentity": ""}
        return {**kept, **_common(self), "S3OriginConfig": config}


class ServerOrigin(_Part):
    """Anything that speaks HTTP: a load balancer, an API, a Beanstalk environment. With `https-only` it needs a
    certificate for `domain`. Timeouts in seconds."""

    id: _Name
    domain: str
    protocol: Literal["https-only", "http-only"] = "https-only"
    path: _Folder = ""
    read_timeout: Annotated[int, Field(ge=1, le=120)] = 30
    keepalive: Annotated[int, Field(ge=1, le=120)] = 5

    def document(self, before: Mapping[str, Any]) -> Document:
        """As CloudFront takes it."""
        kept = _without(before, "S3OriginConfig", "VpcOriginConfig")
        config = {
            "HTTPPort": 80,
            "HTTPSPort": 443,
            **before.get("CustomOriginConfig", {}),
            "OriginProtocolPolicy": self.protocol,
            "OriginSslProtocols": {"Quantity": 1, "Items": ["TLSv1.2"]},
            "OriginReadTimeout": self.read_timeout,
            "OriginKeepaliveTimeout": self.keepalive,
        }
        return {**kept, **_common(self), "CustomOriginConfig": config}


class Behavior(_Part):
    """What is done with requests: which `origin` answers, what of its answers is kept (`cache`), what of a request
    it is told (`forward`), what is added to its answers (`headers`). Viewers without TLS are sent to HTTPS, or with
    `https-only` refused."""

    origin: _Name
    methods: Literal["read", "preflight", "all"] = "read"
    cache: CachePolicy = "CachingOptimized"
    forward: OriginRequestPolicy = ""
    headers: ResponseHeadersPolicy = "SecurityHeadersPolicy"
    viewers: Literal["redirect-to-https", "https-only"] = "redirect-to-https"
    compress: bool = True

    def document(self, before: Mapping[str, Any]) -> Document:
        """As CloudFront takes it."""
        methods = _METHODS[self.methods]
        optional = {
            "OriginRequestPolicyId": ORIGIN_REQUEST_POLICIES.get(self.forward),
            "ResponseHeadersPolicyId": RESPONSE_HEADERS_POLICIES.get(self.headers),
        }
        return {
            **_without(before, *_OLDER, *optional),
            "TargetOriginId": self.origin,
            "ViewerProtocolPolicy": self.viewers,
            "AllowedMethods": {**listed(methods), "CachedMethods": listed(_METHODS["read"])},
            "Compress": self.compress,
            "CachePolicyId": CACHE_POLICIES[self.cache],
            **{name: identifier for name, identifier in optional.items() if identifier},
        }


class PathBehavior(Behavior):
    """The same for requests of a path ("/files/*"). The first that fits counts."""

    path: _Pattern

    def document(self, before: Mapping[str, Any]) -> Document:
        """As CloudFront takes it."""
        return {**super().document(before), "PathPattern": self.path}


def listed(items: Any) -> Document:
    """A list as CloudFront takes it: with its length, and without what is empty."""
    values = list(items)
    return {"Quantity": len(values), "Items": values} if values else {"Quantity": 0}


# CloudFormation's names for what the API calls otherwise.
_IN_TEMPLATE = {
    "ACMCertificateArn": "AcmCertificateArn",
    "IsIPV6Enabled": "IPV6Enabled",
    "OriginSslProtocols": "OriginSSLProtocols",
    "SSLSupportMethod": "SslSupportMethod",
}


def in_template(document: Any) -> Any:
    """A configuration as CloudFormation takes it: lists without their length, under its own names."""
    if not isinstance(document, Mapping):
        return [in_template(item) for item in document] if isinstance(document, list) else document
    if "Quantity" in document:
        return [in_template(item) for item in document.get("Items", [])]
    plain = {_IN_TEMPLATE.get(name, name): in_template(value) for name, value in document.items()}
    if "AllowedMethods" in document:
        plain["CachedMethods"] = in_template(document["AllowedMethods"]["CachedMethods"])
    return plain


def origins_told(config: Mapping[str, Any]) -> tuple[list[JsonObject], list[JsonObject]]:
    """Buckets and servers of a distribution as our properties."""
    buckets: list[JsonObject] = []
    servers: list[JsonObject] = []
    for origin in config["Origins"]["Items"]:
        common: JsonObject = {
            "id": origin["Id"],
            "domain": origin["DomainName"],
            "path": origin.get("OriginPath", ""),
        }
        custom = origin.get("CustomOriginConfig")
        if custom is None:
            buckets.append({**common, "access_control_id": origin.get("OriginAccessControlId", "")})
        else:
            told: JsonObject = {
                "protocol": custom["OriginProtocolPolicy"],
                "read_timeout": custom.get("OriginReadTimeout", 30),
                "keepalive": custom.get("OriginKeepaliveTimeout", 5),
            }
            servers.append(common | told)
    return buckets, servers


def behavior_told(document: Mapping[str, Any]) -> JsonObject:
    """A behaviour as our properties; an id stands where the policy is none of ours."""
    told: JsonObject = {
        "origin": document["TargetOriginId"],
        "methods": _methods_told(document),
        "cache": _name_of(CACHE_POLICIES, document.get("CachePolicyId", "")),
        "forward": _name_of(ORIGIN_REQUEST_POLICIES, document.get("OriginRequestPolicyId", "")),
        "headers": _name_of(RESPONSE_HEADERS_POLICIES, document.get("ResponseHeadersPolicyId", "")),
        "viewers": document["ViewerProtocolPolicy"],
        "compress": document.get("Compress", False),
    }
    return told | ({"path": document["PathPattern"]} if "PathPattern" in document else {})


def _methods_told(document: Mapping[str, Any]) -> str:
    allowed = set(document.get("AllowedMethods", {}).get("Items", _METHODS["read"]))
    known = (name for name, methods in _METHODS.items() if set(methods) == allowed)
    return next(known, ", ".join(sorted(allowed)))


def _name_of(policies: Mapping[str, str], identifier: str) -> str:
    return next((name for name, one in policies.items() if one == identifier), identifier)


def _common(origin: BucketOrigin | ServerOrigin) -> Document:
    control = origin.access_control_id if isinstance(origin, BucketOrigin) else ""
    return {
        "Id": origin.id,
        "DomainName": origin.domain,
        "OriginPath": origin.path,
        "OriginAccessControlId": control,
    }


def _without(document: Mapping[str, Any], *names: str) -> Document:
    return {name: value for name, value in document.items() if name not in names}
