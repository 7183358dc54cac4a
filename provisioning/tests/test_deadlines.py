"""Deadlines: as long as AWS is known to take, and no step is called failed before."""

from __future__ import annotations

import pytest

import provisioning.kinds  # noqa: F401  # registers every kind
from provisioning.kind import all_kinds
from provisioning.operations.provision import deadline

MINUTE = 60


@pytest.mark.parametrize(
    ("kind", "minutes"),
    [
        ("acm.validation", 240),
        ("acm.certificate", 20),
        ("rds.db_instance", 80),
        ("elasticache.replication_group", 60),
        ("ec2.nat_gateway", 30),
        ("ecs.service", 20),
        ("elbv2.load_balancer", 10),
    ],
)
def test_what_aws_may_take_long_for_is_waited_for(kind: str, minutes: int) -> None:
    assert deadline(kind, 60) >= minutes * MINUTE


def test_what_usually_takes_longer_has_three_times_as_long() -> None:
    assert deadline("rds.db_instance", 7200) == 3 * 7200


def test_no_deadline_is_shorter_than_a_quarter_of_an_hour() -> None:
    assert all(deadline(kind.name, 0) >= 15 * MINUTE for kind in all_kinds())
