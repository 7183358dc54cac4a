"""S3: tags that CreateBucket brings, which moto drops, and names and policies that S3 does not take."""

import re
from typing import Any

import xmltodict  # type: ignore[import-untyped]  # it has no types
from moto.s3.models import s3_backends
from moto.s3.responses import S3Response

from provisioning.simulator import s3_policies
from provisioning.simulator.operations import Refusal

# Bucket naming rules (S3 user guide, "Bucket naming rules").
_NAME = re.compile(
    r"(?!xn--|sthree-|amzn-s3-demo-)(?!.*(?:\.\.|\.-|-\.))[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](?<!-s3alias)(?<!--ol-s3)"
)
_ADDRESS = re.compile(r"\d+\.\d+\.\d+\.\d+")

_moto_put = S3Response._bucket_response_put


def _tags(body: Any) -> dict[str, str]:
    if not body:
        return {}
    configuration = (xmltodict.parse(body) or {}).get("CreateBucketConfiguration") or {}
    given = (configuration.get("Tags") or {}).get("Tag") or []
    return {tag["Key"]: tag["Value"] for tag in ([given] if isinstance(given, dict) else given)}


def _put_bucket(response: Any, request: Any, bucket_name: str, querystring: dict[str, Any]) -> Any:
    """moto's answer to a PUT on a bucket, and what CreateBucket means besides."""
    if "policy" in querystring:
        bucket = s3_backends[response.current_account]["aws"].get_bucket(bucket_name)
        s3_policies.check(response.body, bucket, response.current_account)
    if querystring:
        return _moto_put(response, request, bucket_name, querystring)
    if not _NAME.fullmatch(bucket_name) or _ADDRESS.fullmatch(bucket_name):
        raise Refusal("InvalidBucketName", "The specified bucket is not valid.", 400)
    backend = s3_backends[response.current_account]["aws"]
    existed = bucket_name in backend.buckets
    answer = _moto_put(response, request, bucket_name, querystring)
    tags = _tags(response.body)
    if tags and not existed and bucket_name in backend.buckets:
        backend.put_bucket_tagging(bucket_name, tags)
    return answer


S3Response._bucket_response_put = _put_bucket  # type: ignore[method-assign, assignment]  # S3 has no seam of its own in moto
