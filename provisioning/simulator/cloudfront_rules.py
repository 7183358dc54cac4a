"""What CloudFront fills into a configuration, and what it refuses in one."""

import copy
import fnmatch
from collections.abc import Iterator
from typing import Any

from moto.acm.models import acm_backends
from moto.cloudfront.models import cloudfront_backends
from moto.wafv2.models import wafv2_backends

from provisioning.simulator.cloudfront_access import backend_of
from provisioning.simulator.operations import Call, Refusal

Config = dict[str, Any]

#: AWS's managed policies, which are the same in every account (CloudFront guide, "Use managed … policies").
_CACHE_POLICIES = {
    "658327ea-f89d-4fab-a63d-7e88639e58f6",
    "b2884449-e4de-46a7-ac36-70bc7f1ddd6d",
    "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
    "83da9c7e-98b4-4e11-a168-04f0df8e2c65",
    "4cc15a8a-d715-48a4-82b8-cc0b614638fe",
    "2e54312d-136d-493c-8eb9-b001f22f67d2",
    "08627262-05a9-4f76-9ded-b50ca2e3a84f",
}
_ORIGIN_REQUEST_POLICIES = {
    "216adef6-5c7f-47e4-b989-5492eafa07d3",
    "33f36d7e-f396-46d9-90e0-52428a34d9dc",
    "b689b0a8-53d0-40ab-baf2-68738e2966ac",
    "59781a5b-3903-41f3-afcb-af62929ccde1",
    "88a5eaf4-2fd4-4709-b370-b4c650ea3fcf",
    "acba4595-bd28-49b8-b9fe-13317c0390fa",
    "775133bc-15f2-49f9-abea-afb2e0bf67d2",
    "bf0718e1-ba1e-49d1-88b1-f726733018ae",
}
_RESPONSE_HEADERS_POLICIES = {
    "67f7725c-6f97-4210-82d7-5512b31e9d03",
    "60669652-455b-4ae9-85a4-c4c02393f86c",
    "5cc3b908-e619-4b99-88e5-2cf7f45965bd",
    "e61eb60c-9c35-4d20-a928-2b84e02af89c",
    "eaab4381-ed33-4a86-88ca-d9558dc6cd63",
}
_POLICIES = (
    ("CachePolicyId", _CACHE_POLICIES, "NoSuchCachePolicy"),
    ("OriginRequestPolicyId", _ORIGIN_REQUEST_POLICIES, "NoSuchOriginRequestPolicy"),
    ("ResponseHeadersPolicyId", _RESPONSE_HEADERS_POLICIES, "NoSuchResponseHeadersPolicy"),
)
_METHODS = ({"GET", "HEAD"}, {"GET", "HEAD", "OPTIONS"})
_ALL_METHODS = {"GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"}
_ORIGIN_KINDS = ("S3OriginConfig", "CustomOriginConfig", "VpcOriginConfig")


def _nothing() -> Config:
    return {"Quantity": 0}


def whole(given: Config) -> Config:
    """The configuration with what CloudFront adds where the caller says nothing."""
    config = copy.deepcopy(given)
    for name in ("Aliases", "OriginGroups", "CacheBehaviors", "CustomErrorResponses"):
        config.setdefault(name, _nothing())
    for name in ("DefaultRootObject", "WebACLId", "ContinuousDeploymentPolicyId"):
        config[name] = config.get(name) or ""
    config.setdefault("Logging", {"Enabled": False, "IncludeCookies": False, "Bucket": "", "Prefix": ""})
    config.setdefault("Restrictions", {"GeoRestriction": {"RestrictionType": "none", "Quantity": 0}})
    config.setdefault("PriceClass", "PriceClass_All")
    config.setdefault("HttpVersion", "http2")
    config.setdefault("IsIPV6Enabled", True)
    config.setdefault("Staging", False)
    config["ViewerCertificate"] = _whole_certificate(config.get("ViewerCertificate") or {})
    for origin in _items(config, "Origins"):
        _fill_origin(origin)
    for behavior in _behaviors(config):
        _fill_behavior(behavior)
    return config


