"""What EC2 Auto Scaling refuses, and how it shows lists."""

from collections.abc import Mapping
from typing import Any

from moto.ec2.models import ec2_backends
from moto.elbv2.models import elbv2_backends

from provisioning.simulator import ec2_autoscaling_groups, ec2_launch_templates
from provisioning.simulator.ec2_autoscaling_groups import Group, Template
from provisioning.simulator.operations import Call, Refusal

PAGE = 50


def invalid(message: str) -> Refusal:
    """EC2 Auto Scaling's error of a request that cannot be."""
    return Refusal("ValidationError", message)


def group_of(call: Call, name: str = "") -> Group:
    """The group that a call names, or AWS's error where there is none."""
    name = name or call.text("AutoScalingGroupName")
    found = ec2_autoscaling_groups.find(call, name)
    if found is None:
        raise invalid("AutoScalingGroup name not found - null")
    return found


def template_of(call: Call, asked: Mapping[str, Any]) -> Template:
    """The launch template that a request names, if it and its version exist."""
    try:
        found = ec2_launch_templates.template_of(
            call, str(asked.get("LaunchTemplateId") or ""), str(asked.get("LaunchTemplateName") or "")
        )
        ec2_launch_templates.version_of(found, str(asked.get("Version") or ""))
    except Refusal as error:
        message = f"You must use a valid fully-formed launch template. {error.message}"
        raise invalid(message) from None
    return Template(id=found.id, name=found.name, version=str(asked.get("Version") or ""))


def subnets_of(call: Call) -> tuple[str, ...]:
    """The subnets that a request names, if they exist."""
    asked = tuple(one.strip() for one in call.text("VPCZoneIdentifier").split(",") if one.strip())
    known = {key for zone in ec2_backends[call.account][call.region].subnets.values() for key in zone}
    for subnet in asked:
        if subnet not in known:
            raise invalid(f"The subnet ID '{subnet}' does not exist")
    return asked


def check_targets(call: Call, arns: list[str]) -> None:
    """Target groups must exist, and take instances."""
    known = elbv2_backends[call.account][call.region].target_groups
    for arn in arns:
        if arn not in known:
            raise invalid("Provided Target Groups may not be valid. Please ensure they exist and try again.")
        if known[arn].target_type != "instance":
            raise invalid(
                f"Provided Target Groups {arn} have invalid target type. Please ensure all provided Target Groups "
                "have target type of instance."
            )


def check_sizes(low: int, desired: int, high: int) -> None:
    """The desired capacity stands between its bounds."""
    if low > high:
        raise invalid("Max bound must be greater than or equal to min bound")
    if desired < low:
        raise invalid(f"Desired capacity:{desired} must be above the specified min size:{low}")
    if desired > high:
        raise invalid(f"Desired capacity:{desired} must be below the specified max size:{high}")


def number(call: Call, name: str, otherwise: int) -> int:
    """A parameter that is a number."""
    value = call.params.get(name)
    return otherwise if value is None else int(value)


def paged(call: Call, items: str, found: list[Any], size: int = PAGE) -> dict[str, Any]:
    """One page of a list, with the token of the next."""
    start, size = int(call.text("NextToken") or 0), int(call.params.get("MaxRecords") or size)
    page: dict[str, Any] = {items: found[start : start + size]}
    return page | ({"NextToken": str(start + size)} if start + size < len(found) else {})
