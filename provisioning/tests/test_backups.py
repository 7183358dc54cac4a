"""Scheduled backups and copies elsewhere: what is covered, what is refused, and what goes first when all goes."""

from __future__ import annotations

import pytest

import provisioning.kinds  # noqa: F401  # registers every kind
from provisioning.blueprints import all_blueprints, blueprint_for
from provisioning.errors import InvalidSpec
from provisioning.kinds.backup_plan import PlanProps
from provisioning.kinds.backup_selection import SelectionProps
from provisioning.kinds.backup_vault import VaultProps
from provisioning.kinds.s3_replication import ReplicationProps
from provisioning.plan import Action, plan_for
from provisioning.pricing import PriceBook, Usage, estimate
from provisioning.references import JsonValue, ref
from provisioning.resource import Resource
from provisioning.spec import Spec
from provisioning.tests.cloud import SPEC

EVERYWHERE = sorted({one.architecture for one in all_blueprints()})
ELSEWHERE = "us-west-2"


def _spec(architecture: str, **options: JsonValue) -> Spec:
    return SPEC.model_copy(
        update={"architecture": architecture, "phase": "production", "options": dict(options)}
    )


def _wanted(architecture: str, **options: JsonValue) -> dict[str, Resource]:
    spec = _spec(architecture, **options)
    return {one.key: one for one in blueprint_for(architecture, "production").resources(spec)}


@pytest.mark.parametrize("architecture", EVERYWHERE)
def test_the_database_is_covered_and_where_it_is_chosen_the_files(architecture: str) -> None:
    alone = _wanted(architecture, scheduled_backups="weekly", backup_weeks=4)
    both = _wanted(architecture, scheduled_backups="daily", backup_files=True)

    plan, selection, whole = (
        alone["backup-plan"].props,
        alone["backup-selection"].props,
        both["backup-selection"].props,
    )
    assert isinstance(plan, PlanProps) and (plan.weekly, plan.retention_days) == (True, 28)
    assert isinstance(selection, SelectionProps) and selection.resource_arns == (ref("database", "arn"),)
    assert isinstance(whole, SelectionProps) and ref("files", "arn") in whole.resource_arns
    assert "backup-vault" not in _wanted(architecture)


@pytest.mark.parametrize("architecture", EVERYWHERE)
def test_a_second_region_gets_the_files_and_the_backups_of_the_database(architecture: str) -> None:
    wanted = _wanted(architecture, scheduled_backups="daily", copy_region=ELSEWHERE, copy_prefix="bills/")

    there = {key for key, one in wanted.items() if one.region == ELSEWHERE}
    of_database = "backup-vault" if architecture == "serverless" else "database-copies"
    assert there == {f"files-copy-{ELSEWHERE}", f"{of_database}-{ELSEWHERE}"}
    rule = wanted["file-copying"].props
    assert isinstance(rule, ReplicationProps) and (rule.prefix, rule.delete_markers) == ("bills/", False)


@pytest.mark.parametrize(
    ("architecture", "options", "field"),
    [
        ("containers", {"copy_region": SPEC.region}, "copy_region"),
        ("containers", {"copy_region": "the moon"}, "copy_region"),
        ("containers", {"backup_files": True}, "backup_files"),
        ("serverless", {"copy_region": ELSEWHERE}, "copy_region"),
    ],
)
def test_what_would_copy_or_keep_nothing_is_refused(
    architecture: str, options: dict[str, JsonValue], field: str
) -> None:
    with pytest.raises(InvalidSpec) as refused:
        _wanted(architecture, **options)

    assert refused.value.field == field


def test_the_vault_is_empty_before_the_role_goes_by_which_aws_empties_it() -> None:
    wanted = _wanted("containers", scheduled_backups="daily")

    assert wanted["backup-vault"].after == ("backup-role",)


def test_a_plan_says_what_goes_with_a_vault() -> None:
    made = plan_for(SPEC, (Resource(key="backup-vault", props=VaultProps()),)).changes[0]

    gone = made.model_copy(update={"action": Action.DELETE})

    assert (made.loss, gone.loss) == ("", "All scheduled backups go with their vault.")


def test_what_is_kept_elsewhere_is_priced_there_and_never_by_the_prices_of_here() -> None:
    spec = _spec("containers", scheduled_backups="daily", copy_region=ELSEWHERE)
    blueprint = blueprint_for("containers", "production")
    lines = estimate(blueprint.cost(spec, Usage()), region=spec.region, book=PriceBook.load()).lines

    places = {(line.resource, line.sku): (line.region, line.priced) for line in lines}
    assert places["backup-vault", "AWSBackup/rds_snapshot"] == (spec.region, True)
    assert places[f"files-copy-{ELSEWHERE}", "S3/standard_storage"][0] == ELSEWHERE
    assert places[f"database-copies-{ELSEWHERE}", "RDS/backup_storage_over_100pct"] == (ELSEWHERE, True)
    # The book has no price for this way.
    assert not places[f"database-copies-{ELSEWHERE}", "RDS/backup_transfer_to_other_region"][1]
