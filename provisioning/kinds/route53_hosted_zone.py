"""A public DNS zone in Route 53: where an environment's own domain is answered for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal

from pydantic import AfterValidator, StringConstraints

from provisioning.aws import Aws, found
from provisioning.errors import ProvisioningError
from provisioning.kind import Handle, Kind, Observed, Props, register
from provisioning.lookup import tags_of
from provisioning.marks import marked
from provisioning.pricing import CostLine, Usage
from provisioning.references import JsonObject, JsonValue
from provisioning.template_parts import REF, Form, Part, Place, Told

_NAMED_IN_ERRORS = 5


def _plain(name: str) -> str:
    return name.rstrip(".").lower()


Domain = Annotated[
    str,
    AfterValidator(_plain),
    StringConstraints(
        pattern=r"^([A-Za-z0-9_]([A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?\.)+[A-Za-z][A-Za-z0-9-]*[A-Za-z0-9]\.?$",
        max_length=255,
    ),
]


class HostedZoneProps(Props):
    """`domain`: what it answers for, without the final dot. `tagged` is so always: Route 53 takes tags in a call of
    their own, and a zone that lacks them is mended."""

    domain: Domain
    tagged: Literal[True] = True


class ZoneNotEmpty(ProvisioningError):
    """Records that nobody here made would be lost."""

    code = "resource.zone_not_empty"
    hint = "Remove them or move them to another zone, then retry from this step."


@register
class HostedZone(Kind[HostedZoneProps]):
    """https://docs.aws.amazon.com/Route53/latest/APIReference/API_CreateHostedZone.html

    The token is its CallerReference, by which a lost answer is found again: sent twice it is refused. AWS allows any
    number of zones of one domain: the one that counts is that whose name servers the domain's registrar, or the zone
    above, names. It goes when nothing is in it but its own NS and SOA: records of the environment are gone by then,
    and those of others are named instead of lost.

    Attributes: id, domain, name_servers (all, with ", " between) and name_server_1 to name_server_4.
    """

    name = "route53.hosted_zone"
    title = "DNS zone"
    replace_on = frozenset({"domain"})
    billed = True
    outage: ClassVar[Mapping[str, str]] = {
        "domain": "A new zone has other name servers: delegate the domain anew."
    }
    permissions = (
        "route53:CreateHostedZone",
        "route53:ChangeTagsForResource",
        "route53:ListHostedZones",
        "route53:GetHostedZone",
        "route53:ListTagsForResource",
        "route53:ListResourceRecordSets",
        "route53:DeleteHostedZone",
    )
    props = HostedZoneProps

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        zone = _find(aws, handle)
        if zone is None:
            return None
        identifier = _identifier(zone)
        answer: Any = aws.route53.list_tags_for_resource(ResourceType="hostedzone", ResourceId=identifier)
        return Observed(
            id=identifier,
            props={
                "domain": _plain(zone["Name"]),
                "tagged": handle.owns(tags_of(answer["ResourceTagSet"])),
            },
            attributes=_recorded(handle) or _attributes(aws.route53.get_hosted_zone(Id=identifier)),
            tags=handle.tags,
        )

    def create(self, aws: Aws, handle: Handle, props: HostedZoneProps) -> Observed:
        answer: Any = aws.route53.create_hosted_zone(
            Name=props.domain,
            CallerReference=handle.token,
            HostedZoneConfig={"Comment": marked(handle, ""), "PrivateZone": False},
        )
        identifier = _identifier(answer["HostedZone"])
        _tag(aws, handle, identifier)
        return Observed(id=identifier, attributes=_attributes(answer))

    def update(self, aws: Aws, handle: Handle, props: HostedZoneProps, observed: Observed) -> Observed:
        _tag(aws, handle, observed.id)
        return observed

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        zone = _find(aws, handle)
        if zone is None:
            return True
        identifier = _identifier(zone)
        left = _others(aws, identifier, _plain(zone["Name"]))
        if left:
            names = ", ".join(left[:_NAMED_IN_ERRORS]) + (", …" if len(left) > _NAMED_IN_ERRORS else "")
            raise ZoneNotEmpty(
                f"Could not delete the DNS zone {_plain(zone['Name'])}: it has records that are not of this "
                f"environment: {names}."
            )
        found(aws.route53.delete_hosted_zone, Id=identifier)
        return True

    def differences(self, wanted: JsonObject, observed: Observed) -> dict[str, tuple[JsonValue, JsonValue]]:
        """As everywhere, but for capital letters and the final dot of the domain."""
        told = super().differences(wanted, observed)
        return {
            name: pair
            for name, pair in told.items()
            if name != "domain" or _plain(str(pair[0])) != _plain(str(pair[1]))
        }

    def cost(self, props: HostedZoneProps, usage: Usage, region: str) -> Iterator[CostLine]:
        """The zone; questions about aliases of AWS's own things, which most are, cost nothing."""
        yield CostLine.fixed("Route53/hosted_zone", 1, "DNS zone", "1 zone")

    def cloudformation(self, place: Place, props: HostedZoneProps) -> Form:
        properties = {"Name": props.domain, "HostedZoneTags": place.tag_list}
        servers = {f"name_server_{number}": Told("NameServers", item=number - 1) for number in range(1, 5)}
        return Form(
            parts=(Part(type="AWS::Route53::HostedZone", properties=properties),),
            attributes={
                "id": REF,
                "domain": props.domain,
                "name_servers": ", ".join(map(place.own, servers)),
                **servers,
            },
        )


def _find(aws: Aws, handle: Handle) -> dict[str, Any] | None:
    """The zone on record, else the one that was asked for with this token."""
    zones = aws.listed(aws.route53.list_hosted_zones, "HostedZones")
    if handle.id is not None:
        return next((one for one in zones if _identifier(one) == handle.id), None)
    return next((one for one in zones if one["CallerReference"] == handle.token), None)


def _identifier(zone: Mapping[str, Any]) -> str:
    return str(zone["Id"]).removeprefix("/hostedzone/")


def _tag(aws: Aws, handle: Handle, identifier: str) -> None:
    aws.route53.change_tags_for_resource(
        ResourceType="hostedzone", ResourceId=identifier, AddTags=handle.tag_list
    )


def _recorded(handle: Handle) -> dict[str, str]:
    """What was last told: a zone keeps its name servers, and five requests a second are all that an account has."""
    return dict(handle.attributes) if "name_servers" in handle.attributes else {}


def _attributes(answer: Mapping[str, Any]) -> dict[str, str]:
    servers = list(answer["DelegationSet"]["NameServers"])
    identifier = _identifier(answer["HostedZone"])
    numbered = {f"name_server_{number}": server for number, server in enumerate(servers, start=1)}
    domain = _plain(answer["HostedZone"]["Name"])
    return {"id": identifier, "domain": domain, "name_servers": ", ".join(servers), **numbered}


def _others(aws: Aws, identifier: str, domain: str) -> list[str]:
    """Records besides the zone's own, as "name type"."""
    records = aws.listed(aws.route53.list_resource_record_sets, "ResourceRecordSets", HostedZoneId=identifier)
    return [
        f"{_plain(one['Name'])} {one['Type']}"
        for one in records
        if _plain(one["Name"]) != domain or one["Type"] not in ("NS", "SOA")
    ]
