"""The wait for an ACM certificate: nothing of its own at AWS, ready when the certificate is issued."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from provisioning.aws import Aws, found
from provisioning.kind import Expected, Handle, Kind, Observed, Props, Status, register
from provisioning.template_parts import Form, Place


class ValidationProps(Props):
    """`certificate_arn`: the certificate to wait for. Its validation record has to be made beforehand. `name_servers`:
    of a new zone, which somebody has to name where the domain is delegated before ACM sees the record."""

    certificate_arn: str
    name_servers: str = ""


@register
class Validation(Kind[ValidationProps]):
    """Minutes to more than an hour; ACM gives up after 72 hours
    (https://docs.aws.amazon.com/acm/latest/userguide/dns-validation.html). Waiting ones of all environments share one
    list. What needs an issued certificate refers to this one's arn. Attributes: id, arn (the certificate's), and
    name_servers where it was told those: whoever waits is told them too."""

    name = "acm.validation"
    title = "Certificate validation"
    expected = Expected(create=180)
    patience = 266_400  # an hour and more is common, people take longer; ACM itself gives up after 72
    replace_on = frozenset({"certificate_arn"})
    permissions = ("acm:ListCertificates", "acm:DescribeCertificate")
    props = ValidationProps

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        if handle.id is None:
            return None
        certificates = aws.listed(aws.acm.list_certificates, "CertificateSummaryList")
        certificate = next((one for one in certificates if one["CertificateArn"] == handle.id), None)
        return None if certificate is None else _observed(aws, handle, certificate)

    def create(self, aws: Aws, handle: Handle, props: ValidationProps) -> Observed:
        arn = props.certificate_arn
        told = {"name_servers": props.name_servers} if props.name_servers else {}
        return Observed(id=arn, status=Status.PENDING, attributes={"id": arn, "arn": arn, **told})

    def update(self, aws: Aws, handle: Handle, props: ValidationProps, observed: Observed) -> Observed:
        return observed

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        return True

    def cloudformation(self, place: Place, props: ValidationProps) -> Form:
        arn = props.certificate_arn
        return Form(
            attributes={"id": arn, "arn": arn},
            remark="CloudFormation waits for the certificate by itself.",
        )


def _observed(aws: Aws, handle: Handle, certificate: dict[str, Any]) -> Observed:
    arn, state = certificate["CertificateArn"], certificate["Status"]
    status = {"PENDING_VALIDATION": Status.PENDING, "ISSUED": Status.READY}.get(state, Status.FAILED)
    observed = Observed(
        id=arn,
        status=status,
        props={"certificate_arn": arn},
        attributes={**handle.attributes, "id": arn, "arn": arn},
        tags=handle.tags,
        reason=_why(aws, arn, state) if status is Status.FAILED else "",
    )
    servers = handle.attributes.get("name_servers", "")
    if status is Status.PENDING and servers:
        return replace(
            observed,
            reason=f"waiting for a person: name {servers} where the domain is delegated, as NS records",
        )
    return observed


def _why(aws: Aws, arn: str, state: str) -> str:
    answer = found(aws.acm.describe_certificate, CertificateArn=arn)
    return (answer["Certificate"].get("FailureReason") if answer else None) or state
