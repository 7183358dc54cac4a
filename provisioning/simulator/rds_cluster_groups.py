"""Parameter groups of Aurora clusters: of a family that is there, kept by clusters that use them."""

import re
from collections.abc import Iterator
from typing import Any

from moto.core.resource_tagging import TaggedResource
from moto.rds.models import rds_backends

from provisioning.simulator.operations import Call, Refusal, operation
from provisioning.simulator.rds_groups import FAMILIES
from provisioning.simulator.rds_rules import refuse
from provisioning.simulator.tagged import tagged
from provisioning.simulator.world import Moment


def _group_of(call: Call) -> Any:
    name = call.text("DBClusterParameterGroupName").lower()
    found = rds_backends[call.account][call.region].db_cluster_parameter_groups.get(name)
    if found is None:
        raise Refusal("DBParameterGroupNotFound", f"DBClusterParameterGroup not found: {name}", 404)
    call.params["DBClusterParameterGroupName"] = name
    return found


@operation("rds", "CreateDBClusterParameterGroup")
def create_db_cluster_parameter_group(call: Call) -> object:
    """Refuses a family that RDS does not have."""
    family, name = call.text("DBParameterGroupFamily"), call.text("DBClusterParameterGroupName")
    if family not in FAMILIES:
        raise refuse(f"ParameterGroupFamily {family} is not a valid parameter group family")
    if not re.fullmatch(r"[A-Za-z](?!.*--)[A-Za-z0-9.-]{0,254}(?<!-)", name):
        raise refuse(f"The parameter DBClusterParameterGroupName is not a valid identifier: {name}")
    call.params["DBClusterParameterGroupName"] = name.lower()
    return call.forward()


@operation("rds", "ModifyDBClusterParameterGroup")
def modify_db_cluster_parameter_group(call: Call) -> object:
    """At most twenty parameters at a time."""
    _group_of(call)
    if len(call.items("Parameters")) > 20:
        raise refuse("A maximum of 20 parameters can be modified in a single request.")
    return call.forward()


@operation("rds", "DescribeDBClusterParameters")
def describe_db_cluster_parameters(call: Call) -> object:
    """Those that people set; the family's own are not kept here."""
    group = _group_of(call)
    if call.text("Source") not in ("", "user"):
        return {"Parameters": []}
    return {
        "Parameters": [
            {"ApplyType": "dynamic", **values, "ParameterName": name, "Source": "user"}
            for name, values in group.parameters.items()
        ]
    }


@operation("rds", "ResetDBClusterParameterGroup")
def reset_db_cluster_parameter_group(call: Call) -> object:
    """Some parameters, or all, are the family's again; moto has no such operation."""
    group = _group_of(call)
    if call.params.get("ResetAllParameters"):
        group.parameters.clear()
    for item in call.items("Parameters"):
        group.parameters.pop(item["ParameterName"], None)
    return {"DBClusterParameterGroupName": group.name}


@operation("rds", "DeleteDBClusterParameterGroup")
def delete_db_cluster_parameter_group(call: Call) -> object:
    """Refused while a cluster uses it."""
    group = _group_of(call)
    clusters = rds_backends[call.account][call.region].clusters.values()
    if any(cluster.parameter_group == group.name for cluster in clusters):
        raise Refusal(
            "InvalidDBParameterGroupState",
            f"One or more DB clusters are still members of this parameter group {group.name}, so the group cannot be "
            "deleted",
        )
    return call.forward()


@tagged
def groups(moment: Moment) -> Iterator[TaggedResource]:
    """Groups, for the tagging API."""
    for group in rds_backends[moment.account][moment.region].db_cluster_parameter_groups.values():
        tags = {tag["Key"]: tag["Value"] for tag in group.get_tags()}
        yield TaggedResource(group.arn, tags, "rds:cluster-pg")
