"""What is peculiar to a proxy's target: ready is when it is reached, and there is one."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from provisioning.aws import Aws
from provisioning.errors import AwsError
from provisioning.kind import Status, kind_named
from provisioning.kinds.iam_role import RoleProps
from provisioning.kinds.rds_db_proxy import DBProxyProps
from provisioning.kinds.rds_db_proxy_target import DBProxyTargetProps, _status
from provisioning.kinds.tests.aurora import Aurora
from provisioning.kinds.tests.contract import Build, MakeHandle, check_contract, check_cuts
from provisioning.references import JsonObject

pytestmark = pytest.mark.simulator
KIND = "rds.db_proxy_target"
# Properties with which it is checked in CloudFormation.
EXAMPLES: tuple[JsonObject, ...] = (
    {"proxy_name": "shop", "cluster_name": "shop"},
    {"proxy_name": "other", "instance_name": "shop"},
)


@pytest.fixture
def aurora(aws: Aws, build: Build) -> Aurora:
    return Aurora(aws, build)


@pytest.fixture
def props(build: Build, aurora: Aurora) -> DBProxyTargetProps:
    cluster = aurora.cluster()
    proxy = DBProxyProps(
        role_arn=build("proxy-role", RoleProps(service="rds.amazonaws.com")).attributes["arn"],
        secret_arns=(cluster.attributes["secret_arn"],),
        subnet_ids=aurora.network.subnet_ids,
        security_group_ids=(aurora.network.group_id,),
    )
    return DBProxyTargetProps(proxy_name=build("proxy", proxy).id, cluster_name=cluster.id)


def test_it_is_made_changed_and_taken_away(aws: Aws, handle: MakeHandle, props: DBProxyTargetProps) -> None:
    changes: tuple[JsonObject, ...] = (
        {"max_connections": 50, "idle_connections": 0},
        {"borrow_timeout": 5},
    )

    check_contract(
        aws,
        handle("proxy-target", KIND),
        props,
        changes=[props.model_copy(update=change) for change in changes],
        also_permitted=[],
    )


def test_a_cut_before_its_pool_is_set_is_repaired(
    aws: Aws, handle: MakeHandle, props: DBProxyTargetProps
) -> None:
    assert check_cuts(aws, handle("proxy-target", KIND), props) == 1


def test_a_proxy_that_has_a_target_takes_no_second(
    aws: Aws, handle: MakeHandle, build: Build, aurora: Aurora, props: DBProxyTargetProps
) -> None:
    build("proxy-target", props)
    other = build("other", aurora.props()).id

    with pytest.raises(AwsError, match="already has"):
        kind_named(KIND).create(aws, handle("second", KIND), props.model_copy(update={"cluster_name": other}))


def test_it_is_not_there_when_its_proxy_is_gone(
    aws: Aws, handle: MakeHandle, props: DBProxyTargetProps
) -> None:
    target = handle("proxy-target", KIND, id="no-proxy/database")

    assert kind_named(KIND).read(aws, target) is None
    assert kind_named(KIND).delete(aws, target) is True


def _told(role: str | None, state: str, reason: str = "") -> dict[str, object]:
    health = {"State": state, "Reason": reason} if reason else {"State": state}
    return {"Type": "RDS_INSTANCE", "TargetHealth": health, **({"Role": role} if role else {})}


@pytest.mark.parametrize(
    ("targets", "expected", "word"),
    [
        ([], Status.PENDING, "no instance"),
        ([_told("READ_WRITE", "AVAILABLE")], Status.READY, ""),
        ([_told(None, "AVAILABLE")], Status.READY, ""),
        ([_told("READ_WRITE", "UNAVAILABLE", "AUTH_FAILURE")], Status.PENDING, "AUTH_FAILURE"),
        (
            [_told("READ_ONLY", "AVAILABLE"), _told("READ_WRITE", "UNAVAILABLE", "UNREACHABLE")],
            Status.PENDING,
            "UNREACHABLE",
        ),
    ],
)
def test_it_is_ready_when_the_proxy_reaches_whoever_writes(
    targets: list[dict[str, object]], expected: Status, word: str
) -> None:
    status, reason = _status(targets)

    assert status is expected and word in reason


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({}, "one cluster"),
        ({"cluster_name": "c", "instance_name": "i"}, "one cluster"),
        ({"cluster_name": "c", "max_connections": 10, "idle_connections": 11}, "idle"),
        ({"cluster_name": "c", "borrow_timeout": 301}, "300"),
    ],
)
def test_what_cannot_be_is_refused(changes: JsonObject, word: str) -> None:
    with pytest.raises(ValidationError, match=word):
        DBProxyTargetProps.model_validate({"proxy_name": "p", **changes})
