"""What is peculiar to a distribution: one document for all, which spreads for minutes and goes when it is off."""

from __future__ import annotations

import time
from typing import Any

import pytest
from pydantic import ValidationError

from provisioning.aws import Aws
from provisioning.errors import AlreadyExists, AwsError, Busy
from provisioning.kind import Status, kind_named
from provisioning.kinds.acm_certificate import CertificateProps
from provisioning.kinds.cloudfront_distribution import DistributionProps
from provisioning.kinds.cloudfront_origin_access_control import OriginAccessControlProps
from provisioning.kinds.tests.contract import Build, MakeHandle, check_contract, check_cuts, gone, settled
from provisioning.pricing import Usage
from provisioning.references import JsonObject
from provisioning.simulator.launch import Simulator

pytestmark = pytest.mark.simulator
KIND = "cloudfront.distribution"
# Properties with which it is checked in CloudFormation.
EXAMPLES: tuple[JsonObject, ...] = (
    {
        "servers": [{"id": "app", "domain": "shop.example.org"}],
        "default": {"origin": "app", "methods": "all", "cache": "CachingDisabled", "forward": "AllViewer"},
    },
    {
        "buckets": [
            {
                "id": "files",
                "domain": "shop.s3.us-east-1.amazonaws.com",
                "access_control_id": "E2QWRUHEXAMPLE",
                "path": "/public",
            }
        ],
        "servers": [{"id": "app", "domain": "shop.example.org", "protocol": "http-only"}],
        "default": {"origin": "app", "methods": "all", "cache": "CachingDisabled", "forward": "AllViewer"},
        "paths": [{"path": "/files/*", "origin": "files"}],
        "root_object": "index.html",
        "aliases": ["shop.example.com"],
        "certificate_arn": "arn:aws:acm:us-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012",
        "web_acl_arn": "arn:aws:wafv2:us-east-1:123456789012:global/webacl/shop/12345678-1234-1234-1234-123456789012",
        "price_class": "PriceClass_All",
        "description": "Shop",
    },
)
SERVER: dict[str, Any] = {
    "id": "server",
    "domain": "shop-1.us-east-1.elb.amazonaws.com",
    "protocol": "http-only",
}
BUCKET: dict[str, Any] = {"id": "files", "domain": "shop-files.s3.us-east-1.amazonaws.com"}
DYNAMIC = {"origin": "server", "methods": "all", "cache": "CachingDisabled", "forward": "AllViewer"}
FILES = {"path": "/files/*", "origin": "files"}


def _props(**changes: object) -> DistributionProps:
    return DistributionProps.model_validate({"servers": [SERVER], "default": DYNAMIC, **changes})


@pytest.fixture
def bucket(build: Build) -> dict[str, Any]:
    """A bucket as an origin, with the control that signs for it."""
    return {**BUCKET, "access_control_id": build("files-access", OriginAccessControlProps()).id}


@pytest.fixture
def certificate(aws: Aws, build: Build) -> str:
    """An issued certificate for shop.example.com."""
    made = build("certificate", CertificateProps(domain="shop.example.com"))
    record: Any = {
        "Name": made.attributes["validation_name"],
        "Type": "CNAME",
        "TTL": 60,
        "ResourceRecords": [{"Value": made.attributes["validation_value"]}],
    }
    zone = aws.route53.create_hosted_zone(Name="example.com", CallerReference="1")["HostedZone"]["Id"]
    changes: Any = {"Changes": [{"Action": "CREATE", "ResourceRecordSet": record}]}
    aws.route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch=changes)
    while aws.acm.describe_certificate(CertificateArn=made.id)["Certificate"]["Status"] != "ISSUED":
        time.sleep(0.02)
    return made.id


def _config(aws: Aws, identifier: str) -> Any:
    return aws.cloudfront.get_distribution_config(Id=identifier)["DistributionConfig"]


def _set(aws: Aws, identifier: str, **changes: object) -> None:
    """Somebody changes the distribution by hand."""
    answer: Any = aws.cloudfront.get_distribution_config(Id=identifier)
    config: Any = {**answer["DistributionConfig"], **changes}
    aws.cloudfront.update_distribution(Id=identifier, IfMatch=answer["ETag"], DistributionConfig=config)


def test_it_is_made_changed_and_taken_away(aws: Aws, handle: MakeHandle, bucket: dict[str, Any]) -> None:
    both = {"buckets": [bucket], "paths": [FILES], "root_object": "index.html"}
    changes = [
        _props(**both, price_class="PriceClass_All", ipv6=False),
        _props(
            servers=[{**SERVER, "read_timeout": 60}], default={**DYNAMIC, "compress": False}, enabled=False
        ),
    ]

    check_contract(
        aws,
        handle("cdn", KIND),
        _props(),
        changes=changes,
        attributes=["arn", "domain_name", "zone_id"],
        also_permitted=["cloudfront:TagResource", "wafv2:GetWebACL"],  # made with tags, or with a web ACL
    )


