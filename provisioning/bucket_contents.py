"""Emptying an S3 bucket: versions, delete markers and half-done uploads, page by page."""

from __future__ import annotations

from typing import Any

from provisioning.aws import Aws
from provisioning.errors import AwsError, Busy


def empty_bucket(aws: Aws, name: str, owner: str, *, pages: int = 100, page_size: int = 1000) -> None:
    """Delete whatever is in the bucket that account `owner` has.

    Raises Busy after so many pages, so that a bucket of millions of objects is emptied in many visits.
    """
    here: dict[str, Any] = {"Bucket": name, "ExpectedBucketOwner": owner}
    _abort_uploads(aws, here, pages)
    for _ in range(pages):
        page = aws.s3.list_object_versions(**here, MaxKeys=page_size)
        listed = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        if not listed:
            return
        objects: Any = [{"Key": one["Key"], "VersionId": one["VersionId"]} for one in listed]
        _raise_first(aws.s3.delete_objects(**here, Delete={"Objects": objects, "Quiet": True}))
    raise _busy("BucketNotEmpty", f"{name} holds more objects: still deleting them.")


def _abort_uploads(aws: Aws, here: dict[str, Any], pages: int) -> None:
    for _ in range(pages):
        page = aws.s3.list_multipart_uploads(**here)
        uploads = page.get("Uploads", [])
        for upload in uploads:
            aws.s3.abort_multipart_upload(**here, Key=upload["Key"], UploadId=upload["UploadId"])
        if not page.get("IsTruncated"):
            return


def _raise_first(answer: Any) -> None:
    """DeleteObjects answers 200 with the objects that it did not delete."""
    for error in answer.get("Errors", []):
        code, message = error.get("Code", ""), f"{error.get('Key', '')}: {error.get('Message', '')}"
        if code in {"InternalError", "SlowDown", "ServiceUnavailable"}:
            raise _busy(code, message)
        raise AwsError(service="s3", operation="delete_objects", aws_code=code, aws_message=message)


def _busy(code: str, message: str) -> Busy:
    return Busy(service="s3", operation="delete_objects", aws_code=code, aws_message=message)
