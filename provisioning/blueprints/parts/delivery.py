"""Delivery: CloudFront before the bucket of files. Nobody else reads the bucket, and nobody writes it from outside."""

from __future__ import annotations

from provisioning.blueprints.options import DeliveryOptions, DomainOptions
from provisioning.blueprints.parts.domain import alias, certificate, files_domain, validation
from provisioning.blueprints.parts.firewall import HOME
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


class FilesOptions(DomainOptions, DeliveryOptions):
    """What the delivery of files follows from."""


def file_delivery(options: FilesOptions, *, web_acl: str = "") -> tuple[Resource, ...]:
    """A distribution whose origin is the bucket "files", which it alone may read; with a domain at files.<domain>.
    `web_acl`: key of the one that stands before it."""
    if not options.file_delivery:
        return ()
    host, key = files_domain(options), "files-certificate"
    props = DistributionProps(
        buckets=(_bucket(),),
        default=Behavior(origin="files"),
        aliases=(host,) if host else (),
        certificate_arn=ref(key, "arn") if host else "",
        web_acl_arn=ref(web_acl, "arn") if web_acl else "",
        description="Files",
    )
    return (
        *certificate(options, key=key, host=host, region=HOME),
        _access(),
        Resource(
            key="files-delivery",
            title="CloudFront distribution of the files",
            region=HOME,
            props=props,
            after=(validation(key),) if host else (),
        ),
        *((_record(options, "files-delivery", host),) if host else ()),
        _reads_the_files("files-delivery"),
    )


def files_outputs(options: FilesOptions) -> dict[str, str]:
    """Where files are."""
    if not options.file_delivery:
        return {}
    return {"files_url": f"https://{files_domain(options) or ref('files-delivery', 'domain_name')}"}


def front(options: FilesOptions, server: str, *, web_acl: str = "") -> tuple[Resource, ...]:
    """A distribution before the application, with TLS and an address that stays when what is behind it is replaced.

    `server`: the name at which the application answers. Nothing of its answers is kept: who asks is told by cookies and
    headers, which only the application knows. With delivery of files it answers below /files/ from the bucket, which
    has them there under the same names. One distribution, for AWS bills its traffic once.
    """
    files, key = options.file_delivery, "front-certificate"
    props = DistributionProps(
        buckets=(_bucket(),) if files else (),
        servers=(ServerOrigin(id="application", domain=server, protocol="http-only"),),
        default=Behavior(
            origin="application", methods="all", cache="CachingDisabled", forward="AllViewer", headers=""
        ),
        paths=(PathBehavior(origin="files", path="/files/*"),) if files else (),
        aliases=(options.domain,) if options.domain else (),
        certificate_arn=ref(key, "arn") if options.domain else "",
        web_acl_arn=ref(web_acl, "arn") if web_acl else "",
        description="Application",
    )
    return (
        *certificate(options, key=key, region=HOME),
        *((_access(),) if files else ()),
        Resource(
            key="front",
            title="CloudFront distribution before the application",
            region=HOME,
            props=props,
            after=(validation(key),) if options.domain else (),
        ),
        *((_record(options, "front"),) if options.domain else ()),
        *((_reads_the_files("front"),) if files else ()),
    )


def _access() -> Resource:
    return Resource(key="files-access", region=HOME, props=OriginAccessControlProps())


def _bucket() -> BucketOrigin:
    return BucketOrigin(
        id="files", domain=ref("files", "regional_domain"), access_control_id=ref("files-access")
    )


def _record(options: DomainOptions, distribution: str, host: str = "") -> Resource:
    return alias(options, ref(distribution, "domain_name"), ref(distribution, "zone_id"), host=host)


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
