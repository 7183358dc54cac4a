"""An ACM certificate for one domain, asked for with validation by DNS."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import Field

from provisioning.aws import Aws, found
from provisioning.kind import TAG_KEY, TAG_STACK, Expected, Handle, Kind, Observed, Props, Status, register
from provisioning.lookup import tags_of
from provisioning.template_parts import REF, Form, Part, Place, Within, given

if TYPE_CHECKING:
    from mypy_boto3_acm.type_defs import CertificateDetailTypeDef


class CertificateProps(Props):
    """`domain`: a host name, or a wildcard such as "*.example.com". ACM takes 253 characters, 64 for a wildcard."""

    domain: str = Field(min_length=4, max_length=253)


@register
class Certificate(Kind[CertificateProps]):
    """https://docs.aws.amazon.com/acm/latest/APIReference/API_RequestCertificate.html

    Ready as soon as ACM names the record that proves the domain; acm.validation waits until it is issued. The token
    finds the same request again for an hour, the tags after that. Attributes: id (the ARN), arn, validation_name,
    validation_value (a CNAME).
    """

    name = "acm.certificate"
    title = "Certificate"
    expected = Expected(create=5)
    patience = 1800  # for twenty minutes after its last user has gone it counts as in use
    replace_on = frozenset({"domain"})
    permissions = (
        "acm:RequestCertificate",
        "acm:AddTagsToCertificate",
        "acm:DescribeCertificate",
        "acm:ListTagsForCertificate",
        "acm:DeleteCertificate",
        "tag:GetResources",
    )
    props = CertificateProps

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        arn = handle.id or _tagged(aws, handle)
        answer = found(aws.acm.describe_certificate, CertificateArn=arn) if arn else None
        if answer is None:
            return None
        certificate = answer["Certificate"]
        status, reason = _status(certificate)
        return Observed(
            id=certificate["CertificateArn"],
            status=status,
            props={"domain": certificate["DomainName"]},
            attributes=_attributes(certificate),
            tags=_tags(aws, handle, certificate["CertificateArn"]),
            reason=reason,
        )

    def create(self, aws: Aws, handle: Handle, props: CertificateProps) -> Observed:
        answer = aws.acm.request_certificate(
            DomainName=props.domain,
            ValidationMethod="DNS",
            IdempotencyToken=handle.token.replace("-", ""),  # ACM takes 32 word characters
            Tags=handle.tag_list,
        )
        arn = answer["CertificateArn"]
        return Observed(id=arn, status=Status.PENDING, attributes={"id": arn, "arn": arn})

    def update(self, aws: Aws, handle: Handle, props: CertificateProps, observed: Observed) -> Observed:
        return observed

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        arn = handle.id or _tagged(aws, handle)
        if arn:
            found(aws.acm.delete_certificate, CertificateArn=arn)
        return True

    def cloudformation(self, place: Place, props: CertificateProps) -> Form:
        """CloudFormation makes the record that proves the domain itself, in the zone that ours would be made in, and
        goes on when the certificate is issued."""
        records = (user.props.dump() for user in place.users)
        zone = next((str(one["zone_id"]) for one in records if "zone_id" in one), "")
        proof = [{"DomainName": props.domain, "HostedZoneId": zone}] if zone else []
        properties = {
            "DomainName": props.domain,
            "ValidationMethod": "DNS",
            "DomainValidationOptions": proof,
            "Tags": place.tag_list,
        }
        within = Within(f"CloudFormation makes this record together with the certificate ({place.key}).")
        return Form(
            parts=(Part(type="AWS::CertificateManager::Certificate", properties=given(properties)),),
            attributes={"id": REF, "arn": REF, "validation_name": within, "validation_value": within},
        )


def _tagged(aws: Aws, handle: Handle) -> str:
    """The ARN that the tags lead to, empty without one: ACM itself lists no tags."""
    answer = aws.tagging.get_resources(
        ResourceTypeFilters=["acm:certificate"],
        TagFilters=[
            {"Key": TAG_STACK, "Values": [handle.stack]},
            {"Key": TAG_KEY, "Values": [handle.key]},
        ],
    )
    # The one that it takes the place of has the same key.
    mine = [one for one in answer["ResourceTagMappingList"] if handle.owns(tags_of(one))]
    arns = sorted(one["ResourceARN"] for one in mine)
    return arns[0] if arns else ""


def _status(certificate: CertificateDetailTypeDef) -> tuple[Status, str]:
    state = certificate["Status"]
    if state in ("PENDING_VALIDATION", "ISSUED"):
        known = "validation_name" in _attributes(certificate)
        return (Status.READY, "") if known else (Status.PENDING, "ACM has not named the record yet")
    return Status.FAILED, certificate.get("FailureReason") or state


def _attributes(certificate: CertificateDetailTypeDef) -> dict[str, str]:
    arn = certificate["CertificateArn"]
    attributes = {"id": arn, "arn": arn}
    for option in certificate.get("DomainValidationOptions", [])[:1]:
        # Absent for some seconds after the request.
        if "ResourceRecord" in option:
            attributes["validation_name"] = option["ResourceRecord"]["Name"].rstrip(".")
            attributes["validation_value"] = option["ResourceRecord"]["Value"].rstrip(".")
    return attributes


def _tags(aws: Aws, handle: Handle, arn: str) -> dict[str, str]:
    """One more call, made only while no id on record says that the certificate is ours."""
    if handle.id is not None:
        return dict(handle.tags)
    return tags_of(aws.acm.list_tags_for_certificate(CertificateArn=arn))
