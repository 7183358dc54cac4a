"""An S3 bucket: private, encrypted, over TLS only, with rules that clear away what is old."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from provisioning.aws import found
from provisioning.bucket_contents import empty_bucket
from provisioning.errors import AlreadyExists, AwsError, Busy, NotFound
from provisioning.kind import Expected, Handle, Kind, Observed, Props, register
from provisioning.lookup import tags_of
from provisioning.names import Naming
from provisioning.pricing import CostLine, Usage
from provisioning.references import JsonObject
from provisioning.template_parts import REF, Form, Part, Place, Told, given, partition

if TYPE_CHECKING:
    from provisioning.aws import Aws

_RULE = "andamio"  # our lifecycle rule; rules of other names are left alone
_STATEMENT = "AndamioTlsOnly"  # our statement of the policy; others are left alone
_BLOCKED = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")


class BucketProps(Props):
    """Days count from upload, or for noncurrent versions from the moment they were overwritten; 0 is never.

    `expire_days`: when objects go by themselves, whoever still needs them.
    `transition_ia_days`: when objects move to Standard-IA, which AWS takes no object younger than 30 days.
    `contents`: what it is for, which the price alone follows from: files that people use, copies of them that nobody
    reads, or things that come and go.
    What has one allowed value is so always: it is a property so that a change made elsewhere is seen and undone.
    """

    versioned: bool = True
    expire_noncurrent_days: Annotated[int, Field(ge=0, le=36_500)] = 30
    expire_days: Annotated[int, Field(ge=0, le=36_500)] = 0
    abort_uploads_days: Annotated[int, Field(ge=0, le=36_500)] = 7
    transition_ia_days: Annotated[int, Field(ge=0, le=36_500)] = 0
    contents: Literal["files", "copies", "passing"] = "files"
    encryption: Literal["AES256"] = "AES256"
    public_access_blocked: Literal[True] = True
    tls_only: Literal[True] = True

    @model_validator(mode="after")
    def _days_that_aws_takes(self) -> Self:
        if 0 < self.transition_ia_days < 30:
            raise ValueError("S3 moves objects to Standard-IA after 30 days at the earliest (0 is never).")
        if self.expire_noncurrent_days and not self.versioned:
            raise ValueError(
                "Only a versioned bucket has noncurrent versions: set expire_noncurrent_days to 0."
            )
        return self


@register
class Bucket(Kind[BucketProps]):
    """https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html

    No token: found by its name, which is unique among all customers. Every call but the first names the account
    that must own it. Its settings are calls of their own, which `update` repeats. Deleting it deletes what is in
    it: S3 knows no last snapshot.
    """

    name = "s3.bucket"
    title = "S3 bucket"
    naming = Naming(
        limit=63,
        reserved=("sthree-", "amzn-s3-demo-"),  # S3 User Guide, "General purpose bucket naming rules"
    )
    expected = Expected(delete=5)
    billed = True
    stateful = True
    outage: ClassVar[Mapping[str, str]] = {
        "versioned": "None, but while it is off an overwritten or deleted object is lost.",
        "tls_only": "Clients without TLS are refused.",
        "public_access_blocked": "Anonymous readers are refused.",
    }
    permissions = (
        "s3:CreateBucket",
        "s3:TagResource",
        "s3:PutBucketTagging",
        "s3:ListBucket",
        "s3:GetBucketTagging",
        "s3:GetBucketVersioning",
        "s3:PutBucketVersioning",
        "s3:GetEncryptionConfiguration",
        "s3:PutEncryptionConfiguration",
        "s3:GetBucketPublicAccessBlock",
        "s3:PutBucketPublicAccessBlock",
        "s3:GetLifecycleConfiguration",
        "s3:PutLifecycleConfiguration",
        "s3:GetBucketPolicy",
        "s3:PutBucketPolicy",
        "s3:ListBucketVersions",
        "s3:ListBucketMultipartUploads",
        "s3:AbortMultipartUpload",
        "s3:DeleteObject",
        "s3:DeleteObjectVersion",
        "s3:DeleteBucket",
    )
    props = BucketProps

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        name = handle.id or handle.name
        here = _at(name, handle)
        tags = _tags(aws, handle, here)
        if tags is None:
            return None
        if not handle.owns(tags) and handle.id is None:
            return Observed(id=name, tags=tags)  # somebody else's: what is in it is none of our business
        versioning = aws.s3.get_bucket_versioning(**here)
        told: JsonObject = {
            "versioned": versioning.get("Status") == "Enabled",
            "encryption": _encryption(found(aws.s3.get_bucket_encryption, **here)),
            "public_access_blocked": _is_blocked(found(aws.s3.get_public_access_block, **here)),
            "tls_only": _statement_of(name) in _statements(found(aws.s3.get_bucket_policy, **here)),
        }
        rules = _rules(found(aws.s3.get_bucket_lifecycle_configuration, **here))
        return Observed(
            id=name, props=told | _days(rules), attributes=_attributes(name, handle.region), tags=tags
        )

    def create(self, aws: Aws, handle: Handle, props: BucketProps) -> Observed:
        name, here = handle.name, _at(handle.name, handle)
        configuration: Any = {"Tags": handle.tag_list}
        if handle.region == "us-east-1":
            # Here alone AWS answers 200 for a bucket that the account has already (CreateBucket, errors).
            if found(aws.s3.head_bucket, **here) is not None:
                raise _taken(name)
        else:
            configuration["LocationConstraint"] = handle.region
        aws.s3.create_bucket(Bucket=name, CreateBucketConfiguration=configuration)
        _set_encryption(aws, here, props)
        _set_block(aws, here, props)
        _put_policy(aws, here, others=[])
        if props.versioned:
            _set_versioning(aws, here, props)
        if _rule_of(props) is not None:
            _put_lifecycle(aws, here, props, others=[])
        return Observed(id=name, attributes=_attributes(name, handle.region))

    def update(self, aws: Aws, handle: Handle, props: BucketProps, observed: Observed) -> Observed:
        setters = {_SETTERS[name] for name in self.differences(props.dump(), observed)}
        for setter in sorted(setters, key=lambda one: one.__name__):
            setter(aws, _at(observed.id, handle), props)
        return observed

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        here = _at(handle.id or handle.name, handle)
        try:
            found(aws.s3.delete_bucket, **here)
        except Busy as error:
            if error.aws_code != "BucketNotEmpty":
                raise
            empty_bucket(aws, here["Bucket"], handle.account)
            found(aws.s3.delete_bucket, **here)
        return True

    def cost(self, props: BucketProps, usage: Usage, region: str) -> Iterator[CostLine]:
        if props.contents == "passing":
            return
        yield CostLine.usage(
            "S3/standard_storage", usage.storage_gb, "Storage", f"{usage.storage_gb} GB kept on average"
        ).billed_in(region)
        if props.contents == "copies":
            return
        yield CostLine.usage("S3/put_copy_post_list", usage.s3_put, "Writes", f"{usage.s3_put:,} requests")
        yield CostLine.usage("S3/get_other", usage.s3_get, "Reads", f"{usage.s3_get:,} requests")

    def cloudformation(self, place: Place, props: BucketProps) -> Form:
        by_default = {"ServerSideEncryptionByDefault": {"SSEAlgorithm": props.encryption}}
        rule = _rule_of(props)
        properties = {
            "BucketName": place.name,
            "BucketEncryption": {"ServerSideEncryptionConfiguration": [by_default]},
            "PublicAccessBlockConfiguration": dict.fromkeys(_BLOCKED, props.public_access_blocked),
            "VersioningConfiguration": {"Status": "Enabled"} if props.versioned else {},
            "LifecycleConfiguration": {"Rules": [_rule_in_template(rule)]} if rule else {},
            "ReplicationConfiguration": _copies_in_template(place),
            "Tags": place.tag_list,
        }
        statement = _statement_of(place.own("name"))
        policy = {
            "Bucket": place.own("name"),
            "PolicyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        }
        return Form(
            parts=(
                Part(type="AWS::S3::Bucket", properties=given(properties), kept="Retain"),
                Part(
                    role="policy",
                    type="AWS::S3::BucketPolicy",
                    properties=policy,
                    one_of=place.own("name"),
                ),
            ),
            attributes={
                "id": REF,
                "name": REF,
                "arn": f"arn:{partition(place.region)}:s3:::{place.own('name')}",
                "regional_domain": Told("RegionalDomainName"),
            },
        )


def _at(name: str, handle: Handle) -> dict[str, Any]:
    return {"Bucket": name, "ExpectedBucketOwner": handle.account}


def _tags(aws: Aws, handle: Handle, here: dict[str, Any]) -> dict[str, str] | None:
    """None when there is no such bucket; nothing when it is another account's, or when it has no tags."""
    try:
        return tags_of(aws.s3.get_bucket_tagging(**here), "TagSet")
    except NotFound as error:
        return {} if error.aws_code == "NoSuchTagSet" else None
    except AwsError as error:
        if handle.id is None and error.aws_code in {"AccessDenied", "403"}:
            return {}
        raise


