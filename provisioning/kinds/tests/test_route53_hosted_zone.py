"""What is peculiar to a zone: a token for ever, tags in a second call, name servers of its own, records of others."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from provisioning.aws import Aws
from provisioning.errors import AlreadyExists, AwsError, ProvisioningError
from provisioning.kind import TAG_GENERATION, kind_named
from provisioning.kinds.route53_hosted_zone import HostedZoneProps
from provisioning.kinds.route53_record import RecordProps
from provisioning.kinds.tests.contract import Build, MakeHandle, check_contract, check_cuts, gone
from provisioning.pricing import Usage
from provisioning.references import JsonObject
from provisioning.simulator.launch import Simulator

pytestmark = pytest.mark.simulator
KIND = "route53.hosted_zone"
# Properties with which it is checked in CloudFormation.
EXAMPLES: tuple[JsonObject, ...] = ({"domain": "shop.example.com"},)
PROPS = HostedZoneProps(domain="shop.example.com")


def _write(aws: Aws, zone: str, name: str, kind: Any = "A", value: str = "192.0.2.1") -> None:
    record: Any = {"Name": name, "Type": kind, "TTL": 60, "ResourceRecords": [{"Value": value}]}
    changes: Any = {"Changes": [{"Action": "UPSERT", "ResourceRecordSet": record}]}
    aws.route53.change_resource_record_sets(HostedZoneId=zone, ChangeBatch=changes)


def test_it_is_made_and_taken_away(aws: Aws, handle: MakeHandle) -> None:
    check_contract(
        aws,
        handle("zone", KIND),
        PROPS,
        attributes=["domain", "name_servers", "name_server_1", "name_server_4"],
        also_permitted=[],
    )


def test_a_cut_before_its_tags_is_repaired(aws: Aws, handle: MakeHandle) -> None:
    assert check_cuts(aws, handle("zone", KIND), PROPS) == 1


def test_a_lost_answer_leads_to_the_same_zone(aws: Aws, handle: MakeHandle, simulator: Simulator) -> None:
    simulator.fault(service="route53", operation="CreateHostedZone", effect="lost")
    ours = handle("zone", KIND)
    with pytest.raises(AwsError):
        kind_named(KIND).create(aws, ours, PROPS)

    with pytest.raises(AlreadyExists):
        kind_named(KIND).create(aws, ours, PROPS)

    found = kind_named(KIND).read(aws, ours)
    assert found is not None and set(kind_named(KIND).differences(PROPS.dump(), found)) == {"tagged"}
    kind_named(KIND).update(aws, replace(ours, id=found.id), PROPS, found)
    mended = kind_named(KIND).read(aws, ours)
    assert mended is not None and kind_named(KIND).differences(PROPS.dump(), mended) == {}
    assert len(aws.route53.list_hosted_zones()["HostedZones"]) == 1


def test_a_zone_of_others_for_the_same_domain_is_not_taken(
    aws: Aws, handle: MakeHandle, build: Build
) -> None:
    theirs = aws.route53.create_hosted_zone(Name=PROPS.domain, CallerReference="theirs")["HostedZone"]["Id"]
    assert kind_named(KIND).read(aws, handle("zone", KIND)) is None

    assert build("zone", PROPS).id not in theirs


def test_the_one_that_takes_its_place_is_told_from_it(aws: Aws, handle: MakeHandle, build: Build) -> None:
    build("zone", PROPS)
    first = handle("zone", KIND)
    second = replace(first, tags={**first.tags, TAG_GENERATION: "2"}, token="another-token")

    assert kind_named(KIND).read(aws, second) is None


def test_its_name_servers_are_asked_for_once(aws: Aws, handle: MakeHandle, build: Build) -> None:
    made = build("zone", PROPS)
    known = replace(handle("zone", KIND, id=made.id), attributes=made.attributes)
    before = aws.connection.calls

    again = kind_named(KIND).read(aws, known)

    assert again is not None and again.attributes == made.attributes
    assert aws.connection.calls - before == 2  # the list, and its tags


def test_records_of_others_are_named_and_not_lost(aws: Aws, handle: MakeHandle, build: Build) -> None:
    known = handle("zone", KIND, id=build("zone", PROPS).id)
    for number in range(6):
        _write(aws, str(known.id), f"host-{number}.{PROPS.domain}")

    with pytest.raises(ProvisioningError, match=r"host-0\.shop\.example\.com A.*host-4.*…") as refused:
        kind_named(KIND).delete(aws, known)

    assert refused.value.code == "resource.zone_not_empty"
    assert len(aws.route53.list_resource_record_sets(HostedZoneId=str(known.id))["ResourceRecordSets"]) == 8


def test_a_delegation_below_it_is_a_record_of_others(aws: Aws, handle: MakeHandle, build: Build) -> None:
    known = handle("zone", KIND, id=build("zone", PROPS).id)
    _write(aws, str(known.id), f"below.{PROPS.domain}", "NS", "ns.example.org")

    with pytest.raises(ProvisioningError, match="below"):
        kind_named(KIND).delete(aws, known)


def test_once_the_environments_own_records_are_gone_it_goes(
    aws: Aws, handle: MakeHandle, build: Build
) -> None:
    zone = build("zone", PROPS).id
    wanted = RecordProps(zone_id=zone, name=PROPS.domain, type="A", values=("192.0.2.1",))
    record = build("record", wanted).id
    assert "zone_id" in kind_named("route53.record").holds

    kind_named("route53.record").delete(aws, handle("record", "route53.record", id=record))

    gone(aws, handle("zone", KIND, id=zone), KIND)


def test_spelling_is_no_difference(build: Build) -> None:
    made = build("zone", PROPS)

    assert HostedZoneProps(domain="Shop.Example.com.").domain == "shop.example.com"
    assert kind_named(KIND).differences({"domain": "SHOP.example.com."}, made) == {}


@pytest.mark.parametrize("domain", ["", "com", "shop..example.com", "-shop.example.com", "a b.com", "shop.1"])
def test_what_is_no_domain_is_refused(domain: str) -> None:
    with pytest.raises(ValidationError, match="domain"):
        HostedZoneProps(domain=domain)


def test_it_costs_by_zone() -> None:
    lines = list(kind_named(KIND).cost(PROPS, Usage(), "eu-west-1"))

    assert [(line.sku, line.quantity.floor) for line in lines] == [("Route53/hosted_zone", Decimal(1))]
