"""Bucket policies in the simulator: kept only if S3 would keep them."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from provisioning.simulator.tests.clients import refusal

pytestmark = pytest.mark.simulator
Aws = Callable[[str], Any]
SERVICE = {"Service": "cloudfront.amazonaws.com"}
SOURCE = {"StringEquals": {"AWS:SourceArn": "arn:aws:cloudfront::123456789012:distribution/E1"}}


def statement(**changes: object) -> dict[str, object]:
    plain = {
        "Effect": "Allow",
        "Principal": SERVICE,
        "Action": "s3:GetObject",
        "Resource": "arn:aws:s3:::files-1/*",
        "Condition": SOURCE,
    }
    return {**plain, **changes}


def policy(*statements: dict[str, object]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


@pytest.fixture
def s3(aws: Aws) -> Any:
    client = aws("s3")
    where = {"LocationConstraint": "eu-west-1"}
    client.create_bucket(Bucket="files-1", CreateBucketConfiguration=where)
    block = dict.fromkeys(
        ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"), True
    )
    client.put_public_access_block(Bucket="files-1", PublicAccessBlockConfiguration=block)
    return client


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ("no policy", "MalformedPolicy"),
        (policy(), "MalformedPolicy"),
        (policy(statement(Effect="Perhaps")), "MalformedPolicy"),
        (policy(statement(Principal=None)), "MalformedPolicy"),
        (policy(statement(Resource="arn:aws:s3:::other/*")), "MalformedPolicy"),
        (policy(statement(Principal={"Service": "cloudfront"})), "MalformedPolicy"),
        (policy(statement(Principal={"AWS": "arn:aws:iam::123456789012:role/none"})), "MalformedPolicy"),
        (policy(statement(Action=["s3:GetObject"] * 2000)), "MalformedPolicy"),
        (policy(statement(Principal="*", Condition={})), "AccessDenied"),
        (policy(statement(Condition={})), "AccessDenied"),
    ],
)
def test_what_s3_would_not_keep_is_refused(s3: Any, document: str, code: str) -> None:
    assert refusal(s3.put_bucket_policy, Bucket="files-1", Policy=document) == code
    assert refusal(s3.get_bucket_policy, Bucket="files-1") == "NoSuchBucketPolicy"


def test_a_service_that_acts_for_one_thing_and_a_refusal_for_all_are_kept(s3: Any) -> None:
    kept = policy(statement(), statement(Effect="Deny", Principal="*", Condition={}))

    s3.put_bucket_policy(Bucket="files-1", Policy=kept)

    assert json.loads(s3.get_bucket_policy(Bucket="files-1")["Policy"]) == json.loads(kept)


def test_a_refusal_of_requests_without_tls_refuses_none_here(s3: Any) -> None:
    without = {"Bool": {"aws:SecureTransport": "false"}}
    refused = statement(Effect="Deny", Principal="*", Action="s3:*", Condition=without)
    s3.put_bucket_policy(Bucket="files-1", Policy=policy(refused))

    s3.put_object(Bucket="files-1", Key="a", Body=b"content")

    assert s3.get_object(Bucket="files-1", Key="a")["Body"].read() == b"content"
