"""Replication of a bucket: what is written to it is copied into a bucket in another region."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pydantic import Field

from provisioning.aws import Aws, found
from provisioning.kind import Expected, Handle, Kind, Observed, Props, register
from provisioning.names import Naming
from provisioning.pricing import CostLine, Usage
from provisioning.properties import has_reference
from provisioning.references import JsonObject
from provisioning.template_parts import Form, Place


class ReplicationProps(Props):
    """`bucket` and the bucket of `destination_arn` must be versioned; `role_arn` is a role that s3.amazonaws.com takes
    on and that may read the one and write the other. `prefix`: which objects; `delete_markers`: whether what is
    deleted here is deleted there too. `destination_region` is needed for the price alone."""

    bucket: str
    destination_arn: str
    destination_region: str
    role_arn: str
    prefix: str = Field(default="", max_length=1024)
    delete_markers: bool = False


@register
class Replication(Kind[ReplicationProps]):
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketReplication.html

    A put of all rules of the bucket: ours has the name, others are kept (the role is that of all). Only what is written
    from then on is copied. It can't be tagged, so the id is ours: "<bucket>/<rule>". Attributes: id.
    """

    name = "s3.replication"
    title = "Bucket replication"
    naming = Naming(limit=255)
    expected = Expected(create=5)
    replace_on = frozenset({"bucket"})
    goes_with = frozenset({"bucket"})
    permissions = ("s3:GetReplicationConfiguration", "s3:PutReplicationConfiguration")
    passes_roles_to = ("s3.amazonaws.com",)
    billed = True
    props = ReplicationProps

    def identify(self, handle: Handle, wanted: JsonObject) -> str | None:
        bucket = str(wanted.get("bucket", ""))
        return None if has_reference(bucket) else f"{bucket}/{handle.name}"

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        if handle.id is None:
            return None
        bucket, rule_id = handle.id.split("/", 1)
        configuration = _configuration(aws, handle, bucket)
        rule = next((one for one in configuration["Rules"] if one.get("ID") == rule_id), None)
        if rule is None:
            return None
        told: JsonObject = {
            "bucket": bucket,
            "role_arn": configuration["Role"],
            "destination_arn": rule["Destination"]["Bucket"] if rule["Status"] == "Enabled" else "",
            "prefix": rule.get("Filter", {}).get("Prefix", ""),
            "delete_markers": rule.get("DeleteMarkerReplication", {}).get("Status") == "Enabled",
        }
        return Observed(id=handle.id, props=told, attributes={"id": handle.id}, tags=handle.tags)

    def create(self, aws: Aws, handle: Handle, props: ReplicationProps) -> Observed:
        _put(aws, handle, props.bucket, props)
        identity = f"{props.bucket}/{handle.name}"
        return Observed(id=identity, attributes={"id": identity}, tags=handle.tags)

    def update(self, aws: Aws, handle: Handle, props: ReplicationProps, observed: Observed) -> Observed:
        _put(aws, handle, props.bucket, props)
        return observed

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        if handle.id is not None:
            _put(aws, handle, handle.id.split("/", 1)[0], None)
        return True

    def cost(self, props: ReplicationProps, usage: Usage, region: str) -> Iterator[CostLine]:
        """The way there and the writes there; what is kept there is the other bucket's."""
        yield CostLine.usage(
            "S3/crr_transfer_to_other_region",
            usage.copied_gb,
            "Transfer of files",
            f"{usage.copied_gb} GB copied a month",
        )
        yield CostLine.usage(
            "S3/put_copy_post_list", usage.s3_put, "Copied writes", f"{usage.s3_put:,} requests"
        ).billed_in(props.destination_region)

    def cloudformation(self, place: Place, props: ReplicationProps) -> Form:
        return Form(
            attributes={"id": f"{props.bucket}/{place.name}"},
            remark="CloudFormation has this as a setting of the bucket whose objects are copied.",
        )


def _at(handle: Handle, bucket: str) -> dict[str, Any]:
    return {"Bucket": bucket, "ExpectedBucketOwner": handle.account}


def _configuration(aws: Aws, handle: Handle, bucket: str) -> Any:
    answer = found(aws.s3.get_bucket_replication, **_at(handle, bucket))
    return answer["ReplicationConfiguration"] if answer else {"Role": "", "Rules": []}


def _put(aws: Aws, handle: Handle, bucket: str, props: ReplicationProps | None) -> None:
    """Every rule but ours as it is, and ours as wanted; without any left, no replication at all."""
    name = handle.id.split("/", 1)[1] if handle.id else handle.name
    there = _configuration(aws, handle, bucket)
    others: list[Any] = [one for one in there["Rules"] if one.get("ID") != name]
    if props is not None:
        first = 1 + max((one.get("Priority", 0) for one in others), default=0)
        rules = [*others, _ours(name, props, first)]
        whole: Any = {"Role": props.role_arn, "Rules": rules}
        aws.s3.put_bucket_replication(**_at(handle, bucket), ReplicationConfiguration=whole)
    elif others:
        kept: Any = {**there, "Rules": others}
        aws.s3.put_bucket_replication(**_at(handle, bucket), ReplicationConfiguration=kept)
    elif there["Rules"]:
        found(aws.s3.delete_bucket_replication, **_at(handle, bucket))


def _ours(name: str, props: ReplicationProps, priority: int) -> dict[str, Any]:
    return {
        "ID": name,
        "Priority": priority,
        "Status": "Enabled",
        "Filter": {"Prefix": props.prefix},
        "DeleteMarkerReplication": {"Status": "Enabled" if props.delete_markers else "Disabled"},
        "Destination": {"Bucket": props.destination_arn},
    }
