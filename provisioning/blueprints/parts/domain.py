"""Domain: the zone where a new one is wanted, certificates that prove the domain, and records that lead to what
answers."""

from __future__ import annotations

from provisioning.blueprints.options import DomainOptions
from provisioning.kinds.acm_certificate import CertificateProps
from provisioning.kinds.acm_validation import ValidationProps
from provisioning.kinds.route53_hosted_zone import HostedZoneProps
from provisioning.kinds.route53_record import RecordProps
from provisioning.references import ref
from provisioning.resource import Resource


def zone(options: DomainOptions) -> tuple[Resource, ...]:
    """A zone of the domain's own, where none is given."""
    if not options.new_zone:
        return ()
    return (
        Resource(
            key="zone", title=f"DNS zone of {options.domain}", props=HostedZoneProps(domain=options.domain)
        ),
    )


def zone_outputs(options: DomainOptions) -> dict[str, str]:
    """What has to be named where the domain is delegated."""
    return {"name_servers": ref("zone", "name_servers")} if options.new_zone else {}


def files_domain(options: DomainOptions) -> str:
    """Where files are, beside the application; empty without a domain."""
    return f"files.{options.domain}" if options.domain else ""


def certificate(
    options: DomainOptions, *, key: str = "certificate", host: str = "", region: str = ""
) -> tuple[Resource, ...]:
    """A certificate, the record that proves the domain is ours, and the wait until AWS has seen it. `host`: that of the
    files, if it is not for the domain itself; `region`: where it is, if not where the environment is."""
    if not options.domain:
        return ()
    record = RecordProps(
        zone_id=options.zone,
        name=ref(key, "validation_name"),
        type="CNAME",
        values=(ref(key, "validation_value"),),
    )
    wait = ValidationProps(
        certificate_arn=ref(key, "arn"),
        name_servers=ref("zone", "name_servers") if options.new_zone else "",
    )
    return (
        Resource(
            key=key,
            title="Certificate of the files" if host else "",
            region=region,
            props=CertificateProps(domain=host or options.domain),
        ),
        Resource(
            key=f"{key}-record",
            title="DNS record that validates the certificate of the files"
            if host
            else "DNS record that validates the certificate",
            props=record,
        ),
        Resource(
            key=validation(key),
            title="Validation of the certificate of the files" if host else "Certificate validation",
            region=region,
            props=wait,
            after=(f"{key}-record",),
        ),
    )


def validation(key: str) -> str:
    """The key of the wait for a certificate, behind which everything stands that needs it issued."""
    return f"{key}-validation"


def alias(options: DomainOptions, target: str, zone_id: str, *, host: str = "") -> Resource:
    """The record that leads to what answers: `target` in AWS's own zone `zone_id`. `host`: if not the domain itself."""
    domain = host or options.domain
    return Resource(
        key="files-record" if host else "domain-record",
        title=f"DNS record of {domain}",
        props=RecordProps(
            zone_id=options.zone,
            name=domain,
            type="A",
            alias_dns=target,
            alias_zone_id=zone_id,
        ),
    )
