"""The door to boto3: where calls go, with whose keys, and what shared lists leave in memory."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from provisioning.aws import AccountAccess, Aws, Connection
from provisioning.errors import AwsError, LeaseLost, OutcomeUnknown
from provisioning.shared_reads import SharedReads
from provisioning.tests.faults import FaultProxy, Raw, Rule, Truncated


def behind(proxy: FaultProxy, guard: Callable[[], None] = lambda: None) -> Aws:
    """AWS as operation 7 sees it under its third fence."""
    access = AccountAccess(account="123456789012", endpoint_url=proxy.url)
    return Aws(
        connection=Connection(access, "us-east-1"), caller="operation/7 fence/3 pid/99999999", guard=guard
    )


@pytest.fixture(scope="module")
def running_proxy() -> Iterator[FaultProxy]:
    with FaultProxy("http://127.0.0.1:1") as running:
        yield running


@pytest.fixture
def proxy(running_proxy: FaultProxy) -> FaultProxy:
    """It answers everything itself."""
    running_proxy.set_rules(Rule(fault=Raw(body="{}")))
    running_proxy.reset()
    return running_proxy


def test_every_request_names_its_operation_on_the_wire(proxy: FaultProxy) -> None:
    behind(proxy).ssm.describe_parameters()

    (call,) = proxy.journal()
    assert (call.operation_id, call.fence, call.pid) == ("7", 3, 99999999)


def test_a_lease_that_runs_out_while_a_request_is_made_ready_stops_it_before_it_leaves(
    proxy: FaultProxy,
) -> None:
    looked: list[int] = []

    def guard() -> None:
        looked.append(1)
        if len(looked) > 1:
            raise LeaseLost("gone")

    with pytest.raises(LeaseLost):
        behind(proxy, guard).ssm.describe_parameters()

    assert proxy.journal() == []


def test_a_real_account_is_not_turned_elsewhere_by_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")

    client = Connection(AccountAccess(account="123456789012"), "us-east-1").client("rds")

    assert client.meta.endpoint_url == "https://rds.us-east-1.amazonaws.com"


def test_an_endpoint_elsewhere_never_gets_the_process_own_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAREAL")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "real")
    access = AccountAccess(account="123456789012", endpoint_url="http://127.0.0.1:1")

    keys = Connection(access, "us-east-1")._session.get_credentials()

    assert keys is not None
    assert keys.access_key == "simulated"


def test_a_role_that_the_portal_has_no_credentials_to_take_on_is_an_error_of_aws(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    access = AccountAccess(account="123456789012", role_arn="arn:aws:iam::123456789012:role/portal")

    with pytest.raises(AwsError) as raised:
        Aws(connection=Connection(access, "us-east-1")).ssm.describe_parameters()

    assert raised.value.aws_code == "NoCredentialsError"


def test_half_an_answer_is_an_unknown_outcome_not_a_fault_of_ours(proxy: FaultProxy) -> None:
    proxy.set_rules(Rule(fault=Raw(body="<CreateVpcResponse><vpc><vpcI", content_type="text/xml")))

    with pytest.raises(OutcomeUnknown):
        behind(proxy).ec2.create_vpc(CidrBlock="10.0.0.0/16")


def test_half_a_list_is_not_an_empty_one(running_proxy: FaultProxy) -> None:
    with FaultProxy(running_proxy.url, [Rule(fault=Truncated(share=0.5))]) as proxy:
        running_proxy.set_rules(Rule(fault=Raw(body='{"Parameters": [{"Name": "/a"}]}')))
        aws = behind(proxy)

        with pytest.raises(OutcomeUnknown):
            aws.listed(aws.ssm.describe_parameters, "Parameters")


def test_a_shared_list_is_asked_for_once_by_all_who_are_content_with_its_age() -> None:
    asked: list[int] = []
    reads = SharedReads()
    since = time.monotonic()

    for _ in range(3):
        reads.get(("rds", ""), since, lambda: asked.append(1) or ["a"])  # type: ignore[func-returns-value]
    reads.get(("rds", ""), time.monotonic(), lambda: asked.append(1) or ["b"])  # type: ignore[func-returns-value]

    assert len(asked) == 2


def test_lists_of_environments_long_gone_do_not_pile_up() -> None:
    reads = SharedReads(most=10, stale=0.0)

    for number in range(100):
        reads.get(("ec2", str(number)), time.monotonic(), lambda: ["a"])

    assert len(reads) <= 10
