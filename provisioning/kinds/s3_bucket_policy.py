"""Statements of a bucket's policy: who besides the account's own roles reads or writes it, and who never may."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from provisioning.aws import Aws, found
from provisioning.kind import Handle, Kind, Observed, Props, register
from provisioning.properties import Unordered, has_reference
from provisioning.references import JsonObject, JsonValue
from provisioning.template_parts import Form, Part, Place

_OURS = "Andamio"  # how the names of our statements begin; others are left alone
_OF_THE_BUCKET = "AndamioTlsOnly"  # s3.bucket's own, which goes with the bucket

_Path = Annotated[str, StringConstraints(pattern=r"^(/.*)?$")]
_Action = Annotated[str, StringConstraints(pattern=r"^s3:[A-Za-z]+\*?$|^s3:\*$")]
_Service = Annotated[str, StringConstraints(pattern=r"^([a-z0-9.-]+\.amazonaws\.com)?$")]


class Statement(BaseModel):
    """One statement. Its principal is a `service` of AWS, `roles` by their ARN, or with neither anybody, which only a
    refusal may have. `paths` are below the bucket, "" is the bucket itself.

    `source_arns` and `source_account`: for which things, or for whom, a service asks: without either it would do so
    for every customer. `over_plain_http`: holds for requests without TLS only.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Za-z0-9]{0,39}$")]
    effect: Literal["Allow", "Deny"] = "Allow"
    service: _Service = ""
    roles: Unordered = ()
    actions: Annotated[tuple[_Action, ...], Field(min_length=1)]
    paths: Annotated[tuple[_Path, ...], Field(min_length=1)] = ("/*",)
    source_arns: Unordered = ()
    source_account: str = ""
    over_plain_http: bool = False

    @model_validator(mode="after")
    def _not_for_everybody(self) -> Self:
        if self.service and self.roles:
            raise ValueError("service: a statement is for a service or for roles, not for both.")
        if f"{_OURS}{self.name}" == _OF_THE_BUCKET:
            raise ValueError("name: the bucket has a statement of this name.")
        if self.effect == "Allow" and not (self.service or self.roles):
            raise ValueError("roles: what is allowed is allowed to a service or to roles, not to everybody.")
        if self.effect == "Allow" and self.service and not (self.source_arns or self.source_account):
            raise ValueError(
                "source_arns: say for which things or for which account the service may do this."
            )
        return self

    def document(self, bucket: str) -> dict[str, Any]:
        """As S3 writes it."""
        plain: dict[str, Any] = {
            "Sid": f"{_OURS}{self.name}",
            "Effect": self.effect,
            "Principal": self._principal(),
            "Action": list(self.actions),
            "Resource": [f"arn:aws:s3:::{bucket}{path}" for path in self.paths],
        }
        conditions = self._conditions()
        return plain | ({"Condition": conditions} if conditions else {})

    def _principal(self) -> Any:
        if self.service:
            return {"Service": self.service}
        return {"AWS": list(self.roles)} if self.roles else "*"

    def _conditions(self) -> dict[str, dict[str, Any]]:
        same: dict[str, Any] = {}
        if self.source_arns:
            same["AWS:SourceArn"] = list(self.source_arns)
        if self.source_account:
            same["AWS:SourceAccount"] = self.source_account
        plain = {"aws:SecureTransport": "false"}
        return ({"StringEquals": same} if same else {}) | ({"Bool": plain} if self.over_plain_http else {})


def readable_by_cloudfront(distribution_arn: str) -> Statement:
    """What a distribution needs that asks for the bucket's objects by an origin access control."""
    return Statement(
        name="CloudFrontRead",
        service="cloudfront.amazonaws.com",
        actions=("s3:GetObject",),
        source_arns=(distribution_arn,),
    )


def refusing_plain_http() -> Statement:
    """Nobody reads or writes anything without TLS."""
    return Statement(
        name="PlainHttpRefused", effect="Deny", actions=("s3:*",), paths=("", "/*"), over_plain_http=True
    )


class BucketPolicyProps(Props):
    """All statements of a bucket together may have 20 KB."""

    bucket: str
    statements: Annotated[tuple[Statement, ...], Field(min_length=1, max_length=20)]

    @model_validator(mode="after")
    def _names_once(self) -> Self:
        names = [statement.name for statement in self.statements]
        if len(names) != len(set(names)):
            raise ValueError("statements: two have the same name.")
        return self


