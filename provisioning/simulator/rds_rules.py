"""What RDS refuses before it makes or changes anything: identifiers, classes, versions, storage, passwords."""

import re
from collections.abc import MutableMapping
from typing import Any

from botocore import xform_name
from moto.ec2.models import ec2_backends

from provisioning.simulator.operations import Call, Refusal

# Minor versions that RDS for PostgreSQL offered in late 2025 (RDS release notes), by major version.
POSTGRES_MINORS: dict[str, range] = {
    "12": range(19, 23),
    "13": range(14, 24),
    "14": range(11, 21),
    "15": range(6, 16),
    "16": range(1, 12),
    "17": range(1, 8),
    "18": range(1, 2),
}
# The same of Aurora PostgreSQL (Aurora release notes).
AURORA_MINORS: dict[str, range] = {
    "13": range(11, 23),
    "14": range(8, 20),
    "15": range(3, 15),
    "16": range(1, 11),
    "17": range(4, 7),
}
# Classes with their sizes (RDS user guide, "DB instance class types"); db.t3.small is `t3` and `small`.
_BURSTABLE = ("micro", "small", "medium", "large", "xlarge", "2xlarge")
_FIXED = ("large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge", "24xlarge")
CLASSES: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("t3", "t4g"), _BURSTABLE),
    **dict.fromkeys(
        ("m5", "m6g", "m6i", "m7g", "m7i", "m8g", "r5", "r6g", "r6i", "r7g", "r7i", "r8g"), _FIXED
    ),
}
_IDENTIFIER = re.compile(r"^[a-z](?!.*--)[a-z0-9-]{0,62}(?<!-)$", re.IGNORECASE)
_RESERVED_USERS = frozenset(
    {"admin", "postgres_", "rdsadmin", "rds_superuser", "rdsrepladmin", "public", "user"}
)
_STORAGE_TYPES = ("standard", "gp2", "gp3", "io1", "io2")
_INSIGHTS_DAYS = frozenset({7, 731, *(31 * months for months in range(1, 24))})

Params = MutableMapping[str, Any]


def refuse(message: str, code: str = "InvalidParameterValue") -> Refusal:
    """The error of a value that RDS does not take."""
    return Refusal(code, message)


def check_identifier(value: str, parameter: str, *, longest: int = 63) -> None:
    """RDS's rule for names: a letter first, no two hyphens together, none at the end."""
    if len(value) > longest or not _IDENTIFIER.match(value[:63]):
        raise refuse(
            f"The parameter {parameter} is not a valid identifier. Identifiers must begin with a letter; must "
            "contain only ASCII letters, digits, and hyphens; and must not end with a hyphen or contain two "
            "consecutive hyphens."
        )


def family_of(version: str, engine: str = "postgres") -> str:
    """The parameter group family of a PostgreSQL version."""
    return f"{engine}{version.partition('.')[0]}"


def resolve_version(version: str, engine: str = "postgres") -> str:
    """The full version that RDS installs: `16` means the newest minor of 16; nothing means the newest of 17."""
    major, _, minor = (version or "17").partition(".")
    minors = (POSTGRES_MINORS if engine == "postgres" else AURORA_MINORS).get(major)
    if minors is None or (minor and (not minor.isdigit() or int(minor) not in minors)):
        raise refuse(f"Cannot find version {version} for {engine}", "InvalidParameterCombination")
    return f"{major}.{minor or minors[-1]}"


def check_class(value: str) -> None:
    """Refuse a class that RDS does not sell."""
    family, _, size = value.removeprefix("db.").partition(".")
    if not value.startswith("db.") or size not in CLASSES.get(family, ()):
        raise refuse(f"Invalid DB Instance class: {value}")


def check_storage(params: Params) -> None:
    """Refuse sizes and kinds of storage that RDS for PostgreSQL does not have."""
    kind = params.get("StorageType") or "gp2"
    if kind not in _STORAGE_TYPES:
        raise refuse(f"Invalid storage type: {kind}")
    size = params.get("AllocatedStorage")
    smallest = 100 if kind in ("io1", "io2") else 5 if kind == "standard" else 20
    if size is None or not smallest <= size <= 65536:
        raise refuse(
            f"Invalid storage size for engine name postgres and storage type {kind}: {size}",
            "InvalidParameterCombination" if size is None else "InvalidParameterValue",
        )
    if kind == "gp3" and params.get("Iops") and size < 400:
        raise refuse(
            "You can't specify IOPS or storage throughput for engine postgres and a storage size less than 400.",
            "InvalidParameterCombination",
        )