def _taken(name: str) -> AlreadyExists:
    return AlreadyExists(
        service="s3",
        operation="create_bucket",
        aws_code="BucketAlreadyOwnedByYou",
        aws_message=f"The account has a bucket {name} already.",
    )


def _encryption(answer: Any) -> str:
    rules = answer["ServerSideEncryptionConfiguration"]["Rules"] if answer else []
    return rules[0]["ApplyServerSideEncryptionByDefault"]["SSEAlgorithm"] if rules else ""


def _is_blocked(answer: Any) -> bool:
    block = answer["PublicAccessBlockConfiguration"] if answer else {}
    return all(block.get(name) for name in _BLOCKED)


def _statements(answer: Any) -> list[Any]:
    statements = json.loads(answer["Policy"])["Statement"] if answer else []
    return statements if isinstance(statements, list) else [statements]


def _statement_of(name: str) -> dict[str, Any]:
    return {
        "Sid": _STATEMENT,
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }


def _rules(answer: Any) -> list[Any]:
    return list(answer.get("Rules", [])) if answer else []


def _rule_of(props: BucketProps) -> dict[str, Any] | None:
    """Our lifecycle rule, or None when nothing is to be cleared away."""
    actions: dict[str, Any] = {}
    if props.expire_noncurrent_days:
        actions["NoncurrentVersionExpiration"] = {"NoncurrentDays": props.expire_noncurrent_days}
        # A delete marker without a version behind it is of no use to anybody.
        actions["Expiration"] = {"ExpiredObjectDeleteMarker": True}
    if props.expire_days:
        actions["Expiration"] = {"Days": props.expire_days}  # S3 clears such markers away with it
    if props.abort_uploads_days:
        actions["AbortIncompleteMultipartUpload"] = {"DaysAfterInitiation": props.abort_uploads_days}
    if props.transition_ia_days:
        actions["Transitions"] = [{"Days": props.transition_ia_days, "StorageClass": "STANDARD_IA"}]
    return {"ID": _RULE, "Status": "Enabled", "Filter": {"Prefix": ""}, **actions} if actions else None