def test_it_is_made_by_one_call(aws: Aws, handle: MakeHandle) -> None:
    assert check_cuts(aws, handle("cdn", KIND), _props()) == 0


def test_a_lost_answer_leads_to_the_same_distribution(
    aws: Aws, handle: MakeHandle, simulator: Simulator
) -> None:
    simulator.fault(service="cloudfront", operation="CreateDistributionWithTags", effect="lost")
    ours = handle("cdn", KIND)
    with pytest.raises(AwsError):
        kind_named(KIND).create(aws, ours, _props())

    with pytest.raises(AlreadyExists):
        kind_named(KIND).create(aws, ours, _props())

    found = kind_named(KIND).read(aws, ours)
    assert found is not None and ours.owns(found.tags)
    assert aws.cloudfront.list_distributions()["DistributionList"]["Quantity"] == 1


def test_distributions_of_others_are_not_taken(aws: Aws, handle: MakeHandle, build: Build) -> None:
    build("cdn", _props(), stack="sstrange")

    assert kind_named(KIND).read(aws, handle("cdn", KIND)) is None


def test_what_somebody_set_besides_stays(aws: Aws, handle: MakeHandle, build: Build) -> None:
    made = build("cdn", _props())
    pages = {"Quantity": 1, "Items": [{"ErrorCode": 503, "ErrorCachingMinTTL": 10}]}
    origin = {**_config(aws, made.id)["Origins"]["Items"][0], "ConnectionAttempts": 2}
    secret = {"Quantity": 1, "Items": [{"HeaderName": "X-From", "HeaderValue": "cdn"}]}
    origins = {"Quantity": 1, "Items": [{**origin, "CustomHeaders": secret}]}
    _set(aws, made.id, CustomErrorResponses=pages, Origins=origins)
    known = handle("cdn", KIND, id=made.id)
    now = settled(aws, known, _props())

    kind_named(KIND).update(aws, known, _props(price_class="PriceClass_200"), now)

    config = _config(aws, made.id)
    assert config["PriceClass"] == "PriceClass_200"
    assert config["CustomErrorResponses"]["Items"][0]["ErrorCode"] == 503
    assert config["Origins"]["Items"][0]["ConnectionAttempts"] == 2
    assert config["Origins"]["Items"][0]["CustomHeaders"] == secret


def test_a_server_takes_the_place_of_a_bucket(
    aws: Aws, handle: MakeHandle, build: Build, bucket: dict[str, Any]
) -> None:
    before = _props(buckets=[bucket], paths=[FILES])
    made = build("cdn", before)
    after = _props(servers=[SERVER, {**SERVER, "id": "files"}], paths=[FILES])

    kind_named(KIND).update(aws, handle("cdn", KIND, id=made.id), after, made)

    settled(aws, handle("cdn", KIND, id=made.id), after)
    access = handle("files-access", "cloudfront.origin_access_control", id=bucket["access_control_id"])
    gone(aws, access, "cloudfront.origin_access_control")


def test_caching_as_it_was_set_before_there_were_policies_is_changed_to_a_policy(
    aws: Aws, handle: MakeHandle, build: Build
) -> None:
    made = build("cdn", _props())
    older = {
        **_config(aws, made.id)["DefaultCacheBehavior"],
        "ForwardedValues": {"QueryString": True, "Cookies": {"Forward": "all"}},
        "MinTTL": 0,
    }
    del older["CachePolicyId"], older["OriginRequestPolicyId"]
    _set(aws, made.id, DefaultCacheBehavior=older)
    known = handle("cdn", KIND, id=made.id)
    while (now := kind_named(KIND).read(aws, known)) is None or now.status is not Status.READY:
        time.sleep(0.02)
    assert set(kind_named(KIND).differences(_props().dump(), now)) == {"default"}

    kind_named(KIND).update(aws, known, _props(), now)

    settled(aws, known, _props())
    assert "ForwardedValues" not in _config(aws, made.id)["DefaultCacheBehavior"]


def test_a_domain_of_ones_own_has_a_certificate_and_holds_it(
    aws: Aws, handle: MakeHandle, build: Build, certificate: str
) -> None:
    wanted = _props(aliases=["shop.example.com"], certificate_arn=certificate)
    made = build("cdn", wanted)

    viewers = _config(aws, made.id)["ViewerCertificate"]

    assert (viewers["MinimumProtocolVersion"], viewers["SSLSupportMethod"]) == ("TLSv1.2_2021", "sni-only")
    with pytest.raises(Busy):
        kind_named("acm.certificate").delete(aws, handle("certificate", "acm.certificate", id=certificate))
    known = handle("cdn", KIND, id=made.id)
    kind_named(KIND).update(aws, known, _props(), made)
    settled(aws, known, _props())
    gone(aws, handle("certificate", "acm.certificate", id=certificate), "acm.certificate")


