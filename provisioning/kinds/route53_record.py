"""A DNS record in a Route 53 zone: values, or an alias of something of AWS's."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import Field, model_validator

from provisioning.aws import Aws, found
from provisioning.errors import AlreadyExists, AwsError, NameTaken
from provisioning.kind import Handle, Kind, Observed, Props, register
from provisioning.properties import has_reference
from provisioning.references import JsonObject, JsonValue
from provisioning.template_parts import Form, Part, Place

if TYPE_CHECKING:
    from mypy_boto3_route53.type_defs import ResourceRecordSetUnionTypeDef

_SHARED = "/shared"


class RecordProps(Props):
    """`values` with `ttl` in seconds, or an alias: `alias_dns` and the zone that AWS names for it. Names without the
    final dot."""

    zone_id: str
    name: str
    type: Literal["A", "AAAA", "CNAME", "TXT", "MX", "NS", "CAA"]
    values: tuple[str, ...] = ()
    alias_dns: str = ""
    alias_zone_id: str = ""
    ttl: int = Field(default=300, ge=0, le=2_147_483_647)

    @model_validator(mode="after")
    def _points_somewhere(self) -> Self:
        if bool(self.values) == bool(self.alias_dns):
            raise ValueError("values: give either values or an alias")
        if bool(self.alias_dns) != bool(self.alias_zone_id):
            raise ValueError("alias_zone_id: an alias needs the zone of its target")
        if self.type == "CNAME" and len(self.values) > 1:
            raise ValueError("values: a CNAME has one value")
        return self


@register
class Record(Kind[RecordProps]):
    """https://docs.aws.amazon.com/Route53/latest/APIReference/API_ChangeResourceRecordSets.html

    Five requests a second are all that an account has, and a record cannot be tagged. What is ours is told by how it
    was made: CREATE is refused where the name and type are taken. If the record that is there answers the same, as
    the one that proves a domain to ACM may, it is shared: used, and never changed nor taken away. If it answers
    something else, the name is taken. After a lost answer a record that is exactly as wanted is ours.

    The id is "<zone>/<name>/<type>", with "/shared" after it where that is so. Attributes: id, name.
    """

    name = "route53.record"
    title = "DNS record"
    replace_on = frozenset({"zone_id", "name", "type"})
    holds = frozenset({"zone_id"})
    permissions = ("route53:ChangeResourceRecordSets", "route53:ListResourceRecordSets")
    props = RecordProps

    def identify(self, handle: Handle, wanted: JsonObject) -> str | None:
        parts = [str(wanted.get(name, "")) for name in ("zone_id", "name", "type")]
        return None if any(map(has_reference, parts)) else _identity(*parts)

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        record = _find(aws, handle.id) if handle.id is not None else None
        if record is None or handle.id is None:
            return None
        zone_id, name, kind, *shared = handle.id.split("/")
        told = _told(record)
        if shared:
            told.pop("ttl", None)  # its owner's affair
        return Observed(
            id=handle.id,
            props={"zone_id": zone_id, "name": name, "type": kind, **told},
            attributes={"id": handle.id, "name": name},
            tags=handle.tags,
            reason="was there before, and stays when the environment goes" if shared else "",
        )

    def create(self, aws: Aws, handle: Handle, props: RecordProps) -> Observed:
        identity = _identity(props.zone_id, props.name, props.type)
        try:
            _change(aws, _zone(props.zone_id), "CREATE", _record(props))
        except AlreadyExists:
            identity += _SHARED
            there = self.read(aws, replace(handle, id=identity))
            if there is None or self.differences(props.dump(), there):
                raise NameTaken(
                    f"Could not make the DNS record: {props.name} has a record of type {props.type} that is not ours.",
                    hint="Remove that record, or choose another domain for the environment.",
                ) from None
            return there
        return Observed(id=identity, attributes={"id": identity, "name": _plain(props.name)})

    def update(self, aws: Aws, handle: Handle, props: RecordProps, observed: Observed) -> Observed:
        if observed.id.endswith(_SHARED):
            raise NameTaken(
                f"Could not change the DNS record {props.name}: it was there before the environment and is not ours."
            )
        _change(aws, _zone(props.zone_id), "UPSERT", _record(props))
        return observed

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        if handle.id is None or handle.id.endswith(_SHARED):
            return True
        record = _find(aws, handle.id)
        if record is None:
            return True
        try:
            _change(aws, handle.id.split("/")[0], "DELETE", record)
        except AwsError as error:
            # Somebody else was faster between the look and the deletion.
            if error.aws_code != "InvalidChangeBatch" or "not found" not in error.aws_message:
                raise
        return True

    def differences(self, wanted: JsonObject, observed: Observed) -> dict[str, tuple[JsonValue, JsonValue]]:
        """As everywhere, but for capital letters and final dots of names, "/hostedzone/", and the order of values."""
        return {
            name: (now, wanted[name])
            for name, now in observed.props.items()
            if name in wanted and _comparable(name, now) != _comparable(name, wanted[name])
        }

    def cloudformation(self, place: Place, props: RecordProps) -> Form:
        record = {**_record(props)}
        answers = {"TTL": str(record["TTL"]), "ResourceRecords": [*props.values]} if props.values else {}
        return Form(
            parts=(
                Part(
                    type="AWS::Route53::RecordSet",
                    properties={"HostedZoneId": _zone(props.zone_id), **record, **answers},
                ),
            ),
            attributes={"id": _identity(props.zone_id, props.name, props.type), "name": _plain(props.name)},
        )


def _identity(zone_id: str, name: str, kind: str) -> str:
    return f"{_zone(zone_id)}/{_plain(name)}/{kind}"


def _find(aws: Aws, identity: str) -> Any:
    zone_id, name, kind, *_ = identity.split("/")
    answer = found(
        aws.route53.list_resource_record_sets,
        HostedZoneId=zone_id,
        StartRecordName=name,
        StartRecordType=kind,  # type: ignore[arg-type]  # one of RecordProps.type, which came back as text
        MaxItems="1",
    )
    records: list[Any] = list(answer["ResourceRecordSets"]) if answer else []
    # The list starts at the name, or after it where there is no such record.
    return next((one for one in records if (_plain(one["Name"]), one["Type"]) == (name, kind)), None)


def _change(aws: Aws, zone_id: str, action: Literal["CREATE", "UPSERT", "DELETE"], record: Any) -> None:
    aws.route53.change_resource_record_sets(
        HostedZoneId=zone_id, ChangeBatch={"Changes": [{"Action": action, "ResourceRecordSet": record}]}
    )


def _record(props: RecordProps) -> ResourceRecordSetUnionTypeDef:
    if props.alias_dns:
        return {
            "Name": _plain(props.name),
            "Type": props.type,
            "AliasTarget": {
                "DNSName": props.alias_dns,
                "HostedZoneId": props.alias_zone_id,
                "EvaluateTargetHealth": False,
            },
        }
    return {
        "Name": _plain(props.name),
        "Type": props.type,
        "TTL": props.ttl,
        "ResourceRecords": [{"Value": value} for value in props.values],
    }


def _told(record: Any) -> JsonObject:
    alias = record.get("AliasTarget")
    if alias:
        # An alias has the TTL of its target.
        return {"values": [], "alias_dns": _plain(alias["DNSName"]), "alias_zone_id": alias["HostedZoneId"]}
    values = [one["Value"] for one in record["ResourceRecords"]]
    return {"values": values, "alias_dns": "", "alias_zone_id": "", "ttl": record["TTL"]}


def _zone(zone_id: str) -> str:
    return zone_id.removeprefix("/hostedzone/")


def _plain(name: str) -> str:
    """Lower case, no final dot, and "*" as people write it (Route 53 answers with \\052)."""
    return name.rstrip(".").lower().replace("\\052", "*")


def _comparable(name: str, value: JsonValue) -> JsonValue:
    if isinstance(value, list):
        return sorted((str(item).rstrip(".") for item in value), key=str)
    if not isinstance(value, str):
        return value
    if name == "zone_id":
        return _zone(value)
    return _plain(value) if name in ("name", "alias_dns") else value
