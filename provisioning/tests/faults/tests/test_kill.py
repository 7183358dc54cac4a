"""SIGKILL strikes the process named in the user agent, at the point asked for, and nobody else."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from provisioning.tests.faults import FaultProxy, Kill, Rule, When, boundaries, kill_at
from provisioning.tests.faults.tests.conftest import Clients, make_client

WORKER = """
import os, pathlib, sys, time
import boto3
from botocore.config import Config
url, diary = sys.argv[1], pathlib.Path(sys.argv[2])
ec2 = boto3.client("ec2", endpoint_url=url, region_name="eu-west-1", aws_access_key_id="a",
    aws_secret_access_key="b", config=Config(retries={"total_max_attempts": 1},
    user_agent_extra=f"operation/op-1 fence/1 pid/{os.getpid()}"))
ec2.describe_vpcs()
ec2.create_internet_gateway()
diary.write_text("gateway")
ec2.create_vpc(CidrBlock="10.0.0.0/16")
diary.write_text("gateway vpc")
time.sleep(float(sys.argv[3]))
"""


def run_worker(proxy: FaultProxy, diary: Path, *, linger: float) -> tuple[int, str]:
    """Exit code of a worker that makes a gateway and a VPC, and what it had read of the answers when it ended."""
    command = [sys.executable, "-c", WORKER, proxy.url, str(diary), str(linger)]
    code = subprocess.run(command, timeout=30, check=False).returncode
    return code, diary.read_text() if diary.exists() else ""


def test_a_clean_run_gives_the_boundaries(proxy: FaultProxy, tmp_path: Path) -> None:
    assert run_worker(proxy, tmp_path / "diary", linger=0) == (0, "gateway vpc")
    assert boundaries(proxy.journal()) == [1, 2]
    assert [call.mutation for call in proxy.journal()] == [None, 1, 2]


@pytest.mark.parametrize(
    ("point", "delay", "made", "read"),
    [
        ("before", 0.0, 0, "gateway"),
        ("after_commit", 0.0, 1, "gateway"),
        ("after_response", 0.5, 1, "gateway vpc"),
    ],
)
def test_the_worker_dies_at_the_second_boundary(
    proxy: FaultProxy, direct: Clients, tmp_path: Path, point: str, delay: float, made: int, read: str
) -> None:
    fault = Kill.model_validate({"when": point, "delay": delay})
    proxy.set_rules(Rule(when=kill_at(2, "before").when, fault=fault))
    assert run_worker(proxy, tmp_path / "diary", linger=20) == (-signal.SIGKILL, read)
    own = [{"Name": "is-default", "Values": ["false"]}]
    assert len(direct("ec2").describe_vpcs(Filters=own)["Vpcs"]) == made
    last = proxy.journal()[-1]
    assert (last.operation, last.outcome, last.committed) == ("CreateVpc", "fault:kill", bool(made))
    assert last.status == (200 if point == "after_response" else None)


def test_a_call_that_names_no_process_is_not_struck(proxy: FaultProxy) -> None:
    proxy.set_rules(Rule(when=When(pid=os.getpid() + 1), fault=Kill(when="before")))
    make_client("sts", proxy.url).get_caller_identity()
    assert proxy.journal()[0].outcome == "forwarded"
    assert proxy.counts()[0].matched == 0
