"""A thing may stand in another region than its environment: made, found, swept and taken away there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

import provisioning.kinds  # noqa: F401  # registers every kind
from provisioning.aws import AccountAccess, Aws, Connection
from provisioning.engine import Engine
from provisioning.inspect.observe import observe
from provisioning.inspect.sweep import sweep
from provisioning.journal import MemoryJournal, Result
from provisioning.kinds.sns_topic import TopicProps
from provisioning.kinds.tests.cloud import running_cloud
from provisioning.operations.destroy import destroy
from provisioning.operations.provision import provision
from provisioning.plan import plan_for
from provisioning.resource import Resource
from provisioning.steps import Step
from provisioning.tests.cloud import QUICK, SPEC, Once, claim_of

ELSEWHERE = "eu-west-1"
TOPICS = (
    Resource(key="alarms", props=TopicProps()),
    Resource(key="alarms-eu-west-1", region=ELSEWHERE, props=TopicProps()),
)


@pytest.fixture(scope="module")
def aws() -> Iterator[Aws]:
    with running_cloud() as url:
        access = AccountAccess(account=SPEC.account, endpoint_url=url)
        yield Aws(connection=Connection(access, SPEC.region), caller="test")


def _carry_out(steps: tuple[Step, ...], journal: MemoryJournal, aws: Aws) -> None:
    engine = Engine(Once(replace(claim_of(steps, journal), aws=aws)), timing=QUICK)
    engine.work()
    engine.close()
    assert journal.result is Result.SUCCEEDED


def _regions(aws: Aws) -> list[str]:
    return [one.arn.split(":")[3] for one in sweep(aws, SPEC.stack, [ELSEWHERE])]


def test_it_is_made_there_found_there_and_taken_away_there(aws: Aws) -> None:
    journal = MemoryJournal()

    _carry_out(provision(plan_for(SPEC, TOPICS)), journal, aws)

    assert _regions(aws) == [ELSEWHERE, SPEC.region]
    recorded = journal.recorded.values()
    assert plan_for(SPEC, TOPICS, recorded, observe(recorded, SPEC, aws)).is_empty
    after = MemoryJournal()
    after.recorded.update(journal.recorded)
    _carry_out(destroy(recorded), after, aws)
    assert _regions(aws) == []


def test_regions_share_a_session_and_nothing_else(aws: Aws) -> None:
    here, there = aws.connection, aws.in_region(ELSEWHERE).connection

    assert aws.in_region(ELSEWHERE).connection is there
    assert aws.in_region("") is aws
    assert there.region == ELSEWHERE
    assert there.client("sns").meta.region_name == ELSEWHERE
    assert there.client("sns") is not here.client("sns")
    assert there.shared is not here.shared
