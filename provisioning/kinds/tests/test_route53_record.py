"""What is peculiar to a record: it cannot be tagged, and what others wrote under its name is theirs."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from provisioning.aws import Aws
from provisioning.errors import NameTaken
from provisioning.kind import kind_named
from provisioning.kinds.route53_record import RecordProps
from provisioning.kinds.tests.contract import Build, MakeHandle, gone, settled
from provisioning.kinds.tests.noted import NotedConnection
from provisioning.references import JsonObject

pytestmark = pytest.mark.simulator
KIND = "route53.record"
# Properties with which it is checked in CloudFormation.
EXAMPLES: tuple[JsonObject, ...] = (
    {
        "zone_id": "Z0123456789ABCDEFGHI",
        "name": "shop.example.com",
        "type": "A",
        "alias_dns": "shop.us-east-1.elb.amazonaws.com",
        "alias_zone_id": "Z35SXDOTRQ7X7K",
    },
    {
        "zone_id": "Z0123456789ABCDEFGHI",
        "name": "www.example.com",
        "type": "CNAME",
        "values": ["shop.example.com"],
    },
)
BALANCER = "shop-1.us-east-1.elb.amazonaws.com"


@pytest.fixture
def zone(aws: Aws) -> str:
    return aws.route53.create_hosted_zone(Name="example.com", CallerReference="1")["HostedZone"]["Id"]


def _proof(zone: str, **changes: object) -> RecordProps:
    """A record such as ACM asks for."""
    wanted = {"zone_id": zone, "name": "_1.shop.example.com", "type": "CNAME", "values": ("_2.acm.aws",)}
    return RecordProps.model_validate({**wanted, **changes})


def _alias(zone: str, **changes: object) -> RecordProps:
    wanted = {
        "zone_id": zone,
        "name": "shop.example.com",
        "type": "A",
        "alias_dns": BALANCER,
        "alias_zone_id": "Z35SXDOTRQ7X7K",
    }
    return RecordProps.model_validate({**wanted, **changes})


def _write(aws: Aws, zone: str, name: str, kind: Any, value: str, ttl: int = 60) -> None:
    record: Any = {"Name": name, "Type": kind, "TTL": ttl, "ResourceRecords": [{"Value": value}]}
    change: Any = {"Action": "UPSERT", "ResourceRecordSet": record}
    aws.route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch={"Changes": [change]})


def _values(aws: Aws, zone: str, name: str) -> list[str]:
    listed = aws.route53.list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
    return [
        value["Value"]
        for record in listed
        if record["Name"].rstrip(".") == name
        for value in record.get("ResourceRecords", [])
    ]


@pytest.mark.parametrize(
    ("make", "changes"),
    [
        (_proof, [{"values": ("_3.acm.aws",)}, {"ttl": 60}]),
        (_alias, [{"alias_dns": "shop-2.us-east-1.elb.amazonaws.com"}]),
    ],
)
def test_it_is_made_changed_and_taken_away(
    aws: Aws, handle: MakeHandle, zone: str, make: Any, changes: list[dict[str, object]]
) -> None:
    kind, noted = kind_named(KIND), aws.connection
    assert isinstance(noted, NotedConnection)
    noted.actions.clear()
    made = kind.create(aws, handle("record", KIND), make(zone))
    known = handle("record", KIND, id=made.id)
    assert settled(aws, known, make(zone)).attributes == made.attributes

    for change in changes:
        before = kind.read(aws, known)
        assert before is not None and kind.differences(make(zone, **change).dump(), before)
        kind.update(aws, known, make(zone, **change), before)
        settled(aws, known, make(zone, **change))

    gone(aws, known, KIND)
    assert noted.actions == set(kind.permissions)


def test_its_id_is_told_by_its_properties(handle: MakeHandle, build: Build, zone: str) -> None:
    kind, wanted = kind_named(KIND), _proof(zone, name="_1.Shop.example.com.")

    made = build("record", wanted)

    assert kind.identify(handle("record", KIND), wanted.dump()) == made.id
    assert made.id == f"{zone.removeprefix('/hostedzone/')}/_1.shop.example.com/CNAME"
    unknown = _proof(zone, name="${certificate.validation_name}")
    assert kind.identify(handle("record", KIND), unknown.dump()) is None


def test_a_record_of_others_is_never_overwritten(aws: Aws, handle: MakeHandle, zone: str) -> None:
    _write(aws, zone, "shop.example.com", "A", "192.0.2.1")

    with pytest.raises(NameTaken, match=r"shop\.example\.com has a record of type A"):
        kind_named(KIND).create(aws, handle("record", KIND), _alias(zone))

    assert _values(aws, zone, "shop.example.com") == ["192.0.2.1"]


def test_one_of_another_type_is_no_obstacle(aws: Aws, handle: MakeHandle, build: Build, zone: str) -> None:
    _write(aws, zone, "shop.example.com", "TXT", '"theirs"')

    build("record", _alias(zone))

    assert _values(aws, zone, "shop.example.com") == ['"theirs"']


def test_a_proof_that_was_there_before_is_used_and_stays(aws: Aws, handle: MakeHandle, zone: str) -> None:
    kind, props = kind_named(KIND), _proof(zone)
    _write(aws, zone, props.name, props.type, props.values[0], ttl=60)

    made = kind.create(aws, handle("record", KIND), props)

    known = handle("record", KIND, id=made.id)
    assert "was there before" in settled(aws, known, props).reason
    assert kind.delete(aws, known) is True
    assert _values(aws, zone, props.name) == ["_2.acm.aws"]


def test_a_proof_that_was_there_before_is_not_changed_either(aws: Aws, handle: MakeHandle, zone: str) -> None:
    kind, props = kind_named(KIND), _proof(zone)
    _write(aws, zone, props.name, props.type, props.values[0])
    made = kind.create(aws, handle("record", KIND), props)

    with pytest.raises(NameTaken, match="not ours"):
        kind.update(aws, handle("record", KIND, id=made.id), _proof(zone, values=("_3.acm.aws",)), made)

    assert _values(aws, zone, props.name) == ["_2.acm.aws"]


def test_spelling_is_no_difference(aws: Aws, handle: MakeHandle, build: Build, zone: str) -> None:
    made = build("record", _proof(zone))

    otherwise = _proof(
        zone.removeprefix("/hostedzone/"), name="_1.SHOP.example.com.", values=("_2.acm.aws.",)
    )

    assert kind_named(KIND).differences(otherwise.dump(), made) == {}


def test_a_wildcard_is_found_again(aws: Aws, handle: MakeHandle, build: Build, zone: str) -> None:
    made = build("record", _alias(zone, name="*.shop.example.com"))

    assert kind_named(KIND).read(aws, handle("record", KIND, id=made.id)) is not None


def test_a_name_that_follows_it_in_the_list_is_another(aws: Aws, handle: MakeHandle, zone: str) -> None:
    _write(aws, zone, "shop2.example.com", "A", "192.0.2.1")
    identity = f"{zone.removeprefix('/hostedzone/')}/shop.example.com/A"

    assert kind_named(KIND).read(aws, handle("record", KIND, id=identity)) is None


def test_without_its_zone_it_is_gone(aws: Aws, handle: MakeHandle) -> None:
    known = handle("record", KIND, id="Z0000/shop.example.com/A")

    assert kind_named(KIND).read(aws, known) is None
    assert kind_named(KIND).delete(aws, known) is True


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"values": ()}, "values"),
        ({"alias_dns": BALANCER, "alias_zone_id": "Z1"}, "values"),
        ({"values": (), "alias_dns": BALANCER}, "alias_zone_id"),
        ({"values": ("a", "b")}, "CNAME"),
        ({"type": "SPF"}, "type"),
        ({"ttl": -1}, "ttl"),
    ],
)
def test_what_points_nowhere_is_refused(changes: dict[str, object], word: str) -> None:
    with pytest.raises(ValidationError, match=word):
        _proof("Z1", **changes)
