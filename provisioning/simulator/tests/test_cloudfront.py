"""Distributions in the simulator: they spread for minutes, and what does not fit together is refused."""

from collections.abc import Callable
from typing import Any

import pytest

from provisioning.simulator.launch import Simulator
from provisioning.simulator.tests.clients import client_of, refusal, until
from provisioning.simulator.tests.test_cloudfront_access import wanted as control

pytestmark = pytest.mark.simulator
Aws = Callable[[str], Any]
OPTIMIZED = "658327ea-f89d-4fab-a63d-7e88639e58f6"
SERVER = {
    "Id": "server",
    "DomainName": "shop.example.org",
    "CustomOriginConfig": {"HTTPPort": 80, "HTTPSPort": 443, "OriginProtocolPolicy": "https-only"},
}
BUCKET = {
    "Id": "files",
    "DomainName": "files.s3.eu-west-1.amazonaws.com",
    "S3OriginConfig": {"OriginAccessIdentity": ""},
}
BEHAVIOR = {
    "TargetOriginId": "server",
    "ViewerProtocolPolicy": "redirect-to-https",
    "CachePolicyId": OPTIMIZED,
}


def of(*items: object) -> dict[str, object]:
    return {"Quantity": len(items), "Items": list(items)}


def config(**changes: object) -> dict[str, object]:
    plain = {
        "CallerReference": "1",
        "Comment": "shop",
        "Enabled": True,
        "Origins": of(SERVER),
        "DefaultCacheBehavior": BEHAVIOR,
    }
    return {**plain, **changes}


@pytest.fixture
def cloudfront(aws: Aws) -> Any:
    return aws("cloudfront")


def make(cloudfront: Any, **changes: object) -> Any:
    made = cloudfront.create_distribution(DistributionConfig=config(**changes))
    return made["Distribution"]["Id"], made["ETag"]


def status(cloudfront: Any, identifier: str) -> Callable[[], object]:
    return lambda: cloudfront.get_distribution(Id=identifier)["Distribution"]["Status"]


def test_it_spreads_is_changed_against_its_version_and_goes_when_it_is_off(cloudfront: Any) -> None:
    made = cloudfront.create_distribution(DistributionConfig=config())
    assert made["Distribution"]["Status"] == "InProgress"
    identifier, version = made["Distribution"]["Id"], made["ETag"]
    assert refusal(cloudfront.create_distribution, DistributionConfig=config()) == "DistributionAlreadyExists"
    until(status(cloudfront, identifier), "Deployed")
    here = {"Id": identifier, "IfMatch": version}
    assert refusal(cloudfront.delete_distribution, **here) == "DistributionNotDisabled"
    off = config(Enabled=False)
    stale = {"Id": identifier, "IfMatch": "E0", "DistributionConfig": off}
    assert refusal(cloudfront.update_distribution, **stale) == "PreconditionFailed"
    other = {**here, "DistributionConfig": config(CallerReference="2")}
    assert refusal(cloudfront.update_distribution, **other) == "IllegalUpdate"
    after = cloudfront.update_distribution(**here, DistributionConfig=off)["ETag"]
    assert refusal(cloudfront.delete_distribution, **here) == "PreconditionFailed"
    now = {"Id": identifier, "IfMatch": after}
    assert refusal(cloudfront.delete_distribution, **now) == "DistributionNotDisabled", "not off everywhere"
    until(status(cloudfront, identifier), "Deployed")
    cloudfront.delete_distribution(**now)
    assert refusal(cloudfront.delete_distribution, **now) == "NoSuchDistribution"
    assert "Items" not in cloudfront.list_distributions()["DistributionList"]


def test_all_of_it_reads_back_with_what_aws_adds(cloudfront: Any) -> None:
    identifier = cloudfront.create_origin_access_control(OriginAccessControlConfig=control())
    access = identifier["OriginAccessControl"]["Id"]
    headers = of({"HeaderName": "X-From", "HeaderValue": "cdn"})
    bucket = {**BUCKET, "OriginAccessControlId": access, "OriginPath": "/public"}
    server = {**SERVER, "CustomHeaders": headers}
    path = {**BEHAVIOR, "PathPattern": "/files/*", "TargetOriginId": "files"}
    made, _ = make(cloudfront, Origins=of(bucket, server), CacheBehaviors=of(path))

    told = cloudfront.get_distribution_config(Id=made)["DistributionConfig"]

    assert told["Origins"]["Items"][0]["OriginAccessControlId"] == access
    assert told["Origins"]["Items"][0]["OriginPath"] == "/public"
    assert told["Origins"]["Items"][1]["CustomHeaders"] == headers
    assert told["CacheBehaviors"]["Items"][0]["PathPattern"] == "/files/*"
    assert told["ViewerCertificate"]["MinimumProtocolVersion"] == "TLSv1"
    assert told["PriceClass"] == "PriceClass_All"
    listed = cloudfront.list_distributions()["DistributionList"]["Items"][0]
    assert (listed["Id"], listed["Origins"]) == (made, told["Origins"])
    unused = {"Id": access, "IfMatch": identifier["ETag"]}
    assert refusal(cloudfront.delete_origin_access_control, **unused) == "OriginAccessControlInUse"