@register
class BucketPolicy(Kind[BucketPolicyProps]):
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketPolicy.html

    A bucket has one policy, which is written as a whole: statements whose names do not begin with ours stay as they
    are, and so does the one that s3.bucket writes. Two of this kind on one bucket would undo each other. It takes no
    tags; the bucket is its identity. Attributes: id, bucket.
    """

    name = "s3.bucket_policy"
    title = "Bucket policy"
    replace_on = frozenset({"bucket"})
    goes_with = frozenset({"bucket"})
    permissions = ("s3:GetBucketPolicy", "s3:PutBucketPolicy", "s3:DeleteBucketPolicy")
    props = BucketPolicyProps

    def identify(self, handle: Handle, wanted: JsonObject) -> str | None:
        bucket = str(wanted.get("bucket", ""))
        return None if has_reference(bucket) else bucket

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        if handle.id is None:
            return None
        ours, _ = _statements(aws, _at(handle.id, handle))
        if not ours:
            return None
        told: list[JsonValue] = [_told(one, handle.id) for one in ours]
        return Observed(
            id=handle.id,
            props={"bucket": handle.id, "statements": told},
            attributes={"id": handle.id, "bucket": handle.id},
            tags=handle.tags,
        )

    def create(self, aws: Aws, handle: Handle, props: BucketPolicyProps) -> Observed:
        here = _at(props.bucket, handle)
        _, others = _statements(aws, here)
        _put(aws, here, [*others, *(one.document(props.bucket) for one in props.statements)])
        return Observed(id=props.bucket, attributes={"id": props.bucket, "bucket": props.bucket})

    def update(self, aws: Aws, handle: Handle, props: BucketPolicyProps, observed: Observed) -> Observed:
        return self.create(aws, handle, props)

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        if handle.id is None:
            return True
        here = _at(handle.id, handle)
        ours, others = _statements(aws, here)
        if ours and others:
            found(_put, aws, here, others)
        elif ours:
            found(aws.s3.delete_bucket_policy, **here)
        return True

    def differences(self, wanted: JsonObject, observed: Observed) -> dict[str, tuple[JsonValue, JsonValue]]:
        """As everywhere, but the order of statements, actions and paths means nothing."""
        return {
            name: (now, wanted[name])
            for name, now in observed.props.items()
            if name in wanted and _canonical(now) != _canonical(wanted[name])
        }

    def cloudformation(self, place: Place, props: BucketPolicyProps) -> Form:
        """Together with what the bucket's own part says: a bucket has one policy."""
        statements = [statement.document(props.bucket) for statement in props.statements]
        policy = {
            "Bucket": props.bucket,
            "PolicyDocument": {"Version": "2012-10-17", "Statement": statements},
        }
        part = Part(type="AWS::S3::BucketPolicy", properties=policy, one_of=props.bucket)
        return Form(parts=(part,), attributes={"id": props.bucket, "bucket": props.bucket})


def _at(bucket: str, handle: Handle) -> dict[str, Any]:
    return {"Bucket": bucket, "ExpectedBucketOwner": handle.account}


def _statements(aws: Aws, here: dict[str, Any]) -> tuple[list[Any], list[Any]]:
    """Those that are ours, and all others."""
    answer = found(aws.s3.get_bucket_policy, **here)
    listed = _as_list(json.loads(answer["Policy"])["Statement"]) if answer else []
    ours = [one for one in listed if _is_ours(str(one.get("Sid", "")))]
    return ours, [one for one in listed if one not in ours]


def _is_ours(sid: str) -> bool:
    return sid.startswith(_OURS) and sid != _OF_THE_BUCKET


def _put(aws: Aws, here: dict[str, Any], statements: list[Any]) -> None:
    policy = {"Version": "2012-10-17", "Statement": statements}
    aws.s3.put_bucket_policy(**here, Policy=json.dumps(policy))


def _told(one: Mapping[str, Any], bucket: str) -> JsonObject:
    """A statement as our properties; what says more than we ever write is told as it is."""
    principal, conditions = one.get("Principal"), one.get("Condition", {})
    same = {key.lower(): value for key, value in conditions.get("StringEquals", {}).items()}
    plain = {key.lower(): value for key, value in conditions.get("Bool", {}).items()}
    statement = Statement.model_construct(
        name=one["Sid"].removeprefix(_OURS),
        effect=one["Effect"],
        service=principal.get("Service", "") if isinstance(principal, dict) else "",
        roles=tuple(sorted(_as_list(principal.get("AWS", [])))) if isinstance(principal, dict) else (),
        actions=tuple(_as_list(one.get("Action", []))),
        paths=tuple(
            path.removeprefix(f"arn:aws:s3:::{bucket}") for path in _as_list(one.get("Resource", []))
        ),
        source_arns=tuple(sorted(_as_list(same.get("aws:sourcearn", [])))),
        source_account=same.get("aws:sourceaccount", ""),
        over_plain_http=_as_list(plain.get("aws:securetransport", "true")) == ["false"],
    )
    if _plain(statement.document(bucket)) != _plain(one):
        return dict(one)
    return statement.model_dump(mode="json")


def _plain(document: Mapping[str, Any]) -> Any:
    """A statement without the differences in spelling that mean nothing: IAM's keys know no capital letters."""
    conditions = {
        operator: {key.lower(): _as_list(value) for key, value in keys.items()}
        for operator, keys in document.get("Condition", {}).items()
    }
    principal = document.get("Principal")
    if isinstance(principal, dict):
        principal = {kind: _as_list(value) for kind, value in principal.items()}
    lists = {name: _as_list(document.get(name, [])) for name in ("Action", "Resource")}
    return _canonical({**document, **lists, "Principal": principal, "Condition": conditions})


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _canonical(value: Any) -> Any:
    if isinstance(value, list):
        return sorted((_canonical(item) for item in value), key=lambda item: json.dumps(item, sort_keys=True))
    if isinstance(value, dict):
        return {key: _canonical(item) for key, item in value.items()}
    return value
