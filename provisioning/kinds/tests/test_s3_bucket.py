"""What is peculiar to a bucket: whose it is, what is in it, and rules of others that stay."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError

from provisioning.aws import AccountAccess, Aws, Connection
from provisioning.bucket_contents import empty_bucket
from provisioning.errors import AlreadyExists, AwsError, Busy
from provisioning.kind import kind_named
from provisioning.kinds.s3_bucket import BucketProps
from provisioning.kinds.tests.contract import ACCOUNT, Build, MakeHandle, check_contract, check_cuts, settled
from provisioning.pricing import Usage
from provisioning.references import JsonObject

KIND = "s3.bucket"
# Properties with which it is checked in CloudFormation.
EXAMPLES: tuple[JsonObject, ...] = (
    {},
    {"versioned": False, "expire_noncurrent_days": 0, "abort_uploads_days": 0},
    {"transition_ia_days": 90},
    {"versioned": False, "expire_noncurrent_days": 0, "expire_days": 30},
)


@pytest.fixture
def props() -> BucketProps:
    return BucketProps()


def test_it_is_made_changed_and_taken_away(aws: Aws, handle: MakeHandle, props: BucketProps) -> None:
    changes = [
        BucketProps(expire_noncurrent_days=90, abort_uploads_days=1, transition_ia_days=30),
        BucketProps(expire_days=30),
        BucketProps(expire_noncurrent_days=0, abort_uploads_days=0),
        BucketProps(versioned=False, expire_noncurrent_days=0),
    ]

    check_contract(
        aws,
        handle("files", KIND),
        props,
        changes=changes,
        attributes=["name", "arn", "regional_domain"],
        also_permitted=[
            "s3:PutBucketTagging",  # a creation with tags
            "s3:TagResource",
            "s3:ListBucketVersions",  # what is in it
            "s3:ListBucketMultipartUploads",
            "s3:AbortMultipartUpload",
            "s3:DeleteObject",
            "s3:DeleteObjectVersion",
        ],
    )


def test_a_cut_between_its_settings_is_repaired(aws: Aws, handle: MakeHandle, props: BucketProps) -> None:
    # A look for one that the account has already, the bucket, and five settings.
    assert check_cuts(aws, handle("files", KIND), props) == 6


def test_reading_it_takes_six_calls(aws: Aws, handle: MakeHandle, build: Build, props: BucketProps) -> None:
    build("files", props)
    before = aws.connection.calls

    kind_named(KIND).read(aws, handle("files", KIND))

    assert aws.connection.calls - before == 6


def test_a_bucket_that_the_account_has_already_is_not_taken_for_a_new_one(
    aws: Aws, handle: MakeHandle, props: BucketProps
) -> None:
    ours = handle("files", KIND)
    aws.s3.create_bucket(Bucket=ours.name)

    with pytest.raises(AlreadyExists):
        kind_named(KIND).create(aws, ours, props)

    found = kind_named(KIND).read(aws, ours)
    assert found is not None and not ours.owns(found.tags)
    assert "Status" not in aws.s3.get_bucket_versioning(Bucket=ours.name)


def test_it_is_made_in_another_region_than_us_east_1(
    connection: Connection, aws: Aws, handle: MakeHandle, props: BucketProps
) -> None:
    there = replace(handle("files", KIND), region="eu-west-1")
    access = AccountAccess(account=ACCOUNT, endpoint_url=connection.access.endpoint_url)
    abroad = Aws(connection=Connection(access, "eu-west-1"))

    made = kind_named(KIND).create(abroad, there, props)

    assert made.attributes["regional_domain"] == f"{there.name}.s3.eu-west-1.amazonaws.com"
    assert abroad.s3.get_bucket_location(Bucket=there.name)["LocationConstraint"] == "eu-west-1"
    with pytest.raises(AlreadyExists):
        kind_named(KIND).create(abroad, there, props)


def test_rules_and_statements_of_others_stay(
    aws: Aws, handle: MakeHandle, build: Build, props: BucketProps
) -> None:
    name = build("files", props).id
    theirs: Any = {
        "ID": "logs",
        "Status": "Enabled",
        "Filter": {"Prefix": "logs/"},
        "Expiration": {"Days": 5},
    }
    aws.s3.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": [theirs]})
    read = {"Sid": "Read", "Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "s3:GetObject"}
    statement = {**read, "Resource": f"arn:aws:s3:::{name}/*"}
    aws.s3.put_bucket_policy(
        Bucket=name, Policy=json.dumps({"Version": "2012-10-17", "Statement": statement})
    )
    files = handle("files", KIND, id=name)
    now = kind_named(KIND).read(aws, files)
    assert now is not None
    assert set(kind_named(KIND).differences(props.dump(), now)) == {
        "tls_only",
        "expire_noncurrent_days",
        "abort_uploads_days",
    }

    kind_named(KIND).update(aws, files, props, now)

    settled(aws, files, props)
    rules = aws.s3.get_bucket_lifecycle_configuration(Bucket=name)["Rules"]
    assert {rule["ID"] for rule in rules} == {"logs", "andamio"}
    policy = json.loads(aws.s3.get_bucket_policy(Bucket=name)["Policy"])
    assert {one["Sid"] for one in policy["Statement"]} == {"Read", "AndamioTlsOnly"}


def _open(aws: Aws, name: str) -> None:
    """The server of tests speaks no TLS, and takes our policy at its word: nobody could write into the bucket."""
    aws.s3.delete_bucket_policy(Bucket=name)


def _fill(aws: Aws, name: str, count: int) -> None:
    _open(aws, name)
    for number in range(count):
        aws.s3.put_object(Bucket=name, Key=f"file-{number}", Body=b"one")
        aws.s3.put_object(Bucket=name, Key=f"file-{number}", Body=b"two")
    aws.s3.delete_object(Bucket=name, Key="file-0")
    aws.s3.create_multipart_upload(Bucket=name, Key="half")


def test_versions_delete_markers_and_half_done_uploads_go_with_it(
    aws: Aws, handle: MakeHandle, build: Build, props: BucketProps
) -> None:
    name = build("files", props).id
    _fill(aws, name, 3)

    assert kind_named(KIND).delete(aws, handle("files", KIND, id=name)) is True

    assert kind_named(KIND).read(aws, handle("files", KIND)) is None


def test_a_very_full_bucket_is_emptied_in_more_than_one_visit(
    aws: Aws, build: Build, props: BucketProps
) -> None:
    name = build("files", props).id
    _fill(aws, name, 4)

    with pytest.raises(Busy, match="still deleting"):
        empty_bucket(aws, name, ACCOUNT, pages=2, page_size=2)

    assert len(aws.s3.list_object_versions(Bucket=name)["Versions"]) < 8
    empty_bucket(aws, name, ACCOUNT)
    assert "Versions" not in aws.s3.list_object_versions(Bucket=name)


@pytest.fixture
def refusing(aws: Aws) -> Iterator[Aws]:
    """AWS that answers 200 to DeleteObjects and deletes nothing."""
    client = aws.connection.client("s3")

    def refuse(parsed: dict[str, object], **_: object) -> None:
        parsed["Errors"] = [{"Key": "file-0", "Code": "AccessDenied", "Message": "Object is locked"}]

    client.meta.events.register("after-call.s3.DeleteObjects", refuse)
    yield aws
    client.meta.events.unregister("after-call.s3.DeleteObjects", refuse)


def test_an_object_that_can_not_be_deleted_is_not_overlooked(
    refusing: Aws, handle: MakeHandle, build: Build, props: BucketProps
) -> None:
    name = build("files", props).id
    _open(refusing, name)
    refusing.s3.put_object(Bucket=name, Key="file-0", Body=b"one")

    with pytest.raises(AwsError, match="Object is locked"):
        kind_named(KIND).delete(refusing, handle("files", KIND, id=name))


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"transition_ia_days": 7}, "30 days"),
        ({"versioned": False}, "versioned"),
        ({"abort_uploads_days": -1}, "0"),
        ({"public_access_blocked": False}, "True"),
        ({"encryption": "none"}, "AES256"),
    ],
)
def test_what_aws_or_we_refuse_is_refused_before(changes: dict[str, object], word: str) -> None:
    with pytest.raises(ValidationError, match=word):
        BucketProps.model_validate(changes)


def test_it_costs_by_use() -> None:
    usage = Usage.of_phase("production")

    lines = list(kind_named(KIND).cost(BucketProps(), usage, "us-east-1"))

    assert [(line.sku, line.quantity.expected) for line in lines] == [
        ("S3/standard_storage", usage.storage_gb),
        ("S3/put_copy_post_list", usage.s3_put),
        ("S3/get_other", usage.s3_get),
    ]
    assert {line.quantity.floor for line in lines} == {0}


def test_copies_cost_where_they_are_kept_and_what_passes_through_costs_nothing_to_speak_of() -> None:
    usage, kind = Usage.of_phase("production"), kind_named(KIND)

    (copies,) = kind.cost(BucketProps(contents="copies"), usage, "us-west-2")

    assert (copies.sku, copies.region) == ("S3/standard_storage", "us-west-2")
    assert list(kind.cost(BucketProps(contents="passing"), usage, "us-west-2")) == []
