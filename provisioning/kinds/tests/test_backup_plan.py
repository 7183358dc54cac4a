"""What is peculiar to a plan: its name is not its identity, and it is put whole."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from provisioning.aws import Aws
from provisioning.kind import kind_named
from provisioning.kinds.backup_plan import PlanProps
from provisioning.kinds.backup_vault import VaultProps
from provisioning.kinds.tests.contract import Build, MakeHandle, check_contract, check_cuts, settled
from provisioning.pricing import Usage
from provisioning.references import JsonObject

pytestmark = pytest.mark.simulator
KIND = "backup.plan"
# Properties with which it is checked in CloudFormation.
EXAMPLES: tuple[JsonObject, ...] = (
    {"vault_name": "shop"},
    {
        "vault_name": "shop",
        "copy_vault_arn": "arn:aws:backup:us-west-2:123456789012:backup-vault:shop",
        "copy_retention_days": 30,
    },
)
ELSEWHERE = "arn:aws:backup:us-west-2:123456789012:backup-vault:copies"


@pytest.fixture
def props(build: Build) -> PlanProps:
    return PlanProps(vault_name=build("vault", VaultProps()).id)


def test_it_is_made_changed_and_taken_away(aws: Aws, handle: MakeHandle, props: PlanProps) -> None:
    copied = {"copy_vault_arn": ELSEWHERE, "copy_retention_days": 90}

    check_contract(
        aws,
        handle("backups", KIND),
        props,
        changes=[
            props.model_copy(update={"hour": 5}),
            props.model_copy(update={"weekly": True}),
            props.model_copy(update={"retention_days": 7, **copied}),
            props,
        ],
        attributes=["arn", "name"],
        also_permitted=["backup:TagResource"],  # a creation with tags
    )


def test_it_is_made_by_one_call(aws: Aws, handle: MakeHandle, props: PlanProps) -> None:
    assert check_cuts(aws, handle("backups", KIND), props) == 0


def test_asked_for_twice_it_is_the_same(aws: Aws, handle: MakeHandle, props: PlanProps) -> None:
    made = [kind_named(KIND).create(aws, handle("backups", KIND), props).id for _ in range(2)]

    assert made[0] == made[1]


def test_a_foreign_plan_of_its_name_is_another_one(aws: Aws, handle: MakeHandle, props: PlanProps) -> None:
    ours = handle("backups", KIND)
    rule: Any = {"RuleName": "theirs", "TargetBackupVaultName": props.vault_name}
    theirs: Any = {"BackupPlanName": ours.name, "Rules": [rule]}
    aws.backup.create_backup_plan(BackupPlan=theirs)

    assert kind_named(KIND).read(aws, ours) is None


def test_rules_that_people_added_are_a_difference(
    aws: Aws, handle: MakeHandle, build: Build, props: PlanProps
) -> None:
    known = handle("backups", KIND, id=build("backups", props).id)
    plan: Any = aws.backup.get_backup_plan(BackupPlanId=str(known.id))["BackupPlan"]
    for rule in plan["Rules"]:
        rule.pop("RuleId")
    plan["Rules"].append({"RuleName": "hourly", "TargetBackupVaultName": props.vault_name})
    plan["Rules"][0]["Lifecycle"] = {"MoveToColdStorageAfterDays": 30, "DeleteAfterDays": 120}
    aws.backup.update_backup_plan(BackupPlanId=str(known.id), BackupPlan=plan)
    now = kind_named(KIND).read(aws, known)
    assert now is not None
    assert set(kind_named(KIND).differences(props.dump(), now)) == {"hour", "retention_days", "cold_storage"}

    kind_named(KIND).update(aws, known, props, now)

    settled(aws, known, props)


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"copy_vault_arn": ELSEWHERE}, "needs both"),
        ({"copy_retention_days": 7}, "needs both"),
        ({"retention_days": 0}, "greater than or equal to 1"),
        ({"hour": 24}, "23"),
        ({"cold_storage": True}, "False"),
    ],
)
def test_what_makes_no_plan_is_refused_before(changes: dict[str, object], word: str) -> None:
    with pytest.raises(ValidationError, match=word):
        PlanProps.model_validate({"vault_name": "vault", **changes})


def test_only_the_way_of_copies_costs_here() -> None:
    plain, copied = (
        PlanProps(vault_name="vault"),
        PlanProps(vault_name="vault", copy_vault_arn=ELSEWHERE, copy_retention_days=7),
    )

    assert list(kind_named(KIND).cost(plain, Usage(), "us-east-1")) == []
    assert [line.sku for line in kind_named(KIND).cost(copied, Usage(), "us-east-1")] == [
        "AWSBackup/transfer_to_other_region"
    ]
