"""What is peculiar to a bucket policy: one document for all, in which the statements of others stay."""

from __future__ import annotations

import json
from typing import Any

import pytest
from pydantic import ValidationError

from provisioning.aws import Aws
from provisioning.errors import AwsError
from provisioning.kind import Observed, kind_named
from provisioning.kinds.s3_bucket import BucketProps
from provisioning.kinds.s3_bucket_policy import (
    BucketPolicyProps,
    Statement,
    readable_by_cloudfront,
    refusing_plain_http,
)
from provisioning.kinds.tests.contract import ACCOUNT, Build, MakeHandle, check_cuts, gone, settled
from provisioning.kinds.tests.noted import NotedConnection
from provisioning.references import JsonObject

pytestmark = pytest.mark.simulator
KIND = "s3.bucket_policy"
# Properties with which it is checked in CloudFormation.
EXAMPLES: tuple[JsonObject, ...] = (
    {
        "bucket": "shop-files",
        "statements": [
            {
                "name": "CloudFrontRead",
                "service": "cloudfront.amazonaws.com",
                "actions": ["s3:GetObject"],
                "source_arns": ["arn:aws:cloudfront::123456789012:distribution/E1"],
            },
            {"name": "Nobody", "effect": "Deny", "actions": ["s3:DeleteObject"]},
        ],
    },
)
DISTRIBUTION = f"arn:aws:cloudfront::{ACCOUNT}:distribution/E1"


@pytest.fixture
def bucket(build: Build) -> str:
    return build("files", BucketProps()).id


def _props(bucket: str, *statements: Statement) -> BucketPolicyProps:
    return BucketPolicyProps(bucket=bucket, statements=statements or (readable_by_cloudfront(DISTRIBUTION),))


def _document(aws: Aws, bucket: str) -> dict[str, Any]:
    """The statements that the bucket has, by their names."""
    policy = json.loads(aws.s3.get_bucket_policy(Bucket=bucket)["Policy"])
    return {one["Sid"]: one for one in policy["Statement"]}


def _add(aws: Aws, bucket: str, statement: dict[str, Any]) -> None:
    policy = json.loads(aws.s3.get_bucket_policy(Bucket=bucket)["Policy"])
    policy["Statement"].append(statement)
    aws.s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))


def _read(aws: Aws, handle: MakeHandle, bucket: str) -> Observed | None:
    return kind_named(KIND).read(aws, handle("files-policy", KIND, id=bucket))


def test_it_is_made_changed_and_taken_away(aws: Aws, handle: MakeHandle, bucket: str) -> None:
    kind, noted = kind_named(KIND), aws.connection
    assert isinstance(noted, NotedConnection)
    noted.actions.clear()
    known = handle("files-policy", KIND, id=bucket)
    assert kind.read(aws, known) is None
    kind.create(aws, known, _props(bucket))
    settled(aws, known, _props(bucket))

    both = _props(bucket, readable_by_cloudfront(f"{DISTRIBUTION}X"), refusing_plain_http())
    before = kind.read(aws, known)
    assert before is not None and set(kind.differences(both.dump(), before)) == {"statements"}
    kind.update(aws, known, both, before)
    settled(aws, known, both)

    gone(aws, known, KIND)
    assert set(_document(aws, bucket)) == {"AndamioTlsOnly"}
    assert noted.actions == set(kind.permissions) - {"s3:DeleteBucketPolicy"}


