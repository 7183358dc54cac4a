"""RDS's subnet groups, parameter groups and engine versions."""

import re
from typing import Any

from moto.ec2.models import ec2_backends
from moto.rds.models import RDSBackend, rds_backends

from provisioning.simulator.operations import Call, Refusal, operation
from provisioning.simulator.rds_rules import CLASSES, POSTGRES_MINORS, family_of, refuse
from provisioning.simulator.world import Moment

FAMILIES = frozenset(
    {
        *(f"postgres{major}" for major in range(9, 19)),
        *(f"aurora-postgresql{major}" for major in range(11, 18)),
        "mysql5.7", "mysql8.0", "mysql8.4", "aurora-mysql8.0", "mariadb10.11", "mariadb11.4",
    }
)  # fmt: skip


def _backend_of(moment: Moment) -> RDSBackend:
    return rds_backends[moment.account][moment.region]


def _check_subnets(call: Call) -> None:
    ec2 = ec2_backends[call.account][call.region]
    known = {key: subnet for subnets in ec2.subnets.values() for key, subnet in subnets.items()}
    wanted = call.items("SubnetIds")
    for subnet in wanted:
        if subnet not in known:
            raise Refusal("InvalidSubnet", f"The subnet ID '{subnet}' does not exist.")
    if len({known[subnet].vpc_id for subnet in wanted}) > 1:
        raise Refusal("InvalidSubnet", "Subnets are not all in the same VPC.")
    zones = sorted({known[subnet].availability_zone for subnet in wanted})
    if len(zones) < 2:
        raise Refusal(
            "DBSubnetGroupDoesNotCoverEnoughAZs",
            "The DB subnet group doesn't meet Availability Zone (AZ) coverage requirement. Current AZ coverage: "
            f"{', '.join(zones)}. Add subnets to cover at least 2 AZs.",
        )


@operation("rds", "CreateDBSubnetGroup")
def create_db_subnet_group(call: Call) -> object:
    """Needs subnets of one VPC in two zones."""
    name = call.text("DBSubnetGroupName")
    if len(name) > 255 or not re.fullmatch(r"[A-Za-z0-9 ._-]+", name) or name.lower() == "default":
        raise refuse(f"The parameter DBSubnetGroupName is not a valid identifier: {name}")
    if name.lower() in _backend_of(call).subnet_groups:
        raise Refusal("DBSubnetGroupAlreadyExists", f"The DB subnet group '{name}' already exists.")
    call.params["DBSubnetGroupName"] = name.lower()
    _check_subnets(call)
    return call.forward()


@operation("rds", "ModifyDBSubnetGroup")
def modify_db_subnet_group(call: Call) -> object:
    """Needs as much as a new one, and keeps the subnets that instances are in."""
    _check_subnets(call)
    ec2 = ec2_backends[call.account][call.region]
    for instance in _members(call, call.text("DBSubnetGroupName").lower()):
        for interface in getattr(instance, "interface_ids", []):
            subnet = ec2.enis[interface].subnet.id
            if subnet not in call.items("SubnetIds"):
                raise Refusal(
                    "SubnetAlreadyInUse", f"The subnet {subnet} is used by {instance.db_instance_identifier}."
                )
    # moto's own method loses the group.
    group = _backend_of(call).subnet_groups.get(call.text("DBSubnetGroupName").lower())
    if group is None:
        raise Refusal(
            "DBSubnetGroupNotFoundFault",
            f"DB subnet group '{call.text('DBSubnetGroupName')}' does not exist.",
            404,
        )
    group._subnets = [ec2.get_subnet(subnet) for subnet in call.items("SubnetIds")]
    group.description = call.text("DBSubnetGroupDescription") or group.description
    return {"DBSubnetGroup": group}


def _members(call: Call, group: str) -> list[Any]:
    return [
        instance
        for instance in _backend_of(call).databases.values()
        if getattr(instance, "db_subnet_group", None) and instance.db_subnet_group.name == group
    ]


@operation("rds", "DeleteDBSubnetGroup")
def delete_db_subnet_group(call: Call) -> object:
    """Refused while an instance uses it."""
    name = call.text("DBSubnetGroupName").lower()
    call.params["DBSubnetGroupName"] = name
    users = [instance.db_instance_identifier for instance in _members(call, name)]
    clusters: list[Any] = list(_backend_of(call).clusters.values())
    users += [one.db_cluster_identifier for one in clusters if one.db_subnet_group_name == name]
    if users:
        raise Refusal(
            "InvalidDBSubnetGroupStateFault",
            f"Cannot delete the subnet group '{name}' because at least one database instance: {users[0]} is still "
            "using it.",
        )
    return call.forward()


