"""What follows from what AWS says, without AWS."""

from __future__ import annotations

import socket
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from provisioning.aws import AccountAccess, Aws, Connection
from provisioning.errors import AwsError, translate
from provisioning.readiness import alarms, application, backups, monitoring, secrets, security, setup
from provisioning.readiness.answer import Answer, State, met
from provisioning.readiness.check import ask, check
from provisioning.readiness.checklist import ITEMS
from provisioning.readiness.item import Item, Part, Scene
from provisioning.tests.cloud import SPEC

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
NO_AWS: Any = None
SCENE = Scene(spec=SPEC, recorded=(), aws=NO_AWS)
PASS, FAIL, NOT_APPLICABLE, UNKNOWN = State.PASS, State.FAIL, State.NOT_APPLICABLE, State.UNKNOWN


def listener(protocol: str, action: str) -> dict[str, Any]:
    return {"Protocol": protocol, "DefaultActions": [{"Type": action}], "SslPolicy": "policy"}


def front(policy: str) -> dict[str, Any]:
    return {"DefaultCacheBehavior": {"ViewerProtocolPolicy": policy}}


def group(*rules: dict[str, Any]) -> dict[str, Any]:
    return {"GroupName": "web", "IpPermissions": [*rules]}


def to_all(first: int, last: int) -> dict[str, Any]:
    return {"FromPort": first, "ToPort": last, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}


def certificate(days: int, status: str = "ISSUED") -> dict[str, Any]:
    return {"DomainName": "shop.example.org", "Status": status, "NotAfter": NOW + timedelta(days=days)}


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (
            security.judge_https(
                None, [listener("HTTPS", "forward"), listener("HTTP", "redirect")], api=False
            ),
            PASS,
        ),
        (
            security.judge_https(
                None, [listener("HTTPS", "forward"), listener("HTTP", "forward")], api=False
            ),
            FAIL,
        ),
        (security.judge_https(None, [listener("HTTP", "forward")], api=False), FAIL),
        (security.judge_https(None, [], api=True), PASS),
        (security.judge_https(front("redirect-to-https"), [], api=False), PASS),
        (security.judge_https(front("allow-all"), [], api=False), FAIL),
        (security.judge_certificate(certificate(200), NOW), PASS),
        (security.judge_certificate(certificate(10), NOW), FAIL),
        (security.judge_certificate(certificate(200, "PENDING_VALIDATION"), NOW), FAIL),
        (security.judge_certificates([certificate(200), certificate(10)], NOW), FAIL),
        (security.judge_certificates([certificate(200), certificate(100)], NOW), PASS),
        (security.judge_certificates([], NOW), NOT_APPLICABLE),
        (security.judge_groups([group(to_all(80, 80), to_all(443, 443))]), PASS),
        (security.judge_groups([group(to_all(0, 65535))]), FAIL),
        (security.judge_groups([group({"IpRanges": [{"CidrIp": "10.0.0.0/8"}]})]), PASS),
        (security.judge_groups([group({"Ipv6Ranges": [{"CidrIpv6": "::/0"}]})]), FAIL),
        (security.judge_firewall([], api=True, balanced=False), NOT_APPLICABLE),
        (security.judge_firewall([], api=False, balanced=True), FAIL),
        (
            security.judge_updates([{"DBInstanceIdentifier": "one", "AutoMinorVersionUpgrade": False}], {}),
            FAIL,
        ),
        (backups.judge_backups({"BackupRetentionPeriod": 0}), FAIL),
        (backups.judge_backups({"BackupRetentionPeriod": 6}), FAIL),
        (backups.judge_backups({"BackupRetentionPeriod": 7}), PASS),
        (backups.judge_recent({"LatestRestorableTime": NOW - timedelta(hours=2)}, NOW), PASS),
        (backups.judge_recent({"LatestRestorableTime": NOW - timedelta(days=3)}, NOW), FAIL),
        (backups.judge_recent({}, NOW), FAIL),
        (backups.judge_versioning({"files": "Suspended"}), FAIL),
        (backups.judge_lifecycle({"files": [{"Status": "Disabled"}]}), FAIL),
        (backups.judge_protection({"DeletionProtection": False}), FAIL),
        (monitoring.judge_logs({"app": 30, "database": None}), FAIL),
        (monitoring.judge_targets([]), FAIL),
        (
            monitoring.judge_targets(
                [{"TargetHealth": {"State": "healthy"}}, {"TargetHealth": {"State": "unused"}}]
            ),
            PASS,
        ),
        (monitoring.judge_tracing([True, False], first=False), FAIL),
        (monitoring.judge_tracing([], first=True), NOT_APPLICABLE),
        (application.judge_scaling(1, 4, 1, first=False), FAIL),
        (application.judge_scaling(2, 4, 0, first=False), FAIL),
        (application.judge_image("shop", 1), PASS),
        (application.judge_running("Tasks", 1, 2), FAIL),
        (application.judge_running("Tasks", 0, 0), FAIL),
        (setup.judge_account("1", "2"), FAIL),
        (setup.judge_bucket({"files": {"BlockPublicAcls": True, "BlockPublicPolicy": False}}), FAIL),
        (alarms.judge_quiet([{"AlarmName": "cpu", "StateValue": "ALARM"}]), FAIL),
    ],
)
def test_what_is_seen_decides(answer: Answer, state: State) -> None:
    assert answer.state is state, answer.seen