def _whole_certificate(given: Config) -> Config:
    arn = given.get("ACMCertificateArn")
    if not arn:
        return {
            "CloudFrontDefaultCertificate": True,
            "SSLSupportMethod": "vip",
            "MinimumProtocolVersion": "TLSv1",  # whatever was asked for
            "CertificateSource": "cloudfront",
        }
    return {
        "CloudFrontDefaultCertificate": False,
        "ACMCertificateArn": arn,
        "SSLSupportMethod": given.get("SSLSupportMethod", "sni-only"),
        "MinimumProtocolVersion": given.get("MinimumProtocolVersion", "TLSv1"),
        "Certificate": arn,
        "CertificateSource": "acm",
    }


def _fill_origin(origin: Config) -> None:
    origin["DomainName"] = origin.get("DomainName", "").lower()
    for name in ("OriginPath", "OriginAccessControlId"):
        origin[name] = origin.get(name) or ""
    origin.setdefault("CustomHeaders", _nothing())
    origin.setdefault("ConnectionAttempts", 3)
    origin.setdefault("ConnectionTimeout", 10)
    origin.setdefault("OriginShield", {"Enabled": False})
    custom = origin.get("CustomOriginConfig")
    if custom:
        custom.setdefault("OriginReadTimeout", 30)
        custom.setdefault("OriginKeepaliveTimeout", 5)
        custom.setdefault("OriginSslProtocols", {"Quantity": 2, "Items": ["TLSv1.1", "TLSv1.2"]})


def _fill_behavior(behavior: Config) -> None:
    read = {"Quantity": 2, "Items": ["HEAD", "GET"]}
    for name in ("TrustedSigners", "TrustedKeyGroups"):
        behavior.setdefault(name, {"Enabled": False, "Quantity": 0})
    for name in ("LambdaFunctionAssociations", "FunctionAssociations"):
        behavior.setdefault(name, _nothing())
    behavior.setdefault("AllowedMethods", dict(read))
    behavior["AllowedMethods"].setdefault("CachedMethods", dict(read))
    behavior.setdefault("SmoothStreaming", False)
    behavior.setdefault("Compress", False)
    behavior.setdefault("FieldLevelEncryptionId", "")
    behavior.setdefault("GrpcConfig", {"Enabled": False})


def _items(config: Config, name: str) -> list[Any]:
    return list((config.get(name) or {}).get("Items") or [])


def _behaviors(config: Config) -> Iterator[Config]:
    yield config["DefaultCacheBehavior"]
    yield from _items(config, "CacheBehaviors")


def check(call: Call, config: Config, itself: Any = None) -> None:
    """Refuse what CloudFront refuses; `itself` is the distribution that the configuration is to be of."""
    _check_quantities(config)
    _check_plain(config)
    for origin in _items(config, "Origins"):
        _check_origin(call, origin)
    for behavior in _behaviors(config):
        _check_behavior(behavior, {one["Id"] for one in _items(config, "Origins")})
    _check_aliases(config, itself)
    _check_certificate(call, config)
    _check_web_acl(call, config["WebACLId"])


def _invalid(text: str, code: str = "InvalidArgument") -> Refusal:
    return Refusal(code, text)


def _untrusted(text: str) -> Refusal:
    return Refusal("InvalidViewerCertificate", text)


def _check_quantities(thing: Any) -> None:
    if isinstance(thing, list):
        for item in thing:
            _check_quantities(item)
    if not isinstance(thing, dict):
        return
    if "Quantity" in thing and int(thing["Quantity"]) != len(thing.get("Items") or []):
        raise _invalid("The value of Quantity and the size of Items don't match.", "InconsistentQuantities")
    for value in thing.values():
        _check_quantities(value)


def _check_plain(config: Config) -> None:
    if not _items(config, "Origins"):
        raise _invalid("Your request must contain at least one origin.")
    if len(config.get("Comment", "")) > 128:
        raise _invalid("The parameter Comment is too big.")
    if config["DefaultRootObject"].startswith("/"):
        raise _invalid(
            "The default root object file name is too big or contains an invalid character.",
            "InvalidDefaultRootObject",
        )
    for name, key in (("Origins", "Id"), ("CacheBehaviors", "PathPattern")):
        values = [one[key] for one in _items(config, name)]
        if len(values) != len(set(values)):
            raise _invalid(f"The parameter {key} must be unique in {name}.")


