"""What the name of an EC2 instance type says of it."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import StringConstraints

InstanceType = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+\.[a-z0-9-]+$", max_length=40)]
"""Such as "t3.small" or "m7g.large"."""

# EC2 User Guide, "Amazon EC2 instance type naming conventions": family, generation, then options, of which the first
# of a Graviton processor is "g". The oldest ARM family is named otherwise.
_ARM = re.compile(r"^(a1|[a-z]+\d+g[a-z]*)$")
_BURSTABLE = re.compile(r"^t\d")


def architecture(instance_type: str) -> Literal["x86_64", "arm64"]:
    """The processors that an instance type has, as AMIs name them."""
    return "arm64" if _ARM.match(instance_type.partition(".")[0]) else "x86_64"


def is_burstable(instance_type: str) -> bool:
    """Whether it lives on CPU credits."""
    return _BURSTABLE.match(instance_type) is not None
