"""A DB subnet group: the subnets in which RDS may place a database."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from provisioning.aws import found
from provisioning.kind import Handle, Kind, Observed, Props, register
from provisioning.lookup import tags_of
from provisioning.marks import marked, tags_of_mark, unmarked
from provisioning.names import Naming
from provisioning.properties import Unordered, without_reordered
from provisioning.references import JsonObject, JsonValue
from provisioning.template_parts import REF, Form, Part, Place

if TYPE_CHECKING:
    from provisioning.aws import Aws


class DBSubnetGroupProps(Props):
    """`subnet_ids`: at least two, in different Availability Zones, at most 20 (RDS quotas page)."""

    description: Annotated[str, Field(min_length=1, max_length=200)] = "Subnets of the database"
    subnet_ids: Annotated[Unordered, Field(min_length=2, max_length=20)]


@register
class DBSubnetGroup(Kind[DBSubnetGroupProps]):
    """https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBSubnetGroup.html

    No token: found by its name. Free. A subnet in use by a database can't be taken out (SubnetAlreadyInUse).
    """

    name = "rds.db_subnet_group"
    title = "DB subnet group"
    naming = Naming(limit=255)
    holds = frozenset({"subnet_ids"})
    permissions = (
        "rds:CreateDBSubnetGroup",
        "rds:AddTagsToResource",
        "rds:DescribeDBSubnetGroups",
        "rds:ListTagsForResource",
        "rds:ModifyDBSubnetGroup",
        "rds:DeleteDBSubnetGroup",
        "ec2:DescribeSubnets",
        "ec2:DescribeVpcs",
        "ec2:DescribeAvailabilityZones",
    )
    props = DBSubnetGroupProps

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        name = handle.id or handle.name
        groups = aws.listed(aws.rds.describe_db_subnet_groups, "DBSubnetGroups")
        group = next((one for one in groups if one["DBSubnetGroupName"] == name), None)
        if group is None:
            return None
        description = group["DBSubnetGroupDescription"]
        tags = tags_of_mark(description)
        if not handle.owns(tags):
            tags = tags_of(aws.rds.list_tags_for_resource(ResourceName=group["DBSubnetGroupArn"]), "TagList")
        return Observed(
            id=name,
            props={
                "description": unmarked(description),
                "subnet_ids": sorted(subnet["SubnetIdentifier"] for subnet in group["Subnets"]),
            },
            attributes=_attributes(group),
            tags=tags,
        )

    def create(self, aws: Aws, handle: Handle, props: DBSubnetGroupProps) -> Observed:
        group = aws.rds.create_db_subnet_group(
            DBSubnetGroupName=handle.name,
            DBSubnetGroupDescription=marked(handle, props.description),
            SubnetIds=props.subnet_ids,
            Tags=handle.tag_list,
        )["DBSubnetGroup"]
        return Observed(id=handle.name, attributes=_attributes(group))

    def update(self, aws: Aws, handle: Handle, props: DBSubnetGroupProps, observed: Observed) -> Observed:
        group = aws.rds.modify_db_subnet_group(
            DBSubnetGroupName=observed.id,
            DBSubnetGroupDescription=marked(handle, props.description),
            SubnetIds=props.subnet_ids,
        )["DBSubnetGroup"]
        return Observed(id=observed.id, attributes=_attributes(group))

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        found(aws.rds.delete_db_subnet_group, DBSubnetGroupName=handle.id or handle.name)
        return True

    def differences(self, wanted: JsonObject, observed: Observed) -> dict[str, tuple[JsonValue, JsonValue]]:
        return without_reordered(super().differences(wanted, observed))

    def cloudformation(self, place: Place, props: DBSubnetGroupProps) -> Form:
        properties = {
            "DBSubnetGroupName": place.name,
            "DBSubnetGroupDescription": props.description,
            "SubnetIds": list(props.subnet_ids),
            "Tags": place.tag_list,
        }
        return Form(
            parts=(Part(type="AWS::RDS::DBSubnetGroup", properties=properties),),
            attributes={"id": REF, "name": REF, "arn": place.arn("rds", f"subgrp:{place.own('id')}")},
        )


def _attributes(group: Any) -> dict[str, str]:
    name = group["DBSubnetGroupName"]
    return {"id": name, "name": name, "arn": group["DBSubnetGroupArn"]}