def _check_origin(call: Call, origin: Config) -> None:
    domain, control = origin["DomainName"], origin["OriginAccessControlId"]
    if sum(name in origin for name in _ORIGIN_KINDS) != 1:
        raise _invalid(f"Exactly one of {', '.join(_ORIGIN_KINDS)} must be specified.")
    if "." not in domain or "/" in domain or ":" in domain or domain.replace(".", "").isdigit():
        raise _invalid("The parameter origin name must be a domain name.")
    if "S3OriginConfig" in origin and not (".s3." in domain or ".s3-" in domain):
        raise _invalid("The parameter Origin DomainName does not refer to a valid S3 bucket.")
    if control and control not in backend_of(call).origin_access_controls:
        raise _invalid("The specified origin access control does not exist.", "InvalidOriginAccessControl")


def _check_behavior(behavior: Config, origins: set[str]) -> None:
    if behavior["TargetOriginId"] not in origins:
        raise _invalid("One or more of your origins or origin groups do not exist.", "NoSuchOrigin")
    for name, known, code in _POLICIES:
        identifier = behavior.get(name)
        if identifier and identifier not in known:
            raise _invalid(f"The policy {identifier} does not exist.", code)
    older, policy = behavior.get("ForwardedValues"), behavior.get("CachePolicyId")
    if policy and older:
        raise _invalid(
            "The parameter ForwardedValues cannot be used when a cache policy is associated to the cache behavior."
        )
    if not policy and not older:
        raise _invalid("The parameter ForwardedValues is required.")
    methods = set(_items(behavior, "AllowedMethods"))
    if methods not in (*_METHODS, _ALL_METHODS):
        raise _invalid("The parameter AllowedMethods contains a set of methods that is not allowed.")
    if set(_items(behavior["AllowedMethods"], "CachedMethods")) not in _METHODS:
        raise _invalid("The parameter CachedMethods contains a set of methods that is not allowed.")


def _check_aliases(config: Config, itself: Any) -> None:
    """A domain belongs to one distribution in all of AWS."""
    wanted = {alias.lower() for alias in _items(config, "Aliases")}
    for account in list(cloudfront_backends.values()):
        for other in account["aws"].distributions.values():
            taken: Any = other
            if taken is not itself and wanted & {one.lower() for one in _items(taken.config, "Aliases")}:
                raise _invalid(
                    "One or more of the CNAMEs you provided are already associated with a different resource.",
                    "CNAMEAlreadyExists",
                )


def _check_certificate(call: Call, config: Config) -> None:
    aliases, arn = _items(config, "Aliases"), config["ViewerCertificate"].get("ACMCertificateArn", "")
    if aliases and not arn:
        raise _untrusted(
            "To add an alternate domain name (CNAME) to a CloudFront distribution, you must attach a trusted "
            "certificate that validates your authorization to use the domain name."
        )
    if not arn:
        return
    certificate: Any = acm_backends[call.account]["us-east-1"]._certificates.get(arn)
    if certificate is None or certificate.status != "ISSUED":
        raise _untrusted(
            "The specified SSL certificate doesn't exist, isn't in us-east-1 region, isn't valid, or doesn't "
            "include a valid certificate chain."
        )
    names = {name.lower() for name in (certificate.common_name, *certificate.sans)}
    for alias in aliases:
        if not any(_covers(name, alias.lower()) for name in names):
            raise _untrusted(
                "The certificate that is attached to your distribution doesn't cover the alternate domain name "
                "(CNAME) that you're trying to add."
            )


def _covers(name: str, alias: str) -> bool:
    """A wildcard stands for one label."""
    return fnmatch.fnmatchcase(alias, name) and alias.count(".") == name.count(".")


def _check_web_acl(call: Call, arn: str) -> None:
    if arn and arn not in wafv2_backends[call.account]["global"].wacls:
        raise _invalid(f"Web ACL is not accessible by the requester: {arn}", "InvalidWebACLId")
