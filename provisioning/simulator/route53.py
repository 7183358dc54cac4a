"""Route 53: changes are pending for half a minute, a caller reference makes one zone only."""

import re
import secrets
from dataclasses import dataclass, field
from typing import Any

from moto.route53 import models
from moto.route53.models import Route53Backend, route53_backends

from provisioning.simulator import acm
from provisioning.simulator.operations import Call, Refusal, operation, result_of
from provisioning.simulator.world import Moment

_moto_zone_id = models.create_route53_zone_id


def _zone_id(*identifying: Any, **given: Any) -> str:
    """Zones of AWS begin with Z, which is how forms tell one from something else; moto's with anything."""
    return f"Z{_moto_zone_id(*identifying, **given)[1:]}"


models.create_route53_zone_id = _zone_id  # moto has no switch for it


@dataclass(kw_only=True)
class Changes:
    """When each change is in sync, by its id, in epoch seconds."""

    in_sync_at: dict[str, float] = field(default_factory=dict)


def _backend_of(moment: Moment) -> Route53Backend:
    return route53_backends[moment.account]["aws"]


def _changes(call: Call) -> dict[str, float]:
    return call.elsewhere(region="aws").notes(Changes).in_sync_at


def _pending(call: Call, answer: object) -> object:
    identifier = f"C{secrets.token_hex(10).upper()}"
    _changes(call)[identifier] = call.now + call.durations.of("route53.change")
    info = result_of(answer)["ChangeInfo"]
    info["Id"], info["Status"] = f"/change/{identifier}", "PENDING"
    return answer


#: Labels of up to 63 characters (Route 53 developer guide, "DNS domain name format").
_DOMAIN = re.compile(
    r"(?=.{1,255}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z0-9_-]{1,63}\.?", re.IGNORECASE
)


@operation("route53", "CreateHostedZone")
def create_hosted_zone(call: Call) -> object:
    """A caller reference that was used is refused, even for the same zone."""
    reference, name = call.text("CallerReference"), call.text("Name")
    if not _DOMAIN.fullmatch(name):
        raise Refusal("InvalidDomainName", f"{name} is not a valid domain name")
    if any(zone.caller_reference == reference for zone in _backend_of(call).zones.values()):
        raise Refusal(
            "HostedZoneAlreadyExists",
            f"A hosted zone has already been created with the specified caller reference: {reference}",
        )
    return _pending(call, call.forward())


def _is_own(zone: Any, name: str, kind: str) -> bool:
    """Whether a record is one of the two that a zone comes and goes with."""
    return kind in ("NS", "SOA") and name.rstrip(".").lower() == zone.name.rstrip(".").lower()


@operation("route53", "DeleteHostedZone")
def delete_hosted_zone(call: Call) -> object:
    """Refused while there are records besides its own, those that delegate a part of it too."""
    zone: Any = _backend_of(call).zones.get(call.text("Id").rsplit("/", 1)[-1])
    if zone is not None and any(not _is_own(zone, one.name, one.type) for one in zone.rrsets):
        raise Refusal(
            "HostedZoneNotEmpty",
            "The specified hosted zone contains non-required resource record sets and so cannot be deleted.",
        )
    return _pending(call, call.forward())


def _is_there(zone: Any, record: Any) -> bool:
    wanted = (record["Name"].rstrip(".").lower(), record["Type"])
    return any((one.name.rstrip(".").lower(), one.type) == wanted for one in zone.rrsets)


@operation("route53", "ChangeResourceRecordSets")
def change_resource_record_sets(call: Call) -> object:
    """Refuses a second record and a CNAME at the top of a zone; certificates that wait for a record see it."""
    zone = _backend_of(call).zones.get(call.text("HostedZoneId").rsplit("/", 1)[-1])
    for change in (call.params.get("ChangeBatch") or {}).get("Changes") or []:
        record: Any = change["ResourceRecordSet"]
        if (
            zone is not None
            and change["Action"] == "DELETE"
            and _is_own(zone, record["Name"], record["Type"])
        ):
            raise Refusal(
                "InvalidChangeBatch",
                f"[A HostedZone must contain at least one {record['Type']} record for the zone itself.]",
            )
        if zone is not None and change["Action"] == "CREATE" and _is_there(zone, record):
            named = f"[name='{record['Name'].rstrip('.')}.', type='{record['Type']}']"
            raise Refusal(
                "InvalidChangeBatch", f"[Tried to create resource record set {named} but it already exists]"
            )
        if (
            zone is not None
            and record["Type"] == "CNAME"
            and record["Name"].rstrip(".") == zone.name.rstrip(".")
        ):
            raise Refusal(
                "InvalidChangeBatch",
                f"[RRSet of type CNAME with DNS name {record['Name']} is not permitted at apex in zone {zone.name}]",
            )
    answer = _pending(call, call.forward())
    acm.look_everywhere(call)
    return answer


@operation("route53", "GetChange")
def get_change(call: Call) -> object:
    """`PENDING`, then `INSYNC`."""
    answer = call.forward()
    at = _changes(call).get(call.text("Id").rsplit("/", 1)[-1], 0.0)
    result_of(answer)["ChangeInfo"]["Status"] = "PENDING" if call.now < at else "INSYNC"
    return answer
