"""A DNS record in a Route 53 zone: values, or an alias of something of AWS's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, Self

from pydantic import Field, model_validator

from provisioning.aws import Aws, found
from provisioning.errors import AwsError
from provisioning.kind import Handle, Kind, Observed, Props, register
from provisioning.references import JsonObject, JsonValue

if TYPE_CHECKING:
    from mypy_boto3_route53.type_defs import ResourceRecordSetUnionTypeDef


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

    UPSERT writes over what has the name and type, so repeating is safe; DELETE has to repeat what is there exactly.
    Five requests a second are all that an account has. It cannot be tagged; the id is
    "<zone>/<name>/<type>", and without one there is nothing to look for. Attributes: id, name.
    """

    name = "route53.record"
    title = "DNS record"
    replace_on = frozenset({"zone_id", "name", "type"})
    permissions = ("route53:ChangeResourceRecordSets", "route53:ListResourceRecordSets")
    props = RecordProps

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        record = _find(aws, handle)
        if record is None or handle.id is None:
            return None
        zone_id, name, kind = handle.id.split("/")
        return Observed(
            id=handle.id,
            props={"zone_id": zone_id, "name": name, "type": kind, **_told(record)},
            attributes={"id": handle.id, "name": name},
            tags=handle.tags,
        )

    def create(self, aws: Aws, handle: Handle, props: RecordProps) -> Observed:
        zone_id, name = _zone(props.zone_id), _plain(props.name)
        _change(aws, zone_id, "UPSERT", _record(props))
        identity = f"{zone_id}/{name}/{props.type}"
        return Observed(id=identity, attributes={"id": identity, "name": name})

    def update(self, aws: Aws, handle: Handle, props: RecordProps, observed: Observed) -> Observed:
        return self.create(aws, handle, props)

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        record = _find(aws, handle)
        if record is None or handle.id is None:
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


def _find(aws: Aws, handle: Handle) -> Any:
    if handle.id is None:
        return None
    zone_id, name, kind = handle.id.split("/")
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


def _change(aws: Aws, zone_id: str, action: Literal["UPSERT", "DELETE"], record: Any) -> None:
    aws.route53.change_resource_record_sets(
        HostedZoneId=zone_id, ChangeBatch={"Changes": [{"Action": action, "ResourceRecordSet": record}]}
    )


def _record(props: RecordProps) -> ResourceRecordSetUnionTypeDef:
    if props.alias_dns:
        return {
            "Name": props.name,
            "Type": props.type,
            "AliasTarget": {
                "DNSName": props.alias_dns,
                "HostedZoneId": props.alias_zone_id,
                "EvaluateTargetHealth": False,
            },
        }
    return {
        "Name": props.name,
        "Type": props.type,
        "TTL": props.ttl,
        "ResourceRecords": [{"Value": value} for value in props.values],
    }


def _told(record: Any) -> JsonObject:
    alias = record.get("AliasTarget")
    if alias:
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
