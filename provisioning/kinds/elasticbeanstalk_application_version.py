"""A version of an Elastic Beanstalk application: a source bundle in S3 under a label."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pydantic import Field

from provisioning.aws import Aws, found
from provisioning.kind import Expected, Handle, Kind, Observed, Props, Status, register
from provisioning.lookup import tags_of
from provisioning.names import Naming
from provisioning.placeholder import source_bundle
from provisioning.template_parts import Form, Place

if TYPE_CHECKING:
    from provisioning.references import JsonObject

_STATUS = {
    "PROCESSED": Status.READY,
    "UNPROCESSED": Status.READY,
    "PROCESSING": Status.PENDING,
    "BUILDING": Status.PENDING,
    "FAILED": Status.FAILED,
}


class ApplicationVersionProps(Props):
    """`bucket`: one of this account and region. `key` empty: the placeholder, which is put there first."""

    application_name: str
    bucket: str
    key: str = Field(default="", max_length=1024)
    description: str = Field(default="", max_length=200)


@register
class ApplicationVersion(Kind[ApplicationVersionProps]):
    """https://docs.aws.amazon.com/elasticbeanstalk/latest/api/API_CreateApplicationVersion.html (no token: found by
    its label, which is its name)

    The placeholder is the same bytes every time, so that a cut between the two calls does no harm. Bundles stay in
    their bucket and go with that. All versions come from one list. Attributes: id (the label), name, arn,
    application_name, key.
    """

    name = "elasticbeanstalk.application_version"
    title = "Elastic Beanstalk version"
    naming = Naming(limit=100)
    expected = Expected(create=10)
    replace_on = frozenset({"application_name", "bucket", "key"})
    holds = frozenset({"application_name"})
    permissions = (
        "s3:PutObject",
        "s3:GetObject",
        "elasticbeanstalk:CreateApplicationVersion",
        "elasticbeanstalk:AddTags",
        "elasticbeanstalk:DescribeApplicationVersions",
        "elasticbeanstalk:ListTagsForResource",
        "elasticbeanstalk:UpdateApplicationVersion",
        "elasticbeanstalk:DeleteApplicationVersion",
    )
    props = ApplicationVersionProps

    def read(self, aws: Aws, handle: Handle) -> Observed | None:
        version = _find(aws, handle)
        if version is None:
            return None
        return Observed(
            id=version["VersionLabel"],
            status=_STATUS.get(version["Status"], Status.PENDING),
            props=_told(version, handle),
            attributes=_attributes(version),
            tags=_tags(aws, handle, version["ApplicationVersionArn"]),
            reason=version["Status"].lower(),
        )

    def create(self, aws: Aws, handle: Handle, props: ApplicationVersionProps) -> Observed:
        key = props.key or _placeholder_key(handle)
        if not props.key:
            aws.s3.put_object(
                Bucket=props.bucket, Key=key, Body=source_bundle(), ExpectedBucketOwner=handle.account
            )
        version: Any = aws.elasticbeanstalk.create_application_version(
            ApplicationName=props.application_name,
            VersionLabel=handle.name,
            Description=props.description,
            SourceBundle={"S3Bucket": props.bucket, "S3Key": key},
            AutoCreateApplication=False,
            Process=True,
            Tags=handle.tag_list,
        )["ApplicationVersion"]
        return Observed(id=handle.name, status=Status.PENDING, attributes=_attributes(version))

    def update(
        self, aws: Aws, handle: Handle, props: ApplicationVersionProps, observed: Observed
    ) -> Observed:
        if "description" in self.differences(props.dump(), observed):
            aws.elasticbeanstalk.update_application_version(
                ApplicationName=props.application_name,
                VersionLabel=observed.id,
                Description=props.description,
            )
        return observed

    def delete(self, aws: Aws, handle: Handle, *, final_name: str | None = None) -> bool:
        application = handle.attributes.get("application_name", "")
        if not application:
            version = _find(aws, handle)
            if version is None:
                return True
            application = version["ApplicationName"]
        found(
            aws.elasticbeanstalk.delete_application_version,
            ApplicationName=application,
            VersionLabel=handle.name,
            DeleteSourceBundle=False,
        )
        return True

    def cloudformation(self, place: Place, props: ApplicationVersionProps) -> Form:
        """Not told yet: what others need of it is asked for."""
        return Form(
            first="Make the version, and its bundle in S3, by the portal or by hand: this template does not."
        )


def _placeholder_key(handle: Handle) -> str:
    return f"versions/{handle.name}.zip"


def _find(aws: Aws, handle: Handle) -> dict[str, Any] | None:
    listed = aws.listed(aws.elasticbeanstalk.describe_application_versions, "ApplicationVersions")
    return next((one for one in listed if one["VersionLabel"] == handle.name), None)


def _told(version: dict[str, Any], handle: Handle) -> JsonObject:
    bundle = version.get("SourceBundle", {})
    key = bundle.get("S3Key", "")
    return {
        "application_name": version["ApplicationName"],
        "bucket": bundle.get("S3Bucket", ""),
        "key": "" if key == _placeholder_key(handle) else key,
        "description": version.get("Description", ""),
    }


def _attributes(version: dict[str, Any]) -> dict[str, str]:
    return {
        "id": version["VersionLabel"],
        "name": version["VersionLabel"],
        "arn": version["ApplicationVersionArn"],
        "application_name": version["ApplicationName"],
        "key": version.get("SourceBundle", {}).get("S3Key", ""),
    }


def _tags(aws: Aws, handle: Handle, arn: str) -> dict[str, str]:
    """One more call, made only while no id on record says that the version is ours."""
    if handle.id is not None:
        return dict(handle.tags)
    answer = found(aws.elasticbeanstalk.list_tags_for_resource, ResourceArn=arn)
    return tags_of(answer, "ResourceTags") if answer else {}
