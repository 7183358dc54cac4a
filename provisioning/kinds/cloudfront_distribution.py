"""A CloudFront distribution: the one address of an environment, close to whoever asks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from provisioning.aws import Aws, found
from provisioning.distribution_parts import (
    Behavior,
    BucketOrigin,
    PathBehavior,
    ServerOrigin,
    behavior_told,
    in_template,
    listed,
    origins_told,
)
from provisioning.errors import Busy
from provisioning.kind import Expected, Handle, Kind, Observed, Props, Status, register
from provisioning.marks import marked, tags_of_mark, unmarked
from provisioning.pricing import CostLine, Usage
from provisioning.properties import Unordered, has_reference
from provisioning.references import JsonObject, JsonValue
from provisioning.template_parts import Form, Part, Place, Told, given

__all__ = ["Behavior", "BucketOrigin", "Distribution", "DistributionProps", "PathBehavior", "ServerOrigin"]

# The hosted zone of every distribution (AWS General Reference, "Amazon CloudFront endpoints").
_ZONE = "Z2FDTNDATAQYW2"
_HOME = ":us-east-1:"  # where certificates and web ACLs of distributions are
# Whose prices the traffic of an environment has, by the first part of its region's name.
_NEAR = {"us": "us", "ca": "us", "eu": "europe", "sa": "south_america"}


class DistributionProps(Props):
    """`buckets` and `servers` are what it asks for answers, by `paths`, else by `default`. `root_object`: the answer
    to "/".

    With `aliases` it needs a certificate of us-east-1 that is issued. `minimum_tls` holds for that certificate; for
    CloudFront's own domain AWS chooses. A web ACL has the scope CLOUDFRONT.
    """

    buckets: tuple[BucketOrigin, ...] = ()
    servers: tuple[ServerOrigin, ...] = ()
    default: Behavior
    paths: Annotated[tuple[PathBehavior, ...], Field(max_length=24)] = ()
    root_object: Annotated[str, Field(pattern=r"^([^/].*)?$", max_length=255)] = ""
    aliases: Unordered = ()
    certificate_arn: str = ""
    minimum_tls: Literal["TLSv1.2_2021", "TLSv1.2_2025", "TLSv1.3_2025"] = "TLSv1.2_2021"
    web_acl_arn: str = ""
    price_class: Literal["PriceClass_100", "PriceClass_200", "PriceClass_All"] = "PriceClass_100"
    http_version: Literal["http2and3", "http2"] = "http2and3"
    ipv6: bool = True
    enabled: bool = True
    description: Annotated[str, Field(max_length=50)] = ""

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        names = [origin.id for origin in _origins(self)]
        if not 1 <= len(names) <= 25 or len(set(names)) < len(names):
            raise ValueError("servers: 1 to 25 origins, buckets and servers, each with an id of its own.")
        if any(one.origin not in names for one in (self.default, *self.paths)):
            raise ValueError("default: a behaviour names an origin that is none.")
        buckets = {bucket.id for bucket in self.buckets}
        if any(one.forward == "AllViewer" and one.origin in buckets for one in (self.default, *self.paths)):
            raise ValueError("forward: a bucket answers to its own Host header only: not AllViewer.")
        patterns = [one.path for one in self.paths]
        if len(set(patterns)) < len(patterns):
            raise ValueError("paths: two behaviours have the same path.")
        return self

    @model_validator(mode="after")
    def _lives_where_cloudfront_does(self) -> Self:
        if self.aliases and not self.certificate_arn:
            raise ValueError("aliases: a domain of one's own needs a certificate.")
        for name in ("certificate_arn", "web_acl_arn"):
            arn = getattr(self, name)
            if arn and not has_reference(arn) and _HOME not in arn:
                raise ValueError(f"{name}: CloudFront takes those of us-east-1 only.")
        return self


@register
class Distribution(Kind[DistributionProps]):
    """https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_CreateDistributionWithTags.html

    The token is its CallerReference: sent again it is refused, and the list says by the comment whose each one is.
    A change is the whole configuration with the ETag of what it was: what our properties do not speak of is sent back
    as it was. Each change, the last one too, spreads for minutes: what is deleted is switched off first and goes when
    that is everywhere. What it asks for answers need not stand meanwhile, but buckets do: whoever made one of the same
    name would answer in their place. Attributes: id, arn, domain_name, zone_id.
    """

    name = "cloudfront.distribution"
    title = "CloudFront distribution"
    expected = Expected(create=300, update=300, delete=360)
    patience = 5400  # an hour and more were seen
    holds = frozenset({"buckets", "certificate_arn", "web_acl_arn"})
    billed = True
    outage: ClassVar[Mapping[str, str]] = {
        "enabled": "Nobody is served while it is off.",
        "aliases": "Whoever uses a domain that is taken away gets an error.",
    }
    permissions = (
        "cloudfront:CreateDistribution",
        "cloudfront:TagResource",
        "cloudfront:ListDistributions",
        "cloudfront:GetDistribution",
        "cloudfront:GetDistributionConfig",
        "cloudfront:UpdateDistribution",
        "cloudfront:DeleteDistribution",
        "wafv2:GetWebACL",
    )
    props = DistributionProps

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        summary = _find(aws, handle)
        if summary is None:
            return None
        deployed = summary["Status"] == "Deployed"
        comment = summary.get("Comment", "")
        return Observed(
            id=summary["Id"],
            status=Status.READY if deployed else Status.PENDING,
            props=_settled(aws, summary["Id"]) if deployed else {},
            attributes=_attributes(summary),
            tags=handle.tags if handle.id is not None else tags_of_mark(comment),
            reason="" if deployed else summary["Status"],
        )

    def create(self, aws: Aws, handle: Handle, props: DistributionProps) -> Observed:
        config: Any = _config({"CallerReference": handle.token}, handle, props)
        made: Any = aws.cloudfront.create_distribution_with_tags(
            DistributionConfigWithTags={"DistributionConfig": config, "Tags": {"Items": handle.tag_list}}
        )["Distribution"]
        return Observed(id=made["Id"], status=Status.PENDING, attributes=_attributes(made))

    def update(self, aws: Aws, handle: Handle, props: DistributionProps, observed: Observed) -> Observed:
        answer: Any = aws.cloudfront.get_distribution_config(Id=observed.id)
        config: Any = _config(answer["DistributionConfig"], handle, props)
        aws.cloudfront.update_distribution(Id=observed.id, IfMatch=answer["ETag"], DistributionConfig=config)
        return Observed(id=observed.id, status=Status.PENDING, attributes=observed.attributes)

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        identifier = handle.id or (summary["Id"] if (summary := _find(aws, handle)) else "")
        answer: Any = found(aws.cloudfront.get_distribution, Id=identifier) if identifier else None
        if answer is None:
            return True
        config: Any = {**answer["Distribution"]["DistributionConfig"]}
        if config["Enabled"]:
            config["Enabled"] = False
            aws.cloudfront.update_distribution(
                Id=identifier, IfMatch=answer["ETag"], DistributionConfig=config
            )
            raise _still_on()
        if answer["Distribution"]["Status"] != "Deployed":
            raise _still_on()
        found(aws.cloudfront.delete_distribution, Id=identifier, IfMatch=answer["ETag"])
        return True

    def differences(self, wanted: JsonObject, observed: Observed) -> dict[str, tuple[JsonValue, JsonValue]]:
        """As everywhere, but the order of origins and aliases means nothing, nor do capital letters in domains."""
        return {
            name: (now, wanted[name])
            for name, now in observed.props.items()
            if name in wanted and _comparable(name, now) != _comparable(name, wanted[name])
        }

    def cost(self, props: DistributionProps, usage: Usage, region: str) -> Iterator[CostLine]:
        """Requests and traffic, at the prices of viewers near `region`; what origins send to CloudFront is free."""
        near = _NEAR.get(region.partition("-")[0], region)
        yield CostLine.usage(
            f"CloudFront/dto_{near}",
            usage.cdn_gb,
            "CDN traffic",
            f"{usage.cdn_gb} GB a month to viewers near the region",
        )
        yield CostLine.usage(
            f"CloudFront/https_{near}", usage.requests, "CDN requests", f"{usage.requests:,} HTTPS requests"
        )

    def cloudformation(self, place: Place, props: DistributionProps) -> Form:
        config = {**_config({}, place, props), "Comment": props.description}
        properties = {"DistributionConfig": given(in_template(config)), "Tags": place.tag_list}
        return Form(
            parts=(Part(type="AWS::CloudFront::Distribution", properties=properties),),
            attributes={
                "id": Told("Id"),
                "arn": place.arn("cloudfront", f"distribution/{place.own('id')}", region=""),
                "domain_name": Told("DomainName"),
                "zone_id": _ZONE,
            },
        )


def _origins(props: DistributionProps) -> list[BucketOrigin | ServerOrigin]:
    return [*props.buckets, *props.servers]


def _find(aws: Aws, handle: Handle) -> dict[str, Any] | None:
    """As the list shows it, which everybody who waits shares; what is not on it is asked for by its id."""
    distributions = aws.listed(aws.cloudfront.list_distributions, "DistributionList.Items")
    if handle.id is None:
        mine = [one for one in distributions if handle.owns(tags_of_mark(one.get("Comment", "")))]
        return min(mine, key=lambda one: str(one["Id"])) if mine else None
    listed_one = next((one for one in distributions if one["Id"] == handle.id), None)
    if listed_one is not None:
        return dict(listed_one)
    answer: Any = found(aws.cloudfront.get_distribution, Id=handle.id)
    return {**answer["Distribution"]["DistributionConfig"], **answer["Distribution"]} if answer else None


def _settled(aws: Aws, identifier: str) -> JsonObject:
    """Its properties: one more call, not made at each look of a long wait."""
    answer: Any = found(aws.cloudfront.get_distribution_config, Id=identifier)
    return _told(answer["DistributionConfig"]) if answer else {}


def _told(config: Mapping[str, Any]) -> JsonObject:
    buckets, servers = origins_told(config)
    certificate = config["ViewerCertificate"]
    own = certificate.get("ACMCertificateArn", "")
    told: JsonObject = {
        "buckets": [*buckets],
        "servers": [*servers],
        "default": behavior_told(config["DefaultCacheBehavior"]),
        "paths": [behavior_told(one) for one in config["CacheBehaviors"].get("Items", [])],
        "root_object": config.get("DefaultRootObject", ""),
        "aliases": sorted(config["Aliases"].get("Items", [])),
        "certificate_arn": own,
        "web_acl_arn": config.get("WebACLId", ""),
        "price_class": config["PriceClass"],
        "http_version": config["HttpVersion"],
        "ipv6": config["IsIPV6Enabled"],
        "enabled": config["Enabled"],
        "description": unmarked(config["Comment"]),
    }
    return told | ({"minimum_tls": certificate["MinimumProtocolVersion"]} if own else {})


def _config(before: Mapping[str, Any], handle: Handle, props: DistributionProps) -> dict[str, Any]:
    """The whole configuration: what was there, changed to what is wanted."""
    origins = {one["Id"]: one for one in before.get("Origins", {}).get("Items", [])}
    paths = {one["PathPattern"]: one for one in before.get("CacheBehaviors", {}).get("Items", [])}
    return {
        **before,
        "Comment": marked(handle, props.description),
        "Enabled": props.enabled,
        "Origins": listed(one.document(origins.get(one.id, {})) for one in _origins(props)),
        "DefaultCacheBehavior": props.default.document(before.get("DefaultCacheBehavior", {})),
        "CacheBehaviors": listed(one.document(paths.get(one.path, {})) for one in props.paths),
        "DefaultRootObject": props.root_object,
        "Aliases": listed(props.aliases),
        "ViewerCertificate": _viewer_certificate(props),
        "WebACLId": props.web_acl_arn,
        "PriceClass": props.price_class,
        "HttpVersion": props.http_version,
        "IsIPV6Enabled": props.ipv6,
    }


def _viewer_certificate(props: DistributionProps) -> dict[str, Any]:
    if not props.certificate_arn:
        return {"CloudFrontDefaultCertificate": True}
    return {
        "ACMCertificateArn": props.certificate_arn,
        "SSLSupportMethod": "sni-only",
        "MinimumProtocolVersion": props.minimum_tls,
    }


def _attributes(distribution: Mapping[str, Any]) -> dict[str, str]:
    return {
        "id": distribution["Id"],
        "arn": distribution["ARN"],
        "domain_name": distribution["DomainName"],
        "zone_id": _ZONE,
    }


def _comparable(name: str, value: JsonValue) -> Any:
    if name in ("buckets", "servers") and isinstance(value, list):
        origins = [one for one in value if isinstance(one, dict)]
        lowered = [{**one, "domain": str(one["domain"]).lower()} for one in origins]
        return sorted(lowered, key=lambda one: str(one["id"]))
    if name == "aliases" and isinstance(value, list):
        return sorted(str(one).lower() for one in value)
    return value


def _still_on() -> Busy:
    return Busy(
        service="cloudfront",
        operation="delete_distribution",
        aws_code="DistributionNotDisabled",
        aws_message="It is switched off first, and goes when that is known everywhere.",
    )