def test_a_certificate_issued_a_moment_ago_is_waited_for(aws: Aws, handle: MakeHandle, build: Build) -> None:
    pending = build("certificate", CertificateProps(domain="shop.example.com")).id
    wanted = _props(aliases=["shop.example.com"], certificate_arn=pending)

    with pytest.raises(AwsError) as refused:
        kind_named(KIND).create(aws, handle("cdn", KIND), wanted)

    assert refused.value.failure == "not_yet"


def test_it_is_switched_off_first_and_goes_when_that_is_everywhere(
    aws: Aws, handle: MakeHandle, build: Build
) -> None:
    known = handle("cdn", KIND, id=build("cdn", _props()).id)

    with pytest.raises(Busy, match="switched off first"):
        kind_named(KIND).delete(aws, known)
    assert _config(aws, str(known.id))["Enabled"] is False

    gone(aws, known, KIND)


def test_a_change_by_somebody_else_in_between_is_tried_again(
    aws: Aws, handle: MakeHandle, build: Build, simulator: Simulator
) -> None:
    made = build("cdn", _props())
    known = handle("cdn", KIND, id=made.id)
    simulator.fault(service="cloudfront", operation="UpdateDistribution", code="PreconditionFailed", times=2)

    with pytest.raises(Busy):
        kind_named(KIND).update(aws, known, _props(ipv6=False), made)
    with pytest.raises(Busy):
        kind_named(KIND).delete(aws, known)

    assert _config(aws, made.id)["Enabled"] is True


def test_all_who_look_share_one_list(aws: Aws, handle: MakeHandle, build: Build) -> None:
    made = build("cdn", _props())
    poll = aws.since(time.monotonic())
    before = aws.connection.calls

    here = kind_named(KIND).read(poll, handle("cdn", KIND, id=made.id))
    elsewhere = [kind_named(KIND).read(poll, handle("cdn", KIND, stack=f"sstrange{one}")) for one in "ab"]

    assert here is not None and here.id == made.id
    assert elsewhere == [None, None]
    assert aws.connection.calls - before == 2  # the list, and the configuration of the one that is there


def test_order_of_origins_and_capital_letters_are_no_difference(
    aws: Aws, handle: MakeHandle, build: Build
) -> None:
    other = {**SERVER, "id": "api", "domain": "API.example.com"}
    made = build("cdn", _props(servers=[SERVER, other]))

    again = _props(servers=[{**other, "domain": "api.example.com"}, SERVER])

    assert kind_named(KIND).differences(again.dump(), made) == {}


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"servers": []}, "1 to 25 origins"),
        ({"servers": [SERVER, SERVER]}, "an id of its own"),
        ({"default": {"origin": "nobody"}}, "names an origin"),
        ({"paths": [{"path": "/a", "origin": "server"}, {"path": "/a", "origin": "server"}]}, "same path"),
        ({"paths": [{"path": "/with space", "origin": "server"}]}, "path"),
        ({"aliases": ["shop.example.com"]}, "certificate"),
        ({"certificate_arn": "arn:aws:acm:eu-west-1:123456789012:certificate/1"}, "us-east-1"),
        ({"web_acl_arn": "arn:aws:wafv2:eu-west-1:123456789012:regional/webacl/a/1"}, "us-east-1"),
        ({"root_object": "/index.html"}, "root_object"),
        ({"minimum_tls": "TLSv1"}, "minimum_tls"),
        (
            {"buckets": [{**BUCKET, "access_control_id": "E1"}], "default": {**DYNAMIC, "origin": "files"}},
            "Host",
        ),
    ],
)
def test_what_does_not_fit_together_is_refused(changes: dict[str, object], word: str) -> None:
    with pytest.raises(ValidationError, match=word):
        _props(**changes)


def test_what_is_not_known_yet_is_not_judged() -> None:
    assert _props(certificate_arn="${certificate.arn}", aliases=["${zone.name}"]).aliases == ("${zone.name}",)


@pytest.mark.parametrize(
    ("region", "near"),
    [
        ("us-east-1", "us"),
        ("eu-west-1", "europe"),
        ("sa-east-1", "south_america"),
        ("ap-south-1", "ap-south-1"),
    ],
)
def test_it_costs_by_use_near_its_viewers(region: str, near: str) -> None:
    usage = Usage.of_phase("production")

    lines = list(kind_named(KIND).cost(_props(), usage, region))

    assert [(line.sku, line.quantity.expected) for line in lines] == [
        (f"CloudFront/dto_{near}", usage.cdn_gb),
        (f"CloudFront/https_{near}", usage.requests),
    ]
    assert {line.quantity.floor for line in lines} == {0}
