"""Plain calls that make database, cache, bucket and parameters."""

from __future__ import annotations

import json
import secrets
from typing import Any

from provisioning.bench.plain.script import Script, Task

_PRIVATE = ("private-a", "private-b")


def _subnet_ids(script: Script) -> list[str]:
    return [script.made[key] for key in _PRIVATE]


def _database_subnets(script: Script) -> None:
    script.client("rds").create_db_subnet_group(
        DBSubnetGroupName=script.name("database"),
        DBSubnetGroupDescription="Database",
        SubnetIds=_subnet_ids(script),
        Tags=script.tags("database-subnets"),
    )


def _database_settings(script: Script) -> None:
    rds, name = script.client("rds"), script.name("settings")
    rds.create_db_parameter_group(
        DBParameterGroupName=name,
        DBParameterGroupFamily="postgres17",
        Description="Settings",
        Tags=script.tags("database-settings"),
    )
    settings = {"rds.force_ssl": "1", "log_min_duration_statement": "1000"}
    rds.modify_db_parameter_group(
        DBParameterGroupName=name,
        Parameters=[
            {"ParameterName": key, "ParameterValue": value, "ApplyMethod": "pending-reboot"}
            for key, value in settings.items()
        ],
    )


def database_logs(script: Script) -> str:
    """Where RDS writes the database's logs, kept for as long as one says only if it was there before."""
    return f"/aws/rds/instance/{script.name('database')}/postgresql"


def _database_logs(script: Script) -> None:
    logs = script.client("logs")
    tags = {tag["Key"]: tag["Value"] for tag in script.tags("database-logs")}
    logs.create_log_group(logGroupName=database_logs(script), tags=tags)
    logs.put_retention_policy(logGroupName=database_logs(script), retentionInDays=30)


def _database(script: Script) -> None:
    script.client("rds").create_db_instance(
        DBInstanceIdentifier=script.name("database"),
        Engine="postgres",
        EngineVersion="17",
        DBInstanceClass="db.t3.small",
        DBName="app",
        AllocatedStorage=50,
        StorageType="gp3",
        StorageEncrypted=True,
        MultiAZ=True,
        MasterUsername="app",
        ManageMasterUserPassword=True,
        DBSubnetGroupName=script.name("database"),
        DBParameterGroupName=script.name("settings"),
        VpcSecurityGroupIds=[script.made["database-group"]],
        BackupRetentionPeriod=7,
        EnableCloudwatchLogsExports=["postgresql"],
        EnablePerformanceInsights=True,
        PerformanceInsightsRetentionPeriod=7,
        DeletionProtection=True,
        PubliclyAccessible=False,
        CopyTagsToSnapshot=True,
        Tags=script.tags("database"),
    )


def _database_is_ready(script: Script) -> bool:
    answer = script.client("rds").describe_db_instances(DBInstanceIdentifier=script.name("database"))
    database: Any = answer["DBInstances"][0]
    script.made["database"] = database
    return bool(database["DBInstanceStatus"] in {"backing-up", "available"})


def _cache_subnets(script: Script) -> None:
    script.client("elasticache").create_cache_subnet_group(
        CacheSubnetGroupName=script.name("cache"),
        CacheSubnetGroupDescription="Cache",
        SubnetIds=_subnet_ids(script),
        Tags=script.tags("cache-subnets"),
    )


def _cache(script: Script) -> None:
    script.client("elasticache").create_replication_group(
        ReplicationGroupId=script.name("cache"),
        ReplicationGroupDescription="Cache",
        Engine="redis",
        EngineVersion="7.1",
        CacheNodeType="cache.t3.micro",
        NumCacheClusters=1,
        AutomaticFailoverEnabled=False,
        CacheSubnetGroupName=script.name("cache"),
        SecurityGroupIds=[script.made["cache-group"]],
        TransitEncryptionEnabled=True,
        AtRestEncryptionEnabled=True,
        Tags=script.tags("cache"),
    )


def _cache_is_ready(script: Script) -> bool:
    name = script.name("cache")
    answer = script.client("elasticache").describe_replication_groups(ReplicationGroupId=name)
    script.made["cache"] = answer["ReplicationGroups"][0]
    return bool(script.made["cache"]["Status"] == "available")


