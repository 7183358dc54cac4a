"""Every status and its words, one place each. Lifecycle, deploy status, health and drift are four things."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Role(TextChoices):
    VIEWER = "viewer", _("Viewer")
    DEVELOPER = "developer", _("Developer")
    APPROVER = "approver", _("Approver")
    ADMIN = "admin", _("Admin")


class Lifecycle(TextChoices):
    REQUESTED = "requested", _("Requested")
    BUILDING = "building", _("Building")
    READY = "ready", _("Ready")
    CHANGING = "changing", _("Changing")
    ASLEEP = "asleep", _("Asleep")
    DESTROYING = "destroying", _("Destroying")
    DESTROYED = "destroyed", _("Destroyed")
    FAILED = "failed", _("Failed")


class DeployStatus(TextChoices):
    NEVER = "never", _("Nothing deployed")
    DEPLOYING = "deploying", _("Deploying")
    DEPLOYED = "deployed", _("Deployed")
    ROLLED_BACK = "rolled_back", _("Rolled back")
    FAILED = "failed", _("Deployment failed")


class Health(TextChoices):
    UNKNOWN = "unknown", _("Unknown")
    HEALTHY = "healthy", _("Healthy")
    DEGRADED = "degraded", _("Degraded")
    UNHEALTHY = "unhealthy", _("Unhealthy")


class Drift(TextChoices):
    UNKNOWN = "unknown", _("Not checked")
    NONE = "none", _("In step")
    DRIFTED = "drifted", _("Drifted")


class RequestKind(TextChoices):
    CREATE = "create", _("Create")
    UPDATE = "update", _("Change")
    DESTROY = "destroy", _("Destroy")


class RequestStatus(TextChoices):
    PENDING = "pending", _("Waiting for approval")
    APPROVED = "approved", _("Approved")
    DENIED = "denied", _("Denied")
    CANCELLED = "cancelled", _("Cancelled")
    STALE = "stale", _("Out of date")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")


class Verdict(TextChoices):
    APPROVE = "approve", _("Approve")
    DENY = "deny", _("Deny")
    COMMENT = "comment", _("Comment")


class OperationKind(TextChoices):
    PROVISION = "provision", _("Provision")
    DESTROY = "destroy", _("Destroy")
    ROLLBACK = "rollback", _("Roll back")


class OperationStatus(TextChoices):
    QUEUED = "queued", _("Queued")
    RUNNING = "running", _("Running")
    WAITING = "waiting", _("Waiting for AWS")
    SUCCEEDED = "succeeded", _("Succeeded")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


OPEN_OPERATION = (OperationStatus.QUEUED, OperationStatus.RUNNING, OperationStatus.WAITING)


class Scope(TextChoices):
    READ = "read", _("Read everything its user sees")
    REQUEST = "requests:write", _("Ask for environments")
    APPROVE = "requests:approve", _("Decide on requests")
    DESTROY = "environments:destroy", _("Destroy environments")
    OPERATE = "operations:write", _("Cancel, retry and roll back operations")
    CHANGE = "environments:write", _("Extend, protect and check environments")
    NOTIFICATIONS = "notifications:write", _("Mark notifications as read")
    TEAMS = "teams:write", _("Choose who is in a team")


class Notice(TextChoices):
    """What a person is told; the label is the sentence, in which `subject` is the request or operation."""

    REVIEW_WANTED = "request.review_wanted", _("%(subject)s waits for your approval")
    REQUEST_APPROVED = "request.approved", _("%(subject)s was approved")
    REQUEST_DENIED = "request.denied", _("%(subject)s was denied")
    REQUEST_STALE = "request.stale", _("%(subject)s is out of date: renew or cancel it")
    OPERATION_SUCCEEDED = "operation.succeeded", _("%(subject)s succeeded")
    OPERATION_FAILED = "operation.failed", _("%(subject)s failed")
    OPERATION_CANCELLED = "operation.cancelled", _("%(subject)s was cancelled")


class Via(TextChoices):
    PAGE = "ui", _("Page")
    API = "api", _("API")
    WORKER = "worker", _("Worker")
    COMMAND = "cli", _("Command line")
