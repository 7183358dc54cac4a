"""What is peculiar to an origin access control: no tags, an ETag for each change, and a list with empty places."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from pydantic import ValidationError

from provisioning.aws import Aws
from provisioning.errors import AlreadyExists, Busy
from provisioning.kind import TAG_GENERATION, kind_named
from provisioning.kinds.cloudfront_origin_access_control import OriginAccessControlProps
from provisioning.kinds.tests.contract import Build, MakeHandle, check_contract, check_cuts
from provisioning.references import JsonObject
from provisioning.simulator.launch import Simulator

pytestmark = pytest.mark.simulator
KIND = "cloudfront.origin_access_control"
# Properties with which it is checked in CloudFormation.
EXAMPLES: tuple[JsonObject, ...] = (
    {},
    {"origin_type": "lambda", "description": "Shop"},
)
PROPS = OriginAccessControlProps()


def test_it_is_made_changed_and_taken_away(aws: Aws, handle: MakeHandle) -> None:
    changes = [OriginAccessControlProps(description="Files"), OriginAccessControlProps(origin_type="lambda")]

    check_contract(
        aws, handle("files-access", KIND), PROPS, changes=changes, attributes=["name"], also_permitted=[]
    )


def test_it_is_made_by_one_call(aws: Aws, handle: MakeHandle) -> None:
    assert check_cuts(aws, handle("files-access", KIND), PROPS) == 0


def test_one_of_the_same_name_that_somebody_else_made_is_not_ours(aws: Aws, handle: MakeHandle) -> None:
    ours = handle("files-access", KIND)
    aws.cloudfront.create_origin_access_control(
        OriginAccessControlConfig={
            "Name": ours.name,
            "SigningProtocol": "sigv4",
            "SigningBehavior": "always",
            "OriginAccessControlOriginType": "s3",
        }
    )

    with pytest.raises(AlreadyExists):
        kind_named(KIND).create(aws, ours, PROPS)

    found = kind_named(KIND).read(aws, ours)
    assert found is not None and not ours.owns(found.tags)


def test_the_one_that_takes_its_place_says_so(aws: Aws, handle: MakeHandle, build: Build) -> None:
    build("files-access", PROPS)
    first = handle("files-access", KIND)
    second = replace(first, name=f"{first.name}-g2", tags={**first.tags, TAG_GENERATION: "2"})
    kind_named(KIND).create(aws, second, PROPS)

    found = kind_named(KIND).read(aws, second)

    assert found is not None and second.owns(found.tags) and not first.owns(found.tags)


def test_a_change_by_somebody_else_in_between_is_tried_again(
    aws: Aws, handle: MakeHandle, build: Build, simulator: Simulator
) -> None:
    made = build("files-access", PROPS)
    simulator.fault(service="cloudfront", operation="DeleteOriginAccessControl", code="PreconditionFailed")

    with pytest.raises(Busy):
        kind_named(KIND).delete(aws, handle("files-access", KIND, id=made.id))

    assert kind_named(KIND).delete(aws, handle("files-access", KIND, id=made.id)) is True


def test_all_who_look_share_one_list(aws: Aws, handle: MakeHandle, build: Build) -> None:
    made = build("files-access", PROPS)
    poll = aws.since(time.monotonic())
    before = aws.connection.calls

    here = kind_named(KIND).read(poll, handle("files-access", KIND))
    elsewhere = kind_named(KIND).read(poll, handle("files-access", KIND, stack="sstrange"))

    assert here is not None and here.id == made.id
    assert elsewhere is None
    assert aws.connection.calls - before == 1


def test_one_that_does_not_sign_is_refused() -> None:
    with pytest.raises(ValidationError, match="always"):
        OriginAccessControlProps.model_validate({"signing": "never"})
