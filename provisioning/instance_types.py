"""What the name of an EC2 instance type says of it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import StringConstraints

from provisioning.preflight import Finding, PreflightFailed

if TYPE_CHECKING:
    from provisioning.aws import Aws

InstanceType = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+\.[a-z0-9-]+$", max_length=40)]
"""Such as "t3.small" or "m7g.large"."""

# EC2 User Guide, "Amazon EC2 instance type naming conventions": family, generation, then options, of which the first
# of a Graviton processor is "g". The oldest ARM family is named otherwise.
_ARM = re.compile(r"^(a1|[a-z]+\d+g[a-z]*)$")
_BURSTABLE = re.compile(r"^t\d")


def architecture(instance_type: str) -> Literal["x86_64", "arm64"]:
    """The processors that an instance type has, as AMIs name them."""
    return "arm64" if _ARM.match(instance_type.partition(".")[0]) else "x86_64"


def is_offered(aws: Aws, instance_type: str) -> Finding:
    """Whether EC2 has such servers in this region. Raises PreflightFailed when it has none."""
    filters: Any = [{"Name": "instance-type", "Values": [instance_type]}]
    call = aws.ec2.describe_instance_type_offerings
    answer = aws.recent(call, seconds=300, LocationType="availability-zone", Filters=filters)
    zones = {one["Location"] for one in answer["InstanceTypeOfferings"]}
    if zones:
        return Finding(note=f"{instance_type} can be had in {len(zones)} zones")
    raise PreflightFailed(
        f"EC2 has no {instance_type} in {aws.region}.",
        code="preflight.not_offered",
        hint="Choose another instance type and ask again. Nothing was made.",
    )


def is_burstable(instance_type: str) -> bool:
    """Whether it lives on CPU credits."""
    return _BURSTABLE.match(instance_type) is not None
