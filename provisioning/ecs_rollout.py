"""How far ECS is with a service: what its deployments and events say of the newest version."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from provisioning.kind import Status

if TYPE_CHECKING:
    from mypy_boto3_ecs.type_defs import DeploymentTypeDef, ServiceTypeDef

# How long a roll-back that has ended is still told. ECS forgets the failed deployment within minutes,
# and whoever waits for it may look only every half a minute.
REMEMBER_ROLLBACK = timedelta(minutes=15)


def status_of(service: ServiceTypeDef, undone: str) -> tuple[Status, str]:
    """What it is, and why. `undone`: why ECS took the newest deployment back, empty when it did not."""
    if service["status"] == "DRAINING":
        return Status.DELETING, "draining"
    deployments = service["deployments"]
    primary = _primary(service)
    others_serve = any(one["runningCount"] for one in deployments if one is not primary)
    if primary is not None and primary["rolloutState"] == "FAILED" and not others_serve:
        return Status.FAILED, primary.get("rolloutStateReason", "")
    desired, running, pending = service["desiredCount"], service["runningCount"], service["pendingCount"]
    settled = len(deployments) == 1 and deployments[0]["rolloutState"] == "COMPLETED"
    # A desired count of 0 is settled too: the idle one of a pair has none.
    if settled and running == desired and pending == 0:
        return Status.READY, undone
    counts = f"{running} of {desired} tasks running, {pending} pending"
    return Status.PENDING, f"{undone} {counts}" if undone else counts


def _primary(service: ServiceTypeDef) -> DeploymentTypeDef | None:
    return next((one for one in service["deployments"] if one["status"] == "PRIMARY"), None)


def why_undone(service: ServiceTypeDef, now: datetime) -> str:
    """Why the newest deployment was taken back for the one before it; empty when it was not.

    While it rolls back the old version is PRIMARY again and says so; once it has completed only the events tell.
    """
    primary = _primary(service)
    if primary is None:
        return ""
    failed = [one for one in service["deployments"] if one["rolloutState"] == "FAILED"]
    going_back = "rolling back" in primary.get("rolloutStateReason", "")
    others_serve = any(one["runningCount"] for one in service["deployments"] if one is not primary)
    if not going_back and not (primary in failed and others_serve) and not _went_back(service, primary, now):
        return ""
    causes = [one.get("rolloutStateReason", "") for one in failed]
    cause = next(filter(None, causes), "ECS deployment circuit breaker: tasks failed to start.")
    return f"{cause} The deployment was rolled back."


def _went_back(service: ServiceTypeDef, primary: DeploymentTypeDef, now: datetime) -> bool:
    """Whether an event tells of a return to this very deployment, not to one that another has followed since."""
    return any(
        "rolling back to" in event["message"]
        and now - event["createdAt"] < REMEMBER_ROLLBACK
        and (primary["id"] in event["message"] or primary["createdAt"] <= event["createdAt"])
        for event in service.get("events", [])
    )
