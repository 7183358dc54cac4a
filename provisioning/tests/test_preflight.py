"""Before anything is made it is looked at whether it can be: quotas, what is sold, names, the right account."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

import provisioning.kinds  # noqa: F401  # registers every kind
from provisioning.aws import Aws
from provisioning.blueprints import blueprint_for
from provisioning.engine import Engine
from provisioning.journal import Claim, MemoryJournal, Result
from provisioning.operations.destroy import roll_back
from provisioning.operations.provision import provision
from provisioning.plan import plan_for
from provisioning.preflight import PreflightFailed, confirm_account
from provisioning.rds_instances import can_be_ordered
from provisioning.simulator.launch import Simulator, start
from provisioning.spec import Spec
from provisioning.steps import Step, StepState, StepStatus, Verb, try_again
from provisioning.tests.cloud import QUICK, SPEC, Once, claim_of, steps_for, thing
from provisioning.tests.portal_role import root_of

TIMING = replace(QUICK, not_yet=10, longest_poll=0.1)
WANTED = SPEC.model_copy(update={"environment": "checked", "options": {"nat": True}})


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with start(speed=1000) as running:
        yield running


@pytest.fixture
def aws(simulator: Simulator) -> Aws:
    """An empty account, and nothing known of it."""
    simulator.reset()
    return root_of(simulator.endpoint, SPEC.account, SPEC.region)


def steps_of(spec: Spec = WANTED) -> tuple[Step, ...]:
    return provision(plan_for(spec, blueprint_for(spec.architecture, spec.phase).resources(spec)))


def carried_out(aws: Aws, steps: tuple[Step, ...], journal: MemoryJournal | None = None) -> MemoryJournal:
    """The journal after their end."""
    journal = journal or MemoryJournal()
    claim: Claim = replace(claim_of(steps, journal), aws=aws, spec=WANTED)
    engine = Engine(Once(claim), timing=TIMING)
    engine.work()
    engine.close()
    return journal


def checks_of(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    return tuple(step for step in steps if step.verb is Verb.CHECK)


def state_of(journal: MemoryJournal, key: str) -> StepState:
    return journal.states[f"check:{key}"]


def test_everything_that_would_begin_at_once_waits_for_all_that_is_looked_at() -> None:
    steps = steps_of()
    checks = tuple(step.key for step in checks_of(steps))

    assert tuple(step.key for step in steps[: len(checks)]) == checks
    assert {"check:vpc", "check:database", "check:service-blue"} <= {*checks}
    others = [step for step in steps if step.verb is not Verb.CHECK]
    assert all(step.needs for step in others)
    assert {step.needs for step in others if {*step.needs} & {*checks}} == {checks}


def test_what_counts_as_one_is_looked_at_once() -> None:
    spec = WANTED.model_copy(update={"phase": "scaling"})
    (addresses,) = [step for step in checks_of(steps_of(spec)) if step.target.kind == "ec2.elastic_ip"]

    wanted = blueprint_for("containers", "scaling").resources(spec)
    assert addresses.count == sum(one.kind.name == "ec2.elastic_ip" for one in wanted)


def test_where_nothing_can_be_known_nothing_is_looked_at() -> None:
    assert checks_of(steps_for(thing("one"))) == ()


def test_what_was_found_is_told(aws: Aws) -> None:
    journal = carried_out(aws, checks_of(steps_of()))

    assert journal.result is Result.SUCCEEDED
    assert state_of(journal, "vpc").note == "1 of 10000 VPCs are in use, 1 more wanted"
    assert "can be had in" in state_of(journal, "database").note
    assert not any(state.warning for state in journal.states.values())


def test_a_quota_that_is_used_up_ends_the_operation_before_anything_is_made(
    simulator: Simulator, aws: Aws
) -> None:
    simulator.limit(L_F678F1CE=1)

    journal = carried_out(aws, steps_of())

    assert journal.result is Result.FAILED
    error = state_of(journal, "vpc").error
    assert error is not None
    assert error.code == "preflight.quota"
    assert "1 of 1 VPCs are in use, 1 more wanted" in error.message
    assert "L-F678F1CE" in error.hint
    assert journal.recorded == {}
    assert all(key.startswith("check:") for key in journal.states), "something else was begun"


def test_it_is_looked_at_again_when_the_operation_is_retried(simulator: Simulator, aws: Aws) -> None:
    simulator.limit(L_F678F1CE=1)
    checks = checks_of(steps_of())
    journal = carried_out(aws, checks)
    assert journal.result is Result.FAILED

    simulator.limit(L_F678F1CE=2)
    journal.result = None
    failed = [one for one in journal.states.values() if one.status is StepStatus.FAILED]
    journal.states.update({one.key: try_again(one) for one in failed})

    assert carried_out(aws, checks, journal).result is Result.SUCCEEDED


def test_after_a_failed_look_there_is_nothing_to_roll_back(simulator: Simulator, aws: Aws) -> None:
    simulator.limit(L_F678F1CE=1)
    steps = steps_of()
    journal = carried_out(aws, steps)

    states = [journal.states.get(step.key, StepState(key=step.key)) for step in steps]
    assert roll_back(steps, states, journal.recorded.values()) == ()


def test_what_the_role_may_not_read_is_a_warning(simulator: Simulator, aws: Aws) -> None:
    simulator.fault(
        service="service-quotas", operation="GetServiceQuota", code="AccessDeniedException", times=9
    )
    simulator.fault(
        service="rds", operation="DescribeOrderableDBInstanceOptions", code="AccessDenied", times=9
    )

    journal = carried_out(aws, checks_of(steps_of()))

    assert journal.result is Result.SUCCEEDED
    assert state_of(journal, "database").warning
    assert "could not be checked" in state_of(journal, "database").note
    assert state_of(journal, "vpc").note.startswith(
        "1 of 5 VPCs are in use, 1 more wanted; that is AWS's default"
    )
    assert state_of(journal, "vpc").warning
    assert state_of(journal, "service-blue").warning


def test_an_answer_that_never_comes_is_a_warning_after_three_attempts(simulator: Simulator, aws: Aws) -> None:
    simulator.fault(service="rds", operation="DescribeOrderableDBInstanceOptions", status=500, times=99)

    journal = carried_out(aws, checks_of(steps_of()))

    assert journal.result is Result.SUCCEEDED
    assert state_of(journal, "database").attempts == 3
    assert state_of(journal, "database").warning


def test_a_class_or_version_that_is_not_sold_is_refused(aws: Aws) -> None:
    assert not can_be_ordered(aws, "postgres", "db.t4g.micro", "17.4").warning
    with pytest.raises(PreflightFailed, match=r"RDS has no db\.z9\.micro with PostgreSQL 17 in us-east-1"):
        can_be_ordered(aws, "postgres", "db.z9.micro", "17")
    with pytest.raises(PreflightFailed, match=r"no db\.t4g\.micro with PostgreSQL 17\.99"):
        can_be_ordered(aws, "postgres", "db.t4g.micro", "17.99")


def test_credentials_of_another_account_are_refused(simulator: Simulator) -> None:
    confirm_account(root_of(simulator.endpoint, SPEC.account, SPEC.region))
    with pytest.raises(PreflightFailed, match="lead to the account 123456789012, not to 210987654321"):
        confirm_account(root_of(simulator.endpoint, "210987654321", SPEC.region))
