"""Solution stacks and platform versions: those that moto lists, as of a day of 2025."""

import re
from collections.abc import Callable
from typing import Any

from moto.elasticbeanstalk.responses import SOLUTION_STACK_DETAILS

from provisioning.simulator.elasticbeanstalk_state import invalid
from provisioning.simulator.operations import Call, operation

_STACK = re.compile(r"64bit (?P<system>.+) v(?P<version>[\d.]+) running (?P<name>.+)")


def stacks() -> list[str]:
    """The names of all solution stacks."""
    return [str(one["SolutionStackName"]) for one in SOLUTION_STACK_DETAILS]


def platform_arn(region: str, stack: str) -> str:
    """The ARN of the platform version that a solution stack is."""
    found = _STACK.fullmatch(stack)
    if found is None:
        return ""
    return (
        f"arn:aws:elasticbeanstalk:{region}::platform/{found['name']} running on 64bit {found['system']}"
        f"/{found['version']}"
    )


def stack_asked_for(call: Call) -> str:
    """The solution stack that a call names, by its name or its ARN; empty when it names none."""
    name, arn = call.text("SolutionStackName"), call.text("PlatformArn")
    if name and name not in stacks():
        raise invalid(f"No Solution Stack named '{name}' found.")
    if not arn:
        return name
    for stack in stacks():
        if platform_arn(call.region, stack) == arn:
            return stack
    raise invalid(f"No Platform named '{arn}' found.")


@operation("elasticbeanstalk", "ListAvailableSolutionStacks")
def list_available_solution_stacks(call: Call) -> object:
    """All of them."""
    return {"SolutionStacks": stacks(), "SolutionStackDetails": SOLUTION_STACK_DETAILS}


def _summary(region: str, stack: str) -> dict[str, Any]:
    found = _STACK.fullmatch(stack)
    assert found is not None  # noqa: S101  # every name in moto's list has this form
    branch = f"{found['name']} running on 64bit {found['system']}"
    return {
        "PlatformArn": platform_arn(region, stack),
        "PlatformOwner": "AWSElasticBeanstalk",
        "PlatformStatus": "Ready",
        "OperatingSystemName": "Windows Server" if "Windows" in found["system"] else "Amazon Linux",
        "OperatingSystemVersion": found["system"].rpartition(" ")[2],
        "SupportedTierList": ["WebServer/Standard", "Worker/SQS/HTTP"],
        "SupportedAddonList": ["Log/S3", "Monitoring/Healthd", "WorkerDaemon/SQSD"],
        "PlatformLifecycleState": "Recommended",
        "PlatformVersion": found["version"],
        "PlatformBranchName": branch,
        "PlatformBranchLifecycleState": "Supported",
    }


_FILTERS = {
    "PlatformName": "PlatformBranchName",
    "PlatformBranchName": "PlatformBranchName",
    "PlatformVersion": "PlatformVersion",
    "PlatformStatus": "PlatformStatus",
    "PlatformLifecycleState": "PlatformLifecycleState",
    "OperatingSystemName": "OperatingSystemName",
    "PlatformOwner": "PlatformOwner",
}
_OPERATORS: dict[str, Callable[[str, list[str]], bool]] = {
    "=": lambda value, words: value in words,
    "!=": lambda value, words: value not in words,
    "contains": lambda value, words: any(word in value for word in words),
    "begins_with": lambda value, words: value.startswith(tuple(words)),
    "ends_with": lambda value, words: value.endswith(tuple(words)),
    "in": lambda value, words: value in words,
    "not_in": lambda value, words: value not in words,
}


def _fits(summary: dict[str, Any], filters: list[Any]) -> bool:
    for item in filters:
        name, compare = item.get("Type", ""), _OPERATORS.get(item.get("Operator", ""))
        if name not in _FILTERS or compare is None:
            raise NotImplementedError(f"platform filters by {name} {item.get('Operator')}")
        if not compare(summary[_FILTERS[name]], item.get("Values") or []):
            return False
    return True


@operation("elasticbeanstalk", "ListPlatformVersions")
def list_platform_versions(call: Call) -> object:
    """Filtered, a page at a time."""
    summaries = [_summary(call.region, stack) for stack in stacks() if _STACK.fullmatch(stack)]
    found = [one for one in summaries if _fits(one, call.items("Filters"))]
    start, size = int(call.text("NextToken") or 0), int(call.params.get("MaxRecords") or 100)
    page: dict[str, Any] = {"PlatformSummaryList": found[start : start + size]}
    return page | ({"NextToken": str(start + size)} if start + size < len(found) else {})
