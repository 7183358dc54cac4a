"""Data: the database, the cache, the bucket, and the parameters that tell an application where they are."""

from __future__ import annotations

from collections.abc import Mapping

from provisioning.blueprints.options import CacheOptions, DatabaseOptions
from provisioning.blueprints.parts.network import PRIVATE_SUBNETS
from provisioning.kinds.elasticache_replication_group import ReplicationGroupProps
from provisioning.kinds.elasticache_subnet_group import CacheSubnetGroupProps
from provisioning.kinds.logs_log_group import LogGroupProps
from provisioning.kinds.rds_db_instance import DBInstanceProps
from provisioning.kinds.rds_db_parameter_group import DBParameterGroupProps
from provisioning.kinds.rds_db_subnet_group import DBSubnetGroupProps
from provisioning.kinds.rds_read_replica import ReadReplicaProps
from provisioning.kinds.s3_bucket import BucketProps
from provisioning.kinds.secretsmanager_secret import SecretProps
from provisioning.kinds.ssm_parameter import ParameterProps
from provisioning.references import ref
from provisioning.resource import Resource
from provisioning.spec import Spec

REDIS_URL = "rediss://${cache.address}:${cache.port}/0"
# A statement over one second is worth a line; TLS is asked for by the server, not left to the client.
POSTGRES_SETTINGS = {"rds.force_ssl": "1", "log_min_duration_statement": "1000"}


class DataOptions(CacheOptions, DatabaseOptions):
    """What is kept, and where it is kept at hand."""


def database(options: DatabaseOptions) -> tuple[Resource, ...]:
    """PostgreSQL whose password AWS makes, keeps and rotates; nobody here ever sees it.

    With replicas it is in a secret of the environment's own, and not rotated: AWS refuses replicas of a database whose
    password RDS manages.
    """
    replicas = options.read_replicas
    return (
        *(
            (Resource(key="database-secret", title="Database password", props=SecretProps()),)
            if replicas
            else ()
        ),
        Resource(key="database-subnets", props=DBSubnetGroupProps(subnet_ids=PRIVATE_SUBNETS)),
        Resource(
            key="database-settings",
            props=DBParameterGroupProps(
                family=f"postgres{options.postgres_version}", parameters=POSTGRES_SETTINGS
            ),
        ),
        Resource(
            key="database-logs",
            title="Database log group",
            name=f"/aws/rds/instance/{ref('database', 'name')}/postgresql",
            props=LogGroupProps(retention_days=30, priced=False),
        ),
        Resource(
            key="database",
            title="PostgreSQL database",
            props=DBInstanceProps(
                engine_version=options.postgres_version,
                instance_class=options.database_class,
                allocated_storage=options.database_storage,
                multi_az=options.multi_az,
                backup_retention=options.backup_days,
                subnet_group_name=ref("database-subnets", "name"),
                parameter_group_name=ref("database-settings", "name"),
                security_group_ids=(ref("database-group"),),
                managed_password=not replicas,
                password_secret_arn=ref("database-secret", "arn") if replicas else "",
            ),
            # It would make the group itself, which then kept everything for ever and stayed when the environment goes.
            after=("database-logs",),
        ),
        *(
            one
            for number in range(1, replicas + 1)
            for one in _replica(f"database-replica-{number}", options)
        ),
    )


def _replica(key: str, options: DatabaseOptions) -> tuple[Resource, ...]:
    """A copy in the database's subnets with its settings, as large as it."""
    logs = f"{key}-logs"
    return (
        Resource(
            key=logs,
            title="Read replica log group",
            name=f"/aws/rds/instance/{ref(key, 'name')}/postgresql",
            props=LogGroupProps(retention_days=30, priced=False),
        ),
        Resource(
            key=key,
            title="Read replica",
            props=ReadReplicaProps(
                source=ref("database"),
                instance_class=options.database_class,
                allocated_storage=options.database_storage,
                security_group_ids=(ref("database-group"),),
            ),
            after=(logs,),
        ),
    )


def cache(options: CacheOptions) -> tuple[Resource, ...]:
    """One Redis node where it is chosen, reachable from the application only, over TLS."""
    if not options.cached:
        return ()
    return (
        Resource(key="cache-subnets", props=CacheSubnetGroupProps(subnet_ids=PRIVATE_SUBNETS)),
        Resource(
            key="cache",
            title="Redis cache",
            props=ReplicationGroupProps(
                node_type=options.cache_node,
                subnet_group_name=ref("cache-subnets", "name"),
                security_group_ids=(ref("cache-group"),),
            ),
        ),
    )


def data_outputs(spec: Spec, options: DataOptions) -> dict[str, str]:
    """Where an application's data, logs and parameters are."""
    return {
        "database_address": "${database.address}",
        **{
            f"replica_address_{number}": ref(f"database-replica-{number}", "address")
            for number in range(1, options.read_replicas + 1)
        },
        "database_secret_arn": "${database.secret_arn}",
        **({"cache_address": "${cache.address}"} if options.cached else {}),
        "bucket": "${files.name}",
        "log_group": "${log-group.name}",
        "parameters": f"/{spec.application}/{spec.environment}/",
    }


def files() -> tuple[Resource, ...]:
    """The bucket of the application's files."""
    return (Resource(key="files", title="S3 bucket for files", props=BucketProps()),)


def parameters(
    spec: Spec,
    *,
    cached: bool = False,
    address: str = "${database.address}",
    more: Mapping[str, str] | None = None,
) -> tuple[Resource, ...]:
    """Where everything is, under `/<application>/<environment>/`. The password is in the database's secret. `address`:
    what an application connects to as the database; `more`: further parameters, name -> value."""
    return (
        _parameter(spec, "database-url", database_url(address)),
        *((_parameter(spec, "redis-url", REDIS_URL),) if cached else ()),
        _parameter(spec, "bucket", ref("files", "name")),
        *(_parameter(spec, name, value) for name, value in (more or {}).items()),
        Resource(
            key="parameter-secret-key",
            title="Parameter secret-key",
            name=f"/{spec.application}/{spec.environment}/secret-key",
            props=ParameterProps(type="SecureString", generate=True, description="Signs sessions"),
        ),
    )


def database_url(address: str) -> str:
    """Without the password, which is in the database's secret."""
    return f"postgresql://app@{address}:{ref('database', 'port')}/app?sslmode=require"


def _parameter(spec: Spec, name: str, value: str) -> Resource:
    return Resource(
        key=f"parameter-{name}",
        title=f"Parameter {name}",
        name=f"/{spec.application}/{spec.environment}/{name}",
        props=ParameterProps(type="String", value=value),
    )
