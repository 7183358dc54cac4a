"""The checklist of whole environments in the simulated AWS: what is made well passes, and what is broken is seen."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest

import provisioning.kinds  # noqa: F401  # registers every kind
from provisioning.aws import AccountAccess, Aws, Connection
from provisioning.export.iam_policies import policies
from provisioning.kinds.tests.noted import NotedConnection
from provisioning.readiness.answer import Answer, State
from provisioning.readiness.check import ask, check
from provisioning.readiness.checklist import ITEMS, PERMISSIONS, item_named
from provisioning.readiness.item import Scene
from provisioning.references import JsonValue
from provisioning.simulator.launch import Simulator, start
from provisioning.tests.portal_role import make_role
from provisioning.tests.whole import Whole, whole

pytestmark = pytest.mark.simulator
FREE_OF_PERMISSION = {"sts:GetCallerIdentity"}

# What the guide asks for and the defaults of an environment, whose application is not deployed yet, do not have.
LEFT = {
    ("simple", "mvp"): {"alarm-receivers", "budget", "firewall", "backups"},
    ("containers", "production"): {
        *("image", "domain", "https", "firewall"),
        *("alarm-receivers", "budget", "copies"),
    },
    ("serverless", "scaling"): {"domain", "alarm-receivers", "budget", "copies"},
    ("server", "production"): {
        *("image", "domain", "https"),
        "alarm-receivers",
    },
}
# What sets right what would be left.
CHOSEN: dict[tuple[str, str], dict[str, JsonValue]] = {
    ("server", "production"): {
        "copy_region": "us-west-2",
        "firewall": True,
        "max_servers": 4,
        "monthly_budget": 60,
    }
}
NOT_FOR = {
    ("simple", "mvp"): {"image", "database-zones", "load-balancer", "scaling", "alarm-response-time"},
    ("containers", "production"): {"certificate", "replicas", "dashboard"},
    ("serverless", "scaling"): {"image", "load-balancer", "alarm-cpu", "alarm-storage", "firewall"},
    ("server", "production"): {"cache", "rollback"},
}


@pytest.fixture(scope="module")
def simulator() -> Iterator[Simulator]:
    with start(speed=1000, durations={"lambda.interfaces": 300}) as running:
        yield running


@pytest.fixture(scope="module")
def made(simulator: Simulator) -> dict[tuple[str, str], Whole]:
    """One environment of each architecture."""
    environments = {}
    for architecture, phase in LEFT:
        chosen = {"tracing": phase != "mvp", **CHOSEN.get((architecture, phase), {})}
        one = whole(simulator.endpoint, f"ready-{architecture}", architecture, phase, chosen)
        one.provision()
        environments[architecture, phase] = one
    return environments


@pytest.fixture(scope="module")
def whole_ones(made: dict[tuple[str, str], Whole]) -> dict[tuple[str, str], dict[str, Answer]]:
    """What the check says of each before a test breaks it."""
    return {which: checked(one) for which, one in made.items()}


@pytest.fixture
def shop(made: dict[tuple[str, str], Whole], whole_ones: object) -> Whole:
    return made["containers", "production"]


def name_of(one: Whole, key: str) -> str:
    return one.journal.recorded[key].name


def answer_of(one: Whole, key: str) -> Answer:
    item = item_named(key)
    assert item is not None
    return ask(item, Scene(spec=one.spec, recorded=tuple(one.journal.recorded.values()), aws=one.aws))


def checked(one: Whole) -> dict[str, Answer]:
    return check(ITEMS, one.spec, one.journal.recorded.values(), one.aws)


@pytest.mark.parametrize("which", LEFT, ids="-".join)
def test_a_made_environment_has_what_its_phase_asks_for(
    whole_ones: dict[tuple[str, str], dict[str, Answer]], which: tuple[str, str]
) -> None:
    answers = whole_ones[which]

    assert {key for key, one in answers.items() if one.state is State.UNKNOWN} == set()
    assert {key for key, one in answers.items() if one.state is State.FAIL} == LEFT[which]
    assert {key for key, one in answers.items() if one.state is State.NOT_APPLICABLE} >= NOT_FOR[which]
    assert all(one.seen.endswith(".") for one in answers.values())


@pytest.mark.parametrize("which", LEFT, ids="-".join)
def test_a_probe_asks_for_no_more_than_it_says(
    made: dict[tuple[str, str], Whole], which: tuple[str, str]
) -> None:
    one = made[which]
    access = AccountAccess(account=one.spec.account, endpoint_url=one.aws.connection.access.endpoint_url)
    connection = NotedConnection(access, one.spec.region)
    recorded = tuple(one.journal.recorded.values())
    scene = Scene(spec=one.spec, recorded=recorded, aws=Aws(connection=connection))
    for item in ITEMS:
        connection.actions.clear()
        if item.probe is not None:
            ask(item, scene)
        assert connection.actions - FREE_OF_PERMISSION <= {*item.permissions}, item.key


@pytest.fixture
def as_role(monkeypatch: pytest.MonkeyPatch, made: dict[tuple[str, str], Whole]) -> Callable[..., Aws]:
    """AWS as a role sees it that may read what the checklist says, and no more."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "simulated")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "simulated")
    root = next(iter(made.values())).aws

    def role(name: str, actions: Iterable[str]) -> Aws:
        access = make_role(root, name, policies([], root.account, also=actions))
        return Aws(connection=Connection(access, root.region))

    return role