def check_backups(params: Params) -> None:
    """Refuse retentions that are out of bounds."""
    days = params.get("BackupRetentionPeriod")
    if days is not None and not 0 <= days <= 35:
        raise refuse(f"Invalid backup retention period: {days}. Retention period must be between 0 and 35")
    insights = params.get("PerformanceInsightsRetentionPeriod")
    if insights is not None and insights not in _INSIGHTS_DAYS:
        raise refuse(
            f"Invalid Performance Insights retention period: {insights}. Valid values are [7, 731, month * 31]"
        )


def check_password(params: Params) -> None:
    """Exactly one of a password of the caller's and one that RDS manages."""
    managed, password = params.get("ManageMasterUserPassword"), params.get("MasterUserPassword")
    if managed and password:
        raise refuse(
            "You can't specify MasterUserPassword for an instance with ManageMasterUserPassword enabled.",
            "InvalidParameterCombination",
        )
    if password is not None and not _good_password(password):
        raise refuse(
            "The parameter MasterUserPassword is not a valid password. Only printable ASCII characters besides "
            "'/', '@', '\"', ' ' may be used, and it must be 8 to 128 characters long."
        )


def _good_password(password: str) -> bool:
    printable = password.isascii() and password.isprintable()
    return 8 <= len(password) <= 128 and printable and not set(password) & set('/@" ')


def check_user(params: Params) -> None:
    """Refuse a missing or reserved master user, or none of the two ways to give it a password."""
    user = params.get("MasterUsername") or ""
    if not user:
        raise refuse(
            "The parameter MasterUsername must be provided and must not be blank.", "MissingParameter"
        )
    if user.lower() in _RESERVED_USERS:
        raise refuse(f"MasterUsername {user} cannot be used as it is a reserved word used by the engine")
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]{0,62}", user):
        raise refuse(f"The parameter MasterUsername is not valid: {user}")
    if not params.get("ManageMasterUserPassword") and params.get("MasterUserPassword") is None:
        raise refuse(
            "The parameter MasterUserPassword must be provided and must not be blank.", "MissingParameter"
        )


def check_groups(call: Call) -> None:
    """Refuse security groups that do not exist."""
    ec2 = ec2_backends[call.account][call.region]
    for group in call.items("VpcSecurityGroupIds"):
        if ec2.get_security_group_from_id(group) is None:
            raise refuse(f"Invalid security group , groupId= {group}, groupName=.")


def check_family(group: Any, version: str, engine: str = "postgres") -> None:
    """Refuse a parameter group of another engine or major version."""
    family = getattr(group, "family", None) or getattr(group, "db_parameter_group_family", None)
    if group is not None and family != family_of(version, engine):
        raise refuse(
            f"The parameter group {group.name} with DBParameterGroupFamily {family} can't be used for this "
            f"instance. Use a parameter group with DBParameterGroupFamily {family_of(version, engine)}.",
            "InvalidParameterCombination",
        )


def check_growth(params: Params, *, now: int) -> None:
    """Storage only grows, and by a tenth at least (ModifyDBInstance, AllocatedStorage)."""
    wanted = params.get("AllocatedStorage")
    if wanted is None or wanted == now:
        return
    if wanted < now:
        raise refuse(
            f"Requested allocated storage ({wanted}) must be more than the current one ({now}).",
            "InvalidParameterCombination",
        )
    if wanted * 10 < now * 11:
        raise refuse(
            "Your allocated storage must be increased by at least 10% from its current value.",
            "InvalidParameterCombination",
        )


def check_upgrade(params: Params, *, now: str, engine: str = "postgres") -> None:
    """Versions only go up, and to another major only when that is allowed in so many words."""
    if not params.get("EngineVersion"):
        return
    wanted = params["EngineVersion"] = resolve_version(params["EngineVersion"], engine)
    old, new = ([int(part) for part in version.split(".")] for version in (now, wanted))
    if new < old:
        raise refuse(f"Cannot upgrade {engine} from {now} to {wanted}", "InvalidParameterCombination")
    if new[0] != old[0] and not params.get("AllowMajorVersionUpgrade"):
        raise refuse(
            "The AllowMajorVersionUpgrade flag must be present when upgrading to a new major version.",
            "InvalidParameterCombination",
        )


def as_moto_keywords(changes: dict[str, Any]) -> dict[str, Any]:
    """Changes by AWS's names as moto's update wants them."""
    return {xform_name(name): value for name, value in changes.items()}