def _bucket(script: Script) -> str:
    s3, name = script.client("s3"), script.name("files")
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"Tags": script.tags("files")})
    return name


def _encryption(script: Script) -> None:
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}
    script.client("s3").put_bucket_encryption(
        Bucket=script.made["files"], ServerSideEncryptionConfiguration={"Rules": [rule]}
    )


def _privacy(script: Script) -> None:
    names = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    script.client("s3").put_public_access_block(
        Bucket=script.made["files"], PublicAccessBlockConfiguration=dict.fromkeys(names, True)
    )


def _bucket_policy(script: Script) -> None:
    arn = f"arn:aws:s3:::{script.made['files']}"
    statement = {
        "Sid": "TlsOnly",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [arn, f"{arn}/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    script.client("s3").put_bucket_policy(Bucket=script.made["files"], Policy=json.dumps(policy))


def _versioning(script: Script) -> None:
    script.client("s3").put_bucket_versioning(
        Bucket=script.made["files"], VersioningConfiguration={"Status": "Enabled"}
    )


def _lifecycle(script: Script) -> None:
    rule = {
        "ID": "tidy",
        "Status": "Enabled",
        "Filter": {"Prefix": ""},
        "NoncurrentVersionExpiration": {"NoncurrentDays": 30},
        "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7},
    }
    script.client("s3").put_bucket_lifecycle_configuration(
        Bucket=script.made["files"], LifecycleConfiguration={"Rules": [rule]}
    )


def _database_url(script: Script) -> str:
    endpoint = script.made["database"]["Endpoint"]
    return f"postgresql://app@{endpoint['Address']}:{endpoint['Port']}/app?sslmode=require"


def cache_url(script: Script) -> str:
    """Where the cache answers."""
    endpoint = script.made["cache"]["NodeGroups"][0]["PrimaryEndpoint"]
    return f"rediss://{endpoint['Address']}:{endpoint['Port']}/0"


def parameter_name(script: Script, key: str) -> str:
    """The path of a parameter of the application."""
    return f"/{script.name('application')}/{key}"


def _value(script: Script, key: str) -> str:
    if key == "database-url":
        return _database_url(script)
    if key == "redis-url":
        return cache_url(script)
    return str(script.made["files"]) if key == "bucket" else secrets.token_urlsafe(48)


def _parameter(script: Script, key: str) -> None:
    script.client("ssm").put_parameter(
        Name=parameter_name(script, key),
        Type="SecureString" if key == "secret-key" else "String",
        Value=_value(script, key),
        Tags=script.tags(key),
    )


PARAMETERS = {"database-url": ("database",), "redis-url": ("cache",), "bucket": ("files",), "secret-key": ()}


def _parameter_task(key: str, needs: tuple[str, ...]) -> Task:
    return Task(key=f"parameter-{key}", act=lambda script: _parameter(script, key), needs=needs)


DATA = (
    Task(key="database-subnets", act=_database_subnets, needs=_PRIVATE),
    Task(key="database-settings", act=_database_settings, calls=2),
    Task(key="database-logs", act=_database_logs, calls=2),
    Task(
        key="database",
        act=_database,
        needs=("database-subnets", "database-settings", "database-group", "database-logs"),
        calls=2,
        wait="rds.create",
        ready=_database_is_ready,
    ),
    Task(key="cache-subnets", act=_cache_subnets, needs=_PRIVATE),
    Task(
        key="cache",
        act=_cache,
        needs=("cache-subnets", "cache-group"),
        calls=2,
        wait="elasticache.create",
        ready=_cache_is_ready,
    ),
    Task(key="files", act=_bucket),
    Task(key="files-encryption", act=_encryption, needs=("files",)),
    Task(key="files-privacy", act=_privacy, needs=("files",)),
    Task(key="files-policy", act=_bucket_policy, needs=("files",)),
    Task(key="files-versioning", act=_versioning, needs=("files",)),
    Task(key="files-lifecycle", act=_lifecycle, needs=("files",)),
    *(_parameter_task(key, needs) for key, needs in PARAMETERS.items()),
)
