"""A parameter group of an Aurora cluster: the settings of PostgreSQL that differ from what Aurora sets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field, StringConstraints

from provisioning import rds_parameters
from provisioning.aws import found
from provisioning.kind import Handle, Kind, Observed, Props, register
from provisioning.lookup import tags_of
from provisioning.marks import marked, tags_of_mark
from provisioning.names import Naming
from provisioning.rds_parameters import GroupCalls
from provisioning.references import JsonObject, JsonValue
from provisioning.template_parts import REF, Form, Part, Place

if TYPE_CHECKING:
    from provisioning.aws import Aws

_ParameterName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_.]*$", max_length=100)]


class DBClusterParameterGroupProps(Props):
    """`parameters`: only those that are set; what is taken out falls back to Aurora's own value.

    `description` can't be changed later and is not compared.
    """

    family: Annotated[str, StringConstraints(pattern=r"^aurora-postgresql\d{2}$")] = "aurora-postgresql17"
    description: Annotated[str, Field(min_length=1, max_length=200)] = "Settings of the database"
    parameters: dict[_ParameterName, str] = {}


@register
class DBClusterParameterGroup(Kind[DBClusterParameterGroupProps]):
    """https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBClusterParameterGroup.html

    No token: found by its name. Free. Parameters are written in a second call, which `update` repeats.
    """

    name = "rds.db_cluster_parameter_group"
    title = "Cluster parameter group"
    naming = Naming(limit=255)
    replace_on = frozenset({"family"})
    outage = {"parameters": "Static parameters take effect when the database restarts the next time."}
    permissions = (
        "rds:CreateDBClusterParameterGroup",
        "rds:AddTagsToResource",
        "rds:DescribeDBClusterParameterGroups",
        "rds:DescribeDBClusterParameters",
        "rds:ListTagsForResource",
        "rds:ModifyDBClusterParameterGroup",
        "rds:ResetDBClusterParameterGroup",
        "rds:DeleteDBClusterParameterGroup",
    )
    props = DBClusterParameterGroupProps

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        name = handle.id or handle.name
        groups = aws.listed(aws.rds.describe_db_cluster_parameter_groups, "DBClusterParameterGroups")
        group = next((one for one in groups if one["DBClusterParameterGroupName"] == name), None)
        if group is None:
            return None
        tags = tags_of_mark(group["Description"])
        if not handle.owns(tags):
            arn = group["DBClusterParameterGroupArn"]
            tags = tags_of(aws.rds.list_tags_for_resource(ResourceName=arn), "TagList")
        return Observed(
            id=name,
            props={
                "family": group["DBParameterGroupFamily"],
                "parameters": rds_parameters.set_by_user(aws, _calls(aws), name),
            },
            attributes=_attributes(group),
            tags=tags,
        )

    def create(self, aws: Aws, handle: Handle, props: DBClusterParameterGroupProps) -> Observed:
        group = aws.rds.create_db_cluster_parameter_group(
            DBClusterParameterGroupName=handle.name,
            DBParameterGroupFamily=props.family,
            Description=marked(handle, props.description),
            Tags=handle.tag_list,
        )["DBClusterParameterGroup"]
        rds_parameters.fill(_calls(aws), handle.name, props.parameters)
        return Observed(id=handle.name, attributes=_attributes(group))

    def update(
        self, aws: Aws, handle: Handle, props: DBClusterParameterGroupProps, observed: Observed
    ) -> Observed:
        now = observed.props.get("parameters")
        rds_parameters.change(aws, _calls(aws), observed.id, props.parameters, now)
        return observed

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        found(aws.rds.delete_db_cluster_parameter_group, DBClusterParameterGroupName=handle.id or handle.name)
        return True

    def differences(self, wanted: JsonObject, observed: Observed) -> dict[str, tuple[JsonValue, JsonValue]]:
        differences = super().differences(wanted, observed)
        now, asked = differences.get("parameters", (None, None))
        if rds_parameters.are_as_wanted(str(wanted.get("family", "")), now, asked):
            del differences["parameters"]
        return differences

    def cloudformation(self, place: Place, props: DBClusterParameterGroupProps) -> Form:
        properties = {
            "DBClusterParameterGroupName": place.name,
            "Family": props.family,
            "Description": props.description,
            "Parameters": props.parameters,
            "Tags": place.tag_list,
        }
        return Form(
            parts=(Part(type="AWS::RDS::DBClusterParameterGroup", properties=properties),),
            attributes={"id": REF, "name": REF, "arn": place.arn("rds", f"cluster-pg:{place.own('id')}")},
        )


def _calls(aws: Aws) -> GroupCalls:
    return GroupCalls(
        name="DBClusterParameterGroupName",
        describe=aws.rds.describe_db_cluster_parameters,
        modify=aws.rds.modify_db_cluster_parameter_group,
        reset=aws.rds.reset_db_cluster_parameter_group,
    )


def _attributes(group: Any) -> dict[str, str]:
    name = group["DBClusterParameterGroupName"]
    return {"id": name, "name": name, "arn": group["DBClusterParameterGroupArn"]}
