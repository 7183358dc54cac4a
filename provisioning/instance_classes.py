"""What the classes of RDS instances have."""

from __future__ import annotations

from provisioning.errors import InvalidSpec

_GIB = 1024**3
_BURSTABLE_GIB = {"micro": 1, "small": 2, "medium": 4, "large": 8, "xlarge": 16, "2xlarge": 32}
_LARGE_GIB = {"m": 8, "r": 16}
_LARGES = {"large": 1, "xlarge": 2, "2xlarge": 4, "4xlarge": 8, "8xlarge": 16, "12xlarge": 24, "16xlarge": 32}


def memory_bytes(instance_class: str) -> int:
    """Memory of an RDS class ("db.t3.small") in bytes. Raises InvalidSpec for a class that is not known here.

    Source: RDS User Guide, "Hardware specifications for DB instance classes" (families t3, t4g, m5 and later,
    r5 and later: every size is a multiple of the family's `large`).
    """
    parts = instance_class.split(".")
    if len(parts) == 3 and parts[0] == "db" and len(parts[1]) >= 2 and parts[1][1].isdigit():
        family, size = parts[1], parts[2]
        if family in {"t3", "t4g"} and size in _BURSTABLE_GIB:
            return _BURSTABLE_GIB[size] * _GIB
        if family[0] in _LARGE_GIB and family[1] >= "5" and size in _LARGES:
            return _LARGE_GIB[family[0]] * _LARGES[size] * _GIB
    raise InvalidSpec(
        f"The memory of the database class {instance_class!r} is not known.",
        code="spec.unknown_instance_class",
        hint="Choose a class of the families t3, t4g, m5 or later, r5 or later, such as db.t3.small.",
        field="instance_class",
    )
