"""Boxes and frames that several drawings have, each in the same place in all of them."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from environments.drawings import Node, Zone

DATABASE = Node(key="database", name="PostgreSQL", detail="RDS", icon="database", x=663, y=70)
CACHE = Node(key="cache", name="Redis", detail="ElastiCache", icon="bolt", x=663, y=142, optional=True)
SIGN_IN = Node(key="users", name=_("Sign-in"), detail="Cognito", icon="users", x=14, y=142, optional=True)
FILES_DELIVERY = Node(
    key="files-delivery",
    name="CloudFront",
    detail=_("for the files"),
    icon="globe",
    x=14,
    y=246,
    optional=True,
)
FILES = Node(key="files", name=_("Files"), detail="S3", icon="bucket", x=214, y=246)
IMAGES = Node(key="repository", name=_("Images"), detail="ECR", icon="box", x=418, y=246)
SECRETS = Node(
    key="parameter-secret-key", name=_("Secrets"), detail="Secrets Manager", icon="key", x=663, y=246
)
# Below all else, and only where they are chosen.
BACKUPS = Node(
    key="backup-vault",
    name=_("Backups"),
    detail="AWS Backup",
    icon="snapshot",
    x=663,
    y=318,
    where="backup-vault",
)
COPIES = Node(
    key="file-copying",
    name=_("Copies"),
    detail=_("in another region"),
    icon="copy",
    x=214,
    y=318,
    where="file-copying",
)
PIPELINE = Node(
    key="pipeline", name=_("Pipeline"), detail="CodePipeline", icon="rocket", x=418, y=318, where="pipeline"
)
TRACES = Node(
    key="trace-group", name=_("Traces"), detail="X-Ray", icon="chart", x=14, y=318, where="trace-group"
)
COPYING = ("files", "file-copying")
VPC = Zone(label=_("VPC, two availability zones"), x=186, y=14, width=664, height=206)
# Without NAT the application stands in public subnets; with it, beside its data in private ones.
NETWORK_BY_NAT = (
    VPC,
    Zone(label=_("public subnets"), x=200, y=40, width=370, height=166, unless="nat-gateway"),
    Zone(label=_("private subnets"), x=628, y=40, width=208, height=166, unless="nat-gateway"),
    Zone(label=_("public subnets"), x=200, y=40, width=166, height=166, where="nat-gateway"),
    Zone(label=_("private subnets"), x=404, y=40, width=432, height=166, where="nat-gateway"),
)
