"""What is peculiar to replication: it is one rule among others of a bucket, and goes with the bucket."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from provisioning.aws import Aws
from provisioning.errors import AwsError
from provisioning.kind import kind_named
from provisioning.kinds.s3_bucket import BucketProps
from provisioning.kinds.s3_replication import ReplicationProps
from provisioning.kinds.tests.contract import Build, MakeHandle, gone, settled
from provisioning.kinds.tests.noted import NotedConnection
from provisioning.pricing import Usage
from provisioning.references import JsonObject

pytestmark = pytest.mark.simulator
KIND = "s3.replication"
# Properties with which it is checked in CloudFormation.
EXAMPLES: tuple[JsonObject, ...] = (
    {
        "bucket": "shop-files",
        "destination_arn": "arn:aws:s3:::shop-copies",
        "destination_region": "us-west-2",
        "role_arn": "arn:aws:iam::123456789012:role/portal/shop",
    },
)
ROLE = "arn:aws:iam::123456789012:role/portal/files"


@pytest.fixture
def props(aws: Aws, handle: MakeHandle, build: Build) -> ReplicationProps:
    """A bucket here and one in another region."""
    source = build("files", BucketProps()).id
    there = aws.in_region("us-west-2")
    copies = replace(handle("copies", "s3.bucket"), region="us-west-2")
    made = kind_named("s3.bucket").create(there, copies, BucketProps())
    return ReplicationProps(
        bucket=source,
        destination_arn=made.attributes["arn"],
        destination_region="us-west-2",
        role_arn=ROLE,
    )


def test_it_is_made_found_by_what_is_wanted_changed_and_taken_away(
    aws: Aws, handle: MakeHandle, props: ReplicationProps
) -> None:
    kind, rule, noted = kind_named(KIND), handle("file-copies", KIND), aws.connection
    assert isinstance(noted, NotedConnection)
    noted.actions.clear()
    assert kind.read(aws, rule) is None

    made = kind.create(aws, rule, props)

    assert kind.identify(rule, props.dump()) == made.id
    known = replace(rule, id=made.id)
    settled(aws, known, props)
    for changes in ({"prefix": "uploads/"}, {"delete_markers": True}):
        changed = props.model_copy(update=changes)
        before = kind.read(aws, known)
        assert before is not None and kind.differences(changed.dump(), before)
        kind.update(aws, known, changed, before)
        settled(aws, known, changed)
    gone(aws, known, KIND)
    assert noted.actions == set(kind.permissions)


def test_asked_for_twice_it_is_one_rule(aws: Aws, handle: MakeHandle, props: ReplicationProps) -> None:
    for _ in range(2):
        kind_named(KIND).create(aws, handle("file-copies", KIND), props)

    rules = aws.s3.get_bucket_replication(Bucket=props.bucket)["ReplicationConfiguration"]["Rules"]
    assert len(rules) == 1


def test_rules_of_others_are_left_alone(aws: Aws, handle: MakeHandle, props: ReplicationProps) -> None:
    theirs: Any = {
        "ID": "theirs",
        "Priority": 7,
        "Status": "Enabled",
        "Filter": {"Prefix": "theirs/"},
        "DeleteMarkerReplication": {"Status": "Disabled"},
        "Destination": {"Bucket": props.destination_arn},
    }
    rules: Any = {"Role": ROLE, "Rules": [theirs]}
    aws.s3.put_bucket_replication(Bucket=props.bucket, ReplicationConfiguration=rules)
    kind, rule = kind_named(KIND), handle("file-copies", KIND)

    made = kind.create(aws, rule, props)

    def there() -> list[Any]:
        return aws.s3.get_bucket_replication(Bucket=props.bucket)["ReplicationConfiguration"]["Rules"]

    assert [(one["ID"], one["Priority"]) for one in there()] == [("theirs", 7), (rule.name, 8)]
    kind.delete(aws, replace(rule, id=made.id))
    assert [one["ID"] for one in there()] == ["theirs"]


def test_one_that_somebody_switched_off_is_a_difference(
    aws: Aws, handle: MakeHandle, build: Build, props: ReplicationProps
) -> None:
    made = build("file-copies", props)
    there: Any = aws.s3.get_bucket_replication(Bucket=props.bucket)["ReplicationConfiguration"]
    there["Rules"][0]["Status"] = "Disabled"
    aws.s3.put_bucket_replication(Bucket=props.bucket, ReplicationConfiguration=there)

    now = kind_named(KIND).read(aws, handle("file-copies", KIND, id=made.id))

    assert now is not None
    assert set(kind_named(KIND).differences(props.dump(), now)) == {"destination_arn"}


def test_a_destination_without_versions_is_refused(
    aws: Aws, handle: MakeHandle, props: ReplicationProps
) -> None:
    bucket = props.destination_arn.rpartition(":")[2]
    aws.s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})

    with pytest.raises(AwsError, match="Destination bucket must have versioning enabled"):
        kind_named(KIND).create(aws, handle("file-copies", KIND), props)


def test_with_its_bucket_it_is_gone(
    aws: Aws, handle: MakeHandle, build: Build, props: ReplicationProps
) -> None:
    known = handle("file-copies", KIND, id=build("file-copies", props).id)
    aws.s3.delete_bucket(Bucket=props.bucket)

    assert kind_named(KIND).read(aws, known) is None
    assert kind_named(KIND).delete(aws, known) is True


def test_the_way_there_costs_here_and_the_writes_there() -> None:
    wanted = ReplicationProps(
        bucket="${files.id}", destination_arn="${copies.arn}", destination_region="us-west-2", role_arn=ROLE
    )

    transfer, writes = kind_named(KIND).cost(wanted, Usage(), "us-east-1")

    assert (transfer.sku, transfer.region) == ("S3/crr_transfer_to_other_region", None)
    assert (writes.sku, writes.region) == ("S3/put_copy_post_list", "us-west-2")
