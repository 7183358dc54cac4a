"""Aurora: PostgreSQL whose capacity follows the load, and the proxy that shares its connections among functions."""

from __future__ import annotations

from dataclasses import dataclass

from provisioning.blueprints.parts.data import POSTGRES_SETTINGS
from provisioning.blueprints.parts.network import PRIVATE_SUBNETS
from provisioning.kinds.iam_role import RoleProps
from provisioning.kinds.iam_role_policy import RolePolicyProps, Statement
from provisioning.kinds.logs_log_group import LogGroupProps
from provisioning.kinds.rds_cluster_instance import ClusterInstanceProps
from provisioning.kinds.rds_db_cluster import DBClusterProps
from provisioning.kinds.rds_db_cluster_parameter_group import DBClusterParameterGroupProps
from provisioning.kinds.rds_db_proxy import DBProxyProps
from provisioning.kinds.rds_db_proxy_target import DBProxyTargetProps
from provisioning.kinds.rds_db_subnet_group import DBSubnetGroupProps
from provisioning.references import ref
from provisioning.resource import Resource

WRITER = "database-writer"


@dataclass(frozen=True, kw_only=True)
class Capacity:
    """Fewest and most ACU of an instance, and how many instances read besides the one that writes."""

    fewest: float
    most: float
    readers: int


def aurora(capacity: Capacity, *, version: str, backup_days: int) -> tuple[Resource, ...]:
    """A cluster, the instance that writes, and those that only read; AWS keeps and rotates the password. `version`: the
    major one of PostgreSQL."""
    return (
        Resource(key="database-subnets", props=DBSubnetGroupProps(subnet_ids=PRIVATE_SUBNETS)),
        Resource(
            key="database-settings",
            props=DBClusterParameterGroupProps(
                family=f"aurora-postgresql{version}", parameters=POSTGRES_SETTINGS
            ),
        ),
        Resource(
            key="database-logs",
            title="Database log group",
            name=f"/aws/rds/cluster/{ref('database', 'name')}/postgresql",
            props=LogGroupProps(retention_days=30, priced=False),
        ),
        Resource(
            key="database",
            title="Aurora PostgreSQL cluster",
            props=DBClusterProps(
                engine_version=version,
                min_capacity=capacity.fewest,
                max_capacity=capacity.most,
                backup_retention=backup_days,
                members=1 + capacity.readers,
                subnet_group_name=ref("database-subnets", "name"),
                parameter_group_name=ref("database-settings", "name"),
                security_group_ids=(ref("database-group"),),
            ),
            # It would make the group itself, which then kept everything for ever and stayed when the environment goes.
            after=("database-logs",),
        ),
        Resource(key=WRITER, title="Aurora instance that writes", props=_instance()),
        *(_reader(number) for number in range(1, capacity.readers + 1)),
    )


def proxy(*, most: float) -> tuple[Resource, ...]:
    """What functions connect to instead of the cluster; it signs in with the cluster's own password. `most`: the ACU
    that all instances together may have, by which it is paid."""
    may = Statement(actions=("secretsmanager:GetSecretValue",), resources=(ref("database", "secret_arn"),))
    return (
        Resource(
            key="proxy-role",
            title="Proxy role",
            props=RoleProps(service="rds.amazonaws.com", description="The database proxy"),
        ),
        Resource(
            key="proxy-policy",
            title="Proxy role policy: the database's password",
            props=RolePolicyProps(role_name=ref("proxy-role", "name"), statements=(may,)),
        ),
        Resource(
            key="proxy",
            title="RDS proxy",
            props=DBProxyProps(
                role_arn=ref("proxy-role", "arn"),
                secret_arns=(ref("database", "secret_arn"),),
                subnet_ids=PRIVATE_SUBNETS,
                security_group_ids=(ref("proxy-group"),),
                most_acu=most,
            ),
            after=("proxy-policy",),
        ),
        Resource(
            key="proxy-target",
            title="Proxy target: the cluster",
            props=DBProxyTargetProps(proxy_name=ref("proxy"), cluster_name=ref("database")),
            # A cluster without an instance is no target that can become available.
            after=(WRITER,),
        ),
    )


def _instance() -> ClusterInstanceProps:
    return ClusterInstanceProps(cluster_name=ref("database"))


def _reader(number: int) -> Resource:
    # The first instance of a cluster is the one that writes, whatever it is called.
    return Resource(
        key=f"database-reader-{number}",
        title=f"Aurora instance that reads, {number}",
        props=_instance(),
        after=(WRITER,),
    )