def test_a_distribution_reads_objects_and_does_nothing_else(aws: Aws, build: Build, bucket: str) -> None:
    build("files-policy", _props(bucket, readable_by_cloudfront(DISTRIBUTION), refusing_plain_http()))

    written = _document(aws, bucket)

    assert written["AndamioCloudFrontRead"] == {
        "Sid": "AndamioCloudFrontRead",
        "Effect": "Allow",
        "Principal": {"Service": "cloudfront.amazonaws.com"},
        "Action": ["s3:GetObject"],
        "Resource": [f"arn:aws:s3:::{bucket}/*"],
        "Condition": {"StringEquals": {"AWS:SourceArn": [DISTRIBUTION]}},
    }
    assert written["AndamioPlainHttpRefused"]["Effect"] == "Deny"
    assert written["AndamioPlainHttpRefused"]["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_it_is_made_by_one_call_after_a_look(aws: Aws, handle: MakeHandle, bucket: str) -> None:
    known = handle("files-policy", KIND, id=bucket)

    assert check_cuts(aws, known, _props(bucket)) == 1


def test_statements_of_others_stay_and_those_of_ours_that_nobody_wants_go(
    aws: Aws, handle: MakeHandle, build: Build, bucket: str
) -> None:
    build("files-policy", _props(bucket, readable_by_cloudfront(DISTRIBUTION), refusing_plain_http()))
    theirs = {"Sid": "Theirs", "Effect": "Deny", "Principal": "*", "Action": "s3:PutObject"}
    _add(aws, bucket, {**theirs, "Resource": f"arn:aws:s3:::{bucket}/*"})
    now = _read(aws, handle, bucket)
    assert now is not None

    kind_named(KIND).update(aws, handle("files-policy", KIND, id=bucket), _props(bucket), now)

    assert set(_document(aws, bucket)) == {"AndamioTlsOnly", "Theirs", "AndamioCloudFrontRead"}


def test_without_statements_of_others_the_policy_goes(aws: Aws, handle: MakeHandle) -> None:
    aws.s3.create_bucket(Bucket="plain")
    known = handle("files-policy", KIND, id="plain")
    kind_named(KIND).create(aws, known, _props("plain"))

    assert kind_named(KIND).delete(aws, known) is True

    with pytest.raises(AwsError, match="bucket policy"):
        aws.s3.get_bucket_policy(Bucket="plain")


def test_a_statement_that_somebody_widened_is_seen(
    aws: Aws, handle: MakeHandle, build: Build, bucket: str
) -> None:
    build("files-policy", _props(bucket))
    statement = _document(aws, bucket)["AndamioCloudFrontRead"]
    wider = {**statement, "Condition": {"StringLike": {"AWS:SourceArn": "arn:aws:cloudfront::*"}}}
    policy = {"Version": "2012-10-17", "Statement": [wider]}
    aws.s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))

    now = _read(aws, handle, bucket)

    assert now is not None
    assert set(kind_named(KIND).differences(_props(bucket).dump(), now)) == {"statements"}


def test_spelling_and_order_are_no_difference(
    aws: Aws, handle: MakeHandle, build: Build, bucket: str
) -> None:
    build("files-policy", _props(bucket))
    statement = _document(aws, bucket)["AndamioCloudFrontRead"]
    otherwise = {
        **statement,
        "Action": "s3:GetObject",
        "Resource": statement["Resource"][0],
        "Condition": {"StringEquals": {"aws:sourcearn": DISTRIBUTION}},
    }
    policy = {"Version": "2012-10-17", "Statement": otherwise}
    aws.s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policy))

    now = _read(aws, handle, bucket)

    assert now is not None and kind_named(KIND).differences(_props(bucket).dump(), now) == {}


def test_the_bucket_tells_its_id(handle: MakeHandle) -> None:
    kind, ours = kind_named(KIND), handle("files-policy", KIND)

    assert kind.identify(ours, _props("files").dump()) == "files"
    assert kind.identify(ours, _props("${files.name}").dump()) is None


def test_without_its_bucket_it_is_gone(aws: Aws, handle: MakeHandle) -> None:
    known = handle("files-policy", KIND, id="no-such-bucket")

    assert kind_named(KIND).read(aws, known) is None
    assert kind_named(KIND).delete(aws, known) is True


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"service": ""}, "everybody"),
        ({"source_arns": ()}, "for which things"),
        ({"roles": ("arn:aws:iam::123456789012:role/one",)}, "not for both"),
        ({"service": "cloudfront"}, "service"),
        ({"actions": ("ec2:RunInstances",)}, "actions"),
        ({"actions": ()}, "actions"),
        ({"paths": ("files",)}, "paths"),
        ({"name": "TlsOnly"}, "the bucket has"),
        ({"name": "with space"}, "name"),
    ],
)
def test_what_would_be_public_or_is_none_is_refused(changes: dict[str, object], word: str) -> None:
    plain = readable_by_cloudfront(DISTRIBUTION).model_dump()

    with pytest.raises(ValidationError, match=word):
        Statement.model_validate({**plain, **changes})


def test_two_statements_of_one_name_are_refused() -> None:
    with pytest.raises(ValidationError, match="same name"):
        _props("files", refusing_plain_http(), refusing_plain_http())
