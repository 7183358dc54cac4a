"""Facts about PostgreSQL on RDS: which versions are offered, which names it refuses."""

from __future__ import annotations

import re

from provisioning.instance_classes import memory_bytes

_BYTES_A_CONNECTION = 9_531_392
_MOST_CONNECTIONS = 5_000
# By the most ACU (Aurora User Guide, "Maximum connections for Aurora Serverless v2"); AWS names no others.
_AURORA_CONNECTIONS = {1: 189, 4: 823, 8: 1_669, 16: 3_360, 32: 5_000}
_MOST_FROM_LITTLE = 2_000
_SYSTEM_BYTES = 256 * 1024**2

OLDEST_MAJOR = 14
NEWEST_MAJOR = 18
"""RDS for PostgreSQL release calendar, as of November 2026: 13 left standard support on 28 February 2026, 14 leaves
it on 28 February 2027. Extended support costs 0.10 USD per vCPU-hour: 146 USD a month on two vCPUs."""

NEWEST_AURORA_MAJOR = 17
"""Aurora PostgreSQL release calendar, as of November 2026; its oldest in standard support is that of RDS."""

# SQL key words that PostgreSQL reserves (its manual, appendix C) and the names that RDS keeps for itself.
_RESERVED = frozenset(
    "admin rdsadmin rdsrepladmin rdstopmgr rds_superuser rds_replication rds_password rds_iam public none "
    "all analyse analyze and any array as asc asymmetric both case cast check collate column constraint create "
    "current_catalog current_date current_role current_time current_timestamp current_user default deferrable "
    "desc distinct do else end except false fetch for foreign from grant group having in initially intersect "
    "into lateral leading limit localtime localtimestamp not null offset on only or order placing primary "
    "references returning select session_user some symmetric table then to trailing true union unique user "
    "using variadic when where window with template0 template1".split()
)


def major(version: str) -> int:
    """The major version of "17" or "17.4"."""
    return int(version.split(".", maxsplit=1)[0])


def is_offered(version: str) -> bool:
    """Whether RDS runs this version without charging for extended support."""
    return OLDEST_MAJOR <= major(version) <= NEWEST_MAJOR


def is_offered_by_aurora(version: str) -> bool:
    """Whether Aurora runs this version without charging for extended support."""
    return OLDEST_MAJOR <= major(version) <= NEWEST_AURORA_MAJOR


def is_at_least(version: str, wanted: str) -> bool:
    """Whether a version that AWS tells ("17.4") fulfils a wish: the same major, the same minor or a later one."""
    if not re.fullmatch(r"\d+(\.\d+)*", version):
        return False
    now, asked = ([int(part) for part in text.split(".")] for text in (version, wanted))
    return now[0] == asked[0] and now[1:] >= asked[1:]


def is_reserved(name: str) -> bool:
    """Whether PostgreSQL or RDS refuses a database or a user of this name."""
    return name.lower() in _RESERVED or name.lower().startswith("pg_")


def connection_limit(instance_class: str) -> int:
    """How many connections PostgreSQL takes on a class at most: LEAST({DBInstanceClassMemory/9531392}, 5000).

    Source: RDS User Guide, "Quotas and constraints for Amazon RDS", maximum number of connections. That is what holds
    as long as no parameter group sets `max_connections`. Raises InvalidSpec for an unknown class.
    """
    return min(memory_bytes(instance_class) // _BYTES_A_CONNECTION, _MOST_CONNECTIONS)


def certain_aurora_connections(fewest: float, most: float) -> int:
    """How many connections a serverless instance of Aurora takes for certain, by its fewest and most ACU.

    Between two capacities that AWS names it is at least in proportion to the lower one. Where the fewest are 0 or 0.5
    it is 2,000 at most.
    """
    below = max((acu for acu in _AURORA_CONNECTIONS if acu <= most), default=1)
    certain = min(int(_AURORA_CONNECTIONS[below] * most / below), _MOST_CONNECTIONS)
    return certain if fewest >= 1 else min(certain, _MOST_FROM_LITTLE)


def certain_connections(instance_class: str) -> int:
    """How many of them there are for certain, for an alarm that has to come before the last one is taken.

    RDS takes off DBInstanceClassMemory what the system itself needs and does not say how much; operators read about
    80 instead of 112 on a micro class, 190 instead of 225 on a small one. Taken off here: 256 MiB and a twentieth.
    """
    memory = memory_bytes(instance_class)
    return min((memory - _SYSTEM_BYTES - memory // 20) // _BYTES_A_CONNECTION, _MOST_CONNECTIONS)
