"""Service Quotas: what an account may have. Nothing here is refused for them; `/simulator/quotas` makes them small."""

from dataclasses import dataclass, field
from typing import Any

from provisioning.simulator.operations import Call, Refusal, operation
from provisioning.simulator.world import World

#: Quotas by service and code: name, unit-less value of an account that asked AWS for much more than everybody has.
_QUOTAS: dict[tuple[str, str], tuple[str, float]] = {
    ("vpc", "L-F678F1CE"): ("VPCs per Region", 10_000),
    ("ec2", "L-0263D0A3"): ("EC2-VPC Elastic IPs", 10_000),
    ("fargate", "L-3032A538"): ("Fargate On-Demand vCPU resource count", 10_000),
    ("lambda", "L-B99A9384"): ("Concurrent executions", 1_000),
}


@dataclass(kw_only=True)
class Quotas:
    """Those that somebody has set, by code."""

    values: dict[str, float] = field(default_factory=dict)


@operation("service-quotas", "GetServiceQuota")
def get_service_quota(call: Call) -> object:
    """The applied value."""
    service, code = call.text("ServiceCode"), call.text("QuotaCode")
    if (service, code) not in _QUOTAS:
        raise Refusal("NoSuchResourceException", "The request failed because the quota does not exist.")
    name, usual = _QUOTAS[service, code]
    quota: dict[str, Any] = {
        "ServiceCode": service,
        "QuotaArn": f"arn:aws:servicequotas:{call.region}:{call.account}:{service}/{code}",
        "QuotaCode": code,
        "QuotaName": name,
        "Value": call.world.notes_of(Quotas, "", "").values.get(code, usual),
        "Unit": "None",
        "Adjustable": True,
        "GlobalQuota": False,
    }
    return {"Quota": quota}


def limit(world: World, quotas: dict[str, float]) -> None:
    """Set them, for every account and region."""
    world.notes_of(Quotas, "", "").values.update(quotas)
