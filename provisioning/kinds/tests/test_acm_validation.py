"""What is peculiar to a validation: it makes nothing and waits, with everybody else, for ACM to see a record."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import pytest

from provisioning.aws import Aws
from provisioning.kind import Status, kind_named
from provisioning.kinds.acm_certificate import CertificateProps
from provisioning.kinds.acm_validation import ValidationProps
from provisioning.kinds.route53_record import RecordProps
from provisioning.kinds.tests.contract import Build, MakeHandle, settled
from provisioning.kinds.tests.noted import NotedConnection
from provisioning.kinds.tests.scripted_json import scripted_json
from provisioning.references import JsonObject

KIND = "acm.validation"
# Properties with which it is checked in CloudFormation.
EXAMPLES: tuple[JsonObject, ...] = (
    {
        "certificate_arn": "arn:aws:acm:us-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012"
    },
)
ARN = "arn:aws:acm:us-east-1:123456789012:certificate/1"


@pytest.mark.simulator
def test_it_waits_until_the_record_stands_and_acm_has_seen_it(
    aws: Aws, handle: MakeHandle, build: Build
) -> None:
    certificate = build("certificate", CertificateProps(domain="shop.example.com"))
    props = ValidationProps(certificate_arn=certificate.id)
    made = kind_named(KIND).create(aws, handle("validation", KIND), props)
    known = handle("validation", KIND, id=made.id)
    before = kind_named(KIND).read(aws, known)
    assert (made.status, before and before.status) == (Status.PENDING, Status.PENDING)

    zone = aws.route53.create_hosted_zone(Name="example.com", CallerReference="1")["HostedZone"]["Id"]
    attributes = certificate.attributes
    build(
        "record",
        RecordProps(
            zone_id=zone,
            name=attributes["validation_name"],
            type="CNAME",
            values=(attributes["validation_value"],),
        ),
    )

    ready = settled(aws, known, props)
    assert ready.attributes == {"id": certificate.id, "arn": certificate.id}


@pytest.mark.simulator
def test_of_a_new_zone_it_says_which_servers_have_to_be_named_where_the_domain_is_delegated(
    aws: Aws, handle: MakeHandle, build: Build
) -> None:
    certificate = build("certificate", CertificateProps(domain="shop.example.com"))
    props = ValidationProps(certificate_arn=certificate.id, name_servers="ns-1.example.net, ns-2.example.net")
    made = kind_named(KIND).create(aws, handle("validation", KIND), props)

    waiting = kind_named(KIND).read(
        aws, replace(handle("validation", KIND, id=made.id), attributes=made.attributes)
    )

    assert waiting is not None and waiting.status is Status.PENDING
    assert "ns-1.example.net, ns-2.example.net" in waiting.reason
    assert waiting.attributes["name_servers"] == props.name_servers


@pytest.mark.simulator
def test_it_makes_nothing_and_takes_nothing_away(aws: Aws, handle: MakeHandle, build: Build) -> None:
    certificate = build("certificate", CertificateProps(domain="shop.example.com"))
    props = ValidationProps(certificate_arn=certificate.id)
    before = aws.connection.calls

    made = kind_named(KIND).create(aws, handle("validation", KIND), props)
    assert kind_named(KIND).delete(aws, handle("validation", KIND, id=made.id)) is True

    assert aws.connection.calls == before
    assert kind_named("acm.certificate").read(aws, handle("certificate", "acm.certificate")) is not None


@pytest.mark.simulator
def test_all_that_wait_share_one_list(aws: Aws, handle: MakeHandle, build: Build) -> None:
    one = build("certificate", CertificateProps(domain="shop.example.com"))
    other = build("certificate", CertificateProps(domain="other.example.com"), stack="sstrange")
    poll = aws.since(time.monotonic())
    before = aws.connection.calls

    for arn in (one.id, other.id):
        assert kind_named(KIND).read(poll, handle("validation", KIND, id=arn)) is not None

    assert aws.connection.calls - before == 1


@pytest.mark.simulator
def test_without_its_certificate_it_is_gone(aws: Aws, handle: MakeHandle) -> None:
    assert kind_named(KIND).read(aws, handle("validation", KIND, id=ARN)) is None


def test_it_says_why_acm_gave_up_and_asks_for_no_more_than_that_takes(handle: MakeHandle) -> None:
    summary = {"CertificateArn": ARN, "DomainName": "shop.example.com", "Status": "FAILED"}
    script: dict[str, dict[str, Any]] = {
        "ListCertificates": {"CertificateSummaryList": [summary]},
        "DescribeCertificate": {"Certificate": {**summary, "FailureReason": "CAA_ERROR"}},
    }
    with scripted_json(script) as aws:
        observed = kind_named(KIND).read(aws, handle("validation", KIND, id=ARN))
        noted = aws.connection
        assert isinstance(noted, NotedConnection)

    assert observed is not None
    assert (observed.status, observed.reason) == (Status.FAILED, "CAA_ERROR")
    assert noted.actions == set(kind_named(KIND).permissions)
