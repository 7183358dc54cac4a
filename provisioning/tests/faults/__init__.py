"""A fault-injecting proxy between boto3 and the AWS simulator, for the crash tests and the benchmark."""

from provisioning.tests.faults.journal import Call, boundaries, read_journal
from provisioning.tests.faults.proxy import ControlRefused, FaultProxy
from provisioning.tests.faults.rule_book import RuleCount
from provisioning.tests.faults.rules import (
    AccessDenied,
    Fault,
    Hang,
    Http5xx,
    Kill,
    LostResponse,
    NotYet,
    Raw,
    Rule,
    ServiceError,
    Throttle,
    Timeout,
    Truncated,
    When,
    kill_at,
    load_rules,
)

__all__ = [
    "AccessDenied",
    "Call",
    "ControlRefused",
    "Fault",
    "FaultProxy",
    "Hang",
    "Http5xx",
    "Kill",
    "LostResponse",
    "NotYet",
    "Raw",
    "Rule",
    "RuleCount",
    "ServiceError",
    "Throttle",
    "Timeout",
    "Truncated",
    "When",
    "boundaries",
    "kill_at",
    "load_rules",
    "read_journal",
]