def test_an_action_with_a_star_is_too_much() -> None:
    def policy(action: object) -> dict[str, Any]:
        return {"Statement": [{"Effect": "Allow", "Action": action, "Resource": "*"}]}

    assert setup.judge_privileges({"one": policy(["s3:GetObject"])}, {}).state is PASS
    assert setup.judge_privileges({"one": policy("s3:*")}, {}).state is FAIL
    assert setup.judge_privileges({"one": policy(["s3:GetObject", "*"])}, {}).state is FAIL
    assert setup.judge_privileges({}, {"role": ["arn:aws:iam::aws:policy/AdministratorAccess"]}).state is FAIL


def test_a_subnet_of_the_database_with_a_way_to_the_internet_fails() -> None:
    subnets = [{"AvailabilityZone": zone} for zone in ("us-east-1a", "us-east-1b")]
    routes = [{"GatewayId": "igw-1"}]
    table = {"Routes": routes, "Associations": [{"SubnetId": "private"}]}

    assert setup.judge_network(subnets, [table], ["private"]).state is FAIL
    assert setup.judge_network(subnets, [table], ["other"]).state is PASS
    assert setup.judge_network(subnets[:1], [], []).state is FAIL


def test_keys_are_found_by_name_and_by_look_and_never_told() -> None:
    key = "AKIA" + "ABCDEFGHIJKLMNOP"

    answer = secrets.judge_keys({"AWS_ACCESS_KEY_ID": "x", "SETTINGS": f"id={key}", "BUCKET": "files"})

    assert answer.seen == "Keys of AWS stand in: AWS_ACCESS_KEY_ID, SETTINGS."
    assert secrets.judge_keys({"BUCKET": "files"}).state is PASS


def test_a_secret_in_a_plain_parameter_fails() -> None:
    plain = {"Name": "/shop/prod/api-token", "Type": "String"}
    url = {"Name": "/shop/prod/database-url", "Type": "String"}

    assert secrets.judge_parameters([plain, url]).seen == "Not encrypted: /shop/prod/api-token."
    assert secrets.judge_parameters([url]).state is PASS


def test_an_aurora_cluster_of_one_stands_in_one_zone() -> None:
    cluster = {"DBClusterIdentifier": "shop", "MultiAZ": False}
    instances = [{"AvailabilityZone": "us-east-1a"}, {"AvailabilityZone": "us-east-1b"}]

    assert setup.judge_zones(cluster, instances[:1], first=False).state is FAIL
    assert setup.judge_zones(cluster, instances[:1], first=True).state is NOT_APPLICABLE
    assert setup.judge_zones(cluster, instances, first=True).state is PASS


def test_a_probe_that_breaks_is_unknown_and_says_so() -> None:
    def probe(scene: Scene) -> Answer:
        raise KeyError("DBInstances")

    answer = ask(item(probe), SCENE)

    assert (answer.state, answer.seen) == (UNKNOWN, "The portal could not make sense of AWS's answer.")


def test_a_call_that_was_throttled_is_made_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("provisioning.readiness.check.PAUSE", 0)
    refusals: list[AwsError] = [refused("Throttling", 400)] * 2

    def probe(scene: Scene) -> Answer:
        if refusals:
            raise refusals.pop()
        return met("There.")

    assert ask(item(probe), SCENE).state is PASS


def test_where_aws_hangs_no_call_is_begun_once_the_time_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("provisioning.readiness.check.WITHIN", 0.5)
    begun = []

    def probe(scene: Scene) -> Answer:
        for _ in range(20):
            begun.append(time.monotonic())
            with suppress(AwsError):
                scene.aws.sts.get_caller_identity()
        return met("There.")

    with socket.create_server(("127.0.0.1", 0), backlog=100) as deaf:
        access = AccountAccess(account=SPEC.account, endpoint_url=f"http://127.0.0.1:{deaf.getsockname()[1]}")
        aws = Aws(connection=Connection(access, SPEC.region, seconds=0.3), caller="test")
        answers = check([item(probe)], SPEC, (), aws)

    assert answers["one"].state is UNKNOWN
    assert answers["one"].seen.startswith("AWS answered so slowly")
    assert len(begun) < 5  # each of them hangs for 0.3 s


@pytest.mark.parametrize(("code", "status"), [("AccessDenied", 403), ("UnauthorizedOperation", 403)])
def test_a_refusal_names_the_call_and_the_code(code: str, status: int) -> None:
    def probe(scene: Scene) -> Answer:
        raise refused(code, status)

    answer = ask(item(probe), SCENE)

    assert (answer.state, answer.code) == (UNKNOWN, code)
    assert answer.seen == "The portal's role may not call rds:describe_db_instances."


def test_every_item_says_why_and_what_to_do() -> None:
    assert len({one.key for one in ITEMS}) == len(ITEMS)
    for one in ITEMS:
        assert one.why.endswith("."), one.key
        assert one.fix.options or one.fix.at_least or one.fix.commands or one.fix.hint, one.key
        assert one.is_manual or one.permissions or one.key == "account", one.key
    assert {one.part for one in ITEMS} == {*Part}


def test_an_answer_can_be_kept() -> None:
    answer = Answer(state=FAIL, seen="One call deletes it.", code="", command="aws rds …")

    assert Answer.from_json(answer.as_json()) == answer


def item(probe: Any) -> Item:
    return Item(key="one", part=Part.SETUP, title="One", why="So.", probe=probe)


def refused(code: str, status: int) -> AwsError:
    return translate(
        service="rds", operation="describe_db_instances", aws_code=code, aws_message="No.", status=status
    )