def test_the_permissions_of_the_items_are_enough(
    made: dict[tuple[str, str], Whole], as_role: Callable[..., Aws]
) -> None:
    aws = as_role("Reader", PERMISSIONS)

    for which, one in made.items():
        answers = check(ITEMS, one.spec, one.journal.recorded.values(), aws)
        unknown = {key: told.seen for key, told in answers.items() if told.state is State.UNKNOWN}
        assert unknown == {}, which


def test_where_a_permission_is_missing_its_items_are_unknown_and_the_others_are_seen(
    shop: Whole, as_role: Callable[..., Aws]
) -> None:
    aws = as_role("Lesser", {*PERMISSIONS} - {"elasticloadbalancing:DescribeListeners"})

    answers = check(ITEMS, shop.spec, shop.journal.recorded.values(), aws)

    unknown = {key: told for key, told in answers.items() if told.state is State.UNKNOWN}
    assert {*unknown} == {"https"}
    assert "AccessDenied" in unknown["https"].code
    assert unknown["https"].seen == "The portal's role may not call elbv2:describe_listeners."


def test_a_database_that_lost_its_protection_fails_with_the_command_that_gives_it_back(shop: Whole) -> None:
    database = name_of(shop, "database")
    rds = shop.aws.rds
    rds.modify_db_instance(DBInstanceIdentifier=database, DeletionProtection=False, ApplyImmediately=True)

    answer = answer_of(shop, "deletion-protection")

    assert (answer.state, answer.seen) == (State.FAIL, "One call deletes the database.")
    assert f"--db-instance-identifier {database} --deletion-protection" in answer.command
    rds.modify_db_instance(DBInstanceIdentifier=database, DeletionProtection=True, ApplyImmediately=True)
    assert answer_of(shop, "deletion-protection").state is State.PASS


def test_an_alarm_that_is_gone_fails_its_item_and_no_other(shop: Whole) -> None:
    before = checked(shop)
    shop.aws.cloudwatch.delete_alarms(AlarmNames=[name_of(shop, "alarm-memory")])

    after = checked(shop)

    assert {key for key in after if after[key].state is not before[key].state} == {"alarm-memory"}
    assert after["alarm-memory"].seen == "MemoryUtilization: there is no alarm."


