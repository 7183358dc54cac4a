"""What is peculiar to a selection: it can't be changed, and the service it names must be looked after at all."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pydantic import ValidationError

from provisioning.aws import Aws
from provisioning.errors import NotYet
from provisioning.kind import kind_named
from provisioning.kinds.backup_plan import PlanProps
from provisioning.kinds.backup_selection import SelectionProps
from provisioning.kinds.backup_vault import VaultProps
from provisioning.kinds.iam_role import RoleProps
from provisioning.kinds.tests.contract import Build, MakeHandle, gone, settled
from provisioning.kinds.tests.noted import NotedConnection
from provisioning.references import JsonObject

pytestmark = pytest.mark.simulator
KIND = "backup.selection"
# Properties with which it is checked in CloudFormation.
EXAMPLES: tuple[JsonObject, ...] = (
    {
        "plan_id": "12345678-1234-1234-1234-123456789012",
        "role_arn": "arn:aws:iam::123456789012:role/portal/shop",
        "resource_arns": ["arn:aws:rds:us-west-2:123456789012:db:shop"],
        "resource_types": ["RDS"],
    },
    {
        "plan_id": "12345678-1234-1234-1234-123456789012",
        "role_arn": "arn:aws:iam::123456789012:role/portal/shop",
        "tag_key": "backup",
        "tag_value": "daily",
        "resource_types": ["RDS", "S3"],
    },
)
FILES = "arn:aws:s3:::orders-files"


@pytest.fixture
def props(build: Build) -> SelectionProps:
    plan = build("backups", PlanProps(vault_name=build("vault", VaultProps()).id))
    role = build("backup-role", RoleProps(service="backup.amazonaws.com"))
    return SelectionProps(
        plan_id=plan.id,
        role_arn=role.attributes["arn"],
        resource_arns=("arn:aws:rds:us-east-1:123456789012:db:orders", FILES),
        resource_types=("RDS", "S3"),
    )


def test_it_is_made_found_by_what_is_wanted_and_taken_away(
    aws: Aws, handle: MakeHandle, props: SelectionProps
) -> None:
    kind, selection, noted = kind_named(KIND), handle("selection", KIND), aws.connection
    assert isinstance(noted, NotedConnection)
    noted.actions.clear()
    assert kind.read(aws, selection) is None

    made = kind.create(aws, selection, props)

    assert kind.identify(selection, props.dump()) == made.id
    known = replace(selection, id=made.id)
    assert settled(aws, known, props).attributes["selection_id"] == made.attributes["selection_id"]
    gone(aws, known, KIND)
    assert noted.actions == set(kind.permissions)


def test_a_tag_selects_as_well(aws: Aws, handle: MakeHandle, props: SelectionProps) -> None:
    by_tag = props.model_copy(
        update={"resource_arns": (), "tag_key": "andamio:stack", "tag_value": "sabcdefg"}
    )
    made = kind_named(KIND).create(aws, handle("selection", KIND), by_tag)

    settled(aws, handle("selection", KIND, id=made.id), by_tag)


def test_asked_for_twice_it_is_one(aws: Aws, handle: MakeHandle, props: SelectionProps) -> None:
    for _ in range(2):
        kind_named(KIND).create(aws, handle("selection", KIND), props)

    assert len(aws.backup.list_backup_selections(BackupPlanId=props.plan_id)["BackupSelectionsList"]) == 1


def test_a_service_that_is_not_looked_after_is_switched_on_and_the_others_are_left(
    aws: Aws, handle: MakeHandle, build: Build, props: SelectionProps
) -> None:
    made = build("selection", props)
    aws.backup.update_region_settings(ResourceTypeOptInPreference={"S3": False})
    known, kind = handle("selection", KIND, id=made.id), kind_named(KIND)
    now = kind.read(aws, known)
    assert now is not None
    assert set(kind.differences(props.dump(), now)) == {"resource_types"}

    kind.update(aws, known, props, now)

    settled(aws, known, props)
    assert aws.backup.describe_region_settings()["ResourceTypeOptInPreference"]["DynamoDB"] is True


def test_a_role_that_backup_does_not_see_yet_is_waited_for(
    aws: Aws, handle: MakeHandle, props: SelectionProps
) -> None:
    nobody = props.model_copy(update={"role_arn": "arn:aws:iam::123456789012:role/portal/none"})

    with pytest.raises(NotYet):
        kind_named(KIND).create(aws, handle("selection", KIND), nobody)


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"resource_arns": ()}, "by its ARNs or by a tag"),
        ({"tag_key": "stack", "tag_value": "one"}, "by its ARNs or by a tag"),
        ({"resource_arns": (), "tag_key": "stack"}, "a key and a value"),
        ({"resource_types": ()}, "at least 1"),
    ],
)
def test_what_selects_nothing_is_refused_before(changes: dict[str, object], word: str) -> None:
    wanted = {"plan_id": "p", "role_arn": "r", "resource_arns": (FILES,), "resource_types": ("S3",)}
    with pytest.raises(ValidationError, match=word):
        SelectionProps.model_validate({**wanted, **changes})
