"""The proxy is ruled while it runs: rules, journal and its file, counters, latency, reset, start and stop."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from provisioning.tests.faults import FaultProxy, Rule, RuleCount, Throttle, When, boundaries, read_journal
from provisioning.tests.faults.tests.conftest import Clients, make_client


def test_counts_and_numbers_start_anew_after_a_reset(proxy: FaultProxy, clients: Clients) -> None:
    proxy.set_rules(Rule(when=When(operation="Create*", nth=frozenset({1})), fault=Throttle()))
    for _ in range(2):
        with pytest.raises(ClientError):
            clients("ecs").create_cluster(clusterName="main")
        clients("ecs").create_cluster(clusterName="main")
        assert [(call.n, call.mutation) for call in proxy.journal()] == [(1, 1), (2, 2)]
        assert proxy.counts() == [RuleCount(matched=2, struck=1)]
        proxy.reset()
    assert proxy.journal() == []


def test_the_journal_is_read_from_any_number_on(proxy: FaultProxy, clients: Clients) -> None:
    for _ in range(3):
        clients("sts").get_caller_identity()
    assert [call.n for call in proxy.journal(after=1)] == [2, 3]


def test_latency_is_added_to_each_call_and_to_nothing_else(proxy: FaultProxy, clients: Clients) -> None:
    clients("sts").get_caller_identity()
    proxy.set_latency(2)
    began = time.monotonic()
    clients("sts").get_caller_identity()
    waited = time.monotonic() - began
    began = time.monotonic()
    proxy.set_latency(0)
    assert time.monotonic() - began < 1.5
    first, second = proxy.journal()
    assert waited >= 2
    assert second.latency >= 2 > first.latency


def test_other_requests_pass_unrecorded(proxy: FaultProxy) -> None:
    proxy.set_rules(Rule(fault=Throttle()))
    with urllib.request.urlopen(f"{proxy.url}/moto-api/config") as answer:
        assert b"batch" in answer.read()
    assert proxy.journal() == []


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("PUT", "/faults/rules", b'[{"fault": {"type": "earthquake"}}]', 400),
        ("PUT", "/faults/latency", b'{"seconds": -1}', 400),
        ("PUT", "/faults/latency", b"{}", 400),
        ("GET", "/faults/nothing", None, 404),
    ],
)
def test_what_control_does_not_understand_changes_nothing(
    proxy: FaultProxy, method: str, path: str, body: bytes | None, status: int
) -> None:
    request = urllib.request.Request(proxy.url + path, data=body, method=method)
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request)
    with caught.value as error:
        assert error.code == status
        assert error.read()
    assert proxy.counts() == []


def test_by_hand_it_takes_rules_and_writes_its_journal_from_files(upstream: str, tmp_path: Path) -> None:
    rules, journal = tmp_path / "rules.json", tmp_path / "journal.jsonl"
    rules.write_text('[{"when": {"operation": "CreateCluster", "nth": [2]}, "fault": {"type": "throttle"}}]')
    options = ["--upstream", upstream, "--rules", str(rules), "--journal", str(journal), "--latency", "0.01"]
    command = [sys.executable, "-m", "provisioning.tests.faults", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        ecs = make_client("ecs", process.stdout.readline().strip())
        ecs.create_cluster(clusterName="one")
        with pytest.raises(ClientError, match="ThrottlingException"):
            ecs.create_cluster(clusterName="two")
        process.terminate()
        assert process.wait(5) == 0
    calls = read_journal(journal)
    assert [(call.n, call.committed) for call in calls] == [(1, True), (2, False)]
    assert boundaries(calls) == [1, 2]
    assert json.loads(journal.read_text().splitlines()[1])["error_code"] == "ThrottlingException"


def test_it_ends_with_the_process_that_started_it(upstream: str) -> None:
    program = (
        "import os, sys; from provisioning.tests.faults import FaultProxy\n"
        "proxy = FaultProxy(sys.argv[1]); proxy.start(); print(proxy.url, flush=True); os._exit(1)"
    )
    command = [sys.executable, "-c", program, upstream]
    # The proxy inherits standard error, so this returns once both processes are gone.
    url = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False).stdout.strip()
    with pytest.raises(urllib.error.URLError, match="refused"):
        urllib.request.urlopen(f"{url}/faults/health")
