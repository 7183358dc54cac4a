"""What RDS sells: classes with engines and versions, of which moto knows few."""

from collections.abc import Iterator
from itertools import product
from typing import Any

from moto.ec2.models import ec2_backends

from provisioning.simulator.operations import Call, operation
from provisioning.simulator.rds_rules import AURORA_MINORS, CLASSES, POSTGRES_MINORS

_MINORS = {"postgres": POSTGRES_MINORS, "aurora-postgresql": AURORA_MINORS}
_STORAGE = {"postgres": ("gp2", "gp3", "io1", "io2"), "aurora-postgresql": ("aurora", "aurora-iopt1")}


@operation("rds", "DescribeOrderableDBInstanceOptions")
def describe_orderable_db_instance_options(call: Call) -> object:
    """By engine, whole version and class, a hundred a page; nothing for what is not sold."""
    found = list(_offers(call))
    start, most = int(call.text("Marker") or 0), int(call.params.get("MaxRecords") or 100)
    answer: dict[str, Any] = {"OrderableDBInstanceOptions": found[start : start + most]}
    if len(found) > start + most:
        answer["Marker"] = str(start + most)
    return answer


def _offers(call: Call) -> Iterator[dict[str, Any]]:
    engine, wanted, only = call.text("Engine"), call.text("EngineVersion"), call.text("DBInstanceClass")
    zones = [zone.name for zone in ec2_backends[call.account][call.region].describe_availability_zones()]
    versions = [f"{major}.{minor}" for major, range_ in _MINORS.get(engine, {}).items() for minor in range_]
    for version, kind, storage in product(versions, _classes(engine), _STORAGE.get(engine, ())):
        if wanted in ("", version) and only in ("", kind):
            yield {
                "Engine": engine,
                "EngineVersion": version,
                "DBInstanceClass": kind,
                "LicenseModel": "postgresql-license",
                "AvailabilityZones": [{"Name": zone} for zone in zones],
                "MultiAZCapable": True,
                "Vpc": True,
                "StorageType": storage,
                "SupportsStorageEncryption": True,
            }


def _classes(engine: str) -> list[str]:
    named = [f"db.{family}.{size}" for family, sizes in CLASSES.items() for size in sizes]
    return ["db.serverless", *named] if engine.startswith("aurora") else named
