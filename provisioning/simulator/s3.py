"""S3: tags that CreateBucket brings, which moto drops, and names, policies and copies that S3 does not take."""

import json
import re
from typing import Any

import xmltodict  # type: ignore[import-untyped]  # it has no types
from moto.core.responses import ActionResult
from moto.iam.access_control import IAMPolicy, PermissionResult
from moto.s3.models import FakeBucket, s3_backends
from moto.s3.responses import S3Response

from provisioning.simulator import s3_policies
from provisioning.simulator.operations import Refusal

# Bucket naming rules (S3 user guide, "Bucket naming rules").
_NAME = re.compile(
    r"(?!xn--|sthree-|amzn-s3-demo-)(?!.*(?:\.\.|\.-|-\.))[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](?<!-s3alias)(?<!--ol-s3)"
)
_ADDRESS = re.compile(r"\d+\.\d+\.\d+\.\d+")

_moto_put = S3Response._bucket_response_put


def _permission(bucket: Any, action: str, resource: str) -> Any:
    """What a bucket's policy says without its conditions, which moto does not look at: a statement that refuses
    requests without TLS would refuse every request. Requests here count as made with TLS."""
    if bucket.policy is None:
        return PermissionResult.NEUTRAL
    policy = json.loads(bucket.policy)
    statements = policy.get("Statement") or []
    listed = statements if isinstance(statements, list) else [statements]
    plain = [one for one in listed if not one.get("Condition")]
    text = json.dumps({**policy, "Statement": plain})
    return IAMPolicy(text).is_action_permitted(action, resource) if plain else PermissionResult.NEUTRAL


FakeBucket.get_permission = _permission  # type: ignore[method-assign, assignment]  # see `_permission`


def _tags(body: Any) -> dict[str, str]:
    if not body:
        return {}
    configuration = (xmltodict.parse(body) or {}).get("CreateBucketConfiguration") or {}
    given = (configuration.get("Tags") or {}).get("Tag") or []
    return {tag["Key"]: tag["Value"] for tag in ([given] if isinstance(given, dict) else given)}


def _check_replication(body: Any, account: str) -> None:
    """Refuse to copy into a bucket that is not there or keeps no versions (moto looks at the source alone)."""
    rules = xmltodict.parse(body)["ReplicationConfiguration"]["Rule"]
    for rule in rules if isinstance(rules, list) else [rules]:
        name = rule["Destination"]["Bucket"].rpartition(":")[2]
        bucket: Any = s3_backends[account]["aws"].buckets.get(name)
        if bucket is None:
            raise Refusal("InvalidRequest", "Destination bucket must exist.", 400)
        if bucket.versioning_status != "Enabled":
            raise Refusal("InvalidRequest", "Destination bucket must have versioning enabled.", 400)


def _put_bucket(response: Any, request: Any, bucket_name: str, querystring: dict[str, Any]) -> Any:
    """moto's answer to a PUT on a bucket, and what CreateBucket means besides."""
    if "policy" in querystring:
        bucket = s3_backends[response.current_account]["aws"].get_bucket(bucket_name)
        s3_policies.check(response.body, bucket, response.current_account)
    if "replication" in querystring:
        _check_replication(response.body, response.current_account)
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


def _get_replication(response: Any) -> Any:
    """The rules as they were put: moto forgets prefixes and deletions."""
    response.data["Action"] = "GetBucketReplication"
    stored = response.backend.get_bucket_replication(response.bucket_name)
    if not stored:
        raise Refusal(
            "ReplicationConfigurationNotFoundError", "The replication configuration was not found", 404
        )
    rules = []
    for rule in stored["Rule"]:
        fields = {name: value for name, value in rule.items() if not name.startswith("@")}
        said = fields.get("Filter") or {}
        fields["Filter"] = {"Prefix": said.get("Prefix") or ""}
        fields["Priority"] = int(fields.get("Priority", 1))
        rules.append(fields)
    told = {"ReplicationConfiguration": {"Role": stored["Role"], "Rules": rules}}
    return response.serialized(ActionResult(told))


S3Response.get_bucket_replication = _get_replication  # type: ignore[method-assign, assignment]  # S3 has no seam of its own in moto
S3Response._bucket_response_put = _put_bucket  # type: ignore[method-assign, assignment]  # S3 has no seam of its own in moto