@operation("rds", "CreateDBParameterGroup")
def create_db_parameter_group(call: Call) -> object:
    """Refuses a family that RDS does not have."""
    family, name = call.text("DBParameterGroupFamily"), call.text("DBParameterGroupName")
    if family not in FAMILIES:
        raise refuse(f"ParameterGroupFamily {family} is not a valid parameter group family")
    if not re.fullmatch(r"[A-Za-z](?!.*--)[A-Za-z0-9.-]{0,254}(?<!-)", name):
        raise refuse(f"The parameter DBParameterGroupName is not a valid identifier: {name}")
    call.params["DBParameterGroupName"] = name.lower()
    return call.forward()


@operation("rds", "DeleteDBParameterGroup")
def delete_db_parameter_group(call: Call) -> object:
    """Refused while an instance uses it, and for RDS's own groups."""
    name = call.text("DBParameterGroupName").lower()
    call.params["DBParameterGroupName"] = name
    if name.startswith("default."):
        raise refuse("Default DBParameterGroup cannot be deleted: " + name)
    instances: list[Any] = list(_backend_of(call).databases.values())
    if any(instance.db_parameter_group_name == name for instance in instances):
        raise Refusal(
            "InvalidDBParameterGroupState",
            f"One or more database instances are still members of this parameter group {name}, so the group "
            "cannot be deleted",
        )
    return call.forward()


@operation("rds", "ResetDBParameterGroup")
def reset_db_parameter_group(call: Call) -> object:
    """Some parameters, or all, are the family's again."""
    name = call.text("DBParameterGroupName").lower()
    group = _backend_of(call).db_parameter_groups.get(name)
    if group is None:
        raise Refusal("DBParameterGroupNotFound", f"DBParameterGroup not found: {name}", 404)
    if call.params.get("ResetAllParameters"):
        group.parameters.clear()
    for item in call.items("Parameters"):
        group.parameters.pop(item["ParameterName"], None)
    return {"DBParameterGroupName": name}


def _versions() -> list[str]:
    return [f"{major}.{minor}" for major, minors in POSTGRES_MINORS.items() for minor in minors]


@operation("rds", "DescribeDBEngineVersions")
def describe_db_engine_versions(call: Call) -> object:
    """The PostgreSQL versions that can be made here; other engines have none in the simulator."""
    if call.text("Engine") not in ("", "postgres"):
        return {"DBEngineVersions": []}
    wanted, family = call.text("EngineVersion"), call.text("DBParameterGroupFamily")
    found = [
        version
        for version in _versions()
        if wanted in ("", version, version.partition(".")[0]) and family in ("", family_of(version))
    ]
    if call.params.get("DefaultOnly"):
        found = found[-1:]
    return {
        "DBEngineVersions": [
            {
                "Engine": "postgres",
                "EngineVersion": version,
                "MajorEngineVersion": version.partition(".")[0],
                "DBParameterGroupFamily": family_of(version),
                "DBEngineDescription": "PostgreSQL",
                "DBEngineVersionDescription": f"PostgreSQL {version}-R1",
                "Status": "available",
            }
            for version in found
        ]
    }


@operation("rds", "DescribeOrderableDBInstanceOptions")
def describe_orderable_db_instance_options(call: Call) -> object:
    """Which classes can be had for a PostgreSQL version; moto answers for other engines."""
    if call.text("Engine") != "postgres":
        return call.forward()
    versions = [call.text("EngineVersion")] if call.text("EngineVersion") else _versions()[-1:]
    classes = [f"db.{family}.{size}" for family, sizes in CLASSES.items() for size in sizes]
    wanted = call.text("DBInstanceClass")
    zones = [{"Name": f"{call.region}{letter}"} for letter in "abc"]
    return {
        "OrderableDBInstanceOptions": [
            {
                "Engine": "postgres",
                "EngineVersion": version,
                "DBInstanceClass": name,
                "LicenseModel": "postgresql-license",
                "AvailabilityZones": zones,
                "MultiAZCapable": True,
                "Vpc": True,
                "SupportsStorageEncryption": True,
                "SupportsPerformanceInsights": True,
                "StorageType": "gp3",
                "MinStorageSize": 20,
                "MaxStorageSize": 65536,
            }
            for version in versions
            if version in _versions()
            for name in classes
            if wanted in ("", name)
        ]
    }