def _days(rules: list[Any]) -> JsonObject:
    ours: Any = next((one for one in rules if one.get("ID") == _RULE and one.get("Status") == "Enabled"), {})
    transitions = ours.get("Transitions") or [{}]
    return {
        "expire_noncurrent_days": ours.get("NoncurrentVersionExpiration", {}).get("NoncurrentDays", 0),
        "expire_days": ours.get("Expiration", {}).get("Days", 0),
        "abort_uploads_days": ours.get("AbortIncompleteMultipartUpload", {}).get("DaysAfterInitiation", 0),
        "transition_ia_days": transitions[0].get("Days", 0),
    }


def _set_versioning(aws: Aws, here: dict[str, Any], props: BucketProps) -> None:
    status: Any = {"Status": "Enabled" if props.versioned else "Suspended"}
    aws.s3.put_bucket_versioning(**here, VersioningConfiguration=status)


def _set_encryption(aws: Aws, here: dict[str, Any], props: BucketProps) -> None:
    rule: Any = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": props.encryption}}
    aws.s3.put_bucket_encryption(**here, ServerSideEncryptionConfiguration={"Rules": [rule]})


def _set_block(aws: Aws, here: dict[str, Any], props: BucketProps) -> None:
    block: Any = dict.fromkeys(_BLOCKED, props.public_access_blocked)
    aws.s3.put_public_access_block(**here, PublicAccessBlockConfiguration=block)


