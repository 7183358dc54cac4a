"""ACM: a certificate is issued once its validation records stand in a hosted zone of the simulator."""

from typing import Any

from moto.acm.models import AWSCertificateManagerBackend, CertBundle, acm_backends
from moto.route53.models import route53_backends

from provisioning.simulator.operations import Call, Refusal, operation, result_of
from provisioning.simulator.world import Moment, event


def _stay(bundle: object) -> None:
    """moto issues a certificate after a while whatever DNS says; ours looks."""


CertBundle.check = _stay  # type: ignore[method-assign, assignment]  # see `_stay`


def _backend_of(moment: Moment) -> AWSCertificateManagerBackend:
    return acm_backends[moment.account][moment.region]


@operation("acm", "RequestCertificate")
def request_certificate(call: Call) -> object:
    """Pending until the records are there; the records are told some seconds after the request."""
    answer = call.forward()
    arn = result_of(answer)["CertificateArn"]
    certificate: Any = _backend_of(call)._certificates[arn]
    if not hasattr(certificate, "records_known"):
        certificate.records_known = False
        certificate.validation_method = call.text("ValidationMethod") or "EMAIL"
        call.after("acm.record", "acm.records", arn)
        look(call, certificate)
    return answer


@event("acm.records")
def records(moment: Moment, arn: str) -> None:
    """The records that prove the domain are made known."""
    certificate: Any = _backend_of(moment)._certificates.get(arn)
    if certificate is not None:
        certificate.records_known = True


def _wanted(certificate: Any) -> set[tuple[str, str]]:
    options = certificate.describe()["Certificate"]["DomainValidationOptions"]
    wanted = [item["ResourceRecord"] for item in options if "ResourceRecord" in item]
    return {(_plain(item["Name"]), _plain(item["Value"])) for item in wanted}


def _plain(name: str) -> str:
    return name.rstrip(".").lower()


def _present(moment: Moment) -> set[tuple[str, str]]:
    zones = route53_backends[moment.account]["aws"].zones.values()
    return {
        (_plain(record.name), _plain(value if isinstance(value, str) else value.get("Value", "")))
        for zone in zones
        for record in zone.rrsets
        if record.type == "CNAME"
        for value in record.records
    }


def look(moment: Moment, certificate: Any) -> None:
    """Have a pending certificate issued a minute from now if all its records are there."""
    wanted = _wanted(certificate)
    proven = bool(wanted) and wanted <= _present(moment)
    if certificate.status == "PENDING_VALIDATION" and proven and not getattr(certificate, "proven", False):
        certificate.proven = True
        moment.after("acm.issue", "acm.issued", certificate.arn)


def look_everywhere(moment: Moment) -> None:
    """Look at the pending certificates of every region: a record has changed."""
    for region, backend in list(acm_backends[moment.account].items()):
        for certificate in backend._certificates.values():
            look(moment.elsewhere(region=region), certificate)


@event("acm.issued")
def issued(moment: Moment, arn: str) -> None:
    """ACM has seen the records."""
    certificate = _backend_of(moment)._certificates.get(arn)
    if certificate is not None and certificate.status == "PENDING_VALIDATION":
        certificate.status = "ISSUED"


@operation("acm", "DescribeCertificate")
def describe_certificate(call: Call) -> object:
    """Without the records while they are not known; with who uses it."""
    answer = call.forward()
    certificate: Any = _backend_of(call)._certificates[call.text("CertificateArn")]
    described = result_of(answer)["Certificate"]
    for option in described.get("DomainValidationOptions", []):
        option["ValidationMethod"] = getattr(certificate, "validation_method", "DNS")
        if not getattr(certificate, "records_known", True):
            option.pop("ResourceRecord", None)
    return answer


@operation("acm", "DeleteCertificate")
def delete_certificate(call: Call) -> object:
    """Refused while a listener uses it."""
    certificate = _backend_of(call)._certificates.get(call.text("CertificateArn"))
    if certificate is not None and certificate.in_use_by:
        raise Refusal(
            "ResourceInUseException",
            f"Certificate {certificate.arn} in account {call.account} is in use.",
        )
    return call.forward()
