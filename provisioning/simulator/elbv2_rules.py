"""What Elastic Load Balancing refuses: names, subnets, security groups, certificates."""

import re
from typing import Any

from moto.acm.models import acm_backends
from moto.ec2.models import ec2_backends

from provisioning.simulator.operations import Call, Refusal


def invalid(message: str) -> Refusal:
    """The error of a value that the service does not take."""
    return Refusal("ValidationError", message)


def check_name(name: str, thing: str) -> None:
    """Names have at most 32 letters, digits and hyphens, none of the latter at an end."""
    if len(name) > 32:
        raise invalid(f"The {thing} name '{name}' cannot be longer than '32' characters")
    if not re.fullmatch(r"[A-Za-z0-9-]+", name):
        raise invalid(
            f"The {thing} name '{name}' can only contain characters that are alphanumeric characters and hyphens(-)"
        )
    if name.startswith("-") or name.endswith("-"):
        raise invalid(f"The {thing} name '{name}' cannot begin or end with a hyphen(-)")
    if thing == "load balancer" and name.startswith("internal-"):
        raise invalid(f"The load balancer name '{name}' cannot begin with 'internal-'")


def subnet_ids(call: Call) -> list[str]:
    """The subnets of a request, whichever way they were given."""
    return call.items("Subnets") or [item["SubnetId"] for item in call.items("SubnetMappings")]


def check_security_groups(call: Call, groups: list[str]) -> None:
    """Refuse groups that do not exist."""
    ec2 = ec2_backends[call.account][call.region]
    for group in groups:
        if ec2.get_security_group_from_id(group) is None:
            raise Refusal("InvalidSecurityGroup", f"The security group '{group}' does not exist")


def check_placement(call: Call) -> None:
    """An application load balancer needs two zones, and an internet gateway to face the internet."""
    ec2 = ec2_backends[call.account][call.region]
    known: dict[str, Any] = {
        key: subnet for subnets in ec2.subnets.values() for key, subnet in subnets.items()
    }
    wanted = subnet_ids(call)
    missing = [subnet for subnet in wanted if subnet not in known]
    if missing:
        raise Refusal("SubnetNotFound", f"The subnet ID '{missing[0]}' is not valid")
    zones = [known[subnet].availability_zone for subnet in wanted]
    if len(set(zones)) < len(zones):
        raise Refusal(
            "InvalidConfigurationRequest",
            "A load balancer cannot be attached to multiple subnets in the same Availability Zone",
        )
    if len(zones) < 2:
        raise invalid("At least two subnets in two different Availability Zones must be specified")
    if len({known[subnet].vpc_id for subnet in wanted}) > 1:
        raise Refusal("InvalidSubnet", "All subnets must belong to the same VPC")
    _check_gateway(call, known[wanted[0]].vpc_id)
    check_security_groups(call, call.items("SecurityGroups"))


def _check_gateway(call: Call, vpc: str) -> None:
    ec2 = ec2_backends[call.account][call.region]
    gateways: list[Any] = list(ec2.internet_gateways.values())
    attached = {gateway.vpc.id for gateway in gateways if gateway.vpc}
    if (
        call.operation == "CreateLoadBalancer"
        and call.params.get("Scheme") != "internal"
        and vpc not in attached
    ):
        raise Refusal("InvalidSubnet", f"VPC {vpc} has no internet gateway")


def check_certificates(call: Call) -> None:
    """HTTPS needs a certificate that exists and is issued."""
    certificates = [item["CertificateArn"] for item in call.items("Certificates") if "CertificateArn" in item]
    if call.text("Protocol") == "HTTPS" and not certificates:
        raise invalid("A certificate must be specified for HTTPS listeners")
    for arn in certificates:
        if ":acm:" not in arn:
            continue
        found: Any = acm_backends[call.account][call.region]._certificates.get(arn)
        if found is None:
            raise Refusal("CertificateNotFound", f"Certificate '{arn}' not found")
        if found.status != "ISSUED":
            raise Refusal(
                "UnsupportedCertificate",
                f"The certificate '{arn}' must have a fully-qualified domain name, a supported signature, and a "
                "supported key size.",
            )
