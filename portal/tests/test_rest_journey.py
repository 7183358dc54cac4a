"""What CI does: the whole life of an environment by the API, with a restart of everything in the middle of the work."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from portal.launcher.home import free_port
from portal.tests.launched import NOT_INHERITED, Portal

pytestmark = [pytest.mark.slow, pytest.mark.simulator]
_PATIENCE_SECONDS = 180.0
_WISH: dict[str, object] = {
    "application": "flowise-backend",
    "name": "by-rest",
    "architecture": "containers",
    "phase": "production",
    "region": "us-east-1",
    "account": "simulated-aws",
    "options": {"file_delivery": False},
}


@pytest.fixture
def portal(tmp_path: Path) -> Iterator[Portal]:
    speed = {"SIMULATOR_SPEED": "60", "DEMO": "true"}
    running = Portal(data=tmp_path / "data", port=free_port(), extra=speed, command=("portal.up",))
    running.start()
    yield running
    running.end(signal.SIGTERM)


def token_of(portal: Portal, user: str) -> str:
    """A token as the README says to make one: no address, no password, only DATA_DIR."""
    kept = {name: text for name, text in os.environ.items() if name not in NOT_INHERITED}
    made = subprocess.run(
        [sys.executable, "manage.py", "create_token", user],
        env={**kept, "DATA_DIR": str(portal.data)},
        check=True,
        capture_output=True,
        text=True,
    )
    return made.stdout.strip()


class Caller:
    """One person's token, used as a script would."""

    def __init__(self, portal: Portal, user: str) -> None:
        self.address = f"{portal.address}/api/v1"
        self.token = token_of(portal, user)

    def __call__(self, method: str, path: str, body: dict[str, object] | None = None) -> tuple[int, Any, str]:
        """Status, answer and Location."""
        request = urllib.request.Request(  # our own address
            f"{self.address}{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"},
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                return answer.status, json.load(answer), answer.headers.get("Location", "")
        except urllib.error.HTTPError as error:
            return error.code, json.load(error), ""

    def until(self, path: str, true: Callable[[Any], bool]) -> Any:
        """Ask again and again, as a script does, until the answer is as wanted."""
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while True:
            status, answer, _ = self("GET", path)
            assert status == 200, answer
            if true(answer):
                return answer
            assert time.monotonic() < deadline, answer
            time.sleep(0.2)


def test_a_script_asks_another_approves_everything_restarts_and_nothing_is_lost(portal: Portal) -> None:
    developer, approver = Caller(portal, "alice"), Caller(portal, "bob")

    status, request, _ = developer("POST", "/requests", _WISH)
    assert status == 201, request
    status, refused, _ = developer("POST", f"/requests/{request['id']}/approve", {"hash": request["hash"]})
    assert status == 403 and refused["code"] and refused["hint"], refused
    status, approved, _ = approver("POST", f"/requests/{request['id']}/approve", {"hash": request["hash"]})
    assert status == 200, approved
    operation = f"/operations/{approved['operation']}"
    developer.until(operation, lambda one: 0.2 < one["progress"] < 1)

    portal.end(signal.SIGTERM)
    portal.start()

    finished = developer.until(operation, lambda one: one["finished_at"] is not None)
    assert finished["status"] == "succeeded"
    assert {step["status"] for step in finished["steps"]} == {"succeeded"}
    slug = request["environment"]
    _, environment, _ = developer("GET", f"/environments/{slug}")
    assert environment["outputs"]
    _, resources, _ = developer("GET", f"/environments/{slug}/resources")
    made = [step for step in finished["steps"] if not step["key"].startswith("check:")]
    assert len(resources) == len(made)
    assert all(one["id"] for one in resources)

    assert remains_in_aws(portal, slug)
    status, _, location = developer("DELETE", f"/environments/{slug}")
    assert status == 202
    path = location.removeprefix("/api/v1")
    finished = developer.until(path, lambda one: one["finished_at"] is not None)
    assert finished["status"] == "succeeded"
    assert remains_in_aws(portal, slug) == []


def remains_in_aws(portal: Portal, slug: str) -> list[str]:
    """What AWS itself still has of an environment, asked without the portal."""
    endpoint = json.loads(portal.state.read_text())["aws_endpoint"]
    tagging = boto3.client(
        "resourcegroupstaggingapi",
        region_name="us-east-1",
        endpoint_url=endpoint,
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    listed = tagging.get_resources(TagFilters=[{"Key": "andamio:environment", "Values": [slug]}])
    found = [one["ResourceARN"] for one in listed["ResourceTagMappingList"]]
    return [arn for arn in found if ":snapshot:" not in arn]