def test_lists_come_in_pages(cloudfront: Any) -> None:
    made = [make(cloudfront, CallerReference=str(number))[0] for number in range(3)]

    first = cloudfront.list_distributions(MaxItems="2")["DistributionList"]
    second = cloudfront.list_distributions(MaxItems="2", Marker=first["NextMarker"])["DistributionList"]

    assert [one["Id"] for one in first["Items"] + second["Items"]] == made
    assert (first["IsTruncated"], second["IsTruncated"]) == (True, False)


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"Origins": {"Quantity": 2, "Items": [SERVER]}}, "InconsistentQuantities"),
        ({"Origins": of(SERVER, SERVER)}, "InvalidArgument"),
        ({"Origins": of({**SERVER, "S3OriginConfig": {"OriginAccessIdentity": ""}})}, "InvalidArgument"),
        ({"Origins": of({**SERVER, "DomainName": "https://shop.example.org"})}, "InvalidArgument"),
        ({"Origins": of({**SERVER, "DomainName": "192.0.2.1"})}, "InvalidArgument"),
        ({"Origins": of(SERVER, {**BUCKET, "DomainName": "shop.example.org"})}, "InvalidArgument"),
        ({"Origins": of(SERVER, {**BUCKET, "OriginAccessControlId": "E0"})}, "InvalidOriginAccessControl"),
        ({"DefaultCacheBehavior": {**BEHAVIOR, "TargetOriginId": "nobody"}}, "NoSuchOrigin"),
        ({"DefaultCacheBehavior": {**BEHAVIOR, "CachePolicyId": "none"}}, "NoSuchCachePolicy"),
        ({"DefaultCacheBehavior": {**BEHAVIOR, "OriginRequestPolicyId": "x"}}, "NoSuchOriginRequestPolicy"),
        (
            {"DefaultCacheBehavior": {**BEHAVIOR, "ResponseHeadersPolicyId": "x"}},
            "NoSuchResponseHeadersPolicy",
        ),
        ({"DefaultCacheBehavior": {**BEHAVIOR, "CachePolicyId": ""}}, "InvalidArgument"),
        ({"DefaultCacheBehavior": {**BEHAVIOR, "AllowedMethods": of("GET", "PUT")}}, "InvalidArgument"),
        ({"DefaultRootObject": "/index.html"}, "InvalidDefaultRootObject"),
        ({"Comment": "c" * 129}, "InvalidArgument"),
        ({"WebACLId": "arn:aws:wafv2:us-east-1:123456789012:global/webacl/none/1"}, "InvalidWebACLId"),
        ({"Aliases": of("shop.example.com")}, "InvalidViewerCertificate"),
    ],
)
def test_what_does_not_fit_together_is_refused(
    cloudfront: Any, changes: dict[str, object], code: str
) -> None:
    assert refusal(cloudfront.create_distribution, DistributionConfig=config(**changes)) == code


def _issued(simulator: Simulator, aws: Aws, domain: str, region: str) -> str:
    acm: Any = client_of(simulator, "acm", region=region)
    arn = str(acm.request_certificate(DomainName=domain, ValidationMethod="DNS")["CertificateArn"])

    def described() -> Any:
        return acm.describe_certificate(CertificateArn=arn)["Certificate"]

    until(lambda: "ResourceRecord" in described()["DomainValidationOptions"][0], wanted=True)
    record = described()["DomainValidationOptions"][0]["ResourceRecord"]
    zone = aws("route53").create_hosted_zone(Name="example.com", CallerReference=arn)["HostedZone"]["Id"]
    values = {"TTL": 60, "ResourceRecords": [{"Value": record["Value"]}]}
    change = {"Action": "UPSERT", "ResourceRecordSet": {"Name": record["Name"], "Type": "CNAME", **values}}
    aws("route53").change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": [change]})
    until(lambda: described()["Status"], "ISSUED")
    return arn


def _certified(arn: str, *aliases: str, reference: str = "1") -> dict[str, object]:
    viewers = {
        "ACMCertificateArn": arn,
        "SSLSupportMethod": "sni-only",
        "MinimumProtocolVersion": "TLSv1.2_2021",
    }
    return config(Aliases=of(*aliases), ViewerCertificate=viewers, CallerReference=reference)


def test_a_domain_needs_a_certificate_of_us_east_1_and_belongs_to_one_distribution(
    aws: Aws, cloudfront: Any, simulator: Simulator
) -> None:
    create = cloudfront.create_distribution
    elsewhere = _issued(simulator, aws, "*.example.com", "eu-west-1")
    abroad = {"DistributionConfig": _certified(elsewhere, "shop.example.com")}
    assert refusal(create, **abroad) == "InvalidViewerCertificate"
    home = _issued(simulator, aws, "*.example.com", "us-east-1")
    deeper = {"DistributionConfig": _certified(home, "a.shop.example.com")}
    assert refusal(create, **deeper) == "InvalidViewerCertificate"
    made = create(DistributionConfig=_certified(home, "shop.example.com"))["Distribution"]
    again = {"DistributionConfig": _certified(home, "SHOP.example.com", reference="2")}
    assert refusal(create, **again) == "CNAMEAlreadyExists"
    told = made["DistributionConfig"]["ViewerCertificate"]
    assert told["MinimumProtocolVersion"] == "TLSv1.2_2021"
    acm: Any = client_of(simulator, "acm", region="us-east-1")
    assert acm.describe_certificate(CertificateArn=home)["Certificate"]["InUseBy"] == [made["ARN"]]
    assert refusal(acm.delete_certificate, CertificateArn=home) == "ResourceInUseException"


def test_the_tagging_api_tells_of_it_in_one_region(cloudfront: Any, simulator: Simulator) -> None:
    tags = {"Items": [{"Key": "stack", "Value": "s1"}]}
    cloudfront.create_distribution_with_tags(
        DistributionConfigWithTags={"DistributionConfig": config(), "Tags": tags}
    )

    def told(region: str) -> int:
        client: Any = client_of(simulator, "resourcegroupstaggingapi", region=region)
        return len(client.get_resources()["ResourceTagMappingList"])

    assert (told("us-east-1"), told("eu-west-1")) == (1, 0)
