"""What is peculiar to a secret: it is made empty, and gone at once."""

from __future__ import annotations

import pytest

from provisioning.aws import Aws
from provisioning.kind import kind_named
from provisioning.kinds.secretsmanager_secret import SecretProps
from provisioning.kinds.tests.contract import Build, MakeHandle, check_contract, check_cuts, gone
from provisioning.pricing import Usage
from provisioning.references import JsonObject

pytestmark = pytest.mark.simulator
KIND = "secretsmanager.secret"
# Properties with which it is checked in CloudFormation.
EXAMPLES: tuple[JsonObject, ...] = ({"description": "Password"},)
PROPS = SecretProps(description="Password of the database")


def test_it_is_made_changed_and_taken_away(aws: Aws, handle: MakeHandle) -> None:
    check_contract(
        aws,
        handle("database-secret", KIND),
        PROPS,
        changes=[SecretProps(description="Another one")],
        attributes=["arn", "name"],
        also_permitted=["secretsmanager:TagResource"],  # CreateSecret with tags
    )


def test_it_is_made_by_one_call_without_a_value(aws: Aws, handle: MakeHandle, build: Build) -> None:
    assert check_cuts(aws, handle("database-secret", KIND), PROPS) == 0

    made = build("other-secret", PROPS)

    assert "VersionIdsToStages" not in aws.secretsmanager.describe_secret(SecretId=made.id)


def test_its_name_is_free_again_at_once(aws: Aws, handle: MakeHandle, build: Build) -> None:
    gone(aws, handle("database-secret", KIND, id=build("database-secret", PROPS).id), KIND)

    assert build("database-secret", PROPS).id


def test_it_costs_by_the_month() -> None:
    assert [line.sku for line in kind_named(KIND).cost(PROPS, Usage(), "us-east-1")] == [
        "SecretsManager/secret"
    ]
