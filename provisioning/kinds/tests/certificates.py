"""Certificates that are issued, for tests of what needs one."""

from __future__ import annotations

from provisioning.aws import Aws
from provisioning.kinds.acm_certificate import CertificateProps
from provisioning.kinds.acm_validation import ValidationProps
from provisioning.kinds.route53_record import RecordProps
from provisioning.kinds.tests.contract import Build


def zone(aws: Aws, domain: str) -> str:
    """The id of a new zone."""
    made = aws.route53.create_hosted_zone(Name=domain, CallerReference=f"test-{domain}")
    return made["HostedZone"]["Id"].removeprefix("/hostedzone/")


def issued(build: Build, key: str, domain: str, zone_id: str) -> str:
    """The ARN of a certificate whose record stands in the zone."""
    made = build(key, CertificateProps(domain=domain)).attributes
    build(
        f"{key}-record",
        RecordProps(
            zone_id=zone_id,
            name=made["validation_name"],
            type="CNAME",
            values=(made["validation_value"],),
        ),
    )
    return build(f"{key}-validation", ValidationProps(certificate_arn=made["arn"])).id
