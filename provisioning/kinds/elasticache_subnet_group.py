"""A cache subnet group: the subnets in which ElastiCache may place a cache."""

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


class CacheSubnetGroupProps(Props):
    """`subnet_ids`: one to twenty, of one VPC."""

    description: Annotated[str, Field(min_length=1, max_length=200)] = "Subnets of the cache"
    subnet_ids: Annotated[Unordered, Field(min_length=1, max_length=20)]


@register
class CacheSubnetGroup(Kind[CacheSubnetGroupProps]):
    """https://docs.aws.amazon.com/AmazonElastiCache/latest/APIReference/API_CreateCacheSubnetGroup.html

    No token: found by its name. Free. A subnet in use by a cache can't be taken out (SubnetInUse).
    """

    name = "elasticache.subnet_group"
    title = "Cache subnet group"
    naming = Naming(limit=255)
    holds = frozenset({"subnet_ids"})
    permissions = (
        "elasticache:CreateCacheSubnetGroup",
        "elasticache:AddTagsToResource",
        "elasticache:DescribeCacheSubnetGroups",
        "elasticache:ListTagsForResource",
        "elasticache:ModifyCacheSubnetGroup",
        "elasticache:DeleteCacheSubnetGroup",
        "ec2:DescribeSubnets",
        "ec2:DescribeVpcs",
    )
    props = CacheSubnetGroupProps

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        name = handle.id or handle.name
        groups = aws.listed(aws.elasticache.describe_cache_subnet_groups, "CacheSubnetGroups")
        group = next((one for one in groups if one["CacheSubnetGroupName"] == name), None)
        if group is None:
            return None
        description = group["CacheSubnetGroupDescription"]
        tags = tags_of_mark(description)
        if not handle.owns(tags):
            tags = tags_of(aws.elasticache.list_tags_for_resource(ResourceName=group["ARN"]), "TagList")
        return Observed(
            id=name,
            props={
                "description": unmarked(description),
                "subnet_ids": sorted(subnet["SubnetIdentifier"] for subnet in group["Subnets"]),
            },
            attributes=_attributes(group),
            tags=tags,
        )

    def create(self, aws: Aws, handle: Handle, props: CacheSubnetGroupProps) -> Observed:
        group = aws.elasticache.create_cache_subnet_group(
            CacheSubnetGroupName=handle.name,
            CacheSubnetGroupDescription=marked(handle, props.description),
            SubnetIds=props.subnet_ids,
            Tags=handle.tag_list,
        )["CacheSubnetGroup"]
        return Observed(id=handle.name, attributes=_attributes(group))

    def update(self, aws: Aws, handle: Handle, props: CacheSubnetGroupProps, observed: Observed) -> Observed:
        group = aws.elasticache.modify_cache_subnet_group(
            CacheSubnetGroupName=observed.id,
            CacheSubnetGroupDescription=marked(handle, props.description),
            SubnetIds=props.subnet_ids,
        )["CacheSubnetGroup"]
        return Observed(id=observed.id, attributes=_attributes(group))

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        found(aws.elasticache.delete_cache_subnet_group, CacheSubnetGroupName=handle.id or handle.name)
        return True

    def differences(self, wanted: JsonObject, observed: Observed) -> dict[str, tuple[JsonValue, JsonValue]]:
        return without_reordered(super().differences(wanted, observed))

    def cloudformation(self, place: Place, props: CacheSubnetGroupProps) -> Form:
        properties = {
            "CacheSubnetGroupName": place.name,
            "Description": props.description,
            "SubnetIds": list(props.subnet_ids),
            "Tags": place.tag_list,
        }
        return Form(
            parts=(Part(type="AWS::ElastiCache::SubnetGroup", properties=properties),),
            attributes={
                "id": REF,
                "name": REF,
                "arn": place.arn("elasticache", f"subnetgroup:{place.own('id')}"),
            },
        )


def _attributes(group: Any) -> dict[str, str]:
    name = group["CacheSubnetGroupName"]
    return {"id": name, "name": name, "arn": group["ARN"]}
