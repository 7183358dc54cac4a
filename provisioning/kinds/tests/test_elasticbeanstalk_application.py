"""What is peculiar to an Elastic Beanstalk application: it keeps only so many versions, and stays while it runs."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from provisioning.aws import Aws
from provisioning.errors import AlreadyExists, Busy
from provisioning.kind import kind_named
from provisioning.kinds.elasticbeanstalk_application import BeanstalkApplicationProps
from provisioning.kinds.tests.beanstalk import Shop
from provisioning.kinds.tests.contract import Build, MakeHandle, check_contract, check_cuts
from provisioning.references import JsonObject

pytestmark = pytest.mark.simulator
KIND = "elasticbeanstalk.application"
# Properties with which it is checked in CloudFormation.
EXAMPLES: tuple[JsonObject, ...] = ({"service_role_arn": "arn:aws:iam::123456789012:role/portal/shop"},)
ROLE = "arn:aws:iam::123456789012:role/portal/beanstalk"
PROPS = BeanstalkApplicationProps(service_role_arn=ROLE)


def test_it_is_made_changed_and_taken_away(aws: Aws, handle: MakeHandle) -> None:
    changes = [
        BeanstalkApplicationProps(service_role_arn=ROLE, description="The shop"),
        BeanstalkApplicationProps(service_role_arn=ROLE, keep_versions=20),
        BeanstalkApplicationProps(service_role_arn=f"{ROLE}-2", keep_versions=20),
    ]

    check_contract(
        aws,
        handle("application", KIND),
        PROPS,
        changes=changes,
        attributes=["name", "arn"],
        also_permitted=["elasticbeanstalk:AddTags"],  # CreateApplication with tags
    )


def test_it_is_made_by_one_call(aws: Aws, handle: MakeHandle) -> None:
    assert check_cuts(aws, handle("application", KIND), PROPS) == 0


def test_a_foreign_application_of_its_name_is_not_taken(aws: Aws, handle: MakeHandle) -> None:
    ours = handle("application", KIND)
    aws.elasticbeanstalk.create_application(ApplicationName=ours.name, Description="theirs")

    with pytest.raises(AlreadyExists):
        kind_named(KIND).create(aws, ours, PROPS)

    found = kind_named(KIND).read(aws, ours)
    assert found is not None and not ours.owns(found.tags)
    assert found.props["description"] == "theirs"


def test_versions_that_nobody_clears_away_are_seen(aws: Aws, handle: MakeHandle, build: Build) -> None:
    name = build("application", PROPS).id
    off = {"VersionLifecycleConfig": {"MaxCountRule": {"Enabled": False}}}
    aws.elasticbeanstalk.update_application_resource_lifecycle(
        ApplicationName=name,
        ResourceLifecycleConfig=off,  # type: ignore[arg-type]  # one of two shapes
    )

    now = kind_named(KIND).read(aws, handle("application", KIND, id=name))

    assert now is not None
    assert kind_named(KIND).differences(PROPS.dump(), now) == {"keep_versions": (0, 100)}


def test_while_an_environment_runs_it_is_busy(aws: Aws, handle: MakeHandle, build: Build) -> None:
    shop = Shop(aws, build)
    build("web", shop.environment(shop.version()))

    with pytest.raises(Busy):
        kind_named(KIND).delete(aws, handle("application", KIND, id=shop.application))


@pytest.mark.parametrize("count", [0, 1001])
def test_a_region_has_room_for_a_thousand_versions(count: int) -> None:
    with pytest.raises(ValidationError, match="keep_versions"):
        BeanstalkApplicationProps(service_role_arn=ROLE, keep_versions=count)
