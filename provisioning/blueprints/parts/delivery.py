"""Delivery: CloudFront before the bucket of files. Nobody else reads the bucket, and nobody writes it from outside."""

from __future__ import annotations

from provisioning.kinds.cloudfront_distribution import Behavior, BucketOrigin, DistributionProps
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
        Resource(
            key="files-policy",
            title="Bucket policy: CloudFront reads the files",
            props=BucketPolicyProps(
                bucket=ref("files", "name"),
                statements=(
                    Statement(
                        name="CloudFrontReads",
                        service="cloudfront.amazonaws.com",
                        actions=("s3:GetObject",),
                        source_arns=(ref("files-delivery", "arn"),),
                    ),
                ),
            ),
        ),
    )
