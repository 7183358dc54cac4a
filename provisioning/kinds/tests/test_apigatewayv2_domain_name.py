"""What is peculiar to a domain name of API Gateway: its certificate, and that it is one account's at a time."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from provisioning.aws import Aws
from provisioning.errors import AwsError
from provisioning.kind import kind_named
from provisioning.kinds.acm_certificate import CertificateProps
from provisioning.kinds.apigatewayv2_domain_name import DomainNameProps
from provisioning.kinds.tests.certificates import issued, zone
from provisioning.kinds.tests.contract import Build, MakeHandle, check_contract, check_cuts
from provisioning.references import JsonObject

pytestmark = pytest.mark.simulator
KIND = "apigatewayv2.domain_name"
DOMAIN = "shop.example.org"
# Properties with which it is checked in CloudFormation.
EXAMPLES: tuple[JsonObject, ...] = (
    {"domain": DOMAIN, "certificate_arn": "arn:aws:acm:us-east-1:123456789012:certificate/abc"},
)


@pytest.fixture
def zone_id(aws: Aws) -> str:
    return zone(aws, "example.org")


@pytest.fixture
def props(build: Build, zone_id: str) -> DomainNameProps:
    return DomainNameProps(domain=DOMAIN, certificate_arn=issued(build, "certificate", DOMAIN, zone_id))


def test_it_is_made_gets_another_certificate_and_is_taken_away(
    aws: Aws, handle: MakeHandle, build: Build, props: DomainNameProps, zone_id: str
) -> None:
    other = issued(build, "other", "*.example.org", zone_id)

    check_contract(
        aws,
        handle("api-domain", KIND),
        props,
        changes=[props.model_copy(update={"certificate_arn": other})],
        attributes=["arn", "target", "zone_id"],
        also_permitted=[],
    )


def test_it_is_made_by_one_call(aws: Aws, handle: MakeHandle, props: DomainNameProps) -> None:
    assert check_cuts(aws, handle("api-domain", KIND), props) == 0


def test_it_keeps_its_certificate(aws: Aws, handle: MakeHandle, build: Build, props: DomainNameProps) -> None:
    build("api-domain", props)

    with pytest.raises(AwsError) as refused:
        kind_named("acm.certificate").delete(
            aws, handle("certificate", "acm.certificate", id=props.certificate_arn)
        )

    assert refused.value.aws_code == "ResourceInUseException"


def test_a_certificate_that_is_not_issued_is_refused(aws: Aws, handle: MakeHandle, build: Build) -> None:
    waiting = build("certificate", CertificateProps(domain=DOMAIN)).id

    with pytest.raises(AwsError, match="not yet issued"):
        kind_named(KIND).create(
            aws, handle("api-domain", KIND), DomainNameProps(domain=DOMAIN, certificate_arn=waiting)
        )


def test_a_foreign_domain_name_is_not_taken(aws: Aws, handle: MakeHandle, props: DomainNameProps) -> None:
    aws.apigatewayv2.create_domain_name(
        DomainName=DOMAIN, DomainNameConfigurations=[{"CertificateArn": props.certificate_arn}]
    )
    ours = handle("api-domain", KIND)

    with pytest.raises(AwsError) as refused:
        kind_named(KIND).create(aws, ours, props)

    assert refused.value.aws_code == "ConflictException"
    assert kind_named(KIND).read(aws, ours) is None


@pytest.mark.parametrize(
    ("field", "value"), [("domain", ""), ("minimum_tls", "TLS_1_0"), ("endpoint", "EDGE")]
)
def test_what_http_apis_do_not_have_is_refused(field: str, value: str) -> None:
    with pytest.raises(ValidationError, match=field):
        DomainNameProps.model_validate({"domain": DOMAIN, "certificate_arn": "arn", field: value})