def test_an_alarm_that_goes_off_late_or_tells_nobody_fails(shop: Whole) -> None:
    (alarm,) = shop.aws.cloudwatch.describe_alarms(AlarmNames=[name_of(shop, "alarm-cpu")])["MetricAlarms"]
    wanted: Any = {
        name: alarm[name]
        for name in ("AlarmName", "Namespace", "MetricName", "Dimensions", "Statistic", "Period")
    }
    wanted |= {"EvaluationPeriods": 5, "ComparisonOperator": "GreaterThanThreshold"}
    shop.aws.cloudwatch.put_metric_alarm(**wanted, Threshold=95, AlarmActions=alarm["AlarmActions"])
    assert (
        answer_of(shop, "alarm-cpu").seen
        == "CPUUtilization: the alarm goes off at 95 %, the guide's at 80 %."
    )

    shop.aws.cloudwatch.put_metric_alarm(**wanted, Threshold=80)

    assert answer_of(shop, "alarm-cpu").seen == "CPUUtilization: the alarm at 80 % tells nobody."


def test_a_bucket_that_was_opened_fails(shop: Whole) -> None:
    bucket = name_of(shop, "files")
    shop.aws.s3.delete_public_access_block(Bucket=bucket)

    answer = answer_of(shop, "bucket")

    assert (answer.state, answer.seen) == (State.FAIL, f"Public access is not blocked: {bucket}.")
    assert f"--bucket {bucket}" in answer.command


def test_a_thing_that_somebody_deleted_fails_by_its_name(shop: Whole) -> None:
    name = name_of(shop, "log-group")
    shop.aws.logs.delete_log_group(logGroupName=name)

    assert answer_of(shop, "logs").seen == f"AWS no longer has {name}."


def test_a_port_opened_to_the_world_fails(shop: Whole) -> None:
    group = shop.journal.recorded["task-group"]
    rule: Any = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    shop.aws.ec2.authorize_security_group_ingress(GroupId=group.id or "", IpPermissions=[rule])

    answer = answer_of(shop, "groups")

    assert answer.state is State.FAIL
    assert "(22)" in answer.seen


def test_a_denied_read_is_unknown_with_the_code_and_spoils_nothing_else(
    simulator: Simulator, made: dict[tuple[str, str], Whole], whole_ones: object
) -> None:
    one = made["simple", "mvp"]
    simulator.fault(
        service="sns", operation="ListSubscriptionsByTopic", code="AuthorizationError", status=403
    )
    try:
        answers = checked(one)
    finally:
        simulator.order("DELETE", "faults")

    unknown = {key: answer for key, answer in answers.items() if answer.state is State.UNKNOWN}
    assert {*unknown} == {"alarm-receivers"}
    assert unknown["alarm-receivers"].code == "AuthorizationError"
    assert "may not call sns:list_subscriptions_by_topic" in unknown["alarm-receivers"].seen


def test_a_receiver_counts_once_it_is_confirmed(
    simulator: Simulator, made: dict[tuple[str, str], Whole], whole_ones: object
) -> None:
    one = made["simple", "mvp"]
    topic = one.journal.recorded["alarm-topic"].id or ""
    one.aws.sns.subscribe(TopicArn=topic, Protocol="email", Endpoint="ops@example.org")
    assert answer_of(one, "alarm-receivers").seen == "Not confirmed yet: ops@example.org."

    simulator.confirm_subscription("ops@example.org")

    assert answer_of(one, "alarm-receivers").seen == "Told are: ops@example.org."


def test_what_a_fix_asks_for_is_what_the_environment_has_not(made: dict[tuple[str, str], Whole]) -> None:
    chosen: dict[str, JsonValue] = {"backup_days": 1, "multi_az": False, "alarm_cpu": 90}
    wanted = {item.key: item.fix.wanted(chosen) for item in ITEMS}

    assert wanted["backups"] == {"backup_days": 7}
    assert wanted["database-zones"] == {"multi_az": True}
    assert wanted["alarm-cpu"] == {"alarm_cpu": 80}
    assert wanted["firewall"] == {}
    assert item_named("backups").fix.wanted({"backup_days": 14}) == {}  # type: ignore[union-attr]
