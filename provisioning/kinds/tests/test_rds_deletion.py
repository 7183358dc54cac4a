"""How a database is taken away: what protects it, its last snapshot, and being asked twice."""

from __future__ import annotations

import pytest

from provisioning.errors import AlreadyExists, Busy
from provisioning.kind import kind_named
from provisioning.kinds.tests.contract import MakeHandle
from provisioning.kinds.tests.rds_answers import instance, listed
from provisioning.kinds.tests.scripted_query import answer, refusal, scripted
from provisioning.kinds.tests.scripted_server import Reply

KIND = "rds.db_instance"


def _delete(handle: MakeHandle, script: dict[str, Reply | list[Reply]], final: str) -> str:
    """The parameters of the last deletion."""
    with scripted(script) as (aws, asked):
        assert kind_named(KIND).delete(aws, handle("database", KIND), final_name=final or None) is False
    operation, sent = asked[-1]
    assert operation == "DeleteDBInstance"
    return " ".join(f"{key}={sent[key]}" for key in sorted(sent) if key != "DBInstanceIdentifier")


def _deleted() -> Reply:
    return answer("DeleteDBInstance", f"<DBInstance>{instance('deleting')}</DBInstance>")


def _protected() -> Reply:
    return refusal("InvalidParameterCombination", "Cannot delete protected DB Instance, please disable it")


def test_protection_is_taken_off_only_when_it_stands_in_the_way(handle: MakeHandle) -> None:
    modified = answer("ModifyDBInstance", f"<DBInstance>{instance('available')}</DBInstance>")

    sent = _delete(
        handle, {"DeleteDBInstance": [_protected(), _deleted()], "ModifyDBInstance": modified}, "last"
    )

    assert sent == "FinalDBSnapshotIdentifier=last"


def test_protection_that_still_holds_is_met_again_later(handle: MakeHandle) -> None:
    modified = answer("ModifyDBInstance", f"<DBInstance>{instance('available')}</DBInstance>")
    script = {"DeleteDBInstance": _protected(), "ModifyDBInstance": modified}

    with scripted(script) as (aws, _), pytest.raises(Busy):
        kind_named(KIND).delete(aws, handle("database", KIND))


def _snapshot(status: str, resource_id: str) -> Reply:
    fields = f"<Status>{status}</Status><DbiResourceId>{resource_id}</DbiResourceId>"
    return answer("DescribeDBSnapshots", f"<DBSnapshots><DBSnapshot>{fields}</DBSnapshot></DBSnapshots>")


def _with_snapshot(status: str, resource_id: str) -> dict[str, Reply | list[Reply]]:
    return {
        "DeleteDBInstance": [refusal("DBSnapshotAlreadyExists"), _deleted()],
        "DescribeDBInstances": listed(instance("available")),
        "DescribeDBSnapshots": _snapshot(status, resource_id),
    }


def test_the_last_snapshot_of_an_earlier_attempt_is_enough(handle: MakeHandle) -> None:
    assert _delete(handle, _with_snapshot("available", "db-1"), "last") == "SkipFinalSnapshot=true"


def test_the_snapshot_of_another_database_is_not(handle: MakeHandle) -> None:
    with scripted(_with_snapshot("available", "db-2")) as (aws, _), pytest.raises(AlreadyExists):
        kind_named(KIND).delete(aws, handle("database", KIND), final_name="last")


def test_a_snapshot_that_is_being_taken_is_waited_for(handle: MakeHandle) -> None:
    with scripted(_with_snapshot("creating", "db-1")) as (aws, _), pytest.raises(Busy):
        kind_named(KIND).delete(aws, handle("database", KIND), final_name="last")


def test_backups_stay_where_aws_can_take_no_last_snapshot(handle: MakeHandle) -> None:
    script: dict[str, Reply | list[Reply]] = {
        "DeleteDBInstance": [refusal("InvalidDBInstanceState"), _deleted()],
        "DescribeDBInstances": listed(instance("incompatible-network")),
    }

    assert _delete(handle, script, "last") == "DeleteAutomatedBackups=false SkipFinalSnapshot=true"


def test_a_database_that_is_changing_is_deleted_later(handle: MakeHandle) -> None:
    script = {
        "DeleteDBInstance": refusal("InvalidDBInstanceState"),
        "DescribeDBInstances": listed(instance("modifying")),
    }

    with scripted(script) as (aws, _), pytest.raises(Busy):
        kind_named(KIND).delete(aws, handle("database", KIND), final_name="last")