def _set_policy(aws: Aws, here: dict[str, Any], props: BucketProps) -> None:
    _put_policy(aws, here, others=_statements(found(aws.s3.get_bucket_policy, **here)))


def _put_policy(aws: Aws, here: dict[str, Any], *, others: list[Any]) -> None:
    kept = [one for one in others if one.get("Sid") != _STATEMENT]
    policy = {"Version": "2012-10-17", "Statement": [*kept, _statement_of(here["Bucket"])]}
    aws.s3.put_bucket_policy(**here, Policy=json.dumps(policy))


def _set_lifecycle(aws: Aws, here: dict[str, Any], props: BucketProps) -> None:
    others = _rules(found(aws.s3.get_bucket_lifecycle_configuration, **here))
    _put_lifecycle(aws, here, props, others=others)


def _put_lifecycle(aws: Aws, here: dict[str, Any], props: BucketProps, *, others: list[Any]) -> None:
    rule = _rule_of(props)
    rules: Any = [one for one in others if one.get("ID") != _RULE] + ([rule] if rule else [])
    if rules:
        aws.s3.put_bucket_lifecycle_configuration(**here, LifecycleConfiguration={"Rules": rules})
    else:
        found(aws.s3.delete_bucket_lifecycle, **here)


_SETTERS: Mapping[str, Callable[[Aws, dict[str, Any], BucketProps], None]] = {
    "versioned": _set_versioning,
    "encryption": _set_encryption,
    "public_access_blocked": _set_block,
    "tls_only": _set_policy,
    "expire_noncurrent_days": _set_lifecycle,
    "expire_days": _set_lifecycle,
    "abort_uploads_days": _set_lifecycle,
    "transition_ia_days": _set_lifecycle,
}


def _attributes(name: str, region: str) -> dict[str, str]:
    return {
        "id": name,
        "name": name,
        "arn": f"arn:aws:s3:::{name}",
        "regional_domain": f"{name}.s3.{region}.amazonaws.com",
    }


def _copies_in_template(place: Place) -> dict[str, Any]:
    """Copies of its objects are there a setting of the bucket itself."""
    copying = [user for user in place.users if user.kind.name == "s3.replication"]
    for number, user in enumerate(copying, start=1):
        wanted: dict[str, Any] = user.props.dump()
        if wanted["bucket"] in (place.own("name"), place.own("id")):
            markers = "Enabled" if wanted["delete_markers"] else "Disabled"
            rule = {
                "Id": user.key,
                "Priority": number,
                "Status": "Enabled",
                "Filter": {"Prefix": wanted["prefix"]},
                "DeleteMarkerReplication": {"Status": markers},
                "Destination": {"Bucket": wanted["destination_arn"]},
            }
            return {"Role": wanted["role_arn"], "Rules": [rule]}
    return {}


def _rule_in_template(rule: dict[str, Any]) -> dict[str, Any]:
    """A lifecycle rule with CloudFormation's names for its fields."""
    told: dict[str, Any] = {
        name: rule[name] for name in ("Status", "AbortIncompleteMultipartUpload") if name in rule
    }
    told |= {"Id": rule["ID"]}
    if "NoncurrentVersionExpiration" in rule:
        told |= {"NoncurrentVersionExpiration": rule["NoncurrentVersionExpiration"]}
    expiration = rule.get("Expiration", {})
    told |= {"ExpirationInDays": expiration["Days"]} if "Days" in expiration else expiration
    moves = [
        {"TransitionInDays": one["Days"], "StorageClass": one["StorageClass"]}
        for one in rule.get("Transitions", [])
    ]
    return told | ({"Transitions": moves} if moves else {})
