"""Replacing: the new one first where AWS allows both, everything that points at the old one, and then the old one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest

import provisioning.kinds  # noqa: F401  # registers every kind
from provisioning.aws import AccountAccess, Aws, Connection
from provisioning.errors import ChangeRefused, InvalidSpec
from provisioning.journal import MemoryJournal, Result
from provisioning.kind import Observed, Props, Status, kind_named, kind_of
from provisioning.kinds.ecs_task_definition import TaskDefinitionProps
from provisioning.kinds.rds_db_instance import DBInstanceProps
from provisioning.kinds.rds_db_parameter_group import DBParameterGroupProps
from provisioning.kinds.ssm_parameter import ParameterProps
from provisioning.operations.destroy import destroy
from provisioning.operations.provision import provision
from provisioning.plan import Action, Plan, plan_for
from provisioning.resource import Recorded, Resource, Standing
from provisioning.steps import Verb
from provisioning.tests.boxes import SHELF, BoxProps, box
from provisioning.tests.cloud import CLOUD, SPEC, error, run, thing

_AWS = Aws(connection=Connection(AccountAccess(account=SPEC.account), SPEC.region))


@pytest.fixture(autouse=True)
def _empty_cloud() -> Iterator[None]:
    CLOUD.__init__()  # type: ignore[misc]  # the kinds know this very object
    SHELF.clear()
    yield


def _carry_out(journal: MemoryJournal, *wanted: Resource) -> Plan:
    journal.states.clear()
    plan = plan_for(SPEC, wanted, journal.recorded.values())
    run(provision(plan), journal)
    return plan


def _actions(plan: Plan) -> dict[str, str]:
    return {change.key: change.action.value for change in plan.changes}


def _order(plan: Plan) -> list[str]:
    return [f"{step.verb.value} {step.key}" for step in provision(plan)]


# The new one, what points at it, the old one -----------------------------------------------------------------


def test_the_new_one_is_made_what_points_at_the_old_one_is_moved_and_the_old_one_goes_last() -> None:
    journal = MemoryJournal()
    _carry_out(journal, box("table"), box("lamp", on="table"))
    CLOUD.calls.clear()

    plan = _carry_out(journal, box("table", colour="blue"), box("lamp", on="table"))

    assert _actions(plan) == {"table": "replace", "lamp": "update"}
    assert journal.result is Result.SUCCEEDED
    assert [call for call in CLOUD.calls if call[0] != "read"] == [
        ("create", "table"),
        ("update", "lamp"),
        ("delete", "shop-test-" + SPEC.stack + "-table"),
    ], "nothing is refused on the way, and nobody is without a table"
    new = f"shop-test-{SPEC.stack}-table-g2"
    assert {name: box["colour"] for name, box in SHELF.items() if "table" in name} == {new: "blue"}
    assert SHELF[f"shop-test-{SPEC.stack}-lamp"]["on"] == new


def test_the_removal_of_the_old_one_needs_everything_that_points_at_the_new_one() -> None:
    journal = MemoryJournal()
    _carry_out(journal, box("table"), box("lamp", on="table"), box("vase", on="table"), box("rug"))

    plan = plan_for(
        SPEC,
        [box("table", colour="blue"), box("lamp", on="table"), box("rug", label="new")],
        journal.recorded.values(),
    )

    needs = {step.key: step.needs for step in provision(plan)}
    assert needs["table:old-1"] == ("lamp", "table", "vase")
    assert needs["lamp"] == ("table",)
    assert needs["vase"] == (), "it goes on its own"
    assert needs["rug"] == ()


def test_what_cannot_be_moved_to_the_new_one_is_replaced_too() -> None:
    journal = MemoryJournal()
    _carry_out(journal, box("table"), box("lamp", colour="${table.id}"))

    plan = plan_for(
        SPEC, [box("table", colour="blue"), box("lamp", colour="${table.id}")], journal.recorded.values()
    )

    assert _actions(plan) == {"table": "replace", "lamp": "replace"}
    assert _order(plan) == [
        "ensure table",
        "ensure lamp",
        "remove table:old-1",
        "remove lamp:old-1",
    ]
    needs = {step.key: set(step.needs) for step in provision(plan)}
    assert needs["table:old-1"] == {"table", "lamp", "lamp:old-1"}


def test_a_given_name_is_free_before_the_new_one_takes_it() -> None:
    journal = MemoryJournal()
    _carry_out(journal, box("table", name="the-table"))

    plan = _carry_out(journal, box("table", name="the-table", colour="blue"))

    assert _order(plan) == ["remove table:old-1", "ensure table"]
    assert journal.result is Result.SUCCEEDED
    assert {name: box["colour"] for name, box in SHELF.items()} == {"the-table": "blue"}
    assert journal.recorded["table"].generation == 2


def test_of_what_aws_allows_only_one_the_old_one_goes_first() -> None:
    subnet = kind_named("ec2.subnet")
    props = subnet.parse({"vpc_id": "vpc-1", "cidr_block": "10.0.0.0/24", "availability_zone": "us-east-1a"})
    moved = subnet.parse({"vpc_id": "vpc-1", "cidr_block": "10.0.0.0/24", "availability_zone": "us-east-1b"})

    plan = plan_for(SPEC, [Resource(key="private-a", props=moved)], [_recorded("private-a", props)])

    assert _order(plan) == ["remove private-a:old-1", "ensure private-a"]


def test_a_parameter_becomes_a_secret_under_the_same_name() -> None:
    name = "/shop/test/key"
    plain, secret = ParameterProps(value="1"), ParameterProps(type="SecureString", generate=True)
    wanted = Resource(key="key", name=name, props=secret)

    plan = plan_for(SPEC, [wanted], [_recorded("key", plain, name=name)])

    steps = provision(plan)
    assert _order(plan) == ["remove key:old-1", "ensure key"]
    assert steps[1].needs == ("key:old-1",)
    assert [step.target.name for step in steps] == [name, name]


def test_what_holds_data_is_not_replaced() -> None:
    before = DBInstanceProps(subnet_group_name="a", parameter_group_name="b", security_group_ids=("sg-1",))
    after = before.model_copy(update={"db_name": "other"})
    plan = plan_for(SPEC, [Resource(key="database", props=after)], [_recorded("database", before)])

    with pytest.raises(InvalidSpec, match="and its data with it"):
        provision(plan)


# Crashes and failures on the way -----------------------------------------------------------------------------


def test_the_old_one_stays_on_record_until_it_is_gone() -> None:
    journal = MemoryJournal()
    _carry_out(journal, box("table"), box("lamp", on="table"))
    old = journal.recorded["table"]
    CLOUD.failures["update", "lamp"] = [error("AccessDenied")]

    _carry_out(journal, box("table", colour="blue"), box("lamp", on="table"))

    assert journal.result is Result.FAILED
    kept = journal.recorded["table:old-1"]
    assert (kept.id, kept.name, kept.standing) == (old.id, old.name, Standing.MADE)
    handle = kept.handle(SPEC, "1")
    assert (handle.key, handle.token) == ("table", old.handle(SPEC, "1").token)


def test_destroying_after_a_failure_half_way_takes_both_away() -> None:
    journal = MemoryJournal()
    _carry_out(journal, box("table"), box("lamp", on="table"))
    CLOUD.failures["update", "lamp"] = [error("AccessDenied")]
    _carry_out(journal, box("table", colour="blue"), box("lamp", on="table"))
    journal.states.clear()

    run(destroy(journal.recorded.values()), journal)

    assert journal.result is Result.SUCCEEDED
    assert SHELF == {}


def test_the_next_plan_after_a_failure_half_way_finishes_the_work() -> None:
    journal = MemoryJournal()
    _carry_out(journal, box("table"), box("lamp", on="table"))
    CLOUD.failures["update", "lamp"] = [error("AccessDenied")]
    wanted = [box("table", colour="blue"), box("lamp", on="table")]
    _carry_out(journal, *wanted)

    journal.states.clear()
    observed = {
        key: kind_named(one.kind).read(_AWS, one.handle(SPEC, ""))
        for key, one in journal.recorded.items()
        if one.is_there
    }
    plan = plan_for(SPEC, wanted, journal.recorded.values(), observed)
    run(provision(plan), journal)

    assert _actions(plan) == {"table": "noop", "lamp": "update", "table:old-1": "delete"}
    assert journal.result is Result.SUCCEEDED
    assert sorted(SHELF) == [f"shop-test-{SPEC.stack}-lamp", f"shop-test-{SPEC.stack}-table-g2"]


def test_what_was_gone_already_is_made_anew_and_leaves_no_old_one_on_record() -> None:
    journal = MemoryJournal()
    _carry_out(journal, box("table"), box("lamp", on="table"))
    SHELF.pop(f"shop-test-{SPEC.stack}-table")
    lamp = journal.recorded["lamp"]
    observed = {"table": None, "lamp": kind_named("fake.box").read(_AWS, lamp.handle(SPEC, ""))}
    journal.states.clear()

    plan = plan_for(SPEC, [box("table"), box("lamp", on="table")], journal.recorded.values(), observed)
    run(provision(plan), journal)

    assert _actions(plan) == {"table": "create", "lamp": "update"}
    assert set(journal.recorded) == {"table", "lamp"}
    assert SHELF[f"shop-test-{SPEC.stack}-lamp"]["on"] == f"shop-test-{SPEC.stack}-table-g2"


def test_what_is_half_made_is_finished_by_the_next_plan_whatever_aws_says_of_it() -> None:
    journal = MemoryJournal()
    _carry_out(journal, box("table"))
    half = journal.recorded["table"].model_copy(update={"standing": Standing.INTENDED, "attributes": {}})
    journal.recorded["table"] = half
    there = {"table": kind_named("fake.box").read(_AWS, half.handle(SPEC, ""))}
    assert there["table"] is not None
    journal.states.clear()

    plan = plan_for(SPEC, [box("table"), box("lamp", on="table")], journal.recorded.values(), there)
    run(provision(plan), journal)

    assert _actions(plan) == {"table": "create", "lamp": "create"}
    assert journal.result is Result.SUCCEEDED
    assert journal.recorded["table"].standing is Standing.MADE
    assert CLOUD.count("create", "table") == 1, "it is found, not made again"
    assert journal.recorded["table"].generation == 1


def test_what_an_earlier_operation_may_have_made_is_looked_for_by_the_next_plan() -> None:
    journal = MemoryJournal()
    CLOUD.failures["create", "root"] = [error("AccessDenied")]  # after the fact: it is there
    _carry_out(journal, thing("root"))
    assert journal.recorded["root"].standing is Standing.INTENDED

    _carry_out(journal, thing("root"))

    assert journal.result is Result.SUCCEEDED
    assert len(CLOUD.living("root")) == 1


# What else a plan sees ---------------------------------------------------------------------------------------


def test_a_new_revision_reaches_what_refers_to_it() -> None:
    task = TaskDefinitionProps(cpu=256, memory=512, image="nginx:1", port=80)
    recorded = [
        _recorded("task", task, attributes={"id": "task:1", "arn": "task:1"}),
        _recorded("box", BoxProps(label="${task.arn}")),
    ]
    wanted = [
        Resource(key="task", props=task.model_copy(update={"image": "nginx:2"})),
        Resource(key="box", props=BoxProps(label="${task.arn}")),
    ]

    plan = plan_for(SPEC, wanted, recorded)

    assert _actions(plan) == {"task": "update", "box": "update"}
    (difference,) = plan.changes[1].differences
    assert (difference.before, difference.after) == ("task:1", "${task.arn}")


def test_a_change_that_aws_refuses_is_refused_by_the_plan_and_names_its_property() -> None:
    before = DBInstanceProps(
        subnet_group_name="${subnets.name}",
        parameter_group_name="b",
        security_group_ids=("sg-1",),
        allocated_storage=100,
    )
    after = before.model_copy(update={"allocated_storage": 50})
    subnets = _recorded("subnets", BoxProps(), attributes={"name": "shop-subnets"})
    wanted = [
        Resource(key="subnets", props=BoxProps()),
        Resource(key="database", title="PostgreSQL database", props=after),
    ]

    with pytest.raises(
        ChangeRefused, match="PostgreSQL database: Storage of a database can't shrink"
    ) as refused:
        plan_for(SPEC, wanted, [subnets, _recorded("database", before)])

    assert (refused.value.key, refused.value.prop) == ("database", "allocated_storage")
    assert (refused.value.code, refused.value.field) == ("spec.change_refused", None)


def test_a_change_is_judged_by_what_stands_there_now() -> None:
    before = DBInstanceProps(
        subnet_group_name="a", parameter_group_name="b", security_group_ids=("sg-1",), allocated_storage=50
    )
    grown: Mapping[str, Observed | None] = {
        "database": Observed(id="d", props={**before.dump(), "allocated_storage": 200, "multi_az": True})
    }
    after = before.model_copy(update={"allocated_storage": 100})

    with pytest.raises(InvalidSpec, match="shrink"):
        plan_for(SPEC, [Resource(key="database", props=after)], [_recorded("database", before)], grown)


def test_what_stands_there_and_could_not_be_asked_for_is_left_to_aws() -> None:
    before = DBInstanceProps(subnet_group_name="a", parameter_group_name="b", security_group_ids=("sg-1",))
    odd = {"database": Observed(id="d", props={**before.dump(), "storage_type": "io2"})}

    plan = plan_for(SPEC, [Resource(key="database", props=before)], [_recorded("database", before)], odd)

    assert _actions(plan) == {"database": "update"}


def test_what_is_not_wanted_any_more_goes_after_what_pointed_at_it() -> None:
    journal = MemoryJournal()
    _carry_out(journal, box("table"), box("chair"), box("lamp", on="table"), box("vase", on="table"))

    plan = plan_for(SPEC, [box("chair"), box("lamp", on="chair")], journal.recorded.values())

    needs = {step.key: step.needs for step in provision(plan) if step.verb is Verb.REMOVE}
    assert needs == {"table": ("lamp", "vase"), "vase": ()}


def test_a_broken_one_is_replaced_under_another_name() -> None:
    settings = DBParameterGroupProps()
    broken = {"settings": Observed(id="s", status=Status.FAILED, props=settings.dump())}

    plan = plan_for(
        SPEC, [Resource(key="settings", props=settings)], [_recorded("settings", settings)], broken
    )

    (change,) = plan.changes
    assert (change.action, change.generation) == (Action.REPLACE, 2)
    assert change.name.endswith("-g2") and change.replaces == "settings-1"


def _recorded(
    key: str, props: Props, *, name: str = "", attributes: dict[str, str] | None = None
) -> Recorded:
    kind = kind_of(props)
    return Recorded(
        key=key,
        kind=kind.name,
        name=name or f"{key}-1",
        props=props.dump(),
        id=f"{key}-1",
        attributes=attributes or {"id": f"{key}-1"},
        standing=Standing.MADE,
    )
