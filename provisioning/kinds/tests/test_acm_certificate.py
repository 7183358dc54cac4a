"""What is peculiar to a certificate: its record is told late, its token lasts an hour, its tags for ever."""

from __future__ import annotations

from dataclasses import replace

import pytest

from provisioning.aws import Aws
from provisioning.errors import Busy
from provisioning.kind import TAG_GENERATION, Status, kind_named
from provisioning.kinds.acm_certificate import CertificateProps
from provisioning.kinds.tests.contract import Build, MakeHandle, check_contract, check_cuts, settled
from provisioning.kinds.tests.scripted_json import scripted_json
from provisioning.references import JsonObject
from provisioning.simulator.launch import Simulator

KIND = "acm.certificate"
# Properties with which it is checked in CloudFormation.
EXAMPLES: tuple[JsonObject, ...] = ({"domain": "shop.example.com"},)
PROPS = CertificateProps(domain="shop.example.com")


@pytest.mark.simulator
def test_it_is_made_and_taken_away(aws: Aws, handle: MakeHandle) -> None:
    check_contract(
        aws,
        handle("certificate", KIND),
        PROPS,
        attributes=["arn", "validation_name", "validation_value"],
        also_permitted=["acm:AddTagsToCertificate"],  # RequestCertificate with tags
    )


@pytest.mark.simulator
def test_it_is_made_by_one_call(aws: Aws, handle: MakeHandle) -> None:
    assert check_cuts(aws, handle("certificate", KIND), PROPS) == 0


@pytest.mark.simulator
def test_it_waits_for_its_record_and_not_for_being_issued(aws: Aws, handle: MakeHandle) -> None:
    certificate = handle("certificate", KIND)
    made = kind_named(KIND).create(aws, certificate, PROPS)
    assert made.status is Status.PENDING

    ready = settled(aws, replace(certificate, id=made.id), PROPS)

    assert ready.attributes["validation_name"].endswith(".shop.example.com")
    assert not ready.attributes["validation_value"].endswith(".")
    assert (
        aws.acm.describe_certificate(CertificateArn=made.id)["Certificate"]["Status"] == "PENDING_VALIDATION"
    )


@pytest.mark.simulator
def test_a_lost_answer_leads_to_the_same_certificate(
    aws: Aws, handle: MakeHandle, simulator: Simulator
) -> None:
    simulator.fault(service="acm", operation="RequestCertificate", effect="lost")
    certificate = handle("certificate", KIND)
    with pytest.raises(Exception, match="acm:request_certificate"):
        kind_named(KIND).create(aws, certificate, PROPS)

    again = kind_named(KIND).create(aws, certificate, PROPS)

    found = kind_named(KIND).read(aws, certificate)
    assert found is not None and found.id == again.id
    assert len(aws.acm.list_certificates()["CertificateSummaryList"]) == 1


@pytest.mark.simulator
def test_a_certificate_of_others_for_the_domain_is_not_taken(
    aws: Aws, handle: MakeHandle, build: Build
) -> None:
    theirs = aws.acm.request_certificate(DomainName=PROPS.domain, ValidationMethod="DNS")["CertificateArn"]
    stranger = build("certificate", PROPS, stack="sstrange")

    assert kind_named(KIND).read(aws, handle("certificate", KIND)) is None
    assert build("certificate", PROPS).id not in {theirs, stranger.id}


@pytest.mark.simulator
def test_the_one_that_takes_its_place_is_told_from_it(aws: Aws, handle: MakeHandle, build: Build) -> None:
    old = build("certificate", PROPS)
    first = handle("certificate", KIND)
    second = replace(first, tags={**first.tags, TAG_GENERATION: "2"}, token="another-token")
    assert kind_named(KIND).read(aws, second) is None

    new = kind_named(KIND).create(aws, second, CertificateProps(domain="new.example.com"))

    found = kind_named(KIND).read(aws, second)
    assert found is not None and found.id == new.id != old.id


@pytest.mark.simulator
def test_while_a_listener_uses_it_its_deletion_is_tried_again_later(
    aws: Aws, handle: MakeHandle, build: Build, simulator: Simulator
) -> None:
    made = build("certificate", PROPS)
    simulator.fault(service="acm", operation="DeleteCertificate", code="ResourceInUseException")

    with pytest.raises(Busy):
        kind_named(KIND).delete(aws, handle("certificate", KIND, id=made.id))

    assert kind_named(KIND).delete(aws, handle("certificate", KIND, id=made.id)) is True


@pytest.mark.parametrize(
    ("state", "reason", "told"),
    [("FAILED", "CAA_ERROR", "CAA_ERROR"), ("VALIDATION_TIMED_OUT", None, "VALIDATION_TIMED_OUT")],
)
def test_one_that_failed_says_why(handle: MakeHandle, state: str, reason: str | None, told: str) -> None:
    arn = "arn:aws:acm:us-east-1:123456789012:certificate/1"
    certificate = {"CertificateArn": arn, "DomainName": PROPS.domain, "Status": state}
    described = {"Certificate": certificate | ({"FailureReason": reason} if reason else {})}
    with scripted_json({"DescribeCertificate": described}) as aws:
        observed = kind_named(KIND).read(aws, handle("certificate", KIND, id=arn))

    assert observed is not None
    assert (observed.status, observed.reason) == (Status.FAILED, told)
