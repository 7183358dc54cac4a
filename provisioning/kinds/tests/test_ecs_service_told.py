"""What ECS tells of a service's deployments, in its own words, and what we make of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from provisioning.kind import Observed, Status, kind_named
from provisioning.kinds.tests.contract import STACK, MakeHandle
from provisioning.kinds.tests.scripted_json import scripted_json

KIND = "ecs.service"
ARN = f"arn:aws:ecs:us-east-1:123456789012:service/shop/{STACK}-blue"
BREAKER = "ECS deployment circuit breaker: tasks failed to start."


def _deployment(
    identifier: str, status: str, state: str, *, running: int, reason: str = "", age: int = 60
) -> Any:
    return {
        "id": f"ecs-svc/{identifier}",
        "status": status,
        "rolloutState": state,
        "rolloutStateReason": reason,
        "runningCount": running,
        "createdAt": _ago(age),
    }


def _ago(seconds: int) -> float:
    return (datetime.now(UTC) - timedelta(seconds=seconds)).timestamp()


def _told(*deployments: Any, events: list[tuple[int, str]] | None = None) -> dict[str, Any]:
    running = sum(one["runningCount"] for one in deployments)
    service = {
        "serviceArn": ARN,
        "serviceName": f"{STACK}-blue",
        "clusterArn": "arn:aws:ecs:us-east-1:123456789012:cluster/shop",
        "status": "ACTIVE",
        "desiredCount": 2,
        "runningCount": running,
        "pendingCount": 0,
        "taskDefinition": "shop:1",
        "deployments": list(deployments),
        "events": [
            {"id": str(number), "createdAt": _ago(age), "message": f"(service {STACK}-blue) {text}"}
            for number, (age, text) in enumerate(events or [])
        ],
        "networkConfiguration": {
            "awsvpcConfiguration": {"subnets": ["subnet-1"], "securityGroups": ["sg-1"]}
        },
        "deploymentConfiguration": {"minimumHealthyPercent": 100, "maximumPercent": 200},
    }
    return {"DescribeServices": {"services": [service]}, "ListTasks": {"taskArns": []}}


def _read(handle: MakeHandle, answers: dict[str, Any]) -> Observed:
    with scripted_json(answers) as aws:
        observed = kind_named(KIND).read(aws, handle("service-blue", KIND, id=ARN))
    assert observed is not None
    return observed


BACK = "ECS deployment circuit breaker: rolling back to deploymentId ecs-svc/1."


@pytest.mark.parametrize(
    ("answers", "status", "undone"),
    [
        pytest.param(
            _told(_deployment("1", "PRIMARY", "COMPLETED", running=2)), Status.READY, False, id="it serves"
        ),
        pytest.param(
            _told(_deployment("1", "PRIMARY", "IN_PROGRESS", running=1)),
            Status.PENDING,
            False,
            id="one of two tasks runs",
        ),
        pytest.param(
            _told(_deployment("1", "PRIMARY", "COMPLETED", running=1)),
            Status.PENDING,
            False,
            id="a task is being replaced",
        ),
        pytest.param(
            _told(_deployment("1", "PRIMARY", "FAILED", running=0, reason=BREAKER)),
            Status.FAILED,
            False,
            id="its first deployment failed",
        ),
        pytest.param(
            _told(
                _deployment("2", "PRIMARY", "FAILED", running=0, reason=BREAKER),
                _deployment("1", "ACTIVE", "COMPLETED", running=2),
            ),
            Status.PENDING,
            True,
            id="its newest deployment failed and the one before serves",
        ),
        pytest.param(
            _told(
                _deployment("3", "PRIMARY", "IN_PROGRESS", running=2, reason=BACK),
                _deployment("2", "ACTIVE", "FAILED", running=0, reason=BREAKER),
            ),
            Status.PENDING,
            True,
            id="it is being rolled back",
        ),
        pytest.param(
            _told(
                _deployment("3", "PRIMARY", "COMPLETED", running=2, age=30),
                events=[(30, "rolling back to deployment ecs-svc/3.")],
            ),
            Status.READY,
            True,
            id="it has been rolled back",
        ),
        pytest.param(
            _told(
                _deployment("1", "PRIMARY", "COMPLETED", running=2, age=9000),
                events=[(30, "rolling back to deployment ecs-svc/1.")],
            ),
            Status.READY,
            True,
            id="it has been rolled back to the old deployment itself",
        ),
        pytest.param(
            _told(
                _deployment("4", "PRIMARY", "COMPLETED", running=2, age=10),
                events=[(30, "rolling back to deployment ecs-svc/3.")],
            ),
            Status.READY,
            False,
            id="another deployment has followed the roll-back",
        ),
        pytest.param(
            _told(
                _deployment("3", "PRIMARY", "COMPLETED", running=2, age=3600),
                events=[(3600, "rolling back to deployment ecs-svc/3.")],
            ),
            Status.READY,
            False,
            id="the roll-back is long ago",
        ),
    ],
)
def test_what_ecs_tells_is_understood(
    handle: MakeHandle, answers: dict[str, Any], status: Status, undone: bool
) -> None:
    observed = _read(handle, answers)

    assert (observed.status, observed.undone) == (status, undone)
    assert ("rolled back" in observed.reason) is undone
    assert (BREAKER in observed.reason) is (undone or status is Status.FAILED)
