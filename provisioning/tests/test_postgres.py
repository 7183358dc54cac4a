"""Facts about PostgreSQL on RDS that plans and alarms rely on."""

from __future__ import annotations

import pytest

from provisioning.errors import InvalidSpec
from provisioning.instance_classes import memory_bytes
from provisioning.postgres import (
    certain_aurora_connections,
    certain_connections,
    connection_limit,
    is_at_least,
    is_offered,
    is_reserved,
)


@pytest.mark.parametrize(
    ("instance_class", "limit"),
    [
        ("db.t4g.micro", 112),
        ("db.t3.small", 225),
        ("db.t3.medium", 450),
        ("db.m6g.large", 901),
        ("db.r6g.2xlarge", 5000),
    ],
)
def test_connections_follow_from_memory_up_to_five_thousand(instance_class: str, limit: int) -> None:
    assert connection_limit(instance_class) == limit


@pytest.mark.parametrize(
    ("instance_class", "seen"),
    [
        ("db.t3.micro", 81),
        ("db.t3.small", 189),
        ("db.t3.medium", 405),
        ("db.m6g.large", 844),
        ("db.r6g.4xlarge", 5000),
    ],
)
def test_an_alarm_comes_before_the_last_connection_that_operators_have_seen(
    instance_class: str, seen: int
) -> None:
    certain = certain_connections(instance_class)

    assert 0.9 * seen < certain <= seen
    assert certain <= connection_limit(instance_class)


@pytest.mark.parametrize(
    ("instance_class", "gib"), [("db.t3.2xlarge", 32), ("db.m5.4xlarge", 64), ("db.r8g.16xlarge", 512)]
)
def test_memory_grows_with_the_size(instance_class: str, gib: int) -> None:
    assert memory_bytes(instance_class) == gib * 1024**3


@pytest.mark.parametrize("unknown", ["db.t2.micro", "db.zz.micro", "t3.small", "db.t3", "db.r4.large", ""])
def test_a_class_that_is_not_known_is_named(unknown: str) -> None:
    with pytest.raises(InvalidSpec) as refused:
        memory_bytes(unknown)

    assert refused.value.field == "instance_class"


@pytest.mark.parametrize(
    ("version", "offered"), [("13", False), ("13.22", False), ("14", True), ("18.1", True), ("19", False)]
)
def test_versions_in_extended_support_are_not_offered(version: str, offered: bool) -> None:
    assert is_offered(version) is offered


@pytest.mark.parametrize(
    ("now", "wanted", "fulfilled"),
    [
        ("17.4", "17", True),
        ("17.10", "17.9", True),
        ("17.3", "17.4", False),
        ("17", "17.4", False),
        ("17.4", "16", False),
        ("unknown", "17", False),
    ],
)
def test_a_later_minor_version_fulfils_a_wish(now: str, wanted: str, fulfilled: bool) -> None:
    assert is_at_least(now, wanted) is fulfilled


@pytest.mark.parametrize(
    ("name", "reserved"), [("user", True), ("RdsAdmin", True), ("pg_app", True), ("postgres", False)]
)
def test_reserved_names_are_known(name: str, reserved: bool) -> None:
    assert is_reserved(name) is reserved


@pytest.mark.parametrize(
    ("fewest", "most", "connections"),
    [
        (1, 1, 189),
        (1, 2, 378),  # AWS names none for 2
        (1, 4, 823),
        (1, 8, 1669),
        (1, 16, 3360),
        (1, 64, 5000),
        (0, 16, 2000),
        (0.5, 4, 823),
    ],
)
def test_an_instance_of_aurora_takes_what_aws_names_for_its_most_acu(
    fewest: float, most: float, connections: int
) -> None:
    assert certain_aurora_connections(fewest, most) == connections
