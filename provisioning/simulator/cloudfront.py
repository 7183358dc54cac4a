"""CloudFront distributions: kept whole, spread over minutes, changed against their ETag, deleted when they are off."""

import copy
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from moto.acm.models import acm_backends
from moto.cloudfront.models import DistributionConfig

from provisioning.simulator import cloudfront_access, cloudfront_rules
from provisioning.simulator.cloudfront_access import backend_of, check_version, new_version
from provisioning.simulator.operations import Call, Refusal, operation
from provisioning.simulator.world import Moment, event

__all__ = ["cloudfront_access"]

#: What ListDistributions tells of a configuration.
_IN_LISTS = (
    *("Aliases", "Origins", "OriginGroups", "DefaultCacheBehavior", "CacheBehaviors", "CustomErrorResponses"),
    *("Comment", "PriceClass", "Enabled", "ViewerCertificate", "Restrictions", "WebACLId", "HttpVersion"),
    *("IsIPV6Enabled", "Staging"),
)


def _distribution_of(call: Call) -> Any:
    distribution = backend_of(call).distributions.get(call.text("Id"))
    if distribution is None:
        raise Refusal("NoSuchDistribution", "The specified distribution does not exist.")
    return distribution


def _head(distribution: Any) -> dict[str, Any]:
    return {
        "Id": distribution.id,
        "ARN": distribution.arn,
        "Status": "Deployed" if distribution.deployed else "InProgress",
        "LastModifiedTime": distribution.changed_at,
        "DomainName": distribution.domain_name,
    }


def _answer(distribution: Any) -> dict[str, Any]:
    nobody = {"Enabled": False, "Quantity": 0}
    told = {
        **_head(distribution),
        "InProgressInvalidationBatches": 0,
        "ActiveTrustedSigners": nobody,
        "ActiveTrustedKeyGroups": nobody,
        "DistributionConfig": distribution.config,
    }
    return {"Distribution": told, "ETag": distribution.etag, "Location": distribution.location}


def _keep(call: Call, distribution: Any, config: dict[str, Any]) -> None:
    """Make `config` the distribution's, which begins to spread."""
    before: dict[str, Any] = getattr(distribution, "config", {})
    distribution.config = config
    distribution.created_at = getattr(distribution, "created_at", call.now)
    distribution.distribution_config = DistributionConfig(copy.deepcopy(config))
    distribution.etag = new_version()
    distribution.deployed = False
    distribution.changed_at = datetime.fromtimestamp(call.now, UTC)
    _use_certificate(call, distribution.arn, before, config)
    call.after("cloudfront.deploy", "cloudfront.deployed", distribution.id, distribution.etag)


def _use_certificate(call: Call, arn: str, before: dict[str, Any], after: dict[str, Any]) -> None:
    """ACM knows who uses a certificate."""
    certificates: Any = acm_backends[call.account]["us-east-1"]._certificates
    for config, uses in ((before, False), (after, True)):
        certificate = certificates.get(config.get("ViewerCertificate", {}).get("ACMCertificateArn", ""))
        if certificate is not None:
            others = [user for user in certificate.in_use_by if user != arn]
            certificate.in_use_by = [*others, arn] if uses else others


@event("cloudfront.deployed")
def deployed(moment: Moment, identifier: str, version: str) -> None:
    """The change of this version is everywhere, unless another one came after it."""
    distribution: Any = backend_of(moment).distributions.get(identifier)
    if distribution is not None and distribution.etag == version:
        distribution.deployed = True


@operation("cloudfront", "CreateDistribution", "CreateDistributionWithTags")
def create_distribution(call: Call) -> object:
    """A caller reference that was used is refused, whatever else is asked for."""
    given: Any = call.params.get("DistributionConfigWithTags") or call.params
    config = cloudfront_rules.whole(given["DistributionConfig"])
    for other in _all(call):
        if other.config["CallerReference"] == config["CallerReference"]:
            raise Refusal(
                "DistributionAlreadyExists",
                "The caller reference that you are using to create a distribution is associated with another "
                f"distribution. Already exists: {other.id}",
            )
    cloudfront_rules.check(call, config)
    tags = (given.get("Tags") or {}).get("Items") or []
    distribution, _, _ = backend_of(call).create_distribution_with_tags(copy.deepcopy(config), tags)
    _keep(call, distribution, config)
    return _answer(distribution)


@operation("cloudfront", "GetDistribution")
def get_distribution(call: Call) -> object:
    """`InProgress`, then `Deployed`, when its time has come and not because somebody looks."""
    return _answer(_distribution_of(call))


@operation("cloudfront", "GetDistributionConfig")
def get_distribution_config(call: Call) -> object:
    """All of it, as it was sent."""
    distribution = _distribution_of(call)
    return {"DistributionConfig": distribution.config, "ETag": distribution.etag}


@operation("cloudfront", "UpdateDistribution")
def update_distribution(call: Call) -> object:
    """The whole configuration is replaced, if the caller knows what it was."""
    distribution = _distribution_of(call)
    check_version(call, distribution.etag)
    given: Any = call.params["DistributionConfig"]
    config = cloudfront_rules.whole(given)
    if config["CallerReference"] != distribution.config["CallerReference"]:
        raise Refusal("IllegalUpdate", "The update contains modifications that are not allowed.")
    cloudfront_rules.check(call, config, distribution)
    _keep(call, distribution, config)
    return _answer(distribution)


@operation("cloudfront", "DeleteDistribution")
def delete_distribution(call: Call) -> object:
    """Refused while it is on, or not yet off everywhere."""
    distribution = _distribution_of(call)
    check_version(call, distribution.etag)
    if distribution.config["Enabled"] or not distribution.deployed:
        raise Refusal(
            "DistributionNotDisabled", "The distribution you are trying to delete has not been disabled."
        )
    _use_certificate(call, distribution.arn, distribution.config, {})
    return call.forward()


def _all(moment: Moment) -> Iterator[Any]:
    yield from backend_of(moment).distributions.values()


@operation("cloudfront", "ListDistributions")
def list_distributions(call: Call) -> object:
    """A page of them, without what only GetDistribution tells."""
    marker, most = call.text("Marker"), int(call.params.get("MaxItems") or 100)
    rest = list(_all(call))
    places = [place for place, one in enumerate(rest) if one.id == marker]
    rest = rest[places[0] :] if places else rest
    page = [
        {**_head(one), "ETag": one.etag, **{name: one.config[name] for name in _IN_LISTS}}
        for one in rest[:most]
    ]
    told: dict[str, Any] = {"Marker": marker, "MaxItems": most, "IsTruncated": len(rest) > most}
    told["Quantity"] = len(page)
    told |= {"Items": page} if page else {}
    told |= {"NextMarker": rest[most].id} if len(rest) > most else {}
    return {"DistributionList": told}
