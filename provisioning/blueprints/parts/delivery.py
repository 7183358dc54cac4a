"""Delivery: CloudFront before the bucket of files. Nobody else reads the bucket, and nobody writes it from outside."""

from __future__ import annotations

from provisioning.kinds.cloudfront_distribution import (
    Behavior,
    BucketOrigin,
    DistributionProps,
    PathBehavior,
    ServerOrigin,
)
from provisioning.kinds.cloudfront_origin_access_control import OriginAccessControlProps
from provisioning.kinds.s3_bucket_policy import BucketPolicyProps, Statement
from provisioning.references import ref
from provisioning.resource import Resource

HOME = "us-east-1"  # where CloudFront and what belongs to it live, whatever the environment's region


def file_delivery() -> tuple[Resource, ...]:
    """A distribution whose origin is the bucket "files", which it alone may read."""
    return (
        Resource(key="files-access", region=HOME, props=OriginAccessControlProps()),
        Resource(
            key="files-delivery",
            title="CloudFront distribution of the files",
            region=HOME,
            props=DistributionProps(
                buckets=(
                    BucketOrigin(
                        id="files",
                        domain=ref("files", "regional_domain"),
                        access_control_id=ref("files-access"),
                    ),
                ),
                default=Behavior(origin="files"),
                description="Files",
            ),
        ),
        _reads_the_files("files-delivery"),
    )


def front(server: str, *, files: bool) -> tuple[Resource, ...]:
    """A distribution before the application, with TLS and an address that stays when what is behind it is replaced.

    `server`: the name at which the application answers. Nothing of its answers is kept: who asks is told by cookies and
    headers, which only the application knows. With `files` it answers below /files/ from the bucket, which has them
    there under the same names. One distribution, for AWS bills its traffic once.
    """
    access = (Resource(key="files-access", region=HOME, props=OriginAccessControlProps()),)
    bucket = BucketOrigin(
        id="files", domain=ref("files", "regional_domain"), access_control_id=ref("files-access")
    )
    return (
        *(access if files else ()),
        Resource(
            key="front",
            title="CloudFront distribution before the application",
            region=HOME,
            props=DistributionProps(
                buckets=(bucket,) if files else (),
                servers=(ServerOrigin(id="application", domain=server, protocol="http-only"),),
                default=Behavior(
                    origin="application",
                    methods="all",
                    cache="CachingDisabled",
                    forward="AllViewer",
                    headers="",
                ),
                paths=(PathBehavior(origin="files", path="/files/*"),) if files else (),
                description="Application",
            ),
        ),
        *((_reads_the_files("front"),) if files else ()),
    )


def _reads_the_files(distribution: str) -> Resource:
    """The bucket lets this distribution read, and nobody else. `distribution`: its key."""
    return Resource(
        key="files-policy",
        title="Bucket policy: CloudFront reads the files",
        props=BucketPolicyProps(
            bucket=ref("files", "name"),
            statements=(
                Statement(
                    name="CloudFrontReads",
                    service="cloudfront.amazonaws.com",
                    actions=("s3:GetObject",),
                    source_arns=(ref(distribution, "arn"),),
                ),
            ),
        ),
    )
