"""What the portal keeps, one noun a file."""

from environments.models.access import Token
from environments.models.account import Account, UsualDuration
from environments.models.audit import AuditLine
from environments.models.environment import Environment, ResourceRecord
from environments.models.notification import Notification
from environments.models.operation import LogLine, Operation, StepRecord
from environments.models.preferences import Preferences
from environments.models.readiness import ReadinessCheck, ReadinessTick
from environments.models.request import Request, Review, Rule
from environments.models.team import Application, Membership, Team

__all__ = [
    "Account",
    "Application",
    "AuditLine",
    "Environment",
    "LogLine",
    "Membership",
    "Notification",
    "Operation",
    "Preferences",
    "ReadinessCheck",
    "ReadinessTick",
    "Request",
    "ResourceRecord",
    "Review",
    "Rule",
    "StepRecord",
    "Team",
    "Token",
    "UsualDuration",
]
