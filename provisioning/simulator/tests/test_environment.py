"""The whole environment against the simulator over the wire: built, planned again to nothing, changed, destroyed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

import provisioning.kinds  # noqa: F401 # registers every kind
from provisioning.aws import AccountAccess, Aws, Connection
from provisioning.blueprints import blueprint_for
from provisioning.engine import Engine
from provisioning.inspect.observe import observe
from provisioning.inspect.sweep import sweep
from provisioning.journal import Claim, MemoryJournal, Result
from provisioning.operations.destroy import destroy
from provisioning.operations.provision import provision
from provisioning.plan import Action, plan_for
from provisioning.simulator.launch import start
from provisioning.spec import Spec
from provisioning.steps import Step, first_state
from provisioning.tests.cloud import Once
from provisioning.timing import Timing

QUICK = Timing(poll=0.1, longest_poll=0.2, settle=0.05, retry=0.05, linger=60.0, longest_retry=0.5)


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """A simulator of its own, 600 times as fast as AWS."""
    with start(speed=600) as running:
        yield running.endpoint


def carry_out(spec: Spec, steps: tuple[Step, ...], journal: MemoryJournal, aws: Aws) -> None:
    journal.states.clear()
    claim = Claim(
        operation="1",
        spec=spec,
        steps=steps,
        states={step.key: first_state(step) for step in steps},
        recorded=dict(journal.recorded),
        aws=aws,
        journal=journal,
        lease_seconds=30,
    )
    engine = Engine(Once(claim), timing=QUICK)
    engine.work()
    engine.close()


def change(spec: Spec, journal: MemoryJournal, aws: Aws) -> set[str]:
    """Make the environment what another spec wants, without a refusal on the way; what was replaced for it."""
    wanted = blueprint_for("containers", "production").resources(spec)
    plan = plan_for(spec, wanted, journal.recorded.values(), observe(journal.recorded.values(), spec, aws))
    before = len(journal.lines)
    carry_out(spec, provision(plan), journal, aws)
    assert journal.result is Result.SUCCEEDED, [s.error for s in journal.states.values() if s.error]
    told = [
        line for line in journal.lines[before:] if "again in" in line.text
    ]  # "ResourceInUse; again in 0.1 s"
    assert told == []
    observed = observe(journal.recorded.values(), spec, aws)
    assert plan_for(spec, wanted, journal.recorded.values(), observed).is_empty
    return {one.key for one in plan.changes if one.action is Action.REPLACE}


@pytest.mark.simulator
def test_an_environment_is_built_planned_again_to_nothing_changed_and_destroyed_to_nothing(
    endpoint: str,
) -> None:
    spec = Spec(
        identity="one",
        application="flowise-backend",
        environment="production",
        team="Flowise",
        architecture="containers",
        phase="production",
        region="us-east-1",
        account="123456789012",
        zones=("us-east-1a", "us-east-1b"),
        alarm_email="ops@example.org",
        options={"file_delivery": False},
    )
    connection = Connection(AccountAccess(account=spec.account, endpoint_url=endpoint), spec.region)
    aws, journal = Aws(connection=connection), MemoryJournal()
    wanted = blueprint_for("containers", "production").resources(spec)

    carry_out(spec, provision(plan_for(spec, wanted)), journal, aws)
    assert journal.result is Result.SUCCEEDED, [s.error for s in journal.states.values() if s.error]

    calls = connection.calls
    observed = observe(journal.recorded.values(), spec, aws)
    again = plan_for(spec, wanted, journal.recorded.values(), observed)
    assert [change for change in again.changes if change.differences] == []
    assert again.is_empty
    assert connection.calls - calls <= len(wanted), "at most one read per object"

    zone = aws.route53.create_hosted_zone(Name="example.com", CallerReference="1")["HostedZone"]["Id"]
    more = {
        **spec.options,
        "nat": True,
        "domain": "shop.example.com",
        "hosted_zone_id": zone.rpartition("/")[2],
    }
    replaced = change(spec.model_copy(update={"port": 8080, "options": more}), journal, aws)
    assert replaced == {"blue", "green"}
    less = {**spec.options, "task_cpu": 512, "task_memory": 1024, "database_storage": 100}
    replaced = change(spec.model_copy(update={"options": less}), journal, aws)
    assert replaced == {"blue", "green"}
    groups = aws.elbv2.describe_target_groups()["TargetGroups"]
    assert sorted(group["TargetGroupName"].rpartition("-")[2] for group in groups) == ["g3", "g3"]

    carry_out(spec, destroy(journal.recorded.values()), journal, aws)
    assert journal.result is Result.SUCCEEDED, [s.error for s in journal.states.values() if s.error]
    assert sweep(aws, spec.stack) == ()
